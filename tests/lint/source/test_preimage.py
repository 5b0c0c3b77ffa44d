from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from recipes_app.lint.source.preimage import PreimageUnknown, UnsafePatch, preimages


def patch(path: str, *hunks: str) -> bytes:
    return (f"Description: a change\n--- a/{path}\n+++ b/{path}\n" + "".join(hunks)).encode()


def apply_all(files: dict[str, bytes], patches: list[bytes], folder: Path) -> dict[str, bytes]:
    """Apply the patches with the real patch(1), as dpkg-source calls it: without fuzz."""
    for path, content in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    for each in patches:
        subprocess.run(
            ["patch", "-t", "-F", "0", "-N", "-p1", "-u", "--no-backup-if-mismatch"], cwd=folder, input=each, check=True
        )
    return {str(each.relative_to(folder)): each.read_bytes() for each in folder.rglob("*") if each.is_file()}


def test_one_hunk_stands_at_its_line_over_empty_ones() -> None:
    files = preimages([patch("main.c", "@@ -3,3 +3,3 @@\n one\n-two\n+zwei\n three\n")])
    assert files == {"main.c": b"\n\none\ntwo\nthree\n"}


def test_a_series_over_the_same_lines_applies_to_its_preimage(tmp_path: Path) -> None:
    patches = [
        patch("main.c", "@@ -3,3 +3,4 @@\n one\n-two\n+zwei\n+new\n three\n"),
        patch("main.c", "@@ -4,3 +4,3 @@\n zwei\n-new\n+newer\n three\n", "@@ -20,1 +20,2 @@\n-tail\n+end\n+of it\n"),
    ]
    after = apply_all(preimages(patches), patches, tmp_path)
    assert after["main.c"].splitlines()[2:6] == [b"one", b"zwei", b"newer", b"three"]
    assert after["main.c"].endswith(b"end\nof it\n")


def test_a_patch_with_an_offset_applies_to_its_preimage(tmp_path: Path) -> None:
    patches = [
        patch("main.c", "@@ -10,3 +10,3 @@\n one\n-two\n+zwei\n three\n"),
        # Refreshed against a file that was two lines longer above.
        patch("main.c", "@@ -12,3 +12,3 @@\n one\n-zwei\n+deux\n three\n"),
    ]
    assert b"one\ndeux\nthree\n" in apply_all(preimages(patches), patches, tmp_path)["main.c"]


def test_a_file_that_a_patch_creates_is_not_upstreams() -> None:
    create = b"--- /dev/null\n+++ b/new.c\n@@ -0,0 +1,2 @@\n+one\n+two\n"
    change = patch("new.c", "@@ -1,2 +1,2 @@\n one\n-two\n+zwei\n")
    assert preimages([create, change]) == {}


def test_a_file_that_a_patch_deletes_is_there_before() -> None:
    assert preimages([b"--- a/old.c\n+++ /dev/null\n@@ -1,2 +0,0 @@\n-one\n-two\n"]) == {"old.c": b"one\ntwo\n"}


def test_a_hunk_without_newline_at_the_end_of_the_file_keeps_it_so(tmp_path: Path) -> None:
    patches = [patch("VERSION", "@@ -1 +1 @@\n-1.0\n\\ No newline at end of file\n+1.1\n")]
    files = preimages(patches)
    assert files == {"VERSION": b"1.0"}
    assert apply_all(files, patches, tmp_path) == {"VERSION": b"1.1\n"}


def test_less_context_below_than_above_is_the_end_of_the_file(tmp_path: Path) -> None:
    patches = [patch("list", "@@ -5,4 +5,5 @@\n a\n b\n c\n+new\n d\n")]
    assert apply_all(preimages(patches), patches, tmp_path)["list"].endswith(b"c\nnew\nd\n")


def test_context_lines_whose_blank_was_stripped_are_empty_lines() -> None:
    assert preimages([patch("main.c", "@@ -1,3 +1,3 @@\n one\n\n-two\n+zwei\n")]) == {"main.c": b"one\n\ntwo\n"}


def test_empty_context_lines_that_are_lost_at_the_patch_s_end_are_forgiven() -> None:
    assert preimages([patch("main.c", "@@ -1,3 +1,3 @@\n one\n-two\n+zwei\n")]) == {"main.c": b"one\ntwo\n\n"}


@pytest.mark.parametrize(
    "text",
    [
        b"diff --git a/x b/x\nGIT binary patch\nliteral 3\n",
        b"diff --git a/x b/y\nrename from x\nrename to y\n",
        patch("main.c", "@@ -1,6 +1,6 @@\n one\n-two\n+zwei\n"),
        patch("main.c", "@@ -1,3 +1,3 @@\n one\n*two\n three\n"),
        patch("main.c", "@@ -1,3 +999999999,3 @@\n one\n-two\n+zwei\n three\n"),
        patch("main.c", "@@ -1,3 +9999999999999999999999,3 @@\n one\n-two\n+zwei\n three\n"),
    ],
    ids=["binary", "rename", "cut off", "odd line", "huge line number", "longer than a number"],
)
def test_what_does_not_tell_the_preimage_is_said_to(text: bytes) -> None:
    with pytest.raises(PreimageUnknown):
        preimages([text])


def test_a_patch_of_lines_that_a_created_file_does_not_have_is_said_to() -> None:
    create = b"--- /dev/null\n+++ b/new.c\n@@ -0,0 +1,1 @@\n+one\n"
    with pytest.raises(PreimageUnknown, match="than the one that creates it"):
        preimages([create, patch("new.c", "@@ -1 +1 @@\n-two\n+three\n")])


@pytest.mark.parametrize("path", ["/etc/passwd", "a/../../x", "..", "b\\..\\x"])
def test_a_path_that_leaves_the_tree_is_refused(path: str) -> None:
    text = f"--- {path}\n+++ {path}\n@@ -1 +1 @@\n-a\n+b\n".encode()
    with pytest.raises(UnsafePatch, match="leaves the source tree"):
        preimages([text])
