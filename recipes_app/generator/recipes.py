"""The rows of one recipe: what publishing, lint and the gates would have written for it, push by push."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from random import Random
from typing import Any

from ..formats.findings import Finding
from ..formats.metadata import RecipeMetadata
from ..formats.recipe import parse_recipe
from ..lint.protocol.profile import NAME, apply_profile
from ..lint.protocol.report import Hint, HintSeverity, in_order, verdict
from ..lint.source.lintian import TOOL
from ..models import (
    BinaryPackage,
    CoMaintainer,
    Hold,
    Keyword,
    LintHint,
    LintJob,
    PackageRelation,
    QueueEntry,
    Recipe,
    Revision,
    SearchDocument,
    SuiteBranch,
)
from ..search.index import document_of, keywords_of, vocabulary_of
from ..services.audit.audit import EventKind
from ..services.publishing.projection import binaries_of, columns_of, relations_of
from . import community
from .drafts import Draft, draft_recipe
from .plan import Plan
from .repositories import write_repository
from .rows import Rows, add
from .tables import LINTIAN_VERSION, TAGS

_ORPHANS = 0.08
_ADOPTED = 0.04
_HELD = 0.01
_QUARANTINED = 0.002
_TEAMS = 0.06
# A hint that is overridden says why, as reviewers ask for.
_OVERRIDDEN = 0.04
_HOLD_REASON = "the recipe was adopted a short while ago: pushes of a new owner are looked at"
_QUARANTINE_REASON = "generated: reported as malicious, under investigation"


@dataclass(frozen=True)
class LogLine:
    """A line of the public log; the chain is made when all lines are there."""

    at: datetime
    kind: EventKind
    actor: str
    recipe: str
    account: str
    public: dict[str, Any]


@dataclass
class Part:
    """What some recipes bring: their rows, the lines of the log, and the words for the corrector."""

    rows: Rows = field(default_factory=dict)
    log: list[LogLine] = field(default_factory=list)
    vocabulary: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class _Made:
    """A recipe while its rows are written."""

    plan: Plan
    place: int
    draft: Draft
    commits: Sequence[str]
    metadata: Sequence[RecipeMetadata]
    findings: tuple[Finding, ...]
    random: Random
    part: Part

    @property
    def id(self) -> int:
        """The recipe's id."""
        return self.place + 1

    @property
    def maintainer(self) -> int:
        """The id of the account that pushed it first."""
        return self.plan.maintainers[self.place] + 1

    @property
    def username(self) -> str:
        """The name of the account that pushed it first."""
        return self.plan.usernames[self.maintainer - 1]

    def revision_id(self, number: int) -> int:
        """The id of the revision `number`, counted from the oldest."""
        return self.plan.first_revisions[self.place] + number


def write_part(plan: Plan, places: Sequence[int]) -> Part:
    """Return the rows of the recipes at `places` of `plan`; the repositories of sampled ones are made in the store."""
    part = Part()
    for place in places:
        _write_recipe(plan, place, part)
    return part


def metadata_of(draft: Draft) -> tuple[list[RecipeMetadata], tuple[Finding, ...]]:
    """Return what the parser reads from each revision of `draft`, the oldest first, and the findings, which all of them share.

    The files are parsed once: older revisions differ by the changelog alone. Raises ValueError where the draft is no recipe.
    """
    newest = len(draft.entries) - 1
    parsed = parse_recipe(draft.tree(newest), expected_name=draft.name)
    if parsed.metadata is None or parsed.errors:
        raise ValueError(f"{draft.name}: {'; '.join(map(str, parsed.errors))}")
    said = parsed.metadata
    history = [
        replace(
            said,
            version=entry.version,
            changelog=replace(
                said.changelog, version=entry.version, date=entry.pushed_at.isoformat(), changes=f"  * {entry.changes}"
            ),
        )
        for entry in draft.entries
    ]
    return history, parsed.findings


