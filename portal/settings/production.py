"""Production: everything that differs comes from the environment, and what is missing stops the start with its name."""

from recipes_app.limits import CACHE_SECONDS, DATABASE_CONNECT_SECONDS
from recipes_app.lint.protocol.broker import bounded_options

from .base import *  # noqa: F403 - settings modules layer by star import, as Django's own documentation does
from .base import env
from .brokers import require_apart

DEBUG = False
EMBEDDED = False
SECRET_KEY = env.str("SECRET_KEY")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS")
PORTAL_URL = env.str("PORTAL_URL").rstrip("/")
PORTAL_RUNNER_URL = env.str("PORTAL_RUNNER_URL", default=PORTAL_URL).rstrip("/")
CSRF_TRUSTED_ORIGINS = [PORTAL_URL]

# The catalogue and its indexes fit into memory: an index look-up costs hardly more than the next row of a table, and to compile
# a statement takes longer than to run it. With PostgreSQL's defaults a search reads the whole table of recipes instead.
# Whoever waits ten seconds for a lock waits for something that is stuck: 503 says so, and the thread is free again.
# Empty where a pooler stands in between that takes no start-up options; the role's own settings can hold them then.
_planner = env.str("DATABASE_PLANNER_OPTIONS", default="-c random_page_cost=1.1 -c jit=off -c lock_timeout=10s")
_database = env.db("DATABASE_URL")
_options: dict[str, object] = {"options": _planner} if _planner else {}
if _database["ENGINE"] == "django.db.backends.postgresql":
    _database["ENGINE"] = "portal.postgresql"
    _options["connect_timeout"] = DATABASE_CONNECT_SECONDS
DATABASES = {
    "default": {
        **_database,
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": _options,
    }
}
_redis = {
    "BACKEND": "portal.redis_cache.PortalRedisCache",
    "LOCATION": env.str("REDIS_URL"),
    "OPTIONS": {"socket_connect_timeout": CACHE_SECONDS, "socket_timeout": CACHE_SECONDS},
}
CACHES = {"default": {**_redis, "KEY_PREFIX": "cache"}, "limits": {**_redis, "KEY_PREFIX": "limits"}}
CELERY_BROKER_URL = env.str("BROKER_URL")
require_apart(env.str("REDIS_URL"), CELERY_BROKER_URL)
CELERY_BROKER_TRANSPORT_OPTIONS = bounded_options(CELERY_BROKER_URL)
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

TRIAL_BUILD_TRUSTED = env.bool("TRIAL_BUILD_TRUSTED", default=True)
LINT_FETCH = env.bool("LINT_FETCH", default=True)

# EMAIL_URL says how the worker delivers; what the site itself calls stays the outbox.
_delivery = env.email("EMAIL_URL")
DELIVERY_EMAIL_BACKEND = _delivery.pop("EMAIL_BACKEND")
vars().update(_delivery)
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = PORTAL_URL.startswith("https:")
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", default=31536000)
