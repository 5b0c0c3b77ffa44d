"""Lint: the sandbox, lintian's driver and output grammar, the runner, and the Celery tasks around it.

The runner half (`sandbox`, `lintian`, `source_package`, `report`, `runner`) imports `formats` and `repos.objects` and has no
database: it gets a clone URL and a commit and returns a report, so that it can stand on a machine that holds no secret.
The portal half (`tasks`) hands reports to `services`.
"""
