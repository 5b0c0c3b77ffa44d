"""docs/api.md does what it says: each task is run as it stands there, with the real curl, against a served portal."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

from recipes_app.models import LintJob, Scope
from tests.factories import issue_token, make_user, publish_recipe, recipe_tree

from .rows import add_report

DOCUMENT = Path(__file__).parent.parent.parent / "docs" / "api.md"
# A heading with a number, the commands, and what they print.
TASK = re.compile(r"^## (\d+\. .+?)$.*?^```sh\n(.+?)^```\n\n```text\n(.+?)^```$", re.MULTILINE | re.DOTALL)
TASKS = TASK.findall(DOCUMENT.read_text(encoding="utf-8"))
EXAMPLE_ADDRESS = "http://127.0.0.1:8000"


@pytest.fixture
def environment(live_server, settings, tmp_path):
    """The environment of the tasks' shell; the portal holds the three recipes that the document speaks of."""
    settings.PORTAL_URL = live_server.url
    settings.REPOSITORY_ROOT = tmp_path / "repos"
    ada = make_user("ada")
    publish_recipe(recipe_tree("farewell"), ada)
    publish_recipe(recipe_tree("greeter", "2.0-1"), ada)
    publish_recipe(recipe_tree("hello-dur", "1.0-1"), ada)
    recipe = publish_recipe(recipe_tree("hello-dur", "1.1-1"), ada)
    LintJob.objects.filter(revision=recipe.current).delete()
    add_report(
        recipe.current,
        {"severity": "warning", "tag": "no-manual-page", "path": "debian/control", "line": 12},
        {"severity": "info", "tag": "spelling", "path": "debian/control", "line": 3, "overridden": True},
    )
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "GIT_CONFIG_NOSYSTEM": "1",
        "LC_ALL": "C.UTF-8",
        "PORTAL": live_server.url,
        "TOKEN": issue_token(ada, Scope.READ),
    }


def test_the_document_has_ten_tasks_to_run():
    assert [title.partition(".")[0] for title, _, _ in TASKS] == [str(number) for number in range(1, 11)]


@pytest.mark.server
@pytest.mark.django_db(transaction=True)
def test_every_task_prints_what_the_document_says(environment, tmp_path):
    printed = {}
    for title, commands, _ in TASKS:
        result = subprocess.run(
            ["sh", "-eu", "-c", commands], env=environment, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60
        )
        printed[title] = (result.stdout + result.stderr).replace(environment["PORTAL"], EXAMPLE_ADDRESS)

    assert printed == {title: promised for title, _, promised in TASKS}
