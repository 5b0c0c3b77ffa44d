"""The gates as data: classes of change, levels of trust and reach, what follows from them, and the words for it.

docs/gates.md is made from this module (`manage.py gates_doc`), and a test fails where it is stale. No Django here: the settings
read REVIEW_GATES with `modes`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from recipes_app.formats.effects import Effect
from recipes_app.limits import (
    EARNED_DAYS,
    EARNED_REVISIONS,
    ESTABLISHED_DAYS,
    ESTABLISHED_REVISIONS,
    NEW_OWNER_DAYS,
    NEWCOMER_DAYS,
    SETTLED_DAYS,
    YOUNG_ACCOUNT_DAYS,
)


class Decision(StrEnum):
    """What becomes of a revision. The order is from mild to strict."""

    PUBLISH = "publish"
    DELAY = "delay"
    HOLD = "hold"

    @property
    def rank(self) -> int:
        """How strict it is."""
        return list(Decision).index(self)


class Mode(StrEnum):
    """What a gate does: what the table says, always the same, nothing but say it, or nothing."""

    ENFORCE = "enforce"
    DELAY = "delay"
    HOLD = "hold"
    OBSERVE = "observe"
    OFF = "off"


class Trust(StrEnum):
    """What an account is trusted with in one recipe. FIRST: nothing of the recipe is published yet, by anybody."""

    FIRST = "first"
    NONE = "none"
    NEW = "new"
    EARNED = "earned"
    ESTABLISHED = "established"

    @property
    def rank(self) -> int:
        """How much it is."""
        return list(Trust).index(self)


class Reach(StrEnum):
    """How many people a recipe reaches: its votes, its followers, and the recipes that need it."""

    NONE = "none"
    SMALL = "small"
    MEDIUM = "medium"
    LARGE = "large"


class Incident(StrEnum):
    """How alarmed the whole site is."""

    NORMAL = "normal"
    RAISED = "raised"
    SIEGE = "siege"


# Columns of the table beside the effects: nothing but changelog, version and checksums of the same origin; and the same with new
# files of which nobody but the pusher says yet that they are upstream's.
BUMP = "bump"
UNCONFIRMED = "unconfirmed"

_P, _D, _H = Decision.PUBLISH, Decision.DELAY, Decision.HOLD
# Trust x what changed -> the decision for the reach none, small, medium, large.
TABLE: Mapping[Trust, Mapping[str, tuple[Decision, Decision, Decision, Decision]]] = {
    Trust.FIRST: {
        BUMP: (_P, _P, _P, _P),
        UNCONFIRMED: (_P, _P, _P, _P),
        Effect.INERT: (_P, _P, _P, _P),
        Effect.BUILD: (_P, _P, _P, _P),
        Effect.ROOT: (_H, _H, _H, _H),
        Effect.ORIGIN: (_P, _P, _P, _P),
        Effect.IDENTITY: (_P, _P, _P, _P),
        Effect.CLASS: (_P, _P, _P, _P),
    },
    Trust.NONE: {
        BUMP: (_D, _D, _H, _H),
        UNCONFIRMED: (_H, _H, _H, _H),
        Effect.INERT: (_P, _P, _D, _D),
        Effect.BUILD: (_H, _H, _H, _H),
        Effect.ROOT: (_H, _H, _H, _H),
        Effect.ORIGIN: (_H, _H, _H, _H),
        Effect.IDENTITY: (_D, _D, _H, _H),
        Effect.CLASS: (_D, _D, _H, _H),
    },
    Trust.NEW: {
        BUMP: (_D, _D, _D, _H),
        UNCONFIRMED: (_D, _D, _H, _H),
        Effect.INERT: (_P, _P, _P, _P),
        Effect.BUILD: (_D, _H, _H, _H),
        Effect.ROOT: (_H, _H, _H, _H),
        Effect.ORIGIN: (_H, _H, _H, _H),
        Effect.IDENTITY: (_D, _D, _H, _H),
        Effect.CLASS: (_D, _D, _H, _H),
    },
    Trust.EARNED: {
        BUMP: (_P, _P, _P, _D),
        UNCONFIRMED: (_P, _P, _D, _D),
        Effect.INERT: (_P, _P, _P, _P),
        Effect.BUILD: (_D, _D, _D, _H),
        Effect.ROOT: (_H, _H, _H, _H),
        Effect.ORIGIN: (_H, _H, _H, _H),
        Effect.IDENTITY: (_D, _D, _D, _H),
        Effect.CLASS: (_P, _P, _D, _D),
    },
    Trust.ESTABLISHED: {
        BUMP: (_P, _P, _P, _P),
        UNCONFIRMED: (_P, _P, _P, _D),
        Effect.INERT: (_P, _P, _P, _P),
        # A stolen account is established too, and debian/rules alone is enough for it: somebody has a day to notice. Measured
        # (docs/effects.md): 4.6 % of ordinary bumps change what runs during the build.
        Effect.BUILD: (_D, _D, _D, _D),
        Effect.ROOT: (_H, _H, _H, _H),
        Effect.ORIGIN: (_H, _H, _H, _H),
        Effect.IDENTITY: (_P, _D, _D, _H),
        Effect.CLASS: (_P, _P, _D, _D),
    },
}


@dataclass(frozen=True)
class Gate:
    """A gate: its id, what it decides by itself (None: the table does), and what it is about in words."""

    id: str
    decision: Decision | None
    about: str


# What the classes of change are called; each is a gate whose decision stands in the table.
CLASSES: tuple[Gate, ...] = (
    Gate(BUMP, None, "nothing but the changelog, the version and the checksums of files from the same origin changed"),
    Gate(
        UNCONFIRMED, None,
        "a plain bump with new files that nobody else (upstream's signature, a registry, Debian) has confirmed yet; it passes "
        "as `bump` when a runner's report confirms all of them",
    ),
    Gate(Effect.INERT, None, "changelog, descriptions, white space: nothing that runs"),
    Gate(Effect.BUILD, None, "what runs during the build, and every file of an unknown kind"),
    Gate(Effect.ROOT, None, "what runs, or is installed, with root's rights on the user's machine"),
    Gate(Effect.ORIGIN, None, "where upstream's bytes come from, or other bytes at an unchanged address"),
    Gate(Effect.IDENTITY, None, "how the push came: a signature, a second factor or a kind of credential that is missing now"),
    Gate(Effect.CLASS, None, "a weaker class of a licence or of a model"),
)  # fmt: skip
# Facts about the account, the time and the push.
FACTS: tuple[Gate, ...] = (
    Gate("gone-account", _H, "the account that pushed is gone"),
    Gate("young-account", _H, f"the account is younger than {YOUNG_ACCOUNT_DAYS} days, and this is no plain bump"),
    Gate(
        "newcomer", _H,
        f"nothing of the account was ever published, it is younger than {NEWCOMER_DAYS} days, and this is a new recipe",
    ),
    Gate(
        "new-owner", _H,
        f"the recipe changed hands less than {NEW_OWNER_DAYS} days ago, the account came to it then or later, by whatever way, "
        "and this is no plain bump",
    ),
    Gate("name-likeness", _H, "the name of a new recipe is much like a known one, or a rule wants it to be looked at"),
    Gate("not-looked-at", _H, "the recipe checks could not look at the revision in time"),
    Gate("security-findings", _H, "the recipe checks found something that harms a machine (LINT_GATES says which findings)"),
    Gate("contradicted", _H, "upstream's signature, a registry or Debian says other bytes than the recipe pins"),
    Gate("same-version", _H, "other content under the version of the published revision"),
    Gate("sampled", _H, "a plain bump that was chosen by lot to be looked at, or one behind it"),
    Gate("staging", _H, "pushed by a token to a recipe with staging: a member of its team approves it on the site"),
    Gate("incident", _H, "the site's incident level is raised or siege"),
)  # fmt: skip
# Whether trust counts at all: observed, every account is treated as established, and what would have been is said.
TRUST = Gate("trust", None, "what the account's trust in the recipe makes of the table")
GATES: Mapping[str, Gate] = {gate.id: gate for gate in (*CLASSES, *FACTS, TRUST)}
# What `./dev run` observes: on one's own machine everybody and everything is young.
OBSERVED_AT_HOME = (
    TRUST.id, "young-account", "newcomer", "new-owner", "name-likeness", "sampled", Effect.IDENTITY.value,
)  # fmt: skip

TRUST_WORDS: Mapping[Trust, str] = {
    Trust.FIRST: "nothing of this recipe is published yet",
    Trust.NONE: "nothing of the account's is published in this recipe since it, or what protects it, was new",
    Trust.NEW: f"fewer than {EARNED_REVISIONS} revisions of the account are published here, or over less than {EARNED_DAYS} days",
    Trust.EARNED: f"at least {EARNED_REVISIONS} published revisions over {EARNED_DAYS} days",
    Trust.ESTABLISHED: f"at least {ESTABLISHED_REVISIONS} published revisions over {ESTABLISHED_DAYS} days",
}
DECISION_WORDS: Mapping[Decision, str] = {
    Decision.PUBLISH: "People get it at once.",
    Decision.DELAY: "It becomes current by itself after some hours, unless a reviewer or a member of the team stops it; a "
    "reviewer, or a second member of the team, can release it early.",
    Decision.HOLD: "It waits for a trusted reviewer.",
}
INCIDENT_WORDS: Mapping[Incident, str] = {
    Incident.NORMAL: "The table below decides.",
    Incident.RAISED: "What accounts without earned trust push, every change of root and origin, and every adoption waits for a "
    "reviewer. Plain bumps of accounts with earned trust go on.",
    Incident.SIEGE: "Every revision and every adoption waits for a reviewer.",
}
SETTLED_WORDS = (
    f"A new SSH key, token, second factor or address, and a password that was reset, puts trust back to none for {SETTLED_DAYS} "
    "days, and until one revision that came after it (with it, for a key or token) is published. What an account published "
    "before it joined the team, or before the recipe changed hands and it came with the new owner, does not count."
)


def decide(trust: Trust, what: str, reach: Reach) -> Decision:
    """Return what the table says of a change of the class `what`."""
    return TABLE[trust][what][list(Reach).index(reach)]


class BadGates(ValueError):
    """REVIEW_GATES cannot be read; the text says what is wrong with it."""


def modes(text: str, default: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the mode of each gate that REVIEW_GATES names; `default` is what an empty text means.

    `enforce` or `observe` alone is for every gate; `id=mode`, with commas between, changes what `default` says. Raises BadGates.
    """
    words = [word.strip() for word in text.split(",") if word.strip()]
    if not words:
        return dict(default or {})
    if words in (["enforce"], ["observe"]):
        return {} if words == ["enforce"] else dict.fromkeys(GATES, Mode.OBSERVE.value)
    result = dict(default or {})
    for word in words:
        gate, _, mode = word.partition("=")
        if gate not in GATES or mode not in set(Mode):
            raise BadGates(
                f"REVIEW_GATES: {word!r} is no gate: `enforce`, `observe` or ID={'|'.join(Mode)} was expected, with an ID of "
                f"{', '.join(GATES)}"
            )
        result[gate] = mode
    return result


def at_home() -> dict[str, str]:
    """Return the modes of `./dev run`."""
    return {str(gate): Mode.OBSERVE.value for gate in OBSERVED_AT_HOME}
