"""Checks of the manifest's Fetch paragraphs: the cases beside the examples."""

import pytest

from recipes_app.lint.checks.examples import CONTROL, DUR, SHA256
from tests.lint.checks.helpers import found

URL = "https://example.org/releases/hello-dur-1.0.tar.gz"


def with_url(url):
    return {"debian/dur": DUR.replace(URL, url)}


@pytest.mark.parametrize(
    "path",
    [
        "releases/latest/hello.tar.gz",
        "archive/refs/heads/main.tar.gz",
        "archive/master.zip",
        "hello/nightly/hello-1.0.tar.gz",
        "archive/HEAD.tar.gz",
    ],
)
def test_an_address_of_the_newest_is_told(path):
    assert len(found(with_url(f"https://example.org/{path}"), "DUR103")) >= 1


@pytest.mark.parametrize("path", ["latest-news/1.0.tar.gz", "mainframe/main-1.0.tar.gz", "v1.0/head.c"])
def test_an_address_with_such_a_word_in_a_name_is_not_told(path):
    assert found(with_url(f"https://example.org/{path}"), "DUR103") == []


@pytest.mark.parametrize("host", ["203.0.113.7:8443", "[2001:db8::1]", "bit.ly", "www.pastebin.com", "CDN.discordapp.com"])
def test_a_host_that_tells_nothing_is_told(host):
    # The parser takes no address in brackets: then it is not https as the format knows it, and DUR102 says so.
    files = with_url(f"https://{host}/hello.tar.gz")
    assert found(files, "DUR107") or found(files, "DUR102")


@pytest.mark.parametrize("host", ["example.org", "1.2.3.example.org", "notbit.ly", "gitlab.com"])
def test_an_ordinary_host_is_not_told(host):
    assert found(with_url(f"https://{host}/hello.tar.gz"), "DUR107") == []


def test_a_git_source_is_pinned_by_its_commit_and_needs_no_tarballs_name():
    dur = DUR.replace(URL, f"git+https://example.org/hello.git#commit={'a' * 40}").replace(
        f"SHA256: {SHA256}\nSize: 725946\n", ""
    )
    files = {"debian/dur": dur.replace("Fetch: hello-dur_1.0.orig.tar.gz", "Fetch: hello")}
    assert found(files, "DUR101") == found(files, "DUR115") == []


def test_a_git_source_without_a_commit_is_told():
    files = with_url("git+https://example.org/hello.git#branch=main")
    assert [finding.line for finding in found(files, "DUR102")] == [8]


@pytest.mark.parametrize("name", ["hello-dur_1.0.orig.tar.xz", "hello-dur_1.0.orig.tar.lzma"])
def test_a_tarball_of_the_right_version_is_taken(name):
    assert found({"debian/dur": DUR.replace("hello-dur_1.0.orig.tar.gz", name)}, "DUR115") == []


@pytest.mark.parametrize(
    "name", ["hello-dur_1.0.tar.gz", "hello-dur-1.0.tar.gz", "hello-dur_1.0.orig.zip", "hello_1.0.orig.tar.gz"]
)
def test_a_tarball_of_another_name_is_told(name):
    assert len(found({"debian/dur": DUR.replace("hello-dur_1.0.orig.tar.gz", name)}, "DUR115")) == 1


def test_an_epoch_is_no_part_of_the_tarballs_name():
    changelog = "hello-dur (2:1.0-1) unstable; urgency=medium\n\n  * x\n\n -- A <a@b.org>  Mon, 02 Feb 2026 10:00:00 +0000\n"
    assert found({"debian/changelog": changelog}, "DUR115") == []


def test_one_fetch_for_all_architectures_is_enough():
    dur = DUR + f"\nFetch: more.bin\nURL: https://example.org/m\nSHA256: {SHA256[::-1]}\nSize: 1\nRole: extra\nArch: amd64\n"
    assert found({"debian/dur": dur}, "DUR116") == []


def test_an_architecture_that_nothing_is_fetched_for_is_named():
    dur = DUR.replace("Size: 725946\n", "Size: 725946\nArch: amd64\n")
    control = CONTROL.replace("Architecture: any", "Architecture: amd64 riscv64")
    assert "riscv64" in found({"debian/dur": dur, "debian/control": control}, "DUR116")[0].message
