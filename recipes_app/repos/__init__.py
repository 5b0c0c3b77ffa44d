"""Git: the bare-repository store, objects, push rules, the pre-receive hook, browsing, diffs; `transports` are its entrances.

All but `transports` and `tasks` know neither Django's models nor the services. A repository's content is hostile: nothing
here checks out a tree, runs a repository's own hook or configuration, or builds a shell string.
"""
