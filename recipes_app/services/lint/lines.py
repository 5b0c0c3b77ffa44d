"""Findings of lint at their lines: for the pages that show a file, and what changed in one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from django.db.models import F, FilteredRelation, Q

from recipes_app.limits import MAX_HINTS_AT_LINES
from recipes_app.models import LintHint, LintJob, Revision

from .reading import comparable_key, counting, surplus
from .stages import standing

_FIELDS = ("severity", "tag", "package", "context", "path", "line")


def at_lines(revision: Revision, path: str) -> dict[int, list[LintHint]]:
    """Return the findings of the reports that stand for `revision` in the file `path`, by line. One query.

    What has no line stands at 0. Overridden and experimental hints, mere facts and what does not count are left out.
    """
    found = _standing_hints([revision], Q(hints__path=path))
    return _by_line(hint for hints in found[revision.pk].values() for hint in hints)


def new_at_lines(old: Revision, new: Revision) -> dict[str, dict[int, list[LintHint]]]:
    """Return, by path and line, the findings of `new` that `old` has not. One query.

    Only reports that can be compared are: a stage whose tool or profile is another one says nothing about the recipe's change.
    """
    found = _standing_hints([old, new], ~Q(hints__path=""))
    by_path: dict[str, list[LintHint]] = defaultdict(list)
    for key, hints in found[new.pk].items():
        if key in found[old.pk]:
            for hint in surplus(hints, found[old.pk][key]):
                by_path[hint.path].append(hint)
    return {path: _by_line(hints) for path, hints in by_path.items()}


def _standing_hints(revisions: Iterable[Revision], where: Q) -> dict[int, dict[tuple[str, ...], list[LintHint]]]:
    """Return the hints that count and fit `where`, by revision and by what makes their report comparable. One query."""
    ids = [revision.pk for revision in revisions]
    here = FilteredRelation("hints", condition=where & counting("hints__"))
    columns = {f"here_{name}": F(f"here__{name}") for name in _FIELDS}
    rows = LintJob.objects.filter(revision__in=ids).defer("log", "effects", "error").annotate(here=here, **columns)
    # A job without a hint has a row, too: it may be the one that stands.
    jobs = list(rows.order_by("-id", "here__position")[: MAX_HINTS_AT_LINES * len(ids)])
    found: dict[int, dict[tuple[str, ...], list[LintHint]]] = {}
    for pk in ids:
        own = [job for job in jobs if job.revision_id == pk]
        stands = {job.pk for job in standing(own)}
        reports = found.setdefault(pk, {})
        for job in own:
            if job.pk in stands and job.finished_at is not None:
                hints = reports.setdefault(comparable_key(job), [])
                values = {name: getattr(job, f"here_{name}") for name in _FIELDS}
                if values["tag"] is not None:
                    hints.append(LintHint(job_id=job.pk, **values))
    return found


def _by_line(hints: Iterable[LintHint]) -> dict[int, list[LintHint]]:
    found: dict[int, list[LintHint]] = defaultdict(list)
    for hint in hints:
        found[hint.line or 0].append(hint)
    return dict(found)
