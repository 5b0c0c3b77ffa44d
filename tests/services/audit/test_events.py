"""One call tells everybody who has to know: log, webhooks, people and the moderators' queue."""

import pytest

from recipes_app.models import Event, Follow, Notification, QueueEntry, WebhookDelivery
from recipes_app.services.audit import events, moderation_queue
from recipes_app.services.core.event_kinds import EventKind
from recipes_app.services.notifications import webhooks
from tests.factories import make_recipe, make_user

pytestmark = pytest.mark.django_db
TOLD = {"kind": Notification.Kind.MODERATION, "text": lambda: "It happened.", "url": "/log/"}


@pytest.fixture
def ada():
    return make_user("ada")


@pytest.fixture
def recipe(ada):
    return make_recipe(maintainer=ada)


def test_log_webhook_follower_and_queue_hear_of_it(recipe, ada):
    bob = make_user("bob")
    Follow.objects.create(user=bob, recipe=recipe)
    webhooks.add(ada, recipe, "https://example.org/hook", [EventKind.RECIPE_QUARANTINED.value])
    entry = moderation_queue.open_entry(QueueEntry.Kind.NAME, recipe.pk, recipe=recipe, account=ada, summary="a name")
    events.publish(
        events.Happened(
            EventKind.RECIPE_QUARANTINED, None, recipe=recipe, public={"reason": "x"}, private={"who": "y"},
            told=events.Told(**TOLD), ends=(QueueEntry.Kind.NAME, recipe.pk),
        )
    )  # fmt: skip
    line = Event.objects.get(kind=EventKind.RECIPE_QUARANTINED)
    entry.refresh_from_db()
    assert (line.public, line.private) == ({"reason": "x"}, {"who": "y"})
    assert WebhookDelivery.objects.get().event == "recipe.quarantined"
    assert set(Notification.objects.values_list("user__username", "text")) == {("ada", "It happened."), ("bob", "It happened.")}
    assert entry.closed_at is not None


def test_only_the_people_named_are_told_and_the_actor_never(recipe, ada):
    bob = make_user("bob")
    told = events.Told(**TOLD, people=[bob, ada, None])
    events.publish(events.Happened(EventKind.FLAG_DECIDED, ada, recipe=recipe, told=told))
    assert list(Notification.objects.values_list("user__username", flat=True)) == ["bob"]


def test_nobody_is_told_where_it_says_so(recipe):
    events.publish(events.Happened(EventKind.RECIPE_RESTORED, None, recipe=recipe))
    assert Event.objects.filter(kind=EventKind.RECIPE_RESTORED).exists()
    assert not Notification.objects.exists()
