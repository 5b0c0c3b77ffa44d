"""Validation of recipes on a runner. No Django and no database: a clone URL and a commit in, a report out.

`runner` runs the stages of an assignment; `runner_app` is its Celery application; `local` is `./dev check PATH`. Packages:
`protocol` (what portal and runner share), `sandbox`, `checks` (recipe checks), `source` (lintian, shellcheck), `build` (trial
builds). May import `repos`, `formats` and `limits`.
"""
