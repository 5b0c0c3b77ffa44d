"""What every setting of the portal shares. Values that differ by machine come from the environment."""

from pathlib import Path

import environ
from celery.schedules import crontab

from recipes_app.limits import SAMPLED_PERCENT
from recipes_app.services.gates.gate_table import modes

from .accounts import *  # noqa: F403 - settings modules layer by star import, as Django's own documentation does
from .accounts import LEAKED_PASSWORDS_FILE, SIGN_IN_ORIGINS

BASE_DIR = Path(__file__).resolve().parent.parent.parent
env = environ.Env()

# The name in the interface is a setting: "Debian" is a trademark and this site is not Debian's.
SITE_NAME = env.str("SITE_NAME", default="DUR")
PORTAL_DATA = Path(env.str("PORTAL_DATA", default=str(BASE_DIR / "var"))).resolve()
REPOSITORY_ROOT = Path(env.str("PORTAL_REPOSITORIES", default=str(PORTAL_DATA / "repos")))
# The address users see; clone URLs and mails are made from it.
PORTAL_URL = env.str("PORTAL_URL", default="http://127.0.0.1:8000").rstrip("/")
# How many threads a web process has: clones, pushes and uploads may hold three quarters of them (portal/places.py).
WEB_THREADS = env.int("WEB_THREADS", default=8)
# The address from which runners clone; differs from PORTAL_URL where they stand behind the proxy.
PORTAL_RUNNER_URL = env.str("PORTAL_RUNNER_URL", default=PORTAL_URL).rstrip("/")
# What stands before /NAME.git in an address for git over SSH (ssh://git@HOST:PORT); empty where no SSH server runs.
PORTAL_SSH_URL = env.str("PORTAL_SSH_URL", default="").rstrip("/")

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.contrib.postgres",
    "corsheaders",
    "csp",
    "django_prometheus",
    "rest_framework",
    "drf_spectacular",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.usersessions",
    "recipes_app",
    "api",
]

MIDDLEWARE = [
    # Outside of all others: it marks what may be kept as it goes out.
    "recipes_app.response_cache.middleware.mark",
    "django_prometheus.middleware.PrometheusBeforeMiddleware",
    "portal.unavailable.places",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    # Before whatever answers by itself, so that pages elsewhere can read refusals and redirects, too.
    "corsheaders.middleware.CorsMiddleware",
    # Outside of what reads and changes answers' texts.
    "api.framework.compression.compression",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "recipes_app.views.shared.language.LanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "recipes_app.views.account.account_middleware.private",
    "recipes_app.views.account.account_middleware.preferences",
    "recipes_app.views.account.account_middleware.maintenance",
    "recipes_app.views.account.account_middleware.terms",
    "recipes_app.views.account.account_middleware.last_seen",
    "recipes_app.views.account.account_middleware.known_device",
    "recipes_app.views.shared.access.FormerNames",
    "django_prometheus.middleware.PrometheusAfterMiddleware",
]

ROOT_URLCONF = "portal.urls"
WSGI_APPLICATION = "portal.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "recipes_app.views.shared.context.site",
                "recipes_app.views.account.account_context.account",
            ],
        },
    }
]

AUTH_USER_MODEL = "recipes_app.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
if LEAKED_PASSWORDS_FILE:
    AUTH_PASSWORD_VALIDATORS.append({"NAME": "recipes_app.leaked_passwords.LeakedPasswordValidator"})
ACCOUNT_EMAIL_SUBJECT_PREFIX = f"[{SITE_NAME}] "

# Every mail is a row of the outbox first; a worker sends it with the backend that DELIVERY_EMAIL_BACKEND names.
EMAIL_BACKEND = "recipes_app.mail_backend.QueuedEmailBackend"
# A mail server that does not answer holds one worker so long.
EMAIL_TIMEOUT = 30

# A moderator's account is worth stealing: without a second factor it has no more rights than any other.
STAFF_NEEDS_SECOND_FACTOR = env.bool("STAFF_NEEDS_SECOND_FACTOR", default=True)

