"""The entrances of git: smart HTTP (and SSH). Each resolves account, recipe and permission before git starts, then calls services."""
