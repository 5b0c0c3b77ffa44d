"""The archive's names, read by apt's own reader from lists as apt keeps them."""

import gzip
import os

import pytest

from recipes_app.lint.archive import ArchiveNames, ArchiveUnknown, archive_names

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
