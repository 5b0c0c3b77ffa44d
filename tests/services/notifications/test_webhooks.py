"""Webhooks: who may have which, and that each act tells the hooks that want to hear of it, with its own commit."""

from __future__ import annotations

import pytest
from django.db import transaction
from kombu.exceptions import OperationalError

from recipes_app.limits import (
    MAX_WEBHOOK_URL,
    MAX_WEBHOOKS,
    WEBHOOK_ASKED_PER_ACCOUNT,
    WEBHOOK_ASKED_PER_HOOK,
    WEBHOOK_ASKED_SECONDS,
)
from recipes_app.models import Flag, LintJob, LintPriority, LintState, OwnershipRequest, Revision, WebhookDelivery
from recipes_app.services.community import comments
from recipes_app.services.core import task_queue
from recipes_app.services.core.errors import Refused, TooOften
from recipes_app.services.core.event_kinds import EventKind
from recipes_app.services.core.permissions import PermissionDenied
from recipes_app.services.gates import gate_table
from recipes_app.services.lint import jobs
from recipes_app.services.moderation import flags, quarantine, requests
from recipes_app.services.notifications import webhooks
from recipes_app.services.ownership import ownership
from tests.factories import make_recipe, make_user, publish_recipe, recipe_tree

pytestmark = pytest.mark.django_db
URL = "https://hooks.example.org/in"


@pytest.fixture
def ada():
    return make_user("ada")


@pytest.fixture
def recipe(ada):
    return make_recipe(maintainer=ada)


@pytest.fixture
def hook(ada, recipe):
    return webhooks.add(ada, recipe, URL, webhooks.EVENTS)


def told():
    return list(WebhookDelivery.objects.order_by("pk").values_list("event", flat=True))


def data():
    return WebhookDelivery.objects.latest("pk").payload["data"]


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://hooks.example.org/in", "https"),
        ("ftp://hooks.example.org/in", "https"),
        ("https://", "https"),
        ("hooks.example.org", "https"),
        ("https://ada:secret@hooks.example.org/", "user name"),
        ("https://hooks.example.org/#top", "#"),
        ("https://hooks.example.org:0/", "https"),
        ("https://hooks.example.org:99999/", "cannot be read"),
        ("https://[::1/", "cannot be read"),
        ("https://hooks.example.org/a b", "blanks"),
        ("https://hooks.example.org/\r\nX: y", "blanks"),
        ("https://höoks.example.org/", "xn--"),
        ("https://127.0.0.1/", "no public address"),
        ("https://[::ffff:10.0.0.1]/", "no public address"),
        ("https://169.254.169.254/latest/", "no public address"),
        (f"https://hooks.example.org/{'a' * MAX_WEBHOOK_URL}", "characters"),
    ],
)
def test_an_address_that_no_message_may_go_to_is_refused(ada, recipe, url, words):
    with pytest.raises(Refused, match=words) as refusal:
        webhooks.add(ada, recipe, url, [webhooks.COMMENTED])
    assert refusal.value.field == "url"
    assert not recipe.webhooks.exists()


def test_an_operator_can_allow_a_network_of_his_own(ada, recipe, settings):
    settings.WEBHOOK_NETWORKS = ["10.0.0.0/8"]
    for url in ("http://10.1.2.3:8080/in", "https://10.1.2.3/in"):
        assert webhooks.add(ada, recipe, url, [webhooks.COMMENTED]).url == url
    for url in ("http://192.168.0.1/in", "https://192.168.0.1/in", "http://8.8.8.8/in"):
        with pytest.raises(Refused):
            webhooks.add(ada, recipe, url, [webhooks.COMMENTED])


@pytest.mark.parametrize("events", [[], ["comment.added", "tea.ready"], ["webhook.ping"], ["account.frozen"]])
def test_a_hook_hears_of_events_that_there_are(ada, recipe, events):
    with pytest.raises(Refused) as refusal:
        webhooks.add(ada, recipe, URL, events)
    assert refusal.value.field == "events"


