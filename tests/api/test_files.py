"""What lies in git: files, bytes, archives and differences of revisions."""

from __future__ import annotations

import base64
import hashlib
import io
import subprocess
import tarfile

import pytest
from django.utils import timezone

from recipes_app.models import Rank, Recipe, Revision, Scope
from tests.factories import issue_token, make_user, publish_recipe, recipe_tree

pytestmark = pytest.mark.django_db
HERE = "/api/v1/recipes/hello-dur/"


@pytest.fixture
def recipe(settings, tmp_path):
    """A recipe with two revisions: the second has a new file, a changed one, and one that is no text."""
    settings.REPOSITORY_ROOT = tmp_path / "repos"
    ada = make_user("ada")
    publish_recipe(recipe_tree(), ada)
    more = {"debian/docs": "README.md\n", "README.md": "# Hällo\n", "data/latin1.txt": "h\xe4llo\n".encode("latin-1")}
    return publish_recipe(recipe_tree(version="1.1-1", **more), ada)


def commits(recipe):
    return list(recipe.revisions.order_by("pushed_at", "pk").values_list("commit", flat=True))


def bearer(user, *scopes):
    return {"Authorization": f"Bearer {issue_token(user, *scopes)}"}


def test_the_files_of_a_revision_are_listed(client, recipe):
    answer = client.get(f"{HERE}files/{recipe.current.commit}/").json()

    listed = {each["path"]: each for each in answer["files"]}
    assert (answer["recipe"], answer["version"]) == ("hello-dur", "1.1-1")
    assert listed["debian/rules"]["executable"] is True
    assert (listed["README.md"]["size"], listed["README.md"]["kind"]) == (len("# Hällo\n".encode()), "file")
    assert listed["README.md"]["url"].endswith(f"{HERE}files/{recipe.current.commit}/README.md")


def test_a_file_is_given_as_its_bytes(client, recipe):
    text = client.get(f"{HERE}files/{recipe.current.commit}/README.md")
    other = client.get(f"{HERE}files/{recipe.current.commit}/data/latin1.txt", headers={"Accept": "application/json"})

    assert (text.content, text["Content-Type"]) == ("# Hällo\n".encode(), "text/plain; charset=utf-8")
    assert (other.content, other["Content-Type"]) == (b"h\xe4llo\n", "application/octet-stream")
    assert text["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    "path", ["nothing", "debian", "debian/", "../etc/passwd", "debian//control", "README.md/", "%00", "a%0Ab"]
)
def test_a_path_without_a_file_is_a_problem(expect_problem, recipe, path):
    expect_problem("GET", f"{HERE}files/{recipe.current.commit}/{path}", "unknown-file", 404)


@pytest.mark.parametrize("address", ["files/{}/", "files/{}/README.md", "snapshots/{}/", "diff/{}/{}/"])
@pytest.mark.parametrize("commit", ["0" * 40, "main", "HEAD", "%00", "--help"])
def test_a_commit_that_is_no_revision_is_a_problem(expect_problem, recipe, address, commit):
    expect_problem("GET", HERE + address.format(commit, commit), "unknown-revision", 404)


def test_a_snapshot_is_the_same_archive_each_time_with_its_checksum(client, recipe):
    address = f"{HERE}snapshots/{recipe.current.commit}/"
    answer, again = client.get(address), client.get(address)
    content = b"".join(answer.streaming_content)

    assert content == b"".join(again.streaming_content)
    assert answer["Content-Length"] == str(len(content))
    digest = base64.b64encode(hashlib.sha256(content).digest()).decode()
    assert answer["Repr-Digest"] == again["Repr-Digest"] == f"sha-256=:{digest}:"


def test_a_snapshot_holds_what_a_clone_does(client, recipe, tmp_path):
    answer = client.get(f"{HERE}snapshots/{recipe.current.commit}/")
    folder = f"hello-dur-{recipe.current.commit[:12]}"

    with tarfile.open(fileobj=io.BytesIO(b"".join(answer.streaming_content))) as archive:
        held = {member.name: archive.extractfile(member).read() for member in archive if member.isfile()}
        modes = {member.name: member.mode for member in archive}

    tree = recipe_tree(version="1.1-1")
    assert held[f"{folder}/debian/control"] == tree["debian/control"]
    assert len(held) == len(tree) + 3
    assert (modes[f"{folder}/debian/rules"], modes[f"{folder}/README.md"]) == (0o755, 0o644)


