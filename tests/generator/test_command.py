"""`manage.py generate_catalogue`: what it refuses, and with which words."""

from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from recipes_app.models import Recipe, User
from tests.generator.lists import made_up_list


def make_lists(folder: Path) -> Path:
    """Return a folder of apt's lists that holds one."""
    (folder / "deb.example.org_dists_stable_main_binary-amd64_Packages").write_text(made_up_list())
    return folder


@pytest.mark.django_db
def test_the_command_fills_the_database_and_says_how_far_it_is(tmp_path, capsys):
    options = {"recipes": 20, "users": 30, "votes": 50, "comments": 10, "processes": 1, "until": None}
    call_command("generate_catalogue", lists=make_lists(tmp_path), **options)
    assert (Recipe.objects.count(), User.objects.count()) == (20, 30)
    assert "done: 20 recipes, 30 accounts, 50 votes, 10 comments" in capsys.readouterr().out


@pytest.mark.django_db
def test_without_lists_it_says_what_to_do(tmp_path):
    with pytest.raises(CommandError, match="has no lists of packages: run 'apt-get update' first"):
        call_command("generate_catalogue", lists=tmp_path)


@pytest.mark.django_db
def test_lists_of_a_handful_of_packages_are_refused(tmp_path):
    (tmp_path / "tiny_Packages").write_text("Package: a-b\nVersion: 1\nDescription: one\n")
    with pytest.raises(CommandError, match="name 1 packages; 300 are the least"):
        call_command("generate_catalogue", lists=tmp_path)


def test_a_production_site_is_asked_for(settings):
    settings.EMBEDDED = False
    with pytest.raises(CommandError, match="give --production"):
        call_command("generate_catalogue")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"users": 0, "votes": 0}, "--users 1 or more"),
        ({"recipes": 1, "repositories": 2}, "--repositories 2 is more than --recipes 1"),
        ({"recipes": 1, "users": 30, "votes": 11}, "at most 10 votes of 30 accounts"),
        ({"recipes": 0, "votes": 0, "comments": 1}, "comments need recipes"),
    ],
    ids=["nobody", "repositories", "votes", "comments"],
)
def test_what_cannot_be_is_refused_in_one_line(options, words):
    with pytest.raises(CommandError, match=words):
        call_command("generate_catalogue", **{"recipes": 10, "users": 30, "votes": 5, "comments": 0, **options})


@pytest.mark.parametrize("value", ["-1", "1e3", "٣", ""])
def test_a_number_that_is_none_is_named(value):
    with pytest.raises(CommandError, match="is no number: give digits only"):
        call_command("generate_catalogue", f"--recipes={value}")
