"""Git: the store of bare repositories, objects, push rules, the pre-receive hook, browsing, diffs.

Knows neither Django's models nor the services. A repository's content is hostile: nothing here checks out a tree, runs a
repository's own hook or configuration, or builds a shell string. Git is reached through GitPython (`repository`); `pre_receive`,
`objects`, `reflog`, `process` and `pktline` say why they do without. May import `formats` and `limits`.
"""
