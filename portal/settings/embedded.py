"""One machine, one command: SQLite, a broker that needs no server, mail on the console. What `./dev run` uses."""

import os

from recipes_app.lint.protocol.broker import filesystem_broker
from recipes_app.services.gates.gate_table import at_home, modes

from .base import *  # noqa: F403 - settings modules layer by star import, as Django's own documentation does
from .base import API_LIMIT_SECONDS, PORTAL_DATA, STATIC_ROOT, env
from .files import persistent_secret

DEBUG = env.bool("PORTAL_DEBUG", default=False)
EMBEDDED = True
SECRET_KEY = persistent_secret(PORTAL_DATA / "secret-key")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["*"])
PORTAL_PORT = env.int("PORTAL_PORT", default=8000)
PORTAL_URL = env.str("PORTAL_URL", default=f"http://127.0.0.1:{PORTAL_PORT}").rstrip("/")
PORTAL_RUNNER_URL = env.str("PORTAL_RUNNER_URL", default=f"http://127.0.0.1:{PORTAL_PORT}").rstrip("/")
CSRF_TRUSTED_ORIGINS = [PORTAL_URL]

DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": PORTAL_DATA / "portal.sqlite3",
        # A connection costs 2 ms a request to open, set up and close (the last one to close checkpoints the WAL): keep it.
        "CONN_MAX_AGE": 600,
        "OPTIONS": {
            # WAL lets readers go on beside the one writer; IMMEDIATE takes the write lock at once, so that
            # two writers wait for each other instead of failing with "database is locked" at the upgrade.
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-16000;",
        },
    }
}
# Passkeys take https; a browser makes an exception for http://localhost, and so does this.
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = True
# The demo's moderator signs in with the password that `./dev run` prints.
STAFF_NEEDS_SECOND_FACTOR = env.bool("STAFF_NEEDS_SECOND_FACTOR", default=False)
LEADERS_NEED_SECOND_FACTOR = env.bool("LEADERS_NEED_SECOND_FACTOR", default=False)
# On one's own machine everything is young: the rows about trust and time say what a production site would do, and hold nothing.
REVIEW_GATES = modes(env.str("REVIEW_GATES", default=""), at_home())
# Style sheets are served from where they are written; nothing has to be collected before the first page.
WHITENOISE_USE_FINDERS = True
STATIC_ROOT.mkdir(parents=True, exist_ok=True)
CACHES = {
    "default": {"BACKEND": "portal.plain_cache.PlainLocMemCache"},
    # Every process counts in the same files. A full folder forgets a third of its counts: that is once in some hours.
    "limits": {
        "BACKEND": "portal.file_cache.CountingFileCache",
        "LOCATION": PORTAL_DATA / "limits",
        "TIMEOUT": 2 * API_LIMIT_SECONDS,
        "OPTIONS": {"MAX_ENTRIES": 1_000},
    },
}
DELIVERY_EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"

CELERY_BROKER_URL, CELERY_BROKER_TRANSPORT_OPTIONS = filesystem_broker(PORTAL_DATA / "broker")
os.environ.setdefault("PORTAL_DATA", str(PORTAL_DATA))
