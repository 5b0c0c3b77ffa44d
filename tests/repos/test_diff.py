"""The difference of two commits, as git sees it and as we read it."""

import subprocess

import pytest

from recipes_app.limits import MAX_DIFF_BYTES, MAX_DIFF_FILE_LINES
from recipes_app.repos.diff import DiffError, diff
from tests.factories import commit_tree, git


@pytest.fixture
def compare(tmp_path):
    def commit_both(old, new):
        work = tmp_path / "work"
        return diff(work / ".git", commit_tree(old, work), commit_tree(new, work))

    return commit_both


def test_changed_line_has_both_numbers(compare):
    [file] = compare({"a": b"one\ntwo\nthree\n"}, {"a": b"one\n2\nthree\n"}).files
    lines = [(line.kind, line.old_number, line.new_number, line.text) for line in file.lines[1:]]
    assert lines == [("context", 1, 1, "one"), ("deleted", 2, None, "two"), ("added", None, 2, "2"), ("context", 3, 3, "three")]
    assert (file.status, file.added, file.deleted) == ("changed", 1, 1)


def test_added_deleted_and_renamed_files(compare):
    same = b"".join(b"line %d\n" % number for number in range(30))
    found = compare({"gone": b"x\n", "from": same}, {"new": b"y\n", "to": same}).files
    assert {(file.status, file.old_path, file.path) for file in found} == {
        ("deleted", "", "gone"), ("added", "", "new"), ("renamed", "from", "to"),
    }  # fmt: skip


def test_equal_commits_have_no_difference(compare):
    assert compare({"a": b"x"}, {"a": b"x"}).files == []


def test_binary_file_is_named_and_not_shown(compare):
    [file] = compare({"icon": b"\x89PNG\0"}, {"icon": b"\x89PNG\0\0"}).files
    assert (file.is_binary, file.lines) == (True, [])


def test_content_that_looks_like_a_patch_stays_content(compare):
    content = b"diff --git a/x b/x\n@@ -1 +1 @@\n--- a/x\n+++ b/x\nBinary files differ\n"
    [first, second] = compare({"a": b"", "b": b""}, {"a": content, "b": b"z\n"}).files
    assert [line.text for line in first.lines if line.kind == "added"] == content.decode().splitlines()
    assert second.added == 1


def test_missing_end_of_line_is_noted(compare):
    [file] = compare({"a": b"x\n"}, {"a": b"x"}).files
    assert file.lines[-1].kind == "note"


def test_odd_names_are_read_exactly(compare):
    names = ["with space", 'quo"te', "tab\tname", "é", "-rf"]
    assert [file.path for file in compare({}, dict.fromkeys(names, b"x\n")).files] == sorted(names)


def test_mode_change_is_told(tmp_path):
    work = tmp_path / "work"
    old = commit_tree({"script": b"x\n"}, work)
    (work / "script").chmod(0o755)
    git("commit", "-q", "-a", "-m", "mode", cwd=work)
    [file] = diff(work / ".git", old, git("rev-parse", "HEAD", cwd=work).strip()).files
    assert file.mode_change == "100644 → 100755"


def test_long_file_is_cut_and_counted(compare):
    [file] = compare({"a": b""}, {"a": b"x\n" * (MAX_DIFF_FILE_LINES + 10)}).files
    assert (file.is_cut, len(file.lines), file.added) == (True, MAX_DIFF_FILE_LINES, MAX_DIFF_FILE_LINES + 10)


def test_huge_difference_is_cut_and_every_file_named(compare):
    part = b"0123456789abcdef" * 15 + b"\n"
    new = {f"file-{number}": part * (MAX_DIFF_BYTES // 4 // len(part)) for number in range(8)}
    found = compare({}, new)
    assert found.is_cut
    assert [file.path for file in found.files] == sorted(new)
    assert found.files[-1].is_cut


def test_programs_that_the_repository_names_are_not_run(tmp_path):
    work, trace = tmp_path / "work", tmp_path / "ran"
    old = commit_tree({"a": b"x\n", ".gitattributes": b"a diff=evil\n"}, work)
    new = commit_tree({"a": b"y\n", ".gitattributes": b"a diff=evil\n"}, work)
    for key in ("diff.external", "diff.evil.command", "diff.evil.textconv"):
        git("config", key, f"touch {trace}; true", cwd=work)
    (work / ".git" / "info").mkdir(exist_ok=True)
    (work / ".git" / "info" / "attributes").write_text("a diff=evil\n")
    [file] = diff(work / ".git", old, new).files
    assert (file.added, file.deleted) == (1, 1)
    assert not trace.exists()
    # The trap is real: git as a user runs it does step into it.
    subprocess.run(["git", "diff", old, new], cwd=work, capture_output=True, check=False)
    assert trace.exists()


@pytest.mark.parametrize("commit", ["HEAD", "--output=/tmp/x", "", "a" * 39, "A" * 40])
def test_only_full_ids_are_compared(tmp_path, commit):
    with pytest.raises(DiffError, match="not a full commit id"):
        diff(tmp_path, commit, "a" * 40)


def test_unknown_commit_is_an_error_that_names_it(tmp_path):
    work = tmp_path / "work"
    known = commit_tree({"a": b"x"}, work)
    with pytest.raises(DiffError, match="f" * 40):
        diff(work / ".git", known, "f" * 40)
