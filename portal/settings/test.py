"""What pytest uses: the embedded setting in a folder that is thrown away, on SQLite or, where DATABASE_URL is set, PostgreSQL."""

import os
import tempfile
from pathlib import Path

# Before the embedded settings are read: they take their folder from the environment.
os.environ["PORTAL_DATA"] = os.environ.get("PORTAL_TEST_DATA") or tempfile.mkdtemp(prefix="portal-test-")

from .embedded import *  # noqa: F403
from .embedded import DATABASES, env

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
DELIVERY_EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
CELERY_TASK_ALWAYS_EAGER = False
# The suite asks more than any person does; what tests the limits sets its own.
API_LIMITS = {"account": 0, "address": 0}
if env.str("PORTAL_TEST_DATABASE_URL", default=""):
    DATABASES["default"] = env.db("PORTAL_TEST_DATABASE_URL")
else:
    DATABASES["default"]["TEST"] = {"NAME": str(Path(os.environ["PORTAL_DATA"]) / "test.sqlite3")}