# What makes a pushed revision wait (docs/gates.md): `enforce`, `observe`, or ID=MODE with commas between.
REVIEW_GATES = modes(env.str("REVIEW_GATES", default=""))
# The share of plain bumps that a person looks at, in percent; which ones, nobody who pushes can know.
REVIEW_SAMPLE_PERCENT = env.float("REVIEW_SAMPLE_PERCENT", default=float(SAMPLED_PERCENT))
# Which findings of lint hold a revision, or are written down only: docs/moderators.md. WHAT@SEVERITY=enforce|observe|off, where
# WHAT is a check's id, a family of checks, `security` (all families that look for harm to a machine) or a tag of lintian.
LINT_GATES = env.dict("LINT_GATES", default={"security@error": "enforce"})

# Networks of the operator's own that webhooks may reach, over plain http too, such as 10.20.0.0/16. Without any, a message
# goes to public addresses alone: whoever keeps a recipe could otherwise knock at machines behind the firewall.
WEBHOOK_NETWORKS = env.list("WEBHOOK_NETWORKS", default=[])

# Trial builds (docs/operators.md): the suites that the runners have a base for; whether recipes of trusted maintainers are built
# unasked. And whether a runner may fetch upstream's files, to look at the whole source.
TRIAL_BUILD_SUITES = env.list("TRIAL_BUILD_SUITES", default=["bookworm"])
TRIAL_BUILD_TRUSTED = env.bool("TRIAL_BUILD_TRUSTED", default=False)
LINT_FETCH = env.bool("LINT_FETCH", default=False)

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("de", "Deutsch")]
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = "portal.formats"
# A visitor's choice in the footer; an account keeps it, too. No script has to read it.
LANGUAGE_COOKIE_AGE = 400 * 24 * 3600
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
TIME_ZONE = "UTC"

STATIC_URL = "/static/"
STATIC_ROOT = PORTAL_DATA / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]

# Strict: nothing inline, nothing from elsewhere. Recipes are hostile input, and escape is not the only wall.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "connect-src": ["'self'"],
        "font-src": ["'self'"],
        "form-action": ["'self'", *SIGN_IN_ORIGINS],
        "frame-ancestors": ["'none'"],
        "base-uri": ["'none'"],
        "manifest-src": ["'self'"],
    }
}

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "api.framework.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.AllowAny"],
    "DEFAULT_RENDERER_CLASSES": [
        "api.framework.renderers.QuickRenderer",
        "api.framework.renderers.PageRenderer",
    ],
    "DEFAULT_PARSER_CLASSES": ["api.framework.parsers.StrictJSONParser"],
    # The media type is asked for by the header Accept alone; `format` is a parameter like any that does not exist.
    "URL_FORMAT_OVERRIDE": None,
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "api.framework.problems.problem_handler",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
SPECTACULAR_SETTINGS = {
    "TITLE": f"{SITE_NAME} API",
    "DESCRIPTION": "Recipes that package software for Debian, shared as scripts; no binary is ever published.",
    "VERSION": "1.0.0",
    "OAS_VERSION": "3.1.1",
    "SERVE_INCLUDE_SCHEMA": False,
    "POSTPROCESSING_HOOKS": ["drf_spectacular.hooks.postprocess_schema_enums", "api.framework.schema.describe_headers"],
    # Several things have a kind and a state: each set of values has the name of its thing.
    "ENUM_NAME_OVERRIDES": {
        "FlagKind": "recipes_app.models.Flag.Kind",
        "FlagState": "recipes_app.models.Flag.State",
        "ReportKind": "recipes_app.models.Report.Kind",
        "NotificationKind": "recipes_app.models.Notification.Kind",
        "RequestKind": "recipes_app.models.OwnershipRequest.Kind",
        "FiledKind": "api.schemas.requests.ASKED",
        "RequestState": "recipes_app.models.OwnershipRequest.State",
        "QueueKind": "recipes_app.models.QueueEntry.Kind",
        "LintState": "api.schemas.lint_reports.LINT_STATES",
        "StageState": "recipes_app.models.LintState",
        "LightState": "api.schemas.builds.LIGHT_STATES",
        "StepState": "api.schemas.builds.STEP_STATES",
        "EffectKind": "api.schemas.builds.EFFECT_KINDS",
        "TrialBuildsChoice": "recipes_app.models.TrialBuilds",
        "StagingChoice": "recipes_app.models.Staging",
        "DeliveryState": "recipes_app.models.WebhookDelivery.State",
    },
}
# How many requests in how many seconds: for each account that sends a token, and for each address without one; 0: any number.
# A client that looks up what is installed asks twice a minute; a mirror reads a large catalogue in an hour, and has dumps.
API_LIMITS = {"account": env.int("API_LIMIT_ACCOUNT", default=3_000), "address": env.int("API_LIMIT_ADDRESS", default=1_200)}
API_LIMIT_SECONDS = 60

