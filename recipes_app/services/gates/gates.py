"""Gates: what makes a pushed revision wait. What each class of change and each fact leads to stands in `gate_table`, as data.

A gate that is observed says what it would have done; one that is off is not asked: settings.REVIEW_GATES.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property

from django.conf import settings
from django.utils.crypto import salted_hmac

from recipes_app.formats.effects import Change, Effect
from recipes_app.formats.metadata import RecipeMetadata
from recipes_app.limits import DELAY_HOURS, MAX_REASONS, NEW_OWNER_DAYS, NEWCOMER_DAYS, YOUNG_ACCOUNT_DAYS
from recipes_app.lint.inspection import Comparison
from recipes_app.models import Hold, Rank, Recipe, Revision, Staging, User

from ..catalogue import names
from . import incident, provenance, trust
from .gate_table import BUMP, GATES, TRUST, UNCONFIRMED, Decision, Incident, Mode, Reach, Trust, decide
from .provenance import Provenance
from .trust import Standing

_SAMPLE_STEPS = 1_000_000


@dataclass(frozen=True)
class Pushed:
    """What the gates look at: the revision as pushed, not recorded yet, and the published one that it would follow, if any.

    `pusher` is None where the account is gone. `comparison` is what changed and what the recipe checks found; it is None where
    there was no time to look. `old` is the published revision's row.
    """

    recipe: Recipe
    pusher: User | None
    pushed_at: datetime
    metadata: RecipeMetadata
    old_metadata: RecipeMetadata | None
    provenance: Provenance = field(default_factory=Provenance)
    old: Revision | None = None
    comparison: Comparison | None = None

    @cached_property
    def is_bump(self) -> bool:
        """Whether nothing but changelog, version and checksums of the same origin changed. What nobody compared is none."""
        return self.comparison is not None and self.comparison.is_bump

    @cached_property
    def changes(self) -> tuple[Change, ...]:
        """Every change, those of the provenance too."""
        compared = self.comparison.changes if self.comparison else ()
        return (*compared, *provenance.changes(self.old, self.provenance))

    @cached_property
    def trust(self) -> tuple[Standing, Standing]:
        """The pusher's trust, and that for changes of root."""
        return trust.of_pusher(self.pusher, self.recipe, self.pushed_at, self.provenance)

    @cached_property
    def reach(self) -> Reach:
        """How many people the recipe reaches."""
        return trust.reach_of(self.recipe)


@dataclass(frozen=True)
class Verdict:
    """What one gate says: a decision, the reason word by word, and whether it is only written down."""

    gate: str
    decision: Decision
    reason: str
    observed: bool = False


@dataclass(frozen=True)
class Examination:
    """The reasons that hold a revision, those that delay it by `hours`, and those of gates that are only observed.

    `gates` are the ids of the gates that hold or delay.
    """

    held: tuple[str, ...] = ()
    observed: tuple[str, ...] = ()
    delayed: tuple[str, ...] = ()
    hours: int = 0
    gates: tuple[str, ...] = ()

    def __add__(self, other: Examination) -> Examination:
        """Return the reasons of both, each once."""
        return Examination(
            tuple(dict.fromkeys(self.held + other.held)),
            tuple(dict.fromkeys(self.observed + other.observed)),
            tuple(dict.fromkeys(self.delayed + other.delayed)),
            max(self.hours, other.hours),
            tuple(dict.fromkeys(self.gates + other.gates)),
        )

    @property
    def stops(self) -> bool:
        """Whether the revision does not become current at once."""
        return bool(self.held or self.delayed)


def examine(pushed: Pushed) -> Examination:
    """Ask every gate that is not off."""
    verdicts = [*_by_table(pushed), *_by_facts(pushed)]
    stopping = [each for each in verdicts if not each.observed]
    return Examination(
        held=_reasons(stopping, Decision.HOLD),
        observed=_first(f"{each.decision}: {each.reason}" for each in verdicts if each.observed),
        delayed=_reasons(stopping, Decision.DELAY),
        hours=DELAY_HOURS[pushed.reach] if any(each.decision is Decision.DELAY for each in stopping) else 0,
        gates=tuple(dict.fromkeys(each.gate for each in stopping)),
    )


def mode_of(gate: str) -> Mode:
    """Return the mode of a gate, by settings.REVIEW_GATES."""
    return Mode(settings.REVIEW_GATES.get(gate, Mode.ENFORCE))


def set_by_mode(gate: str, decision: Decision, reason: str) -> Iterator[Verdict]:
    """Yield what a gate that says `decision` leads to by its mode; nothing where it is off or lets the revision pass."""
    mode = mode_of(gate)
    if mode is Mode.OFF or decision is Decision.PUBLISH:
        return
    if mode in (Mode.DELAY, Mode.HOLD):
        decision = Decision(mode.value)
    yield Verdict(gate, decision, reason, observed=mode is Mode.OBSERVE)


