"""What pytest uses: the embedded setting in a folder that is thrown away, on SQLite or, where DATABASE_URL is set, PostgreSQL."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path


def _thrown_away() -> str:
    """Return a new folder, which goes with the process that made it, and not with what it forks."""
    folder, maker = tempfile.mkdtemp(prefix="portal-test-"), os.getpid()

    def throw_away() -> None:
        if os.getpid() == maker:
            shutil.rmtree(folder, ignore_errors=True)

    atexit.register(throw_away)
    return folder


# Before the embedded settings are read: they take their folder from the environment.
os.environ["PORTAL_DATA"] = os.environ.get("PORTAL_TEST_DATA") or _thrown_away()

from .embedded import *  # noqa: E402, F403
from .embedded import DATABASES, env  # noqa: E402

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
DELIVERY_EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
SEND_INLINE = True
# What a test writes is never committed, so nothing tells of it; what tests the answers that are kept keeps them itself.
RESPONSE_CACHE_MIB = 0
# The suite asks more than any person does; what tests the limits sets its own.
API_LIMITS = {"account": 0, "address": 0}
if env.str("PORTAL_TEST_DATABASE_URL", default=""):
    DATABASES["default"] = env.db("PORTAL_TEST_DATABASE_URL")
    # A database of the same server that is migrated already.
    if template := env.str("PORTAL_TEST_TEMPLATE", default=""):
        DATABASES["default"]["TEST"] = {"TEMPLATE": template}
else:
    DATABASES["default"]["TEST"] = {"NAME": str(Path(os.environ["PORTAL_DATA"]) / "test.sqlite3")}