def test_a_difference_is_json_or_a_patch_that_git_takes(client, recipe, tmp_path):
    old, new = commits(recipe)
    told = client.get(f"{HERE}diff/{old}/{new}/").json()
    patch = client.get(f"{HERE}diff/{old}/{new}/", headers={"Accept": "text/x-diff"})

    changed = {each["path"]: each for each in told["files"]}
    assert (changed["README.md"]["status"], changed["README.md"]["added"]) == ("added", 1)
    assert {"kind": "added", "old_number": None, "new_number": 1, "text": "# Hällo"} in changed["README.md"]["lines"]
    assert patch["Content-Type"] == "text/x-diff"
    applied = subprocess.run(["git", "apply", "--numstat"], input=patch.content, cwd=tmp_path, capture_output=True, check=True)
    assert b"1\t0\tREADME.md" in applied.stdout


def test_a_patch_that_cannot_be_had_is_a_problem_in_json(client, recipe, monkeypatch):
    monkeypatch.setattr("recipes_app.repos.diff.MAX_DIFF_BYTES", 100)
    old, new = commits(recipe)

    answer = client.get(f"{HERE}diff/{old}/{new}/", headers={"Accept": "text/x-diff"})

    assert (answer.status_code, answer["Content-Type"]) == (409, "application/problem+json")
    assert (answer.json()["code"], answer.json()["reason"]) == ("refused", "no-diff")


def test_the_bytes_of_a_quarantined_recipe_are_for_those_who_decide_over_it(client, recipe, settings):
    settings.STAFF_NEEDS_SECOND_FACTOR = False
    Recipe.objects.update(quarantined_at=timezone.now())
    addresses = (f"{HERE}files/{recipe.current.commit}/README.md", f"{HERE}snapshots/{recipe.current.commit}/")
    owner = bearer(recipe.maintainer, Scope.READ)
    moderator = bearer(make_user("mira", rank=Rank.MODERATOR), Scope.READ)

    for address in addresses:
        for headers in ({}, owner):
            refused = client.get(address, headers=headers)
            assert (refused.status_code, refused.json()["code"], refused.json()["reason"]) == (403, "held-back", "quarantined")
        assert client.get(address, headers=moderator).status_code == 200
    assert client.get(f"{HERE}files/{recipe.current.commit}/").status_code == 403


def test_the_bytes_of_a_held_revision_are_for_its_team_and_reviewers(client, recipe):
    Revision.objects.update(review=Revision.Review.HELD)
    address = f"{HERE}snapshots/{recipe.current.commit}/"

    assert client.get(address).json()["reason"] == "held"
    assert client.get(address, headers=bearer(make_user("bob"), Scope.READ)).status_code == 403
    assert client.get(address, headers=bearer(recipe.maintainer, Scope.READ)).status_code == 200
    assert client.get(address, headers=bearer(make_user("tess", rank=Rank.TRUSTED), Scope.READ)).status_code == 200


def test_a_quarantined_revision_is_held_back_and_the_others_are_not(client, recipe):
    old, new = commits(recipe)
    Revision.objects.filter(commit=new).update(review=Revision.Review.QUARANTINED)

    assert client.get(f"{HERE}snapshots/{new}/").json()["reason"] == "quarantined"
    assert client.get(f"{HERE}snapshots/{old}/").status_code == 200


def test_a_former_name_leads_on_to_the_same_bytes(client, recipe):
    recipe.former_names.create(name="hallo")

    answer = client.get(f"/api/v1/recipes/hallo/files/{recipe.current.commit}/README.md")

    assert (answer.status_code, answer["Location"]) == (301, f"{HERE}files/{recipe.current.commit}/README.md")


@pytest.mark.parametrize("address", ["files/{}/", "files/{}/README.md", "snapshots/{}/"])
def test_looking_into_git_takes_two_queries(client, recipe, address, django_assert_max_num_queries):
    commit = recipe.current.commit

    with django_assert_max_num_queries(2):
        assert client.get(HERE + address.format(commit)).status_code == 200
