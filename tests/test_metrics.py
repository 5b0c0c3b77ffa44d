"""/metrics: what operators watch is measured when it is read."""

from datetime import timedelta

import pytest
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from portal import metrics
from recipes_app.models import LintJob, LintPriority, OutboxMail, QueueEntry
from recipes_app.services.audit import moderation_queue
from recipes_app.services.operations import backlog
from tests.api.rows import add_recipe
from tests.factories import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def empty_store(settings, tmp_path):
    settings.REPOSITORY_ROOT = tmp_path / "repos"


def shown(client) -> dict[str, float]:
    """Return the site's own gauges as Prometheus' own parser reads them."""
    page = client.get("/metrics").content.decode()
    return {
        sample.name + "".join(f":{value}" for value in sample.labels.values()): sample.value
        for family in text_string_to_metric_families(page)
        for sample in family.samples
        if sample.name.startswith(("portal_lint", "portal_mail", "portal_moderation", "portal_interrupted"))
    }


def test_idle_site_shows_zeros(client):
    assert set(shown(client).values()) == {0.0}


def test_lag_is_the_age_of_the_oldest_job_that_waits(client):
    recipe = add_recipe("hello-lag", make_user("ada"))
    job = LintJob.objects.create(revision=recipe.current, stage="test", mode="test")
    LintJob.objects.filter(pk=job.pk).update(queued_at=timezone.now() - timedelta(minutes=5))
    found = shown(client)
    assert found["portal_lint_jobs:queued"] >= 1
    assert found["portal_lint_lag_seconds"] == pytest.approx(300, abs=20)
    LintJob.objects.update(priority=LintPriority.RELINT)
    assert shown(client)["portal_lint_lag_seconds"] == 0
    LintJob.objects.update(state="running")
    found = shown(client)
    assert found["portal_lint_jobs:running"] >= 1
    assert found["portal_lint_lag_seconds"] == 0


def test_mails_and_moderators_work_are_counted_until_they_are_done(client):
    OutboxMail.objects.create(content={}, next_attempt_at=timezone.now())
    moderation_queue.open_entry(QueueEntry.Kind.NAME, 1, recipe=None, account=None, summary="a name like a known one")
    found = shown(client)
    assert (found["portal_mails_waiting"], found["portal_moderation_entries"]) == (1, 1)
    OutboxMail.objects.update(sent_at=timezone.now())
    QueueEntry.objects.update(closed_at=timezone.now())
    found = shown(client)
    assert (found["portal_mails_waiting"], found["portal_moderation_entries"]) == (0, 0)


def test_reading_costs_four_queries_whatever_waits(django_assert_num_queries):
    OutboxMail.objects.bulk_create(OutboxMail(content={}, next_attempt_at=timezone.now()) for _ in range(50))
    with django_assert_num_queries(4):
        backlog.measure()


def test_registering_twice_shows_everything_once(client):
    metrics.register()
    page = client.get("/metrics").content.decode()
    assert page.count("\nportal_mails_waiting ") == 1
