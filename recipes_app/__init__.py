"""The domain: recipes, their git repositories, lint, search, and the rules about them.

docs/architecture.md has the picture. Imports run one way: entrances (views, transports, tasks, management), services, search,
models, lint, rendering, repos, formats, limits. This file imports nothing, so that the push hook and the runner can use `formats`
without Django.
"""
