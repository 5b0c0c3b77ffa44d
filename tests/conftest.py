"""Fixtures that every room shares; the real servers stand in `tests.servers`."""

pytest_plugins = [
    "tests.servers.mail",
    "tests.servers.portal",
    "tests.servers.postgres",
    "tests.servers.redis",
    "tests.servers.sshd",
    "tests.servers.oidc",
]
