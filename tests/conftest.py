"""Fixtures that every room shares; the real servers stand in `tests.servers`."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.test import Client
from django.utils import translation

from recipes_app.services.gates import incident
from tests.servers.migrated import migrated_database

pytest_plugins = [
    "tests.scheduling",
    "tests.servers.bases",
    "tests.servers.levels",
    "tests.servers.mail",
    "tests.servers.portal",
    "tests.servers.postgres",
    "tests.servers.redis",
    "tests.servers.sshd",
    "tests.servers.oidc",
    "tests.servers.receiver",
]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Options of our own."""
    parser.addoption(
        "--api-examples",
        type=int,
        default=3,
        help="cases for each operation of the API, allowed ones and others, by schemathesis",
    )


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """Lay a copy of the migrated database down where Django makes the one for tests."""
    database = django_settings.DATABASES["default"]
    if database["ENGINE"].endswith("sqlite3"):
        name = database["TEST"]["NAME"]
        for journal in ("-wal", "-shm"):
            Path(f"{name}{journal}").unlink(missing_ok=True)
        shutil.copy(migrated_database(), name)


@pytest.fixture(scope="session")
def django_db_keepdb(request: pytest.FixtureRequest) -> bool:
    """Let Django take that copy, which goes with the folder that it lies in; PostgreSQL makes one of a template."""
    return bool(request.config.getvalue("reuse_db")) or django_settings.DATABASES["default"]["ENGINE"].endswith("sqlite3")


@pytest.fixture(autouse=True)
def _store_of_the_test_alone(request: pytest.FixtureRequest) -> None:
    """Give each test with a database a store of its own: what a test before has pushed is not its recipe's history."""
    if request.node.get_closest_marker("django_db") is not None:
        folder: Path = request.getfixturevalue("tmp_path")
        request.getfixturevalue("settings").REPOSITORY_ROOT = folder / "store"


@pytest.fixture(autouse=True)
def _level_is_normal() -> None:
    """Let pages believe that the incident level is normal: they do not ask again in the middle of a test that counts queries."""
    incident.remember(None, seconds=3_600)


@pytest.fixture(autouse=True)
def _language_of_the_test_alone() -> Iterator[None]:
    """Forget the language of the last page: a server sets it for each request, and Django's test client leaves it behind."""
    yield
    translation.deactivate()


class ClosingClient(Client):
    """Django's client, which leaves open what an answer streams: a server closes that when the answer is sent."""

    def __init__(self) -> None:
        super().__init__()
        self.streams: list[Any] = []

    def request(self, **request: Any) -> Any:
        """Return the answer, and remember it where there is something to close."""
        answer: Any = super().request(**request)
        if answer.streaming:
            self.streams.append(answer)
        return answer


@pytest.fixture
def client() -> Iterator[Client]:
    """A visitor's client; what was streamed to it is closed with the test."""
    visitor = ClosingClient()
    yield visitor
    for answer in visitor.streams:
        answer.close()
