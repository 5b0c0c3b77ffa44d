"""The queue: who sees what of it, filters, pages, claims; and how much it costs when ten thousand things wait."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from recipes_app.limits import PAGE_SIZE
from recipes_app.models import QueueEntry, Rank, Recipe, User
from recipes_app.services.audit import moderation_queue
from tests.factories import make_recipe, make_user

pytestmark = pytest.mark.django_db
Kind = QueueEntry.Kind
MANY = 10_000


@pytest.fixture(autouse=True)
def no_second_factor(settings):
    settings.STAFF_NEEDS_SECOND_FACTOR = False


@pytest.fixture
def moderator(client):
    user = make_user("mod", rank=Rank.MODERATOR)
    client.force_login(user)
    return user


def wait(number, kind=Kind.FLAG, *, age=0, **columns):
    """Let something wait that is `age` days old."""
    return QueueEntry.objects.create(
        kind=kind, subject_id=number, summary=f"thing-{number}.", created_at=timezone.now() - timedelta(days=age), **columns
    )


def shown(client, **narrowed):
    return client.get(reverse("moderation"), narrowed).content.decode()


def test_visitor_signs_in_first(client):
    assert client.get(reverse("moderation"))["Location"].startswith("/accounts/login/")


def test_ordinary_account_is_refused(client):
    client.force_login(make_user("grace"))
    answer = client.get(reverse("moderation"))
    assert answer.status_code == 403
    assert "it takes the role" in answer.content.decode()


def test_moderator_without_a_second_factor_is_told_so(client, moderator, settings):
    settings.STAFF_NEEDS_SECOND_FACTOR = True
    answer = client.get(reverse("moderation"))
    assert answer.status_code == 403
    assert "set up a second factor first" in answer.content.decode()


def test_oldest_waits_first(client, moderator):
    wait(1, age=1)
    wait(2, age=5)
    page = shown(client)
    assert page.index("thing-2.") < page.index("thing-1.")


def test_closed_entry_is_gone(client, moderator):
    wait(1)
    moderation_queue.close_entry(Kind.FLAG, 1)
    assert "thing-1." not in shown(client)


def test_reviewer_sees_held_revisions_and_nothing_else(client):
    client.force_login(make_user("trusty", rank=Rank.TRUSTED))
    hold, report = wait(1, Kind.HOLD), wait(2, Kind.REPORT)
    page = shown(client)
    assert "thing-1." in page
    assert "thing-2." not in page
    assert client.get(reverse("queue_entry", args=[report.pk])).status_code == 403
    assert client.post(reverse("claim_entry", args=[report.pk])).status_code == 403
    client.post(reverse("claim_entry", args=[hold.pk]))
    hold.refresh_from_db()
    assert hold.claimed_by.username == "trusty"


@pytest.mark.parametrize(
    ("narrowed", "found"),
    [
        ({"kind": "hold"}, {2}),
        ({"recipe": "hello-dur"}, {1}),
        ({"account": "grace"}, {3}),
        ({"mine": "on"}, {4}),
        ({"kind": "hold", "account": "grace"}, set()),
        ({}, {1, 2, 3, 4}),
    ],
)
def test_filters(client, moderator, narrowed, found):
    wait(1, recipe=make_recipe())
    wait(2, Kind.HOLD)
    wait(3, account=make_user("grace"))
    wait(4, claimed_by=moderator)
    page = shown(client, **narrowed)
    assert {number for number in range(1, 5) if f"thing-{number}." in page} == found


def test_filter_that_is_none_is_said(client, moderator):
    assert client.get(reverse("moderation"), {"kind": "nonsense"}).status_code == 400


def test_pages_show_everything_once_even_at_the_same_moment(client, moderator):
    moment = timezone.now()
    total = 2 * PAGE_SIZE + 3
    QueueEntry.objects.bulk_create(
        QueueEntry(kind=Kind.FLAG, subject_id=number, summary=f"thing-{number}.", created_at=moment) for number in range(total)
    )
    seen, after = [], ""
    while after is not None:
        page = client.get(reverse("moderation"), {"after": after}).context["queue_page"]
        seen += [entry.subject_id for entry in page.entries]
        after = page.next_after
    assert seen == list(range(total))


@pytest.mark.parametrize("after", ["x", "-1", "9" * 300, "123456"])
def test_place_that_is_none_shows_the_first_page(client, moderator, after):
    wait(1)
    assert "thing-1." in shown(client, after=after)


def test_claim_is_shown_and_given_back(client, moderator):
    entry = wait(1, Kind.NAME, recipe=make_recipe())
    address = reverse("claim_entry", args=[entry.pk])
    assert "You have claimed it." in client.post(address, follow=True).content.decode()
    assert "claimed by mod" in shown(client)
    client.post(address, {"act": "unclaim"})
    entry.refresh_from_db()
    assert entry.claimed_by is None


def test_claimed_entry_is_not_taken_away(client, moderator):
    other = make_user("other", rank=Rank.MODERATOR)
    entry = wait(1, Kind.NAME, recipe=make_recipe(), claimed_by=other)
    page = client.post(reverse("claim_entry", args=[entry.pk]), follow=True).content.decode()
    assert "another moderator has claimed this entry" in page
    entry.refresh_from_db()
    assert entry.claimed_by == other


@pytest.fixture
def ten_thousand():
    now = timezone.now()
    recipes = Recipe.objects.bulk_create(
        Recipe(name=f"r{number}", storage_name=f"r{number}", submitter_name="x", created_at=now, updated_at=now)
        for number in range(100)
    )
    accounts = User.objects.bulk_create(User(username=f"u{number}", email=f"u{number}@example.org") for number in range(100))
    QueueEntry.objects.bulk_create(
        QueueEntry(
            kind=Kind.values[number % 5], subject_id=number, recipe=recipes[number % 100], account=accounts[number % 97],
            summary=f"thing-{number}.", created_at=now - timedelta(minutes=number),
        )
        for number in range(MANY)
    )  # fmt: skip


@pytest.mark.parametrize("narrowed", [{}, {"kind": "hold"}, {"recipe": "r7"}, {"account": "u3"}, {"mine": "on"}])
def test_ten_thousand_open_entries_take_at_most_twelve_queries(
    client, moderator, ten_thousand, narrowed, django_assert_max_num_queries
):
    with django_assert_max_num_queries(12):
        answer = client.get(reverse("moderation"), narrowed)
    assert sum(answer.context["queue_page"].waiting.values()) == MANY
    assert bool(answer.context["queue_page"].entries) == ("mine" not in narrowed)


def test_entry_can_be_claimed_and_given_back_from_the_list(client, moderator):
    entry = wait(1)
    assert f'action="{reverse("claim_entry", args=[entry.pk])}"' in shown(client)
    moderation_queue.claim(moderator, entry.pk)
    assert 'value="unclaim"' in shown(client)


def test_entry_of_another_is_not_offered(client, moderator):
    wait(1, claimed_by=make_user("other", rank=Rank.MODERATOR))
    assert "claim_entry" not in shown(client)
    assert 'value="claim"' not in shown(client)


def test_keys_are_named_and_can_be_switched_off(client, moderator):
    entry = wait(1, Kind.NAME, recipe=make_recipe())
    page = client.get(reverse("moderation")).content.decode()
    assert 'aria-keyshortcuts="o"' in page
    assert 'aria-keyshortcuts="c"' in page
    assert "keys.js" in page
    User.objects.filter(pk=moderator.pk).update(appearance="keys-off")
    client.cookies["look"] = "keys-off"
    for address in (reverse("moderation"), reverse("queue_entry", args=[entry.pk])):
        page = client.get(address).content.decode()
        assert "aria-keyshortcuts" not in page
        assert "keys.js" not in page