def _by_table(pushed: Pushed) -> Iterator[Verdict]:
    """Yield what the table says of each change. Where trust is observed, everybody counts as established."""
    sides = [(UNCONFIRMED if _has_new_files(pushed) else BUMP, _bump_words(pushed))] if pushed.is_bump else []
    sides += [(change.effect.value, change.what) for change in pushed.changes if not pushed.is_bump or _counts_in_bump(change)]
    trust_mode = mode_of(TRUST.id)
    for what, words in sides:
        standing = pushed.trust[what == Effect.ROOT]
        real = decide(standing.level, what, pushed.reach)
        reason = f"{words.rstrip('.')} ({what}; {standing.why})"
        if trust_mode in (Mode.OBSERVE, Mode.OFF):
            lenient = _without_trust(standing.level, what, pushed.reach)
            yield from set_by_mode(what, lenient, reason)
            if trust_mode is Mode.OBSERVE and real.rank > lenient.rank and mode_of(what) is not Mode.OFF:
                yield Verdict(what, real, reason, observed=True)
        else:
            yield from set_by_mode(what, real, reason)


def _has_new_files(pushed: Pushed) -> bool:
    """Return whether a bump fetches other bytes than the revision before it; nobody can have confirmed them at the push."""
    old = {fetch.sha256 for fetch in pushed.old_metadata.fetches} if pushed.old_metadata else set()
    return not {fetch.sha256 for fetch in pushed.metadata.fetches} <= old


def passes_confirmed(revision: Revision) -> bool:
    """Return whether a plain bump, whose files somebody has confirmed now, would have been published at its push."""
    came_by = Provenance.from_json(revision.came_by)
    standing, _ = trust.of_pusher(revision.pusher, revision.recipe, revision.pushed_at, came_by)
    return decide(standing.level, BUMP, trust.reach_of(revision.recipe)) is Decision.PUBLISH


def _counts_in_bump(change: Change) -> bool:
    """Return whether a change counts beside the bump that it belongs to: how it came, and a weaker class."""
    return change.effect in (Effect.IDENTITY, Effect.CLASS)


def _without_trust(level: Trust, what: str, reach: Reach) -> Decision:
    """Return what the table holds whoever pushes; what it delays is a matter of trust and time."""
    found = Decision.PUBLISH if level is Trust.FIRST else decide(Trust.ESTABLISHED, what, reach)
    return found if found is Decision.HOLD else Decision.PUBLISH


def _bump_words(pushed: Pushed) -> str:
    old = pushed.old_metadata.version if pushed.old_metadata else ""
    return f"A plain bump from {old} to {pushed.metadata.version}: nothing but changelog, version and checksums changed."


def _by_facts(pushed: Pushed) -> Iterator[Verdict]:
    for name, fact in FACTS.items():
        for reason in fact(pushed) if mode_of(name) is not Mode.OFF else ():
            yield from set_by_mode(name, GATES[name].decision or Decision.HOLD, reason)


def gone_account(pushed: Pushed) -> Iterator[str]:
    """Nobody is there to answer for it."""
    if pushed.pusher is None:
        yield "the account that pushed this is gone"


def young_account(pushed: Pushed) -> Iterator[str]:
    """An account that is younger than YOUNG_ACCOUNT_DAYS, unless the push is a plain bump."""
    user = pushed.pusher
    if user is None or user.rank != Rank.USER or pushed.is_bump:
        return
    if pushed.pushed_at - user.date_joined < timedelta(days=YOUNG_ACCOUNT_DAYS):
        yield f"the account {user.username} is younger than {YOUNG_ACCOUNT_DAYS} days"


def newcomer(pushed: Pushed) -> Iterator[str]:
    """A new recipe of an account of which nothing was ever published, in its first NEWCOMER_DAYS."""
    user = pushed.pusher
    if user is None or user.rank != Rank.USER or pushed.trust[0].level is not Trust.FIRST:
        return
    if pushed.pushed_at - user.date_joined >= timedelta(days=NEWCOMER_DAYS):
        return
    if not Revision.objects.filter(pusher=user, review=Revision.Review.PUBLISHED).exists():
        yield f"nothing of the account {user.username}, which is younger than {NEWCOMER_DAYS} days, was published before"


def new_owner(pushed: Pushed) -> Iterator[str]:
    """Whoever came to a recipe with a change of hands, or after it, less than NEW_OWNER_DAYS after that change."""
    changed, user = pushed.recipe.ownership_changed_at, pushed.pusher
    if changed is None or user is None or user.rank != Rank.USER or pushed.is_bump:
        return
    if pushed.pushed_at - changed < timedelta(days=NEW_OWNER_DAYS) and trust.joined_with_owner(user, pushed.recipe):
        yield (
            f"this recipe changed hands on {changed:%Y-%m-%d}, less than {NEW_OWNER_DAYS} days ago, and {user.username} "
            "came to it then or later"
        )


