"""git over SSH, driven by the real git, ssh and sshd: the same answers as over HTTP."""

from __future__ import annotations

import shlex
import time
import urllib.request
from pathlib import Path

import pytest

from tests.ssh.workspace import Work, moderate, newcomer

pytestmark = pytest.mark.server


def test_first_push_creates_the_recipe_and_says_where_it_is(work: Work) -> None:
    tip = work.commit()
    result = work.push()
    assert result.status == 0, result.output
    assert result.remote[0] == f"published {work.name} 1.0-1 (main)"
    assert result.remote[-1] == f"{work.server.portal.url}/recipes/{work.name}/"
    assert work.tip() == tip


def test_clone_gives_the_very_same_commits(work: Work, tmp_path: Path) -> None:
    work.commit()
    tip = work.commit(version="1.0-2")
    work.push()
    cloned = work.server.git("grace", "clone", work.server.url(work.name), str(tmp_path / "clone"), cwd=tmp_path)
    assert cloned.status == 0, cloned.output
    assert work.server.portal.git("rev-parse", "HEAD", cwd=tmp_path / "clone").output.strip() == tip


def test_newer_protocol_is_spoken(work: Work) -> None:
    work.publish()
    words = ("-c", "protocol.version=2", "ls-remote", work.server.url(work.name))
    traced = work.server.git("grace", *words, cwd=work.folder, GIT_TRACE_PACKET="1")
    assert "version 2" in traced.output


@pytest.mark.parametrize("spelling", ["/{}.git", "{}.git", "/{}", "{}"])
def test_slash_and_suffix_are_not_asked_for(work: Work, spelling: str) -> None:
    work.publish()
    result = work.server.ssh("grace", f"git-upload-pack '{spelling.format(work.name)}'", given=b"0000")
    assert result.status == 0, result.errors
    assert "refs/heads/main" in result.output


def test_second_push_moves_the_branch(work: Work) -> None:
    work.publish()
    tip = work.commit(version="1.0-2")
    assert work.push().status == 0
    assert work.tip() == tip


def test_nothing_to_push_is_no_error(work: Work) -> None:
    tip = work.publish()
    result = work.push()
    assert (result.status, work.tip()) == (0, tip)
    assert "Everything up-to-date" in result.output


def test_dry_run_of_a_new_name_creates_nothing(work: Work) -> None:
    work.commit()
    assert work.push(options=("--dry-run",)).status == 0
    assert not list(work.server.portal.data.glob(f"repos/**/{work.name}.git"))
    assert not list(work.server.portal.data.glob(f"repos/.pending/{work.name}"))


def test_push_rules_speak_in_the_same_words(work: Work) -> None:
    work.commit(**{"debian/changelog": "no changelog at all\n"})
    result = work.push()
    assert result.status != 0
    assert any(line.startswith("error: debian/changelog:1:") for line in result.remote)
    assert work.tip() == ""


def test_branch_is_not_deleted_and_the_answer_comes_at_once(work: Work) -> None:
    tip = work.publish()
    began = time.monotonic()
    result = work.push(":main")
    assert result.status != 0
    assert work.tip() == tip
    assert time.monotonic() - began < 15


def test_push_by_somebody_who_may_not(work: Work) -> None:
    tip = work.publish()
    work.username = newcomer(work.server)
    work.commit(version="1.0-2")
    result = work.push()
    assert result.status != 0
    assert f"error: you may not push ({work.name})" in result.output
    assert work.tip() == tip


def test_push_of_an_unverified_account(work: Work) -> None:
    work.username = newcomer(work.server, verified=False)
    work.commit()
    result = work.push()
    assert "error: verify your e-mail address first" in result.output
    assert work.tip() == ""


@pytest.mark.parametrize("name", ["Upper", "a", "under_score", "../../etc/passwd", "-u", "x;id", "$(id)", "a/b"])
def test_name_that_no_source_package_can_have(work: Work, name: str) -> None:
    for command in ("git-upload-pack", "git-receive-pack"):
        result = work.server.ssh("grace", f"{command} {shlex.quote(name)}", given=b"0000")
        assert (result.status, result.output) == (1, "")
        assert result.errors.startswith("error: ")


