"""The domain: recipes, their git repositories, lint, search, and the rules about them.

Rooms: `formats` (pure parsing), `repos` (git), `lint` (sandbox, lintian, runner), `search`, `models`, `services` (every rule
and every write), `views`. Imports run one way: views, transports, tasks -> services -> models, search -> formats.
This file imports nothing, so that the push hook and the lint runner can use `formats` without Django.
"""
