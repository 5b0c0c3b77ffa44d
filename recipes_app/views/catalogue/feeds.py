"""Atom feeds (RFC 4287): new and updated recipes, one recipe's revisions, a maintainer's recipes, a search."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from recipes_app.etags import answered, etag_of
from recipes_app.limits import FEED_ENTRIES
from recipes_app.models import Recipe, Revision, User
from recipes_app.rendering.characters import spell_out
from recipes_app.search.engine import search as run_search
from recipes_app.search.query import NEWEST, QueryError, parse_query
from recipes_app.services.catalogue import catalogue

from ..shared.access import recipe_or_404

_MEDIA_TYPE = "application/atom+xml; charset=utf-8"
# Readers come by the hour; a new recipe may be a minute old before a cache tells of it.
_CACHE_CONTROL = "public, max-age=60"


@dataclass(frozen=True)
class _Entry:
    """An entry. `path` is where it leads, and its id: both stay."""

    path: str
    title: str
    text: str
    author: str
    published: datetime
    updated: datetime


@require_safe
def new(request: HttpRequest) -> HttpResponseBase:
    """The recipes that were made last. One query."""
    title = _("New recipes on %(site)s") % {"site": settings.SITE_NAME}
    return _feed(request, title, reverse("recipe_list") + "?sort=-created", map(_of_new, catalogue.newest(FEED_ENTRIES)))


@require_safe
def updated(request: HttpRequest) -> HttpResponseBase:
    """The recipes that were pushed last. One query."""
    title = _("Updated recipes on %(site)s") % {"site": settings.SITE_NAME}
    return _feed(request, title, reverse("recipe_list") + "?sort=-updated", map(_of_recipe, catalogue.recent(FEED_ENTRIES)))


@require_safe
def recipe(request: HttpRequest, name: str) -> HttpResponseBase:
    """The published revisions of one recipe. Two queries."""
    found = recipe_or_404(name)
    published = catalogue.history(found).filter(review=Revision.Review.PUBLISHED)[:FEED_ENTRIES]
    title = _("%(recipe)s on %(site)s") % {"recipe": found.name, "site": settings.SITE_NAME}
    return _feed(request, title, found.get_absolute_url(), (_of_revision(found, revision) for revision in published))


@require_safe
def user(request: HttpRequest, username: str) -> HttpResponseBase:
    """The recipes that an account maintains, the last pushed first. Two queries."""
    found = get_object_or_404(User, username=username, is_active=True)
    recipes = catalogue.recent(FEED_ENTRIES, maintainer=found)
    title = _("Recipes of %(user)s on %(site)s") % {"user": found.username, "site": settings.SITE_NAME}
    return _feed(request, title, reverse("user", args=[found.username]), map(_of_recipe, recipes))


@require_safe
def search(request: HttpRequest) -> HttpResponseBase:
    """What a search finds, the last pushed first. At most three queries. A query that cannot be run is a 400 that says why."""
    text = request.GET.get("q", "").strip()
    try:
        hits = run_search(parse_query(text, NEWEST), limit=FEED_ENTRIES).hits
    except QueryError as error:
        return HttpResponse(f"{error}\n", status=400, content_type="text/plain; charset=utf-8")
    title = _("Recipes for “%(query)s” on %(site)s") % {"query": text, "site": settings.SITE_NAME}
    address = f"{reverse('recipe_list')}?{request.GET.urlencode()}"
    return _feed(request, title, address, map(_of_recipe, hits))


def _of_recipe(found: Recipe) -> _Entry:
    return _Entry(
        path=found.get_absolute_url(),
        title=f"{found.name} {found.version}",
        text=found.synopsis,
        author=found.maintainer.username if found.maintainer else "",
        published=found.created_at,
        updated=found.updated_at,
    )


def _of_new(found: Recipe) -> _Entry:
    entry = _of_recipe(found)
    # A push is no news in this one: who reads it wants each recipe once.
    return _Entry(entry.path, found.name, entry.text, found.submitter_name, found.created_at, found.created_at)


def _of_revision(found: Recipe, revision: Revision) -> _Entry:
    text = _("Pushed to %(branch)s, commit %(commit)s") % {"branch": revision.branch, "commit": revision.commit}
    path = reverse("revision", args=[found.name, revision.commit])
    return _Entry(path, f"{found.name} {revision.version}", text, revision.pusher_name, revision.pushed_at, revision.pushed_at)


def _feed(request: HttpRequest, title: str, page: str, entries: Iterable[_Entry]) -> HttpResponseBase:
    """Return the feed, or a 304 where the reader has it: known from the entries, before the XML is made."""
    listed = list(entries)
    newest = max((entry.updated for entry in listed), default=datetime(2026, 1, 1, tzinfo=UTC))

    def make() -> HttpResponse:
        return HttpResponse(_atom(request, title, page, listed, newest), content_type=_MEDIA_TYPE)

    answer = answered(request, etag_of(settings.PORTAL_URL, title, listed), make, newest)
    answer["Cache-Control"] = _CACHE_CONTROL
    return answer


def _atom(request: HttpRequest, title: str, page: str, entries: list[_Entry], newest: datetime) -> str:
    """Return the XML. Characters that XML has no place for, or that a reader cannot see, are spelled out."""
    here = settings.PORTAL_URL
    feed = Atom1Feed(
        title=spell_out(title),
        link=f"{here}{page}",
        description="",
        feed_url=f"{here}{request.get_full_path()}",
        feed_guid=f"{here}{request.get_full_path()}",
        language=request.LANGUAGE_CODE,
    )
    feed.latest_post_date = lambda: newest  # type: ignore[method-assign] # of an empty feed Django would say "now"
    for entry in entries:
        feed.add_item(
            title=spell_out(entry.title),
            link=f"{here}{entry.path}",
            description=spell_out(entry.text),
            unique_id=f"{here}{entry.path}",
            author_name=entry.author or _("nobody: an orphan"),
            pubdate=entry.published,
            updateddate=entry.updated,
        )
    return str(feed.writeString("utf-8"))