def _write_recipe(plan: Plan, place: int, part: Part) -> None:
    random = plan.random(place)
    draft = draft_recipe(plan, place, random)
    metadata, findings = metadata_of(draft)
    commits = [f"{random.getrandbits(160):040x}" for _ in draft.entries]
    if place in plan.sampled:
        commits = write_repository(draft, plan.usernames[plan.maintainers[place]])
    made = _Made(plan, place, draft, commits, metadata, findings, random, part)
    held = len(draft.entries) > 1 and random.random() < _HELD
    current = len(draft.entries) - (2 if held else 1)
    lint_states = [_write_revision(made, number, held=number > current) for number in range(len(draft.entries))]
    if held:
        _write_hold(made)
    said = metadata[current]
    columns = {**columns_of(said), "model_class": said.model_class, "lint_state": lint_states[current]}
    columns |= {"updated_at": draft.entries[current].pushed_at, "current_id": made.revision_id(current)}
    columns |= _ownership(made) | _quarantine(made)
    columns |= community.write(plan, place, made.revision_id(current), random, part.rows)
    add(
        part.rows, Recipe, id=made.id, name=draft.name, storage_name=draft.name, submitter_name=made.username,
        created_at=draft.entries[0].pushed_at, **columns,
    )  # fmt: skip
    add(part.rows, SuiteBranch, recipe_id=made.id, name="main", revision_id=made.revision_id(current))
    _write_projection(made, said)


def _write_projection(made: _Made, said: RecipeMetadata) -> None:
    """Write what `services.publishing.projection` keeps beside the recipe."""
    rows = made.part.rows
    for name, values in binaries_of(said).items():
        add(rows, BinaryPackage, recipe_id=made.id, name=name, **values)
    for binary, kind, target, text in sorted(relations_of(said)):
        add(rows, PackageRelation, recipe_id=made.id, binary=binary, kind=kind, target=target, text=text)
    recipe = Recipe(pk=made.id, name=made.draft.name)
    document = document_of(recipe, said)
    add(
        rows, SearchDocument, recipe_id=made.id,
        names=document.names, topics=document.topics, body=document.body, tags=document.tags,
    )  # fmt: skip
    for word in keywords_of(recipe, said):
        add(rows, Keyword, recipe_id=made.id, word=word)
    made.part.vocabulary |= vocabulary_of(recipe, said)


def _write_revision(made: _Made, number: int, *, held: bool) -> str:
    """Write a revision with its lint job; return the job's state."""
    entry = made.draft.entries[number]
    add(
        made.part.rows, Revision, id=made.revision_id(number), recipe_id=made.id, commit=made.commits[number],
        version=entry.version, pushed_at=entry.pushed_at, pusher_id=made.maintainer, pusher_name=made.username,
        metadata=made.metadata[number], findings=[finding.to_json() for finding in made.findings],
        review=Revision.Review.HELD.value if held else Revision.Review.PUBLISHED.value,
    )  # fmt: skip
    hints = _hints(made)
    state = verdict(hints).value
    started = entry.pushed_at + timedelta(seconds=made.random.randint(2, 90))
    finished = started + timedelta(milliseconds=made.random.randint(900, 9_000))
    add(
        made.part.rows, LintJob, id=made.revision_id(number), revision_id=made.revision_id(number), state=state, attempts=1,
        tool=TOOL, tool_version=LINTIAN_VERSION, profile=NAME, queued_at=entry.pushed_at, started_at=started,
        heartbeat_at=finished, finished_at=finished, gates_asked_at=finished,
        duration_ms=int((finished - started).total_seconds() * 1000),
    )  # fmt: skip
    for position, hint in enumerate(hints):
        add(
            made.part.rows, LintHint, job_id=made.revision_id(number), position=position, severity=hint.severity.value,
            tag=hint.tag, package=hint.package, context=hint.context, path=hint.path, line=hint.line,
            overridden=hint.overridden, justification=hint.justification, reason=hint.reason,
        )  # fmt: skip
    return state


