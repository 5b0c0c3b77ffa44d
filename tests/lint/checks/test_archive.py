"""The archive's names, read by apt's own reader from lists as apt keeps them."""

import gzip
import os

import pytest

from recipes_app.lint.checks.archive import ArchiveNames, ArchiveUnknown, archive_names
from recipes_app.lint.checks.registry import run_checks
from recipes_app.lint.recipe_checks import context_of
from tests.factories import recipe_tree

PACKAGES = b"Package: hello\nVersion: 2.10-3\nDescription: greeting\n Package: none\n\nPackage: sl\nVersion: 5.02-1\n\n"
NAME = "deb.debian.org_debian_dists_trixie_main_binary-amd64_Packages"
DAY = 1_767_268_800  # 2026-01-01 12:00 UTC


def write(path, content):
    path.write_bytes(content)
    os.utime(path, (DAY, DAY))


def test_names_are_read_from_plain_and_compressed_lists(tmp_path):
    write(tmp_path / NAME, PACKAGES)
    write(tmp_path / f"{NAME}.gz".replace("main", "contrib"), gzip.compress(b"Package: steam-installer\n\n"))
    write(tmp_path / NAME.replace("_Packages", "_InRelease"), b"Package: no-list\n")

    assert archive_names(tmp_path) == ArchiveNames(frozenset({"hello", "sl", "steam-installer"}), "2026-01-01")


def test_without_lists_nothing_is_known(tmp_path):
    assert archive_names(tmp_path) == ArchiveNames()


def test_a_changed_list_is_read_again_and_one_that_did_not_change_is_not(tmp_path):
    write(tmp_path / NAME, PACKAGES)
    first = archive_names(tmp_path)
    assert archive_names(tmp_path) is first

    (tmp_path / NAME).write_bytes(b"Package: figlet\n\n")

    assert archive_names(tmp_path).names == {"figlet"}


def test_a_list_that_cannot_be_read_is_told(tmp_path):
    write(tmp_path / f"{NAME}.lz4", b"\x04\x22\x4d\x18 and no more")

    with pytest.raises(ArchiveUnknown, match=r"Packages\.lz4"):
        archive_names(tmp_path)


def test_a_recipe_is_compared_with_the_names_that_this_machine_knows(tmp_path):
    write(tmp_path / NAME, PACKAGES)

    context = context_of({}, lists=tmp_path)

    findings = run_checks(recipe_tree("sl"), context)
    assert [finding.message for finding in findings if finding.id == "DUR201"] == [
        "sl is a binary package of the Debian archive as of 2026-01-01"
    ]


def test_the_other_checks_go_on_where_the_lists_cannot_be_read(tmp_path, caplog):
    write(tmp_path / f"{NAME}.lz4", b"\x04\x22\x4d\x18 and no more")

    assert context_of({"previous_version": "1.0-1"}, lists=tmp_path).archive_binaries == frozenset()
    assert "Packages.lz4" in caplog.text
