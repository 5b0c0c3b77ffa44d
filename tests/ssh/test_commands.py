"""The AUR's commands, asked with the real ssh: each does what its service does, and says so in one line."""

from __future__ import annotations

import json
import urllib.request

import pytest

from recipes_app.transports.ssh.commands import COMMANDS
from tests.ssh.workspace import Work, moderate, newcomer

pytestmark = pytest.mark.server


def seen(work: Work) -> dict[str, object]:
    """Return the recipe as anybody reads it in the API."""
    with urllib.request.urlopen(f"{work.server.portal.url}/api/v1/recipes/{work.name}/", timeout=10) as answer:
        return dict(json.load(answer))


def test_help_lists_every_command_and_no_command_is_a_greeting(work: Work) -> None:
    shown = work.server.ssh("grace", "help")
    assert [line.split()[0] for line in shown.output.splitlines()[: len(COMMANDS)]] == list(COMMANDS)
    greeting = work.server.ssh("grace")
    assert (greeting.status, greeting.output) == (0, "")
    assert "Hi grace!" in greeting.errors


@pytest.mark.parametrize("asked", ["rm -rf /", "sh", "sftp", "scp -f /etc/passwd", "vote", "vote a b", "disown", "'half a quote"])
def test_what_is_no_command_is_not_understood(work: Work, asked: str) -> None:
    result = work.server.ssh("grace", asked)
    assert (result.status, result.output) == (2, "")
    assert result.errors.strip()


def test_vote_counts_once_and_is_taken_back(work: Work) -> None:
    work.publish()
    voter = newcomer(work.server)
    assert work.server.ssh(voter, "vote", work.name).output == f"you have voted for {work.name}\n"
    assert work.server.ssh(voter, "vote", work.name).output == f"you have voted for {work.name} already\n"
    assert seen(work)["votes"] == 1
    assert work.server.ssh(voter, "unvote", work.name).status == 0
    assert seen(work)["votes"] == 0


def test_fault_3_vote_over_ssh_moves_the_popularity(work: Work) -> None:
    work.publish()
    assert seen(work)["popularity"] == 0
    work.server.ssh(newcomer(work.server), "vote", work.name)
    assert seen(work)["popularity"] == pytest.approx(1, abs=0.01)


def test_flag_is_raised_and_settled(work: Work) -> None:
    work.publish()
    critic = newcomer(work.server)
    assert work.server.ssh(critic, "flag", work.name, "2.0 is out").output == f"{work.name} is flagged out of date\n"
    assert seen(work)["open_flags"] == 1
    assert work.server.ssh("grace", "unflag", work.name, "packaged now").output == f"{work.name}: 1 out-of-date flag closed\n"
    assert seen(work)["open_flags"] == 0


def test_disown_and_adopt(work: Work) -> None:
    work.publish()
    assert work.server.ssh("grace", "disown", work.name).output == f"{work.name} is an orphan now\n"
    adopter = newcomer(work.server)
    adopted = work.server.ssh(adopter, "adopt", work.name, "I use it every day")
    assert adopted.output.startswith(f"{work.name} becomes yours on ")
    # It waits: nobody owns it at once.
    assert seen(work)["maintainer"] is None


def test_co_maintainers_are_invited_in_order(work: Work) -> None:
    work.publish()
    first, second = newcomer(work.server), newcomer(work.server)
    result = work.server.ssh("grace", "set-comaintainers", work.name, first, second)
    assert result.output == f"{work.name}: the co-maintainers are set; invited, to accept on the site: {first}, {second}\n"


def test_fault_1_keywords_of_another_are_not_changed_over_ssh(work: Work) -> None:
    work.publish()
    assert work.server.ssh("grace", "set-keywords", work.name, "moon", "greeting").output == f"{work.name}: moon greeting\n"
    refused = work.server.ssh(newcomer(work.server), "set-keywords", work.name, "casino")
    assert refused.status == 1
    assert refused.errors.startswith(f"error: you may not set keywords ({work.name})")
    url = f"{work.server.portal.url}/api/v1/recipes/?q="
    with urllib.request.urlopen(f"{url}keyword:casino", timeout=10) as answer:
        assert json.load(answer)["results"] == []


def test_restore_is_the_moderators(work: Work, ssh_moderator: str) -> None:
    work.publish()
    moderate(work.server, "lifecycle.delete(mod, recipe, 'a duplicate')", work.name)
    assert work.server.ssh("grace", "restore", work.name).status == 1
    moderate(work.server, "User.objects.filter(username='ssh-moderator').update(rank='moderator')")
    restored = work.server.ssh(ssh_moderator, "restore", work.name)
    assert (restored.status, restored.output) == (0, f"{work.name} is back\n")


def test_list_repos_shows_only_what_one_looks_after(work: Work) -> None:
    work.publish()
    assert f"{work.name}\tmaintainer" in work.server.ssh("grace", "list-repos").output.splitlines()
    assert work.server.ssh(newcomer(work.server), "list-repos").output == ""


def test_terminal_and_forwarding_are_refused(work: Work) -> None:
    forwarded = work.server.ssh("grace", "help", options=("-o", "ExitOnForwardFailure=yes", "-R", "0:127.0.0.1:22"))
    assert forwarded.status == 255
    assert "forwarding" in forwarded.errors
    insisted = work.server.ssh("grace", "list-repos", options=("-tt",))
    assert (insisted.status, insisted.output) == (255, "")
    assert "PTY allocation request failed" in insisted.errors
