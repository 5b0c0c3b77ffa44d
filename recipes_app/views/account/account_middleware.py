"""What is true of every page of an account: its language and time, read-only mode, the terms, and when it was last seen."""

from __future__ import annotations

import zoneinfo
from collections.abc import Callable
from datetime import datetime, timedelta

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.cache import add_never_cache_headers
from django.utils.http import urlencode

from recipes_app.languages import is_for_programs
from recipes_app.limits import SESSION_SEEN_MINUTES
from recipes_app.models import Switch, User
from recipes_app.services.accounts import devices
from recipes_app.services.accounts import terms as terms_service
from recipes_app.services.core import switches

Handler = Callable[[HttpRequest], HttpResponse]
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
# Where allauth lives: its views write without asking our table of permissions.
_ACCOUNTS = "/accounts/"
# The same address signs in, and connects another site's account to one that is signed in.
_OTHER_SITE = "/accounts/oidc/"
# In read-only mode one still signs in and out: who ends that mode has to get in (`account_adapter` lets only staff in).
_SIGN_IN = frozenset(
    {"/accounts/login/", "/accounts/logout/", "/accounts/reauthenticate/", "/accounts/2fa/authenticate/",
     "/accounts/2fa/reauthenticate/", "/accounts/2fa/webauthn/login/", "/accounts/2fa/webauthn/reauthenticate/"}
)  # fmt: skip
# What one may do before one has accepted the terms: accept them, leave, change what protects the account, or delete it.
# Browsers keep a cookie for 400 days at most.
_DEVICE_SECONDS = 400 * 86_400
_BEFORE_TERMS = (_ACCOUNTS, "/terms/", "/account/delete/", "/account/sessions/", "/unsubscribe/")


def _account(request: HttpRequest) -> User | None:
    """Return who is signed in by a session; a request without its cookie costs no query."""
    if settings.SESSION_COOKIE_NAME not in request.COOKIES:
        return None
    return request.user if isinstance(request.user, User) else None


def preferences(get_response: Handler) -> Handler:
    """Show pages in the account's language and time zone, where it has chosen them."""

    def middleware(request: HttpRequest) -> HttpResponse:
        user = _account(request)
        if user is None or not (user.language or user.time_zone):
            return get_response(request)
        if user.language and not is_for_programs(request.path):
            translation.activate(user.language)
            request.LANGUAGE_CODE = translation.get_language()
        # What the middleware of Django sets for a language is reset with the next request; the time zone is not.
        with timezone.override(zoneinfo.ZoneInfo(user.time_zone) if user.time_zone else None):
            return get_response(request)

    return middleware


def maintenance(get_response: Handler) -> Handler:
    """Refuse in read-only mode what allauth's pages would write; every other entrance asks `permissions.require` itself."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.method in _SAFE or not request.path.startswith(_ACCOUNTS) or _signs_in(request):
            return get_response(request)
        message = switches.message_if_off(Switch.Name.WRITES)
        if message is None:
            return get_response(request)
        return render(request, "account/maintenance.html", {"message": message}, status=503)

    return middleware


def _signs_in(request: HttpRequest) -> bool:
    """Return whether the request is part of signing in or out; by another site's account only for who is not signed in yet."""
    if request.path.startswith(_OTHER_SITE):
        return _account(request) is None
    return request.path in _SIGN_IN


def private(get_response: Handler) -> Handler:
    """Keep allauth's pages out of every cache: recovery codes, addresses and sessions stand on them."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if request.path.startswith(_ACCOUNTS):
            add_never_cache_headers(response)
        return response

    return middleware


def terms(get_response: Handler) -> Handler:
    """Put the terms before an account that has not accepted the version in force, before it writes anything."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.method in _SAFE or request.path.startswith(_BEFORE_TERMS):
            return get_response(request)
        user = _account(request)
        if user is None or not terms_service.must_accept(user):
            return get_response(request)
        return redirect(f"{reverse('terms')}?{urlencode({'next': request.META.get('HTTP_REFERER', '')})}")

    return middleware


def last_seen(get_response: Handler) -> Handler:
    """Keep "last seen" of the account's sessions, one write for each session in SESSION_SEEN_MINUTES."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if _account(request) is not None:
            _note_session(f"session-seen:{request.session.session_key}", request.session.session_key)
        return response

    return middleware


def known_device(get_response: Handler) -> Handler:
    """Give a device that has just signed in its cookie, for the pages that sign in alone: no other answer depends on it."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        secret = getattr(request, "new_device", None)
        if secret is not None:
            response.set_cookie(
                devices.COOKIE, secret, max_age=_DEVICE_SECONDS, path=_ACCOUNTS, httponly=True, samesite="Lax",
                secure=settings.SESSION_COOKIE_SECURE,
            )  # fmt: skip
        return response

    return middleware


def _note_session(cache_key: str, session_key: str | None) -> None:
    """Write where the last write is SESSION_SEEN_MINUTES ago. At the first page the sign-in has just written."""
    now = timezone.now()
    written: datetime | None = cache.get(cache_key)
    if written is not None and now - written < timedelta(minutes=SESSION_SEEN_MINUTES):
        return
    cache.set(cache_key, now, settings.SESSION_COOKIE_AGE)
    if written is not None and switches.message_if_off(Switch.Name.WRITES) is None:
        UserSession.objects.filter(session_key=session_key).update(last_seen_at=now)
