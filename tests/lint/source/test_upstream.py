"""The whole source package of a recipe whose files are at hand, with the real dpkg-source and lintian."""

from __future__ import annotations

import hashlib
import io
import tarfile
from pathlib import Path

import pytest

from recipes_app.formats.metadata import Fetch
from recipes_app.limits import LINT_FULL_BYTES
from recipes_app.lint.protocol.report import Outcome
from recipes_app.lint.source.check import Identity, lint_tree
from recipes_app.lint.source.source_package import SourcePackageRefused
from recipes_app.lint.source.upstream import UpstreamMissing, full_package
from tests.factories import recipe_tree

PATCH = "Description: x\nForwarded: no\n--- a/main.c\n+++ b/main.c\n@@ -1,3 +1,3 @@\n one\n-two\n+zwei\n three\n"


def tarball(folder: str = "hello-1.0", **files: str) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for path, content in files.items():
            member = tarfile.TarInfo(f"{folder}/{path}" if folder else path)
            member.size, member.mtime, member.mode = len(content.encode()), 1_600_000_000, 0o644
            archive.addfile(member, io.BytesIO(content.encode()))
    return buffer.getvalue()


def fetch(folder: Path, content: bytes, filename: str = "hello-1.0.tar.gz", **members: str) -> Fetch:
    (folder / filename).write_bytes(content)
    values = {"sha256": hashlib.sha256(content).hexdigest(), **members}
    return Fetch(filename, f"https://example.org/{filename}", 1, size=len(content), **values)


def at_hand(folder: Path) -> dict[str, Path]:
    return {path.name: path for path in folder.iterdir()}


def make(folder: Path, *fetches: Fetch, version: str = "1.0-1", **files: str) -> list[str]:
    """The names of what goes into the sandbox."""
    tree = recipe_tree(version=version, **files)
    package = full_package(tree, fetches, at_hand(folder), name="hello-dur", version=version)
    with tarfile.open(fileobj=io.BytesIO(package.archive)) as archive:
        return sorted(archive.getnames())


def test_upstream_s_files_get_the_names_that_dpkg_source_knows(tmp_path: Path) -> None:
    orig = fetch(tmp_path, tarball(**{"main.c": "x"}))
    part = fetch(tmp_path, tarball(**{"part.c": "x"}), "v2.orig-data.tar.xz", role="component")
    extra = Fetch("model.bin", "https://example.org/model.bin", 1, role="extra")
    assert make(tmp_path, orig, part, extra, version="2:1.0-1") == [
        "hello-dur_1.0-1.debian.tar.gz", "hello-dur_1.0.orig-data.tar.xz", "hello-dur_1.0.orig.tar.gz", "provisional.dsc",
    ]  # fmt: skip


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(UpstreamMissing, match=r"gone\.tar\.gz is not at hand"):
        make(tmp_path, Fetch("gone.tar.gz", "https://example.org/gone.tar.gz", 1, sha256="0" * 64))


def test_another_file_than_the_pinned_one_is_not_looked_at(tmp_path: Path) -> None:
    changed = fetch(tmp_path, tarball(**{"main.c": "x"}), sha256="0" * 64)
    with pytest.raises(UpstreamMissing, match="not the file whose SHA256"):
        make(tmp_path, changed)


def test_a_file_without_a_pin_is_not_looked_at(tmp_path: Path) -> None:
    with pytest.raises(UpstreamMissing, match="not the file whose SHA256"):
        make(tmp_path, fetch(tmp_path, tarball(**{"main.c": "x"}), sha256=""))


@pytest.mark.parametrize(
    ("members", "words"),
    [
        ({"filename": "hello.zip"}, "no tarball that dpkg-source reads"),
        ({"wrap": "data/"}, "has a Wrap, and is no component"),
        ({"role": "component"}, "no name of a component"),
        ({"role": "component", "wrap": "data/"}, "no file of the role orig"),
        ({"role": "extra"}, "no file of the role orig"),
    ],
)
def test_what_is_no_tarball_of_a_source_package_is_said(tmp_path: Path, members: dict[str, str], words: str) -> None:
    with pytest.raises(UpstreamMissing, match=words):
        make(tmp_path, fetch(tmp_path, tarball(**{"main.c": "x"}), **members))


