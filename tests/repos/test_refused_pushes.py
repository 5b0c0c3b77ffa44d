"""Each rule about a push has its refused push here: the line that the user's git shows, and that nothing is stored."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from recipes_app.limits import MAX_BLOB_BYTES, MAX_PATH_DEPTH, MAX_TREE_FILES
from recipes_app.repos.push_rules import harmless_attributes
from tests.repos.workspace import RawEntry, Workspace
from tests.servers.portal import GitResult

pytestmark = pytest.mark.server

FILE = "100644"
REFUSED = "The push was refused and nothing of it was stored."


def assert_refused(workspace: Workspace, result: GitResult, line: str) -> None:
    """The push failed, the user read `line`, and the recipe does not exist."""
    assert result.status != 0
    assert line in result.remote
    assert result.remote[-1] == REFUSED
    assert workspace.stored() == {}
    assert f"there is no recipe {workspace.name!r}" in workspace.read_error()
    assert not list(workspace.server.data.glob("repos/.incoming/*"))


def refuse_raw(workspace: Workspace, entries: Mapping[bytes, RawEntry], line: str) -> None:
    workspace.commit_raw(entries)
    assert_refused(workspace, workspace.push(), line)


def test_symlink_out_of_the_tree(workspace: Workspace) -> None:
    refuse_raw(
        workspace,
        {b"debian/extra": RawEntry("120000", b"/etc/passwd")},
        "error: debian/extra: is a symbolic link, and recipes hold regular files only (commit a copy of the file)",
    )


def test_symlink_inside_the_tree_too(workspace: Workspace) -> None:
    refuse_raw(
        workspace,
        {b"debian/lib.symbols": RawEntry("120000", b"other.symbols")},
        "error: debian/lib.symbols: is a symbolic link, and recipes hold regular files only (commit a copy of the file)",
    )


def test_control_that_is_a_symlink(workspace: Workspace) -> None:
    refuse_raw(
        workspace,
        {b"debian/control": RawEntry("120000", b"../outside")},
        "error: debian/control: is a symbolic link, and recipes hold regular files only (commit a copy of the file)",
    )


def test_control_that_is_a_folder(workspace: Workspace) -> None:
    entries = {b"debian/changelog/x": RawEntry(FILE, b"x\n")}
    workspace.commit(**{"debian/changelog": None})
    workspace.commit_raw(entries, without=b"debian/changelog")
    assert_refused(workspace, workspace.push(), "error: debian/changelog: is a folder; expected a regular file")


def test_submodule(workspace: Workspace) -> None:
    refuse_raw(
        workspace,
        {b"vendor": RawEntry("160000", oid="1" * 40)},
        "error: vendor: is a submodule, which is not fetched (pin the source by a Fetch in debian/dur)",
    )


def test_path_that_is_not_utf8(workspace: Workspace) -> None:
    refuse_raw(
        workspace,
        {b"debian/caf\xe9": RawEntry(FILE, b"x\n")},
        r"error: debian/caf\xe9: the name is not valid UTF-8 (rename the file)",
    )


def test_path_with_an_escape_sequence(workspace: Workspace) -> None:
    refuse_raw(
        workspace,
        {b"debian/a\x1b[2Jb": RawEntry(FILE, b"x\n")},
        r"error: debian/a\x1b[2Jb: the name holds control or invisible characters (rename the file)",
    )


def test_path_that_turns_text_around(workspace: Workspace) -> None:
    refuse_raw(
        workspace,
        {"debian/gpj.\u202etxt".encode(): RawEntry(FILE, b"x\n")},
        r"error: debian/gpj.\u202etxt: the name holds control or invisible characters (rename the file)",
    )


def test_blob_that_is_too_large(workspace: Workspace) -> None:
    refuse_raw(
        workspace,
        {b"debian/data": RawEntry(FILE, b"a\n" * MAX_BLOB_BYTES)},
        f"error: debian/data: holds {2 * MAX_BLOB_BYTES} bytes; at most 256 KiB are taken "
        "(pin it by a Fetch in debian/dur, or split it)",
    )


def test_tree_with_too_many_files(workspace: Workspace) -> None:
    files = {b"debian/f%d" % number: RawEntry(FILE, oid=workspace_blob(workspace)) for number in range(MAX_TREE_FILES)}
    refuse_raw(workspace, files, f"error: the tree holds {MAX_TREE_FILES + 5} files; at most {MAX_TREE_FILES} are taken")


def workspace_blob(workspace: Workspace) -> str:
    if not (workspace.folder / ".git").exists():
        workspace.commit()
    return workspace.plumb("rev-parse", "HEAD:debian/rules").decode().strip()


def test_tree_that_holds_itself_a_thousand_times_over(workspace: Workspace) -> None:
    workspace.commit()
    tree = workspace.write("tree", b"100644 f\0" + bytes.fromhex(workspace_blob(workspace)))
    for _ in range(9):
        tree = workspace.write("tree", b"".join(b"40000 d%d\0" % number + bytes.fromhex(tree) for number in range(10)))
    workspace.commit_of_tree(tree)
    assert_refused(
        workspace, workspace.push(), "error: the push holds more than 100000 files and folders: push the history in parts"
    )


def test_folders_nested_too_deep(workspace: Workspace) -> None:
    refuse_raw(
        workspace,
        {b"d/" * (MAX_PATH_DEPTH + 1) + b"f": RawEntry(FILE, b"x\n"), b"e/" * 40 + b"f": RawEntry(FILE, b"x\n")},
        f"error: {'d/' * 17}: is a folder at depth 17; folders are nested at most 16 deep "
        "(move it up, or pin its files by a Fetch in debian/dur)",
    )


def test_a_long_path_is_shortened_in_the_line_that_refuses_it(workspace: Workspace) -> None:
    refuse_raw(
        workspace,
        {b"/".join([b"d" * 100] * 18): RawEntry(FILE, b"x\n")},
        f"error: {'d' * 100}/{'d' * 19}… (1597 more): is a folder at depth 17; folders are nested at most 16 deep "
        "(move it up, or pin its files by a Fetch in debian/dur)",
    )


def test_name_that_no_file_system_takes(workspace: Workspace) -> None:
    refuse_raw(
        workspace,
        {b"debian/" + b"n" * 256: RawEntry(FILE, b"x\n")},
        f"error: debian/{'n' * 113}… (143 more): the name has 256 bytes; file systems take at most 255 (shorten it)",
    )


def test_what_was_a_folder_of_one_commit_is_looked_at_again_as_the_root_of_another(workspace: Workspace) -> None:
    workspace.commit()
    inner = workspace.plumb("rev-parse", "HEAD:").decode().strip()
    bad = workspace.write("tree", b"40000 control\0" + bytes.fromhex(inner))
    root = workspace.write("tree", b"40000 debian\0" + bytes.fromhex(bad))
    outer = workspace.write("tree", b"40000 x\0" + bytes.fromhex(root))
    middle = workspace.commit_of_tree(root)
    first = workspace.commit_of_tree(outer, (middle,))
    workspace.commit_of_tree(inner, (first,))
    assert_refused(workspace, workspace.push(), f"error: {middle[:12]}: debian/control: is a folder; expected a regular file")


def test_path_that_is_too_long(workspace: Workspace) -> None:
    folder = b"a" * 250
    refuse_raw(
        workspace,
        {b"/".join([folder] * 5): RawEntry(FILE, b"x\n")},
        "error: a path has 1254 bytes; at most 1024 are taken",
    )


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"\x7fELF\x02\x01\x01" + b"\0" * 40, "an ELF program or library"),
        (b"!<arch>\ndebian-binary   ", "an ar archive (.deb, .a)"),
        (b"\x1f\x8b\x08\0\0\0\0\0\0\x03", "gzip-compressed data"),
        (b"PK\x03\x04\x14\0\0\0", "a zip archive (also .jar, .whl, .odt, PyTorch weights)"),
        (b"GGUF\x03\0\0\0\0\0\0\0", "model weights (GGUF)"),
        (b"\x50\0\0\0\0\0\0\0" + b'{"a":{"dtype":"F32"}}' + bytes(range(100)), "model weights (safetensors)"),
        (bytes(range(256)) * 4, "binary data of a kind that recipes do not need"),
    ],
)
def test_binary_blob(workspace: Workspace, content: bytes, words: str) -> None:
    refuse_raw(
        workspace,
        {b"debian/blob": RawEntry(FILE, content)},
        f"error: debian/blob: is {words} (remove it from every commit, and pin it by a Fetch in debian/dur)",
    )


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"# ours\n*.bin filter=lfs\n", "2: sets the attribute 'filter=lfs', which may change"),
        # Python's splitlines ends a line at a vertical tab, and git does not: the rest would pass as a comment.
        (b"[!\x0b#]* working-tree-encoding=ASCII//TRANSLIT\n", "1: holds the control character 0x0b"),
        ("[!\u2028#]* working-tree-encoding=UTF-16\n".encode(), "1: sets the attribute 'working-tree-encoding=UTF-16'"),
        (b"* eol=crlf\r\n", "1: holds the control character 0x0d"),
        (b"* eol=crlf\n", "1: sets the attribute 'eol=crlf'"),
        (b"debian/rules -diff\n", "1: sets the attribute '-diff'"),
        (b"debian/rules binary\n", "1: sets the attribute 'binary'"),
        (b"debian/rules -text\n", "1: sets the attribute '-text'"),
        (b'"debian/a b" ident\n', "1: sets the attribute 'ident'"),
        (b"[attr]quiet -diff\n", "1: sets the attribute '-diff'"),
        (b"* export-subst\n", "1: sets the attribute 'export-subst'"),
    ],
)
def test_attributes_that_change_files_or_hide_changes(workspace: Workspace, content: bytes, fault: str) -> None:
    workspace.commit_raw({b".gitattributes": RawEntry(FILE, content)})
    result = workspace.push()
    (line,) = [line for line in result.remote if line.startswith("error: ")]
    assert line.startswith(f"error: .gitattributes:{fault}")
    assert_refused(workspace, result, line)


def test_attributes_that_change_nothing_are_taken() -> None:
    content = (
        b'# ours\n\n* text=auto eol=lf\n"a b" text merge=union\n*.py diff=python linguist-generated=true\n'
        b"*.md whitespace=trailing-space\n"
    )
    assert list(harmless_attributes(".gitattributes", content)) == []


def test_binary_in_an_older_commit_of_the_push(workspace: Workspace) -> None:
    workspace.commit()
    old = workspace.commit_raw({b"debian/blob": RawEntry(FILE, b"\x7fELF\0\0\0\0")})
    workspace.commit_raw({}, parents=(old,))
    assert_refused(
        workspace,
        workspace.push(),
        f"error: {old[:12]}: debian/blob: is an ELF program or library "
        "(remove it from every commit, and pin it by a Fetch in debian/dur)",
    )


def test_all_findings_are_shown_at_once(workspace: Workspace) -> None:
    workspace.commit_raw({b"debian/blob": RawEntry(FILE, b"\x7fELF\0\0\0\0"), b"vendor": RawEntry("160000", oid="1" * 40)})
    lines = workspace.push().remote
    assert [line.split(":")[1].strip() for line in lines if line.startswith("error")] == ["debian/blob", "vendor"]


def test_more_findings_than_a_terminal_takes_are_counted(workspace: Workspace) -> None:
    workspace.commit_raw({b"debian/l%03d" % number: RawEntry("120000", b"x") for number in range(70)})
    lines = workspace.push().remote
    assert len(lines) == 52
    assert lines[-2:] == ["error: and 20 more", REFUSED]


def test_dot_git_in_a_tree_is_refused_by_git_itself(workspace: Workspace) -> None:
    workspace.commit_raw({b".git/config": RawEntry(FILE, b"[core]\n")})
    result = workspace.push()
    assert result.status != 0
    assert any("hasDotgit: contains '.git'" in line for line in result.remote)
    assert workspace.stored() == {}


def test_control_that_is_missing(workspace: Workspace) -> None:
    workspace.commit(**{"debian/control": None})
    result = workspace.push()
    assert result.status != 0
    assert any(line.startswith("error: debian/control: ") for line in result.remote)
    assert workspace.stored() == {}


def test_source_that_is_not_the_recipes_name(workspace: Workspace) -> None:
    workspace.commit()
    workspace.name += "-other"
    result = workspace.push()
    assert result.status != 0
    assert any(line.startswith("error: debian/control:1: ") and "-other" in line for line in result.remote)
    assert workspace.stored() == {}


def test_version_lower_than_the_current_one(workspace: Workspace) -> None:
    first = workspace.commit(version="1:2.0-1")
    assert workspace.push().status == 0
    workspace.commit(version="3.0-1")
    line = "version 3.0-1 is lower than 1:2.0-1, the current one of main (add an entry with a higher version (dch -v))"
    assert workspace.push().remote == [f"error: debian/changelog:1: {line}", REFUSED]
    assert workspace.stored() == {"main": first}


def test_rewritten_history(workspace: Workspace) -> None:
    first = workspace.commit()
    assert workspace.push().status == 0
    workspace.commit_raw({}, version="2.0-1")
    result = workspace.push(force=True)
    assert result.remote == ["error: main would lose commits (not a fast-forward) (git pull --rebase, then push again)", REFUSED]
    assert workspace.stored() == {"main": first}


def test_deleted_branch(workspace: Workspace) -> None:
    first = workspace.commit()
    assert workspace.push("HEAD:main", "HEAD:debian/bookworm").status == 0
    result = workspace.push(":debian/bookworm")
    assert result.status != 0
    assert workspace.stored() == {"main": first, "debian/bookworm": first}


@pytest.mark.parametrize("reference", ["refs/heads/feature", "refs/tags/v1", "refs/heads/debian/a/b", "refs/notes/x"])
def test_reference_that_is_not_kept(workspace: Workspace, reference: str) -> None:
    workspace.commit()
    assert_refused(
        workspace,
        workspace.push("HEAD:main", f"HEAD:{reference}"),
        f"error: {reference} is refused: only the branch main and suite branches debian/SUITE are kept here "
        "(git push REMOTE HEAD:main)",
    )


def test_suite_branch_before_main(workspace: Workspace) -> None:
    workspace.commit()
    assert_refused(
        workspace,
        workspace.push("HEAD:debian/bookworm"),
        "error: the recipe has no branch main yet (git push REMOTE HEAD:main)",
    )


def test_shallow_history_is_refused_by_git_itself(workspace: Workspace, tmp_path: Path) -> None:
    workspace.commit()
    workspace.commit(version="1.0-2")
    shallow = tmp_path / "shallow"
    subprocess.run(["git", "clone", "-q", "--depth=1", f"file://{workspace.folder}", str(shallow)], check=True)
    workspace.folder = shallow
    result = workspace.push()
    assert result.status != 0
    assert "shallow update not allowed" in result.output
    assert workspace.stored() == {}
