"""The pages of webhooks."""

from __future__ import annotations

import pytest
from django.urls import reverse

from recipes_app.models import Webhook, WebhookDelivery
from recipes_app.services.notifications import webhook_delivery, webhooks
from tests.factories import make_recipe, make_user
from tests.servers.receiver import says

pytestmark = pytest.mark.django_db
URL = "https://hooks.example.org/in"


@pytest.fixture
def ada():
    return make_user("ada")


@pytest.fixture
def recipe(ada):
    return make_recipe(maintainer=ada)


@pytest.fixture
def here(recipe):
    return reverse("webhooks", args=[recipe.name])


@pytest.fixture
def signed_in(client, ada):
    client.force_login(ada)
    return client


def page(answer):
    return answer.content.decode()


def test_the_team_page_leads_to_the_hooks_for_who_may_have_some(signed_in, recipe, here):
    team = reverse("team", args=[recipe.name])
    assert f'href="{here}"' in page(signed_in.get(team))
    signed_in.force_login(make_user("bob"))
    assert here not in page(signed_in.get(team))
    assert signed_in.get(here).status_code == 403


def test_a_visitor_signs_in_first(client, here):
    assert client.get(here).status_code == 302


def test_a_hook_is_added_and_its_secret_shown_on_this_one_answer(signed_in, here):
    answer = signed_in.post(here, {"url": URL, "events": ["comment.added"]})
    secret = Webhook.objects.get().secret
    assert answer.status_code == 201
    assert secret in page(answer)
    assert "no-store" in answer["Cache-Control"]
    again = page(signed_in.get(here))
    assert URL in again
    assert secret not in again


def test_what_is_refused_is_said_at_the_field(signed_in, here):
    answer = signed_in.post(here, {"url": "https://10.0.0.1/", "events": ["comment.added"]})
    assert answer.status_code == 400
    assert "no public address" in page(answer)
    assert 'value="https://10.0.0.1/"' in page(answer)


def test_a_hook_is_tried_out_looked_at_and_told_again(signed_in, ada, recipe, receiver):
    hook = webhooks.add(ada, recipe, receiver.url, ["comment.added"])
    one = reverse("webhook", args=[recipe.name, hook.pk])
    assert "Nothing yet" in page(signed_in.get(one))
    receiver.answers = [says(200, b"<b>taken\x1b</b>")]
    signed_in.post(one, {"act": "ping"})
    row = WebhookDelivery.objects.get()
    webhook_delivery.deliver(row.pk)

    shown = page(signed_in.get(one))

    assert row.message_id in shown
    assert "&lt;b&gt;taken" in shown
    assert "<b>taken" not in shown
    signed_in.post(one, {"act": "redeliver", "delivery": row.pk})
    assert WebhookDelivery.objects.filter(message_id=row.message_id).count() == 2


def test_a_paused_hook_is_resumed_and_ended(signed_in, ada, recipe, here):
    hook = webhooks.add(ada, recipe, URL, ["comment.added"])
    one = reverse("webhook", args=[recipe.name, hook.pk])
    webhook_delivery._pause(hook, "nobody listens")
    assert "nobody listens" in page(signed_in.get(one))
    assert "paused: resume it first" in page(signed_in.post(one, {"act": "ping"}, follow=True))
    signed_in.post(one, {"act": "resume"})
    hook.refresh_from_db()
    assert hook.paused_at is None
    assert signed_in.post(one, {"act": "end"})["Location"] == here
    assert signed_in.get(one).status_code == 404


@pytest.mark.parametrize("form", [{}, {"act": "nonsense"}, {"act": "redeliver"}, {"act": "redeliver", "delivery": "9" * 30}])
def test_an_act_that_there_is_not_is_a_404(signed_in, ada, recipe, form):
    hook = webhooks.add(ada, recipe, URL, ["comment.added"])
    assert signed_in.post(reverse("webhook", args=[recipe.name, hook.pk]), form).status_code == 404


def test_queries_do_not_grow_with_the_rows(signed_in, ada, recipe, here, django_assert_max_num_queries):
    hooks = [webhooks.add(ada, recipe, URL, ["comment.added"]) for _ in range(3)]
    for _ in range(4):
        webhooks.ping(ada, hooks[0])
    signed_in.get(here)
    # Session, account, its verified address and its inbox belong to every page of somebody who is signed in.
    for address, most in ((here, 7), (reverse("webhook", args=[recipe.name, hooks[0].pk]), 8)):
        with django_assert_max_num_queries(most):
            assert signed_in.get(address).status_code == 200
