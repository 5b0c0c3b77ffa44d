"""Tags and filters of the pages: `{% load recipes %}`."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from urllib.parse import urlsplit

from django import template
from django.conf import settings
from django.template.loader import render_to_string
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from ..formats.metadata import Person, Relation, RelationTerm
from ..models import Revision
from ..rendering.changes import Line
from ..rendering.characters import reveal, spell_out
from ..rendering.descriptions import description_html
from ..rendering.links import REL, cited
from ..rendering.links import external_link as link_to
from ..rendering.plots import bars, sparkline
from ..views.recipes.build_steps import clone_address
from ..views.shared.labels import PASSAGE_NAMES, label_of

register = template.Library()
_SHORT_COMMIT = 10
# Debian Policy 5.6.1; what is none, such as a substitution variable, is no address in the archive.
PACKAGE_NAME = re.compile(r"[a-z0-9][a-z0-9+.\-]+")
_OR = SafeString(' <span class="or">|</span> ')

register.filter("visible", reveal)
register.filter("spelled", spell_out)
register.filter("description", description_html)
register.filter("clone_address", clone_address)
register.simple_tag(link_to, name="external_link")
register.simple_tag(cited)
register.simple_tag(sparkline)
register.simple_tag(bars)


@register.filter
def short(commit: str) -> str:
    """Return the first digits of a commit, as people name it."""
    return commit[:_SHORT_COMMIT]


@register.filter
def as_json(value: object) -> SafeString:
    """Show `value` as JSON, a member a line."""
    return reveal(json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False))


@register.simple_tag
def site_name() -> str:
    """Return the site's name. For error pages, which are rendered without a context."""
    return str(settings.SITE_NAME)


@register.simple_tag
def push_address(username: str) -> str:
    """Return the address that `username` pushes a new recipe to; git asks for the token as a password."""
    parts = urlsplit(settings.PORTAL_URL)
    return f"{parts.scheme}://{username}@{parts.netloc}{parts.path}/git/NAME.git"


@register.simple_tag
def file_link(revision: Revision, path: str, line: int | None = None) -> SafeString:
    """Show a place in a revision's files as a link to it; a path that no address can hold is shown and not linked."""
    shown = reveal(f"{path}:{line}" if line else path)
    try:
        address = reverse("tree", args=[revision.recipe.name, revision.commit, path])
    except NoReverseMatch:
        return shown
    return format_html('<a class="break" href="{}{}">{}</a>', address, f"#L{line}" if line else "", shown)


@register.simple_tag
def badge(kind: str, value: str) -> SafeString:
    """Show what `value` of the field `kind` is called, in its look, with its explanation as title."""
    return _badge(kind, value, get_language() or "")


@lru_cache(maxsize=1_000)
def _badge(kind: str, value: str, _language: str) -> SafeString:
    """Return the badge in the language at hand. A list has fifty, of a dozen kinds: rendered anew they are a quarter of it."""
    return render_to_string("includes/badge.html", {"label": label_of(kind, value)})


@register.filter
def label(value: str, kind: str) -> str:
    """Return what `value` of the field `kind` is called, as plain words."""
    return str(label_of(kind, value).text)


@register.filter
def duration(milliseconds: int) -> str:
    """Return a time as people say it: in milliseconds under a second, in seconds under two minutes, else in minutes."""
    if milliseconds < 1_000:
        return _("%(number)d ms") % {"number": milliseconds}
    seconds = milliseconds / 1_000
    if seconds < 120:
        return _("%(number).1f s") % {"number": seconds}
    return _("%(number)d min") % {"number": round(seconds / 60)}


@register.filter
def marked(parts: Iterable[tuple[str, bool]]) -> SafeString:
    """Show the parts of a text, what was sought among them as a mark."""
    return format_html_join("", "{}", ((_mark(text) if is_hit else reveal(text),) for text, is_hit in parts))


@register.simple_tag
def changed_line(line: Line) -> SafeString:
    """Show a line of a difference; what changed in it stands in <ins> or <del>, which are drawn by more than colour."""
    tag = {"added": "ins", "deleted": "del"}.get(line.kind)
    parts = ((_changed(tag, text) if tag and is_changed else reveal(text),) for text, is_changed in line.parts)
    shown = format_html_join("", "{}", parts)
    if not line.left_out:
        return shown
    more = ngettext("… and %(number)d more character", "… and %(number)d more characters", line.left_out)
    return format_html('{}<em class="small">{}</em>', shown, more % {"number": line.left_out})


def _changed(tag: str, text: str) -> SafeString:
    return format_html("<{0}>{1}</{0}>", SafeString(tag), reveal(text))


def _mark(text: str) -> SafeString:
    return format_html("<mark>{}</mark>", reveal(text))


@register.filter
def passage_name(field: str) -> str:
    """Return what the place of a found word is called."""
    return str(PASSAGE_NAMES.get(field, field))


@register.simple_tag
def person(who: Person) -> SafeString:
    """Show a maintainer's name with the address behind it; the address is text, so that no page is a list of mail links."""
    if not who.email:
        return reveal(who.name)
    return format_html(
        '<span class="person">{} <span class="address">&lt;{}&gt;</span></span>', reveal(who.name), reveal(who.email)
    )


@register.simple_tag
def relations(members: Iterable[Relation], providers: Mapping[str, str]) -> SafeString:
    """Show a relation field. What a recipe here builds (`providers`: name → recipe) leads to it, all else to Debian's archive."""
    items = format_html_join("", "<li>{}</li>", ((_alternatives(relation, providers),) for relation in members))
    return format_html('<ul class="relations">{}</ul>', items)


def _alternatives(relation: Relation, providers: Mapping[str, str]) -> SafeString:
    if not relation.alternatives:
        return reveal(relation.text)
    return format_html_join(_OR, "{}", ((_term(term, providers),) for term in relation.alternatives))


def _term(term: RelationTerm, providers: Mapping[str, str]) -> SafeString:
    recipe = providers.get(term.name)
    if recipe:
        name = format_html('<a href="{}">{}</a>', reverse("recipe", args=[recipe]), reveal(term.name))
    elif PACKAGE_NAME.fullmatch(term.name):
        address = f"https://packages.debian.org/{term.name}"
        name = format_html('<a class="elsewhere" href="{}" rel="{}">{}</a>', address, REL, term.name)
    else:
        name = reveal(term.name)
    condition = _condition(term)
    return format_html('{}<span class="condition">{}</span>', name, reveal(condition)) if condition else name


def _condition(term: RelationTerm) -> str:
    """Return what stands behind the name, as debian/control writes it."""
    parts = [f":{term.qualifier}" if term.qualifier else ""]
    if term.operator:
        parts.append(f" ({term.operator} {term.version})")
    if term.architectures:
        parts.append(f" [{' '.join(term.architectures)}]")
    if term.profiles:
        parts.append(f" {term.profiles}")
    return "".join(parts)