# Pages elsewhere may read the API, the two batch questions included; without cookies and without tokens they cannot act.
CORS_URLS_REGEX = r"^/api/"
CORS_ALLOW_ALL_ORIGINS = True
CORS_ALLOW_METHODS = ["GET", "HEAD", "OPTIONS", "POST"]
CORS_ALLOW_HEADERS = ["accept", "accept-language", "content-type", "if-modified-since", "if-none-match"]
CORS_EXPOSE_HEADERS = [
    "ETag", "Last-Modified", "RateLimit", "RateLimit-Policy", "Retry-After", "Repr-Digest", "Content-Disposition",
]  # fmt: skip
CORS_PREFLIGHT_MAX_AGE = 86_400
# How many MiB each web process keeps of answers for visitors (recipes_app/response_cache); 0: none.
RESPONSE_CACHE_MIB = env.int("RESPONSE_CACHE_MIB", default=32)

DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024

# Messages leave by a thread of their own (recipes_app/services/core/sending.py); tests look for them at once.
SEND_INLINE = False
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_DEFAULT_QUEUE = "portal"
CELERY_TASK_ROUTES = {
    # The runner's queue is its own: it holds no database and serves nothing else.
    "lint.run": {"queue": "lint"},
    "lint.explain": {"queue": "lint"},
    # A receiver may take 20 seconds to answer: reports and mail do not wait behind it.
    "mail.deliver_webhooks": {"queue": "webhooks"},
}
# How many lint messages may lie in the broker that no runner has taken: a push waits behind so many at most, and with fewer than
# there are runners some of them would be idle for a moment. The order of all others is kept in the database.
LINT_READY_MESSAGES = env.int("LINT_READY_MESSAGES", default=4)
CELERY_BEAT_SCHEDULE = {
    "sweep-lint-jobs": {"task": "lint.sweep_lint_jobs", "schedule": 30.0},
    "go-on-with-relints": {"task": "lint.go_on_with_relints", "schedule": 60.0},
    "settle-interrupted-pushes": {"task": "repos.settle_interrupted_pushes", "schedule": 60.0},
    # At night: a repository that nobody pushes to is looked at and left as it is.
    "pack-repositories": {"task": "repos.pack_repositories", "schedule": crontab(hour=2, minute=30)},
    "sweep-mail": {"task": "mail.sweep_mail", "schedule": 60.0},
    "sweep-webhooks": {"task": "mail.sweep_webhooks", "schedule": 60.0},
    # Adoptions and requests wait for days: an hour more is not felt.
    "sweep-requests": {"task": "housekeeping.sweep_requests", "schedule": 3_600.0},
    "release-delayed-revisions": {"task": "housekeeping.release_delayed_revisions", "schedule": 300.0},
    "act-on-reports": {"task": "housekeeping.act_on_reports", "schedule": 300.0},
    "see-to-reviews": {"task": "housekeeping.see_to_reviews", "schedule": 3_600.0},
    "drop-expired-invitations": {"task": "housekeeping.drop_expired_invitations", "schedule": 3_600.0},
    "drop-kept-answers": {"task": "housekeeping.drop_kept_answers", "schedule": 3_600.0},
    "prune": {"task": "housekeeping.prune", "schedule": 3_600.0},
    "make-dumps": {"task": "housekeeping.make_dumps", "schedule": 300.0},
    "check-mail-domains": {"task": "housekeeping.check_mail_domains", "schedule": 6 * 3_600.0},
    # Before Europe's morning and within America's evening.
    "send-digests": {"task": "mail.send_digests", "schedule": crontab(hour=5, minute=0)},
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": env.str("PORTAL_LOG_LEVEL", default="INFO")},
    "loggers": {"django.db.backends": {"level": "INFO"}},
}
