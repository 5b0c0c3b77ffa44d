"""Who confirms the files of a revision, by what the runners' reports say."""

import pytest

from recipes_app.formats.confirmation import Confirmation, Confirmations
from recipes_app.lint.report import LintReport, Outcome
from recipes_app.lint.stages import Stage
from recipes_app.models import LintJob
from recipes_app.services import confirmations, lint
from tests.factories import make_user, publish_recipe, recipe_tree

pytestmark = pytest.mark.django_db
SHA256 = "1" * 64
MANIFEST = f"""\
Format: 1
Source: hello-dur

Fetch: hello-1.0.tar.gz
URL: pypi:hello/1.0/hello-1.0.tar.gz
SHA256: {SHA256}
Size: 100
Role: orig
"""


@pytest.fixture
def revision():
    return publish_recipe(recipe_tree(**{"debian/dur": MANIFEST}), make_user("ada")).current


def reported(revision, entry):
    job, _ = LintJob.objects.get_or_create(revision=revision, stage=Stage.SOURCE_LINT)
    said = LintReport(Outcome.PASSED, tool_version="1", confirmations=Confirmations((entry,)))
    assert lint.record_report(job.pk, said.to_json())


def test_nobody_was_asked(revision):
    assert confirmations.confirmations_of(revision) is None
    assert confirmations.confirmed_by(revision) == ()


def test_registry_confirms(revision):
    reported(revision, Confirmation("hello-1.0.tar.gz", SHA256, "registry", "yes"))
    assert confirmations.confirmed_by(revision) == ("registry",)


def test_answer_about_other_bytes_says_nothing(revision):
    reported(revision, Confirmation("hello-1.0.tar.gz", "2" * 64, "registry", "yes"))
    assert confirmations.confirmed_by(revision) == ()
    assert confirmations.confirmations_of(revision).entries[0].said == "yes"
