"""Every rule and every write. Web, API, SSH and tasks are thin callers of what is here.

A package for each subject; each may import those behind it in this list, and no other (pyproject.toml has the contract):
accounts, operations, moderation, history, publishing, builds, lint, ownership, gates, community, catalogue, audit, notifications,
core. `dumps` is by itself.
"""
