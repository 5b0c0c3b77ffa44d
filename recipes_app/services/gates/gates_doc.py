"""docs/gates.md, made from the table of the gates, so that it says what the site does."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from recipes_app.limits import DELAY_HOURS, LARGE_REACH, MEDIUM_REACH, REQUIRED_BY_WEIGHT, SAMPLED_PERCENT, SMALL_REACH

from .gate_table import (
    CLASSES,
    DECISION_WORDS,
    FACTS,
    INCIDENT_WORDS,
    OBSERVED_AT_HOME,
    SETTLED_WORDS,
    TABLE,
    TRUST,
    TRUST_WORDS,
    Decision,
    Incident,
    Reach,
    Trust,
)

_WIDTH = 130


def text() -> str:
    """Return the whole page, as Markdown."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield "# What makes a revision wait"
    yield ""
    yield "Made from `recipes_app/services/gates/gate_table.py` by `manage.py gates_doc`; do not edit it."
    yield ""
    yield from _paragraph(
        "A pushed revision is compared with the last published one. Each change has a class by what it can do on a "
        "user's machine. The class, the trust of the account in this recipe and the reach of the recipe decide together; "
        "facts about the account and the push can make it stricter. The strictest decision counts, and every reason is "
        "shown word by word."
    )
    yield ""
    for decision in Decision:
        yield f"- **{decision}**: {DECISION_WORDS[decision]}"
    yield ""
    yield from _classes()
    yield from _levels()
    yield from _table()
    yield from _facts()
    yield from _incidents()
    yield from _settings()


def _classes() -> Iterator[str]:
    yield "## Classes of change"
    yield ""
    yield "| id | what it is |"
    yield "|---|---|"
    for gate in CLASSES:
        yield f"| `{gate.id}` | {gate.about} |"
    yield ""


def _levels() -> Iterator[str]:
    yield "## Trust and reach"
    yield ""
    yield "Trust belongs to an account in one recipe, and is earned there by published revisions:"
    yield ""
    for trust in Trust:
        yield f"- **{trust}**: {TRUST_WORDS[trust]}"
    yield ""
    yield from _paragraph(
        f"{SETTLED_WORDS} A reviewer's or moderator's rank counts as established, but for `root` in recipes of others."
    )
    yield ""
    hours = ", ".join(f"{DELAY_HOURS[reach]} hours ({reach})" for reach in Reach)
    yield from _paragraph(
        f"Reach is votes and followers, and {REQUIRED_BY_WEIGHT} for each recipe that needs this one: small from {SMALL_REACH} "
        f"on, medium from {MEDIUM_REACH}, large from {LARGE_REACH}. A delay takes {hours}."
    )
    yield ""


def _table() -> Iterator[str]:
    yield "## The table"
    yield ""
    yield "A cell has the decision for the reach none, small, medium and large, or one where they are the same."
    yield ""
    yield "| | " + " | ".join(f"`{gate.id}`" for gate in CLASSES) + " |"
    yield "|---|" + "---|" * len(CLASSES)
    for trust in Trust:
        cells = (TABLE[trust][gate.id] for gate in CLASSES)
        yield f"| **{trust}** | " + " | ".join(_cell(cell) for cell in cells) + " |"
    yield ""


def _cell(decisions: tuple[Decision, ...]) -> str:
    return str(decisions[0]) if len(set(decisions)) == 1 else ", ".join(decisions)


def _facts() -> Iterator[str]:
    yield "## Facts"
    yield ""
    yield "| id | decision | when |"
    yield "|---|---|---|"
    for gate in FACTS:
        yield f"| `{gate.id}` | {gate.decision} | {gate.about} |"
    yield ""
    yield from _paragraph(
        f"Of a thousand plain bumps {round(10 * SAMPLED_PERCENT)} are chosen by lot (`REVIEW_SAMPLE_PERCENT`). The lot "
        "follows from a secret of the site and from upstream's files, so nobody who pushes knows it, and another commit does "
        "not change it."
    )
    yield ""


def _incidents() -> Iterator[str]:
    yield "## Incident level"
    yield ""
    yield "Moderators set it, with words that every page shows. Until it is normal again, no delay ends by itself."
    yield ""
    for level in Incident:
        yield f"- **{level}**: {INCIDENT_WORDS[level]}"
    yield ""


def _settings() -> Iterator[str]:
    yield "## Settings"
    yield ""
    home = ", ".join(f"`{gate}`" for gate in OBSERVED_AT_HOME)
    yield from _paragraph(
        "`REVIEW_GATES` in the environment: `enforce` (the default), `observe`, or `ID=MODE` with commas between. A mode is "
        "`enforce` (what stands here), `delay` or `hold` (always that), `observe` (say it, and let the revision pass) or `off`. "
        f"`{TRUST.id}=observe` treats every account as established and says what its trust would have led to. "
        f"`./dev run` observes {home}, since on one's own machine everything is young; `REVIEW_GATES=enforce ./dev run` "
        "behaves as a production site."
    )


def _paragraph(words: str) -> Iterator[str]:
    yield from textwrap.wrap(words, _WIDTH, break_long_words=False, break_on_hyphens=False)