def test_a_recipe_has_so_many_hooks_and_no_more(ada, recipe):
    for _ in range(MAX_WEBHOOKS):
        hook = webhooks.add(ada, recipe, URL, [webhooks.COMMENTED])
    with pytest.raises(Refused, match="which is the most"):
        webhooks.add(ada, recipe, URL, [webhooks.COMMENTED])
    webhooks.end(ada, hook)
    webhooks.add(ada, recipe, URL, [webhooks.COMMENTED])


def test_each_hook_has_a_secret_of_its_own(ada, recipe):
    secrets = {webhooks.add(ada, recipe, URL, [webhooks.COMMENTED]).secret for _ in range(3)}
    assert len(secrets) == 3
    assert all(secret.startswith("whsec_") and len(secret) > 40 for secret in secrets)


def test_others_see_no_hook(recipe, hook):
    with pytest.raises(PermissionDenied):
        webhooks.of_recipe(make_user("bob"), recipe)
    with pytest.raises(PermissionDenied):
        webhooks.log_of(make_user("eve"), hook)


def test_a_comment_is_told_without_its_words(recipe, hook):
    comment = comments.add(make_user("bob"), recipe, "what can be hidden later")
    assert told() == ["comment.added"]
    assert data()["url"].endswith(f"/recipes/hello-dur/comments/{comment.pk}/")
    assert data()["actor"] == "bob"
    assert "hidden" not in str(WebhookDelivery.objects.get().payload)


def test_a_flag_and_what_the_log_says_are_told(ada, recipe, hook):
    bob = make_user("bob")
    flag = flags.raise_flag(bob, recipe, Flag.Kind.OUT_OF_DATE, flags.FlagText("2.0 is out"))
    flags.close(ada, flag, resolved=True, decision="done")
    requests.file(bob, recipe, OwnershipRequest.Kind.DELETION, "nobody needs it")
    ownership.disown(ada, recipe)
    assert told() == ["flag.raised", "flag.decided", "request.filed", "owner.disowned"]
    assert data()["recipe"] == "hello-dur"


def test_a_quarantine_is_told(recipe, hook, settings):
    settings.STAFF_NEEDS_SECOND_FACTOR = False
    quarantine.quarantine(make_user("mira", rank="moderator"), recipe, "it calls home")
    assert told() == ["recipe.quarantined"]
    assert data()["reason"] == "it calls home"


def test_pushes_are_told(ada, settings, tmp_path):
    settings.REPOSITORY_ROOT = tmp_path / "repos"
    settings.REVIEW_GATES = {**settings.REVIEW_GATES, "young-account": "enforce"}
    recipe = publish_recipe(recipe_tree(), ada)
    webhooks.add(ada, recipe, URL, webhooks.EVENTS)
    recipe = publish_recipe(recipe_tree(version="1.1-1"), ada)
    assert told() == ["revision.held"]
    settings.REVIEW_GATES = dict.fromkeys(gate_table.GATES, "off")
    recipe = publish_recipe(recipe_tree(version="1.2-1"), ada)
    assert told() == ["revision.held", "revision.published"]
    assert data()["version"] == "1.2-1"
    assert data()["commit"] == recipe.current.commit


def test_the_end_of_lint_is_told_once_and_a_relint_of_everything_is_not(ada, settings, tmp_path):
    settings.REPOSITORY_ROOT = tmp_path / "repos"
    settings.REVIEW_GATES = dict.fromkeys(gate_table.GATES, "off")
    recipe = publish_recipe(recipe_tree(), ada)
    webhooks.add(ada, recipe, URL, [webhooks.LINTED])
    first, second = LintJob.objects.order_by("pk")
    jobs.record_error(first.pk, "the tool broke")
    assert told() == []
    jobs.record_error(second.pk, "the tool broke")
    assert told() == ["lint.finished"]
    assert data()["state"] == LintState.ERROR
    LintJob.objects.filter(pk=second.pk).update(state=LintState.QUEUED, priority=LintPriority.RELINT)
    jobs.record_error(second.pk, "the tool broke")
    assert told() == ["lint.finished"]
    assert Revision.objects.get().get_absolute_url() in data()["url"]