def test_name_that_a_rule_refuses_is_refused_before_git_starts(work: Work) -> None:
    rule = "NameRule.objects.create(pattern='linux-image-*', effect='refuse', reason='Debian has them', created_by_name='mod')"
    moderate(work.server, rule)
    work.name = f"linux-image-{work.name}"
    work.commit()
    result = work.push()
    assert f"error: the name '{work.name}' is not taken here (linux-image-*): Debian has them" in result.output
    assert work.tip() == ""


def test_client_that_goes_away_after_the_pack_has_pushed_all_the_same(work: Work) -> None:
    work.publish()
    tip = work.commit(version="1.0-2")
    work.push_and_leave()
    deadline = time.monotonic() + 30
    while work.tip() != tip and time.monotonic() < deadline:
        time.sleep(0.2)
    assert work.tip() == tip
    revisions = f"{work.server.portal.url}/api/v1/recipes/{work.name}/revisions/"
    while time.monotonic() < deadline:
        with urllib.request.urlopen(revisions, timeout=10) as answer:
            if tip in answer.read().decode():
                return
        time.sleep(0.2)
    raise AssertionError("the revision was never published")


def test_old_name_is_served_with_a_notice(work: Work, tmp_path: Path) -> None:
    tip = work.publish()
    new_name = f"{work.name}-renamed"
    moderate(work.server, "lifecycle.rename(mod, recipe, new_name)", work.name, new_name=new_name)
    cloned = work.server.git("grace", "clone", work.server.url(work.name), str(tmp_path / "clone"), cwd=tmp_path)
    assert cloned.status == 0, cloned.output
    assert f"{work.name} is called {new_name} now" in cloned.output
    assert work.server.portal.git("rev-parse", "HEAD", cwd=tmp_path / "clone").output.strip() == tip


def test_old_name_takes_pushes_that_carry_the_new_one(work: Work) -> None:
    work.publish()
    old_name, new_name = work.name, f"{work.name}-renamed"
    moderate(work.server, "lifecycle.rename(mod, recipe, new_name)", old_name, new_name=new_name)
    work.name = new_name
    tip = work.commit(version="1.0-2")
    result = work.server.git("grace", "push", work.server.url(old_name), "HEAD:main", cwd=work.folder)
    assert result.status == 0, result.output
    assert work.tip() == tip


def test_quarantined_recipe_is_cloned_by_staff_only(work: Work, ssh_moderator: str, tmp_path: Path) -> None:
    work.publish()
    moderate(work.server, "quarantine.quarantine(mod, recipe, 'calls home')", work.name)
    refused = work.server.git("grace", "clone", work.server.url(work.name), str(tmp_path / "theirs"), cwd=tmp_path)
    assert f"error: {work.name} is quarantined and cannot be cloned" in refused.output
    served = work.server.git(ssh_moderator, "clone", work.server.url(work.name), str(tmp_path / "ours"), cwd=tmp_path)
    assert (refused.status != 0, served.status) == (True, 0)


def test_orphan_takes_no_push_and_says_what_to_do(work: Work) -> None:
    tip = work.publish()
    assert work.server.ssh("grace", "disown", work.name).status == 0
    work.commit(version="1.0-2")
    result = work.push()
    assert f"error: nobody maintains {work.name}: adopt it first" in result.output
    assert work.tip() == tip


def test_deleted_recipe_takes_no_push_and_is_not_read(work: Work) -> None:
    work.publish()
    moderate(work.server, "lifecycle.delete(mod, recipe, 'a duplicate')", work.name)
    work.commit(version="1.0-2")
    assert f"error: {work.name} was deleted by a moderator" in work.push().output
    read = work.server.git("grace", "ls-remote", work.server.url(work.name), cwd=work.folder)
    assert f"error: there is no recipe '{work.name}' here" in read.output
