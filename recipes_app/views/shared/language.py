"""The language of pages: the account's, the cookie's or the browser's; and the switch in the footer, which needs no script."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.locale import LocaleMiddleware
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_POST
from django.views.i18n import LANGUAGE_QUERY_PARAMETER, set_language

from recipes_app.languages import ENGLISH, is_for_programs
from recipes_app.models import User
from recipes_app.services.accounts import profiles
from recipes_app.services.core.errors import Refused
from recipes_app.services.core.permissions import PermissionDenied


class LanguageMiddleware(LocaleMiddleware):
    """Django's own for pages; English for programs. `account_middleware.preferences` follows for who is signed in."""

    def process_request(self, request: HttpRequest) -> None:
        """Choose the language by cookie and header; the account is not known yet."""
        if is_for_programs(request.path_info):
            translation.activate(ENGLISH)
            request.LANGUAGE_CODE = ENGLISH
        else:
            super().process_request(request)

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Say what the answer's language is, and that it depends on the header and on cookies."""
        if is_for_programs(request.path_info):
            response.headers.setdefault("Content-Language", ENGLISH)
            return response
        patch_vary_headers(response, ["Cookie"])
        return super().process_response(request, response)


@csrf_exempt
@require_POST
def choose_language(request: HttpRequest) -> HttpResponse:
    """Keep the language in a cookie, and with the account of who is signed in; lead back to the page.

    A visitor needs no token against forged requests: with one, every page would set a cookie and none could be kept for the next
    visitor; and what another site could do to him is to turn the page's language. What writes to an account takes the token.
    """
    return _choose_for_account(request, request.user) if isinstance(request.user, User) else set_language(request)


@csrf_protect
def _choose_for_account(request: HttpRequest, owner: User) -> HttpResponse:
    try:
        profiles.choose_language(owner, request.POST.get(LANGUAGE_QUERY_PARAMETER, ""))
    except (PermissionDenied, Refused) as error:
        messages.warning(
            request, _("The language is kept in this browser, not with your account: %(reason)s.") % {"reason": error}
        )
    return set_language(request)
