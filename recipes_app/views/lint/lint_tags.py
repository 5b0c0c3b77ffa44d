"""The pages of lint's tags: all of them with their counts, and one with its explanation and the recipes that draw it."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from recipes_app.limits import PAGE_SIZE, TAGS_PAGE_SIZE
from recipes_app.lint.protocol.report import HintSeverity
from recipes_app.services.lint import tags


@require_safe
def tag_list(request: HttpRequest) -> HttpResponse:
    """List the tags: `q` are parts of the name, with `drawn` only those that recipes draw now. Three queries."""
    words = request.GET.get("q", "").strip()
    severity = request.GET.get("severity", "")
    drawn_only = "drawn" in request.GET
    lines = tags.list_tags(severity=severity if severity in set(HintSeverity) else "", words=words, drawn_only=drawn_only)
    by_number = request.GET.get("sort") == "recipes"
    if by_number:
        lines.sort(key=lambda line: (-line.recipes, line.tag))
    context = {
        "page": Paginator(lines, TAGS_PAGE_SIZE).get_page(request.GET.get("page")),
        "words": words,
        "severity": severity,
        "severities": list(HintSeverity),
        "drawn_only": drawn_only,
        "by_number": by_number,
    }
    return render(request, "lint/tags.html", context)


@require_safe
def tag_page(request: HttpRequest, tag: str) -> HttpResponse:
    """Explain the tag and list the recipes that draw it. Six queries. A name that the tag had before leads on."""
    try:
        found = tags.get_tag(tag)
    except tags.UnknownTag as error:
        if error.renamed_to:
            return redirect("lint_tag", error.renamed_to)
        raise Http404(_("No check of this site has the tag %(tag)s, and no report names it.") % {"tag": tag}) from error
    page = Paginator(tags.recipes_with(tag), PAGE_SIZE).get_page(request.GET.get("page"))
    return render(request, "lint/tag.html", {"line": found.line, "explained": found.explained, "page": page})
