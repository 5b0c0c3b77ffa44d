"""lintian's explanations of its tags, kept for each version that a report came from."""

from __future__ import annotations

import html
import logging
import re

import nh3
from celery import current_app
from django.core.cache import cache
from django.db import transaction

from recipes_app.lint.build import trial_build
from recipes_app.lint.protocol.build_tags import TAGS
from recipes_app.lint.protocol.report import HintSeverity
from recipes_app.lint.source import shellcheck
from recipes_app.lint.source.shellcheck_tags import shellcheck_tag
from recipes_app.models import LintTag

from ..core import sending

logger = logging.getLogger(__name__)

_MARKUP = {"a", "b", "br", "code", "em", "i", "li", "ol", "p", "pre", "strong", "ul"}
_ATTRIBUTES = {"a": {"href"}}
# Asking once in this time is enough, however many reports of a new version come in.
_ASK_SECONDS = 300
_MAX_TAGS = 10_000
_MAX_EXPLANATION = 20_000
_MAX_CITATIONS = 20
# lintian cites as Markdown: [title](URL) and <URL>.
_TITLED_LINK = re.compile(r"\[([^\]]*)\]\(([^)\s]*)\)")
_BARE_LINK = re.compile(r"<(https?://[^>\s]*)>")


def ask_where_unknown(tool: str, version: str) -> None:
    """Ask a runner for its explanations where none are kept of this version, once the transaction is committed."""
    if LintTag.objects.filter(tool=tool, tool_version=version).exists():
        return
    if cache.add(f"explanations-asked:{tool}:{version}", value=True, timeout=_ASK_SECONDS):
        transaction.on_commit(_ask, robust=True)


def _ask() -> None:
    sending.later("lint.explain", lambda: current_app.send_task("lint.explain", queue="lint", retry=False))


def import_catalogue(catalogue: object) -> int:
    """Keep the tags of a runner's catalogue (see `lint.source.lintian.parse_explanations`); return how many. Idempotent.

    The runner is not trusted: an entry of another shape is left out and logged, the HTML is cleaned, texts are bounded.
    """
    if not isinstance(catalogue, dict) or not isinstance(catalogue.get("tags"), list):
        logger.error("a catalogue of explanations is of an unknown shape and was left out")
        return 0
    tool, version = str(catalogue.get("tool", ""))[:40], str(catalogue.get("tool_version", ""))[:40]
    rows = [row for entry in catalogue["tags"][:_MAX_TAGS] if (row := _row(tool, version, entry)) is not None]
    with transaction.atomic():
        LintTag.objects.bulk_create(
            {row.tag: row for row in rows}.values(),
            batch_size=500,
            update_conflicts=True,
            unique_fields=["tool", "tool_version", "tag"],
            update_fields=["severity", "explanation", "see_also", "experimental", "check_name", "show_always", "renamed_from"],
        )
    return len(rows)


def of_own(tag: str) -> LintTag | None:
    """Return what the portal itself says of `tag`, as a row that is stored nowhere; None where it says nothing.

    Those are the tags of the stage of trial builds, and shellcheck's codes.
    """
    known = TAGS.get(tag) or shellcheck_tag(tag)
    if known is None:
        return None
    return LintTag(
        tool=origin_of(tag),
        tag=known.tag,
        severity=known.severity,
        explanation=explanation_html(known.text),
        see_also=list(known.see_also),
    )


def origin_of(tag: str) -> str:
    """Return which tool of the portal says `tag`; empty where it is none of those that the portal explains itself."""
    if tag in TAGS:
        return trial_build.ORIGIN
    return shellcheck.TOOL if shellcheck_tag(tag) else ""


def _row(tool: str, version: str, entry: object) -> LintTag | None:
    match entry:
        case {
            "tag": str(tag),
            "severity": str(severity),
            "explanation": str(explanation),
            "see_also": list(see_also),
            "experimental": bool(experimental),
            "check": str(check),
            "show_always": bool(show_always),
            "renamed_from": list(renamed_from),
        } if severity in set(HintSeverity) and len(tag) <= 120:
            return LintTag(
                tool=tool,
                tool_version=version,
                tag=tag,
                severity=severity,
                explanation=explanation_html(explanation[:_MAX_EXPLANATION]),
                see_also=[citation(str(each)) for each in see_also[:_MAX_CITATIONS]],
                experimental=experimental,
                check_name=check[:120],
                show_always=show_always,
                renamed_from=[str(each)[:120] for each in renamed_from[:_MAX_CITATIONS]],
            )
        case _:
            logger.error("an explanation is of an unknown shape and was left out: %.200r", entry)
            return None


def explanation_html(text: str) -> str:
    """Return lintian's explanation as clean HTML: empty lines part paragraphs, and an indented one is verbatim."""
    paragraphs = []
    for paragraph in re.split(r"\n\s*\n", text.strip("\n")):
        if paragraph.startswith((" ", "\t")):
            paragraphs.append(f"<pre>{paragraph}</pre>")
        else:
            paragraphs.append(f"<p>{paragraph}</p>")
    return nh3.clean("\n".join(paragraphs), tags=_MARKUP, attributes=_ATTRIBUTES, url_schemes={"http", "https", "mailto"})


def citation(markdown: str) -> str:
    """Return one of lintian's references as plain text with its address at the end, so that a page can make it a link."""
    text = html.unescape(markdown)[:1000]
    addresses = [match[2] for match in _TITLED_LINK.finditer(text)]
    text = _BARE_LINK.sub(r"\1", _TITLED_LINK.sub(r"\1", text)).strip()
    return f"{text}: {' '.join(addresses)}" if addresses else text
