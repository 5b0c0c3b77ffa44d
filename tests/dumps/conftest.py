"""A data folder of its own, and recipes."""

from __future__ import annotations

from pathlib import Path

import pytest

from recipes_app.models import Recipe, User
from tests.api.rows import add_recipe
from tests.factories import make_user


@pytest.fixture(autouse=True)
def data(settings, tmp_path) -> Path:
    """Where keys and dumps of the test lie."""
    settings.PORTAL_DATA = tmp_path
    return tmp_path


@pytest.fixture
def ada(db) -> User:
    return make_user("ada")


@pytest.fixture
def recipes(ada) -> list[Recipe]:
    """Three recipes; their names come in another order than their rows."""
    return [add_recipe(name, ada) for name in ("zsh-theme", "hello-dur", "hello-2")]
