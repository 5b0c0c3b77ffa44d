"""Lint jobs: queue, runners, reports, hints, re-lints. May import `ownership` and below."""
