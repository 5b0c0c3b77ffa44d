"""Badges: a recipe's version, lint state, class or votes as a small picture, for a README elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from recipes_app.etags import answered, etag_of
from recipes_app.formats.vocabulary import LicenceClass, ModelVerdict
from recipes_app.models import Recipe
from recipes_app.rendering.characters import spell_out

from ..shared.access import recipe_or_404

# A README is read by many: five minutes of a cache spare most of its readers' requests.
_CACHE_CONTROL = "public, max-age=300"
# DejaVu Sans and its like at 11 pixels; the SVG then fits the text to the width in the reader's own font.
_LETTER = 6.6
_MARGIN = 6
_LONGEST = 60
_COLOURS = {"good": "#1a6b3c", "neutral": "#475569", "careful": "#8a4b08", "bad": "#a11d2b"}


@dataclass(frozen=True)
class _Badge:
    label: str
    value: str
    colour: str = "neutral"


def _version(recipe: Recipe) -> _Badge:
    return _Badge("recipe", recipe.version, "careful" if recipe.out_of_date_since else "good")


def _lint(recipe: Recipe) -> _Badge:
    colours = {"passed": "good", "failed": "bad", "error": "careful"}
    return _Badge("lint", recipe.lint_state or "none", colours.get(recipe.lint_state, "neutral"))


def _class(recipe: Recipe) -> _Badge:
    """The model's class where there is a model, else the licence's: the worse news of the two is never left out."""
    if recipe.model_class:
        graded: dict[str, str] = {ModelVerdict.FREE: "good", ModelVerdict.TOXIC_CANDY: "careful", ModelVerdict.NON_FREE: "bad"}
        return _Badge("model", recipe.model_class, graded.get(recipe.model_class, "neutral"))
    colours: dict[str, str] = {LicenceClass.DFSG_FREE: "good", LicenceClass.NONFREE: "bad", LicenceClass.NONFREE_NOREDIST: "bad"}
    return _Badge("licence", recipe.licence_class, colours.get(recipe.licence_class, "neutral"))


def _votes(recipe: Recipe) -> _Badge:
    return _Badge("votes", str(recipe.vote_count))


_KINDS: Mapping[str, Callable[[Recipe], _Badge]] = {"version": _version, "lint": _lint, "class": _class, "votes": _votes}


@require_safe
def badge(request: HttpRequest, name: str, kind: str) -> HttpResponseBase:
    """Draw the badge `kind` of a recipe. At most two queries. Raises Http404."""
    if kind not in _KINDS:
        raise Http404(_("There is no such badge: there are %(kinds)s.") % {"kinds": ", ".join(_KINDS)})
    recipe = recipe_or_404(name)
    made = _Badge(kind, "quarantined", "bad") if recipe.quarantined_at else _KINDS[kind](recipe)
    label, value = spell_out(made.label), spell_out(made.value)[:_LONGEST]
    etag = etag_of(label, value, made.colour)
    answer = answered(request, etag, lambda: _drawn(request, label, value, _COLOURS[made.colour]))
    answer["Cache-Control"] = _CACHE_CONTROL
    return answer


def _drawn(request: HttpRequest, label: str, value: str, colour: str) -> HttpResponse:
    widths = [round(len(text) * _LETTER) + 2 * _MARGIN for text in (label, value)]
    context = {
        "label": label,
        "value": value,
        "colour": colour,
        "label_width": widths[0],
        "value_width": widths[1],
        "width": sum(widths),
        "label_text": widths[0] - 2 * _MARGIN,
        "value_text": widths[1] - 2 * _MARGIN,
        "value_start": widths[0] + _MARGIN,
        "margin": _MARGIN,
    }
    return render(request, "badge.svg", context, content_type="image/svg+xml; charset=utf-8")