def name_likeness(pushed: Pushed) -> Iterator[str]:
    """A new recipe whose name may be taken for another's, here or in Debian."""
    if pushed.trust[0].level is Trust.FIRST:
        for reason in names.reasons_for_review(pushed.recipe.name):
            yield f"the name {pushed.recipe.name} {reason}"


def not_looked_at(pushed: Pushed) -> Iterator[str]:
    """What was not looked at in time waits for somebody who does."""
    if pushed.comparison is None:
        yield "the recipe checks could not look at it in time"


def same_version(pushed: Pushed) -> Iterator[str]:
    """Other content under a version that people have already: nobody who has it would ever hear of it."""
    if pushed.old_metadata is None or pushed.old_metadata.version != pushed.metadata.version:
        return
    if pushed.comparison is not None and not pushed.comparison.is_same:
        yield f"its content differs from that of the published revision, and both are called {pushed.metadata.version}"


def sampled(pushed: Pushed) -> Iterator[str]:
    """A share of plain bumps. The lot follows from the site's secret and upstream's files: a new commit draws no new one."""
    if not pushed.is_bump or (pushed.pusher is not None and pushed.pusher.rank != Rank.USER):
        return
    if _a_sample_waits(pushed.recipe):
        yield "a plain bump before it was chosen to be looked at, and waits"
    elif _draw(pushed) < settings.REVIEW_SAMPLE_PERCENT * _SAMPLE_STEPS / 100:
        yield "this plain bump was chosen by lot to be looked at"


def _a_sample_waits(recipe: Recipe) -> bool:
    waiting = Hold.objects.filter(revision__recipe=recipe, revision__review=Revision.Review.HELD, decided_at=None)
    return any("sampled" in gates for gates in waiting.values_list("gates", flat=True))


def _draw(pushed: Pushed) -> int:
    """Return the lot of a bump, from 0 up to _SAMPLE_STEPS."""
    files = sorted(fetch.sha256 for fetch in pushed.metadata.fetches)
    what = "\0".join([str(pushed.recipe.pk), *(files or [pushed.metadata.version])])
    digest = salted_hmac("recipes_app.services.gates.gates.sampled", what, algorithm="sha256").digest()
    return int.from_bytes(digest[:8], "big") % _SAMPLE_STEPS


def staging(pushed: Pushed) -> Iterator[str]:
    """What a token pushed to a recipe with staging."""
    if pushed.provenance.is_by_token and wants_staging(pushed.recipe, pushed.reach):
        yield "it was pushed by a token: a member of the team approves it on the site"


def wants_staging(recipe: Recipe, reach: Reach) -> bool:
    """Return whether what a token pushes to `recipe` waits: by its switch, or by its reach where that is left to the site."""
    return recipe.staging == Staging.ON or (recipe.staging == Staging.DEFAULT and reach is Reach.LARGE)


def alarm(pushed: Pushed) -> Iterator[str]:
    """What the site's incident level holds."""
    level = incident.level()
    if level is Incident.SIEGE:
        yield "the site's incident level is siege: every revision waits"
    elif level is Incident.RAISED:
        standing = pushed.trust[0]
        if standing.level.rank < Trust.EARNED.rank:
            yield f"the site's incident level is raised: what accounts without earned trust push waits ({standing.why})"
        for effect in (Effect.ROOT, Effect.ORIGIN):
            if not pushed.is_bump and any(change.effect is effect for change in pushed.changes):
                yield f"the site's incident level is raised: every change of {effect.value} waits"


# `security-findings` is asked by `lint_gates`, which has modes of its own; `contradicted` when a report comes (`report_gates`).
FACTS = {
    "gone-account": gone_account,
    "young-account": young_account,
    "newcomer": newcomer,
    "new-owner": new_owner,
    "name-likeness": name_likeness,
    "not-looked-at": not_looked_at,
    "same-version": same_version,
    "sampled": sampled,
    "staging": staging,
    "incident": alarm,
}


def _reasons(verdicts: Iterable[Verdict], decision: Decision) -> tuple[str, ...]:
    return _first(each.reason for each in verdicts if each.decision is decision)


def _first(reasons: Iterable[str]) -> tuple[str, ...]:
    every = tuple(dict.fromkeys(reasons))
    more = (f"and {len(every) - MAX_REASONS} more: what changed has them all",) if len(every) > MAX_REASONS else ()
    return every[:MAX_REASONS] + more
