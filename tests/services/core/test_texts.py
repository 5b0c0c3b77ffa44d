"""What people write is kept whole, or refused with the number, wherever it is written."""

import pytest
from django.utils import timezone

from recipes_app.limits import MAX_EVIDENCE_LENGTH, MAX_TEXT_LENGTH
from recipes_app.models import Flag, NameRule, OwnershipRequest, QueueEntry, Rank, Report, Switch
from recipes_app.services.accounts import profiles, ssh_keys
from recipes_app.services.audit import moderation_queue
from recipes_app.services.community import comments
from recipes_app.services.core import texts
from recipes_app.services.core.errors import Refused
from recipes_app.services.gates import incident
from recipes_app.services.gates.gate_table import Incident
from recipes_app.services.moderation import (
    flags,
    lifecycle,
    news,
    quarantine,
    reports,
    requests,
    sanctions,
    site,
)
from recipes_app.services.moderation.flags import FlagText
from tests.factories import make_recipe, make_user

pytestmark = pytest.mark.django_db
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHhDPRBIzMlUM5ho7ZPCqfrtNzVqjb0YVYLjkO3n5pmd"


class World:
    """A recipe, its maintainer, a reader and an administrator, with one of each thing that is answered or decided."""

    def __init__(self):
        self.ada, self.bob = make_user("ada"), make_user("bob")
        self.boss = make_user("boss", rank=Rank.ADMINISTRATOR)
        self.recipe = make_recipe(maintainer=self.ada)
        self.flag = flags.raise_flag(self.bob, self.recipe, Flag.Kind.BROKEN, FlagText("broken"))
        self.request = requests.file(self.bob, self.recipe, OwnershipRequest.Kind.ORPHAN, "gone")
        self.report = reports.file(self.bob, Report.Kind.SPAM, reports.Subject(recipe=self.recipe), "spam")


# Each by its name: the most that fits, the field that the refusal names, and the act with the text.
ACTS = {
    "flag": (MAX_TEXT_LENGTH, "text", lambda w, x: flags.raise_flag(w.bob, w.recipe, Flag.Kind.OUT_OF_DATE, FlagText(x))),
    "evidence": (
        MAX_EVIDENCE_LENGTH, "evidence", lambda w, x: flags.raise_flag(w.bob, w.recipe, Flag.Kind.OUT_OF_DATE, FlagText("x", x)),
    ),
    "subject": (
        200, "subject", lambda w, x: flags.raise_flag(w.bob, w.recipe, Flag.Kind.OUT_OF_DATE, FlagText("x", subject=x)),
    ),
    "answer": (MAX_TEXT_LENGTH, "text", lambda w, x: flags.answer(w.ada, w.flag, x)),
    "end of a flag": (MAX_TEXT_LENGTH, "decision", lambda w, x: flags.close(w.ada, w.flag, resolved=True, decision=x)),
    "request": (MAX_TEXT_LENGTH, "text", lambda w, x: requests.file(w.ada, w.recipe, OwnershipRequest.Kind.DELETION, x)),
    "objection": (MAX_TEXT_LENGTH, "text", lambda w, x: requests.object_to(w.ada, w.request, x)),
    "decided request": (MAX_TEXT_LENGTH, "reason", lambda w, x: requests.decide(w.boss, w.request, accept=False, reason=x)),
    "report": (
        MAX_TEXT_LENGTH, "text", lambda w, x: reports.file(w.ada, Report.Kind.ABUSE, reports.Subject(account=w.bob), x),
    ),
    "decided report": (MAX_TEXT_LENGTH, "decision", lambda w, x: reports.decide(w.boss, w.report, uphold=True, decision=x)),
    "switch": (300, "message", lambda w, x: site.turn(w.boss, Switch.Name.ADOPTION, off=True, message=x)),
    "name rule": (300, "reason", lambda w, x: site.add_name_rule(w.boss, "linux-*", NameRule.Effect.REFUSE, x)),
    "title of news": (120, "title", lambda w, x: news.publish(w.boss, x, "text")),
    "text of news": (4_000, "text", lambda w, x: news.publish(w.boss, "title", x)),
    "quarantine": (MAX_TEXT_LENGTH, "reason", lambda w, x: quarantine.quarantine(w.boss, w.recipe, x)),
    "freeze": (MAX_TEXT_LENGTH, "reason", lambda w, x: sanctions.freeze(w.boss, w.bob, x)),
    "roll-back": (MAX_TEXT_LENGTH, "reason", lambda w, x: sanctions.roll_back(w.boss, w.bob, timezone.now(), x)),
    "deletion": (MAX_TEXT_LENGTH, "reason", lambda w, x: lifecycle.delete(w.boss, w.recipe, x)),
    "incident": (500, "words", lambda w, x: incident.set_level(w.boss, Incident.RAISED, x)),
    "profile": (2_000, "about", lambda w, x: profiles.update(w.ada, profiles.Profile(about=x))),
    "name of a key": (80, "name", lambda w, x: ssh_keys.add(w.ada, x, KEY)),
    "comment": (MAX_TEXT_LENGTH, "text", lambda w, x: comments.add(w.bob, w.recipe, x)),
}  # fmt: skip


@pytest.fixture
def world(settings):
    settings.STAFF_NEEDS_SECOND_FACTOR = False
    return World()


@pytest.mark.parametrize("name", ACTS)
def test_text_that_is_too_long_is_refused_with_the_number(world, name):
    most, field, act = ACTS[name]
    with pytest.raises(Refused) as refused:
        act(world, "x" * (most + 1))
    assert (refused.value.code, refused.value.field) == ("too-long", field)
    assert f"at most {most} characters" in str(refused.value)
    assert f"has {most + 1}" in str(refused.value)


@pytest.mark.parametrize("name", ACTS)
def test_longest_text_is_taken(world, name):
    most, _field, act = ACTS[name]
    act(world, "x" * most)


@pytest.mark.parametrize(("name", "row", "column"), [
    ("answer", "flag", "answer"), ("end of a flag", "flag", "decision"), ("objection", "request", "decision"),
    ("decided request", "request", "decision"), ("decided report", "report", "decision"),
])  # fmt: skip
def test_answer_is_kept_whole(world, name, row, column):
    most, _field, act = ACTS[name]
    act(world, "x" * most)
    kept = getattr(world, row)
    kept.refresh_from_db()
    assert getattr(kept, column) == "x" * most


def test_white_space_around_does_not_count():
    assert texts.checked(f"  {'x' * 10}\n", "text", most=10) == "x" * 10


def test_summary_in_the_queue_says_that_it_is_cut(world):
    entry = moderation_queue.open_entry(QueueEntry.Kind.NAME, 1, recipe=None, account=world.bob, summary="x" * 301)
    assert (len(entry.summary), entry.summary[-2:]) == (300, "x…")
