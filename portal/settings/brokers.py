"""Cache and broker are apart: runners know the broker."""

from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

_PORT = 6379


def require_apart(cache_url: str, broker_url: str) -> None:
    """Raise ImproperlyConfigured where both URLs name one database of one Redis."""
    if _place(cache_url) == _place(broker_url):
        raise ImproperlyConfigured(
            "REDIS_URL and BROKER_URL name the same database of the same Redis: whoever may take lint jobs could read and write "
            "the cache. Give the broker another database (redis://…/1) or server, and its users the rights of deploy/users.acl"
        )


def _place(url: str) -> tuple[str, ...]:
    parts = urlsplit(url)
    if parts.scheme not in ("redis", "rediss"):
        return (parts.scheme, parts.path)
    host = (parts.hostname or "").lower()
    return ("127.0.0.1" if host == "localhost" else host, str(parts.port or _PORT), parts.path.strip("/") or "0")