def _hints(made: _Made) -> tuple[Hint, ...]:
    """Return what lintian says of a revision, in a report's order: each tag as often as the archive has it."""
    random = made.random
    found = []
    for shape in TAGS:
        if random.random() >= shape.share:
            continue
        overridden = random.random() < _OVERRIDDEN
        found += [
            Hint(
                severity=HintSeverity(shape.severity), tag=shape.tag, package=f"src:{made.draft.name}", context=shape.context,
                path=shape.path, line=random.randint(1, 120) if shape.path else None, overridden=overridden,
                justification="upstream ships it so" if overridden else "",
            )
            for _ in range(random.randint(1, shape.most))
        ]  # fmt: skip
    return in_order(list(apply_profile(found)))


def _write_hold(made: _Made) -> None:
    """Let the newest revision wait for a reviewer, as `services.gates.holds` does."""
    newest = len(made.draft.entries) - 1
    entry = made.draft.entries[newest]
    add(
        made.part.rows, Hold, id=made.id, revision_id=made.revision_id(newest), reasons=[_HOLD_REASON], created_at=entry.pushed_at
    )
    add(
        made.part.rows, QueueEntry, kind=QueueEntry.Kind.HOLD, subject_id=made.id, recipe_id=made.id, account_id=made.maintainer,
        summary=f"{made.draft.name} {entry.version}: {_HOLD_REASON}"[:300], created_at=entry.pushed_at,
    )  # fmt: skip
    facts = {"commit": made.commits[newest], "version": entry.version, "reasons": [_HOLD_REASON]}
    made.part.log.append(LogLine(entry.pushed_at, EventKind.REVISION_HELD, "", made.draft.name, made.username, facts))


def _ownership(made: _Made) -> dict[str, Any]:
    """Return who maintains the recipe, and write what the log says of it and who helps."""
    name, created = made.draft.name, made.draft.entries[0].pushed_at
    made.part.log.append(LogLine(created, EventKind.RECIPE_CREATED, made.username, name, "", {}))
    columns: dict[str, Any] = {"maintainer_id": made.maintainer, "maintainer_since": created}
    chance = made.random.random()
    changed = made.plan.wish.until - (made.plan.wish.until - created) * made.random.random()
    if chance < _ORPHANS + _ADOPTED:
        columns |= {"ownership_changed_at": changed, "previous_maintainer_name": made.username}
        columns |= {"maintainer_id": None, "maintainer_since": None}
        facts: dict[str, Any] = {"from": made.username, "to": None}
        made.part.log.append(LogLine(changed, EventKind.OWNER_DISOWNED, made.username, name, "", facts))
    if _ORPHANS <= chance < _ORPHANS + _ADOPTED:
        owner = made.random.randrange(made.plan.wish.users)
        adopted = made.plan.wish.until - (made.plan.wish.until - changed) * made.random.random()
        columns |= {"maintainer_id": owner + 1, "maintainer_since": adopted}
        columns |= {"ownership_changed_at": adopted, "adopted_at": adopted}
        username = made.plan.usernames[owner]
        facts = {"from": None, "to": username}
        made.part.log.append(LogLine(adopted, EventKind.OWNER_ADOPTED, username, name, username, facts))
    if made.random.random() < _TEAMS:
        others = set(made.random.choices(range(1, made.plan.wish.users + 1), k=made.random.randint(1, 3)))
        for position, member in enumerate(sorted(others - {columns["maintainer_id"]})):
            add(made.part.rows, CoMaintainer, recipe_id=made.id, user_id=member, position=position, since=changed)
    return columns


def _quarantine(made: _Made) -> dict[str, Any]:
    if made.random.random() >= _QUARANTINED:
        return {}
    at = made.draft.entries[-1].pushed_at
    facts = {"reason": _QUARANTINE_REASON}
    made.part.log.append(LogLine(at, EventKind.RECIPE_QUARANTINED, "", made.draft.name, made.username, facts))
    return {"quarantined_at": at, "quarantine_reason": _QUARANTINE_REASON}