def test_only_what_was_chosen_is_told(ada, recipe):
    webhooks.add(ada, recipe, URL, [webhooks.FLAGGED])
    webhooks.add(ada, make_recipe("other", ada), URL, webhooks.EVENTS)
    comments.add(ada, recipe, "a word")
    assert told() == []


def test_an_act_that_fails_tells_nothing(recipe, hook):
    with transaction.atomic():
        comments.add(make_user("bob"), recipe, "a word")
        transaction.set_rollback(True)
    assert told() == []


@pytest.mark.parametrize(("hooks", "queries"), [(0, 1), (3, 2)])
def test_telling_takes_one_query_and_another_where_somebody_hears(
    ada, recipe, hooks, queries, django_assert_num_queries, django_capture_on_commit_callbacks
):
    for _ in range(hooks):
        webhooks.add(ada, recipe, URL, [webhooks.COMMENTED])
    with django_capture_on_commit_callbacks() as sent, django_assert_num_queries(queries):
        webhooks.emit(recipe, webhooks.COMMENTED, {})
    assert len(sent) == hooks


def test_a_broker_that_is_down_fails_no_act(recipe, hook, monkeypatch, django_capture_on_commit_callbacks):
    def down(*_arguments, **_options):
        raise OperationalError("connection refused")

    monkeypatch.setattr(task_queue.current_app, "send_task", down)
    with django_capture_on_commit_callbacks(execute=True):
        comments.add(make_user("bob"), recipe, "a word")
    assert told() == ["comment.added"]


def test_acts_on_a_hook_that_make_no_sense_are_refused(ada, hook):
    with pytest.raises(Refused, match="not paused"):
        webhooks.resume(ada, hook)
    row = webhooks.ping(ada, hook)
    with pytest.raises(Refused, match="still waits"):
        webhooks.redeliver(ada, row)


def test_the_events_are_the_logs_about_recipes_and_four_more():
    kinds = {kind.value for kind in EventKind}
    assert kinds - set(webhooks.EVENTS) == {
        "account.frozen", "account.thawed", "account.ranked", "account.deleted", "name-rule.changed", "switch.turned",
        "recipe.created",
    }  # fmt: skip
    assert len(set(webhooks.EVENTS)) == len(webhooks.EVENTS)
    assert max(map(len, webhooks.EVENTS)) <= WebhookDelivery._meta.get_field("event").max_length


def test_pings_of_one_hook_are_limited(ada, recipe, hook):
    for _ in range(WEBHOOK_ASKED_PER_HOOK):
        sent = webhooks.ping(ada, hook)
    with pytest.raises(TooOften, match="in an hour") as refusal:
        webhooks.ping(ada, hook)
    assert 0 < refusal.value.wait <= WEBHOOK_ASKED_SECONDS
    assert len(told()) == WEBHOOK_ASKED_PER_HOOK
    WebhookDelivery.objects.update(state=WebhookDelivery.State.FAILED, finished_at=sent.next_attempt_at)
    with pytest.raises(TooOften):
        webhooks.redeliver(ada, WebhookDelivery.objects.latest("pk"))


def test_pings_of_one_account_are_limited_whatever_hooks_it_makes(ada, recipe):
    for _ in range(WEBHOOK_ASKED_PER_ACCOUNT):
        hook = webhooks.add(ada, recipe, URL, [webhooks.COMMENTED])
        webhooks.ping(ada, hook)
        webhooks.end(ada, hook)
    hook = webhooks.add(ada, recipe, URL, [webhooks.COMMENTED])
    with pytest.raises(TooOften):
        webhooks.ping(ada, hook)
