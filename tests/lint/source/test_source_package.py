from __future__ import annotations

import io
import tarfile

import pytest

from recipes_app.lint.source.source_package import SourcePackage, SourcePackageRefused, Upstream, make_source_package, series
from tests.factories import recipe_tree

PATCH = "--- a/main.c\n+++ b/main.c\n@@ -1,3 +1,3 @@\n one\n-two\n+zwei\n three\n"


def make(tree: dict[str, bytes], version: str = "1.0-1", **options: bool) -> SourcePackage:
    return make_source_package(tree, name="hello-dur", version=version, **options)


def members(archive: bytes) -> dict[str, bytes]:
    with tarfile.open(fileobj=io.BytesIO(archive)) as opened:
        return {each.name: opened.extractfile(each).read() for each in opened if each.isfile()}


def test_a_quilt_recipe_gets_a_stub_with_what_its_patches_touch() -> None:
    package = make(recipe_tree(**{"debian/patches/series": "fix.patch\n", "debian/patches/fix.patch": PATCH}))
    files = members(package.archive)
    assert (package.dsc, package.upstream) == ("hello-dur_1.0-1.dsc", Upstream.PREIMAGES)
    assert members(files["hello-dur_1.0.orig.tar.gz"]) == {"hello-dur-1.0/main.c": b"one\ntwo\nthree\n"}
    assert files["source/main.c"] == b"one\ntwo\nthree\n"


def test_patches_that_cannot_be_undone_are_set_aside_with_the_reason() -> None:
    tree = recipe_tree(**{"debian/patches/series": "fix.patch\n", "debian/patches/fix.patch": "GIT binary patch\n"})
    package = make(tree)
    assert package.upstream is Upstream.EMPTY
    assert "binary" in package.missing
    assert not [path for path in members(package.archive) if "patches" in path]


def test_an_epoch_is_no_part_of_file_names() -> None:
    assert make(recipe_tree(), version="2:1.0-1").dsc == "hello-dur_1.0-1.dsc"


def test_a_native_recipe_has_no_stub_and_debian_alone() -> None:
    package = make(recipe_tree(**{"debian/source/format": "3.0 (native)", "hello.sh": "#!/bin/sh\n"}), version="1.0")
    assert package.upstream is Upstream.NATIVE
    assert "source/hello.sh" not in members(package.archive)
    assert not [path for path in members(package.archive) if "orig" in path]


def test_a_readme_of_the_recipe_is_no_part_of_a_quilt_source_package() -> None:
    assert "source/README.md" not in members(make(recipe_tree(**{"README.md": "Hello"})).archive)


def test_format_1_applies_no_patches() -> None:
    tree = recipe_tree(
        **{"debian/source/format": None, "debian/patches/series": "fix.patch\n", "debian/patches/fix.patch": PATCH}
    )
    package = make(tree)
    assert members(members(package.archive)["hello-dur_1.0.orig.tar.gz"]) == {}


def test_the_same_recipe_gives_the_same_archive() -> None:
    assert members(make(recipe_tree()).archive) == members(make(recipe_tree()).archive)


def test_git_s_executable_files_stay_executable() -> None:
    package = make_source_package(
        recipe_tree(**{"debian/hook": "#!/bin/sh\n"}), name="hello-dur", version="1.0-1", executables={"debian/hook"}
    )
    with tarfile.open(fileobj=io.BytesIO(package.archive)) as opened:
        modes = {each.name: each.mode for each in opened}
    assert modes["source/debian/hook"] == modes["source/debian/rules"] == 0o755
    assert modes["source/debian/control"] == 0o644


@pytest.mark.parametrize("line", ["/etc/passwd", "../../control", "a/../../x"])
def test_a_series_that_leaves_its_folder_is_refused(line: str) -> None:
    with pytest.raises(SourcePackageRefused, match="leaves the folder"):
        make(recipe_tree(**{"debian/patches/series": f"{line}\n"}))


def test_a_patch_that_writes_outside_is_refused() -> None:
    evil = PATCH.replace("b/main.c", "/tmp/x")
    with pytest.raises(SourcePackageRefused, match="leaves the source tree"):
        make(recipe_tree(**{"debian/patches/series": "evil\n", "debian/patches/evil": evil}))


def test_a_patch_that_is_missing_is_named() -> None:
    with pytest.raises(SourcePackageRefused, match=r"names gone\.patch"):
        make(recipe_tree(**{"debian/patches/series": "gone.patch\n"}))


@pytest.mark.parametrize("name", ["3.0 (custom)", "3.0 (git)", "", "2.0"])
def test_a_format_that_runs_or_unpacks_something_else_is_refused(name: str) -> None:
    with pytest.raises(SourcePackageRefused, match="debian/source/format"):
        make(recipe_tree(**{"debian/source/format": f"{name}\n"}))


@pytest.mark.parametrize("version", ["1.0;rm-1", "../1-1", "1 -1", "-1"])
def test_a_version_that_would_be_more_than_a_file_name_is_refused(version: str) -> None:
    with pytest.raises(SourcePackageRefused):
        make(recipe_tree(), version=version)


def test_a_quilt_version_without_debian_revision_says_what_to_do() -> None:
    with pytest.raises(SourcePackageRefused, match=r"call it 1\.0-1"):
        make(recipe_tree(), version="1.0")


def test_the_series_of_debian_comes_before_the_common_one() -> None:
    tree = {
        "debian/patches/series": b"common\n",
        "debian/patches/debian.series": b"# comment\n\nours -p1\nmine # why\n",
        "debian/patches/ours": b"",
        "debian/patches/mine": b"",
    }
    assert series(tree) == ["ours", "mine"]
