"""Accounts: django-allauth's settings, each limit with its reason. `base` takes all of it in."""

from urllib.parse import urlsplit

import environ

env = environ.Env()

LOGIN_REDIRECT_URL = "dashboard"
LOGOUT_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "recipes_app.views.account.account_adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "username*", "password1*", "password2*"]
ACCOUNT_SIGNUP_FORM_CLASS = "recipes_app.forms.account.TermsOnSignUp"
ACCOUNT_USERNAME_VALIDATORS = "recipes_app.models.accounts.username_validators"
# Names that would speak for the site, and the one under which the words of deleted accounts stand.
ACCOUNT_USERNAME_BLACKLIST = ["admin", "administrator", "deleted-account", "moderator", "postmaster", "root", "security"]

ACCOUNT_EMAIL_VERIFICATION = "mandatory"
# Mail scanners follow links: only a person's click on the page's button verifies.
ACCOUNT_CONFIRM_EMAIL_ON_GET = False
ACCOUNT_EMAIL_CONFIRMATION_EXPIRE_DAYS = 3
# One address; a new one counts when it is verified, and until then the old one stays. The old one is told.
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_FORMS = {
    "login": "recipes_app.forms.entrance.LoginForm",
    "reset_password": "recipes_app.forms.entrance.ResetPasswordForm",
}
ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR = "recipes_app.services.accounts.mail_domains.PasswordResetTokens"  # noqa: S105 - a name, no secret
# A mailbox that somebody reads later opens nothing: greylisting delays a mail by an hour or two, not by a day.
PASSWORD_RESET_TIMEOUT = 6 * 3600
# Address, second factor, keys and deletion: whoever finds an open browser is asked for the password again.
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300

# How often, by address (ip), by account that is tried (key) and by account that is signed in (user).
ACCOUNT_RATE_LIMITS = {
    # A person mistypes a few times. Whoever tries a list of stolen passwords needs thousands.
    "login": "30/m/ip",
    "login_failed": "10/m/ip,5/300s/key",
    # A course at a university signs up behind one address within an hour; a script makes hundreds.
    "signup": "30/h/ip",
    # Each one is a mail to somebody who perhaps did not ask for it.
    "reset_password": "20/h/ip,5/h/key",
    "reset_password_from_key": "20/m/ip",
    "confirm_email": "1/3m/key",
    "manage_email": "10/m/user",
    # Each guesses a password.
    "change_password": "5/m/user",
    "reauthenticate": "10/m/user",
}
MFA_RATE_LIMITS = {"webauthn_login": "10/m/ip"}
# How many proxies stand before the portal. Each limit above counts the address that the outermost of them saw.
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXY_COUNT", default=0)

MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = env.str("SITE_NAME", default="DUR")
# A clock that is off by half a minute is common on phones without a network.
MFA_TOTP_TOLERANCE = 1

# Sign-in with another site's accounts (OpenID Connect, such as a GitLab's): docs/accounts.md. Off where no server is named.
OIDC_SERVER_URL = env.str("OIDC_SERVER_URL", default="")
_OIDC_APPS = [
    {
        "provider_id": "oidc",
        "name": env.str("OIDC_NAME", default="OpenID Connect"),
        "client_id": env.str("OIDC_CLIENT_ID", default=""),
        "secret": env.str("OIDC_SECRET", default=""),
        "settings": {"server_url": OIDC_SERVER_URL},
    }
]
SOCIALACCOUNT_PROVIDERS = {
    "openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": _OIDC_APPS if OIDC_SERVER_URL else []},
}
# The newcomer chooses his username here and accepts the terms here; and a name at the provider takes over no account of ours.
SOCIALACCOUNT_AUTO_SIGNUP = False
SOCIALACCOUNT_EMAIL_AUTHENTICATION = False
# An address that the provider has verified (its claim `email_verified`) is verified here; any other by our own mail.
SOCIALACCOUNT_EMAIL_VERIFICATION = "mandatory"
# Browsers hold a form's redirects to `form-action` too, and sign-in is a form that leads to the provider.
SIGN_IN_ORIGINS = ["{0.scheme}://{0.netloc}".format(urlsplit(OIDC_SERVER_URL))] if OIDC_SERVER_URL else []

# Passwords that are known to have leaked (recipes_app/leaked_passwords.py): a file with a SHA-1 a line, sorted. None is shipped.
LEAKED_PASSWORDS_FILE = env.str("LEAKED_PASSWORDS_FILE", default="")
# Who leads a recipe that many use needs a second factor for what they do to it (recipes_app/limits: FACTOR_…).
LEADERS_NEED_SECOND_FACTOR = env.bool("LEADERS_NEED_SECOND_FACTOR", default=True)

# docs/terms.md. A new version is put before each account once, at its next visit.
TERMS_VERSION = env.str("TERMS_VERSION", default="2026-11-01")

# A posted password stands in no error report, whichever view failed.
DEFAULT_EXCEPTION_REPORTER_FILTER = "portal.error_reports.SecretsFilter"
