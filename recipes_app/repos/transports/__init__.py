"""The entrances of git: smart HTTP. Each resolves account, recipe and permission before git starts, then calls services."""