def test_more_than_a_runner_holds_is_not_looked_at(tmp_path: Path) -> None:
    large = Fetch("hello.tar.gz", "https://example.org/hello.tar.gz", 1, sha256="0" * 64)
    with (tmp_path / "hello.tar.gz").open("wb") as file:
        file.truncate(LINT_FULL_BYTES + 1)
    with pytest.raises(UpstreamMissing, match="up to"):
        make(tmp_path, large)


@pytest.mark.parametrize("source_format", ["1.0\n", "3.0 (native)\n"])
def test_only_quilt_is_made_of_upstream_s_tarballs(tmp_path: Path, source_format: str) -> None:
    with pytest.raises(UpstreamMissing, match="only the format"):
        make(tmp_path, fetch(tmp_path, tarball(**{"main.c": "x"})), **{"debian/source/format": source_format})


def test_a_version_that_would_be_more_than_a_file_name_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourcePackageRefused):
        full_package(recipe_tree(), [], {}, name="hello-dur", version="../1-1")


@pytest.mark.server
@pytest.mark.parametrize("top", ["hello-1.0", ""], ids=["one folder", "no folder"])
def test_upstream_s_own_faults_are_found_and_its_debian_is_not_ours(tmp_path: Path, top: str) -> None:
    upstream = {"main.c": "one\ntwo\nthree\n", "debian/rules": "no", "long.c": "x" * 3_000 + "\n"}
    orig = fetch(tmp_path, tarball(top, **upstream))
    tree = recipe_tree(**{"debian/patches/series": "fix.patch\n", "debian/patches/fix.patch": PATCH})
    identity = Identity("hello-dur", "1.0-1", ["hello-dur"], [orig])
    report = lint_tree(tree, identity, files=at_hand(tmp_path))
    assert (report.state, report.mode, report.error) == (Outcome.PASSED, "full", "")
    assert report.log.startswith("Upstream's files: fetched\n")
    places = {(hint.tag, hint.path) for hint in report.hints}
    assert ("very-long-line-length-in-source-file", "long.c") in places
    without = lint_tree(tree, identity)
    assert without.mode == "recipe-only"
    assert "long.c" not in {hint.path for hint in without.hints}


@pytest.mark.server
def test_a_patch_that_does_not_apply_to_upstream_s_file_fails_the_whole(tmp_path: Path) -> None:
    orig = fetch(tmp_path, tarball(**{"main.c": "quite another file\n"}))
    tree = recipe_tree(**{"debian/patches/series": "fix.patch\n", "debian/patches/fix.patch": PATCH})
    report = lint_tree(tree, Identity("hello-dur", "1.0-1", ["hello-dur"], [orig]), files=at_hand(tmp_path))
    assert report.state is Outcome.ERROR
    assert "fix.patch" in report.error or "patch" in report.log


@pytest.mark.server
def test_a_tarball_that_leaves_its_folder_stays_in_the_sandbox(tmp_path: Path) -> None:
    orig = fetch(tmp_path, tarball("..", **{"../../tmp/left-the-sandbox": "x"}))
    report = lint_tree(recipe_tree(), Identity("hello-dur", "1.0-1", ["hello-dur"], [orig]), files=at_hand(tmp_path))
    assert report.state is Outcome.ERROR
    assert not Path("/tmp/left-the-sandbox").exists()


@pytest.mark.server
def test_without_a_needed_file_the_recipe_alone_is_looked_at(tmp_path: Path) -> None:
    missing = Fetch("gone.tar.gz", "https://example.org/gone.tar.gz", 1, sha256="0" * 64)
    report = lint_tree(recipe_tree(), Identity("hello-dur", "1.0-1", ["hello-dur"], [missing]), files={})
    assert (report.state, report.mode) == (Outcome.PASSED, "recipe-only")
