"""Every operation of the schema, asked with what the schema allows and with what it does not, by everybody.

No answer may be the portal's failure, and every answer has to be described: its status, its media type, its shape. The cases are
the same in each run; `--api-examples 500` tries many more.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, transaction
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from api.framework.schema import portal_schema
from recipes_app.models import (
    Flag,
    Hold,
    NameRule,
    News,
    Notification,
    OwnershipRequest,
    QueueEntry,
    Rank,
    RelintRun,
    Report,
    Revision,
    Scope,
    User,
)
from recipes_app.services.community import comments
from recipes_app.services.moderation import flags, reports, requests
from recipes_app.services.notifications import webhooks
from recipes_app.services.ownership import invitations
from tests.factories import issue_token, make_user, publish_recipe, recipe_tree

pytestmark = pytest.mark.django_db
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    response_headers_conformance,
]
SEED = 2026
# Operations are asked in as many tests, which spread over the workers.
PARTS = 8


@pytest.fixture
def world(settings: Any, tmp_path: Any) -> dict[str, Any]:
    """What stands for the arguments of addresses where they are to lead somewhere."""
    settings.REPOSITORY_ROOT = tmp_path / "repos"
    settings.STAFF_NEEDS_SECOND_FACTOR = False
    owner, bob = make_user("owner"), make_user("bob")
    publish_recipe(recipe_tree(), owner)
    recipe = publish_recipe(recipe_tree(version="1.1-1", **{"README.md": "# Hello\n"}), owner)
    old, new = recipe.revisions.order_by("pushed_at", "pk")
    Hold.objects.filter(revision=old).update(reasons=["a new owner"])
    Revision.objects.filter(pk=old.pk).update(review=Revision.Review.HELD)
    flag = flags.raise_flag(bob, recipe, Flag.Kind.MALICIOUS, flags.FlagText("look"))
    Notification.objects.create(user=bob, kind="update", recipe=recipe, text="news", url="/")
    invitations.invite(owner, recipe, bob, invitations.CoRole.PUSH)
    hook = webhooks.add(owner, recipe, "https://hooks.example.org/in", ["comment.added"])
    rule = NameRule.objects.create(pattern="linux-*", effect="refuse", reason="no", created_by_name="mira")
    told = News.objects.create(title="told", text="told", html="<p>told</p>", published_at=timezone.now(), author_name="mira")
    return {
        "name": recipe.name, "commit": new.commit, "old": old.commit, "new": new.commit, "file_path": "README.md",
        "tag": "no-manual-page", "check_id": "DUR101", "username": "bob", "switch_name": "adoption",
        "comment_id": comments.add(bob, recipe, "fine").pk, "flag_id": flag.pk,
        "request_id": requests.file(bob, recipe, OwnershipRequest.Kind.DELETION, "nobody needs it").pk,
        "report_id": reports.file(bob, Report.Kind.SPAM, reports.Subject(recipe=recipe), "look").pk,
        "entry_id": QueueEntry.objects.earliest("pk").pk, "rule_id": rule.pk,
        "webhook_id": hook.pk, "delivery_id": webhooks.ping(owner, hook).pk, "job_id": new.lint_jobs.earliest("pk").pk,
        "run_id": RelintRun.objects.create(stage="source-lint", tool="lintian", tool_version="2").pk,
        "news_id": told.pk,
    }  # fmt: skip


@pytest.fixture
def askers(world: dict[str, Any]) -> list[dict[str, str]]:
    """The headers of everybody who asks: nobody, an account, the owner, a moderator, and a token that is none."""
    make_user("mira", rank=Rank.ADMINISTRATOR)
    secrets = [issue_token(User.objects.get(username=name), *Scope) for name in ("bob", "owner", "mira")]
    return [{}, *({"Authorization": f"Bearer {secret}"} for secret in (*secrets, "dur_none"))]


@pytest.fixture
def application() -> Iterator[Any]:
    """The WSGI application, which leaves the test's connection open, as Django's own test client does."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield get_wsgi_application()
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@contextmanager
def undone() -> Iterator[None]:
    """Take back whatever is done inside: the next case finds the world as it was."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


described = lru_cache(portal_schema)


def operations(application: Any) -> list[Any]:
    """Return the operations of a schema of their own: schemathesis keeps the application that it asks first."""
    schema = schemathesis.openapi.from_dict(copy.deepcopy(described()))
    schema.app = application
    found = [each.ok() for each in schema.get_all_operations()]
    assert len(found) > 80
    return found


# Not a test for each operation: the world takes longer to make than most operations to ask.
@pytest.mark.parametrize("part", range(PARTS))
def test_no_operation_fails_or_answers_otherwise_than_described(part, world, askers, application, request):
    examples = request.config.getoption("--api-examples")
    wrong: dict[str, str] = {}
    for operation in operations(application)[part::PARTS]:
        for mode in GenerationMode:

            @seed(SEED)
            @settings(
                max_examples=examples, deadline=None, database=None, phases=[Phase.generate], print_blob=False,
                suppress_health_check=list(HealthCheck),
            )  # fmt: skip
            @given(case=operation.as_strategy(generation_mode=mode), asker=st.sampled_from(askers), leads=st.booleans())
            def explore(case: Any, asker: dict[str, str], leads: bool) -> None:
                if leads:
                    case.path_parameters = {name: world[name] for name in case.path_parameters or {}}
                with undone():
                    case.call_and_validate(headers={"Accept-Encoding": "identity", **asker}, checks=CHECKS)

            try:
                explore()
            except Unsatisfiable:
                # Nothing that is sent here could be wrong.
                assert mode == GenerationMode.NEGATIVE
            except (FailureGroup, Exception) as error:
                wrong[f"{operation.label} {mode.value}"] = str(error)[:1500]
    assert wrong == {}
