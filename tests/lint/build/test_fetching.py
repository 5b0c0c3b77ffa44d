"""Fetching for a trial build, against real servers on loopback: what comes, what is refused, and what is kept."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from recipes_app.formats.metadata import Fetch
from recipes_app.limits import FETCH_FILE_BYTES
from recipes_app.lint.build.fetching import Fetcher, FetchFailed, FetchMismatch, FetchRefused
from tests.lint.serving import CONTENT, SHA256, Server

pytestmark = pytest.mark.server


def pinned(url: str, **changes: Any) -> Fetch:
    return Fetch(**{"filename": "x.tar.gz", "url": url, "line": 1, "sha256": SHA256, "size": len(CONTENT), **changes})


def kept(fetcher: Fetcher) -> list[Path]:
    return [path for path in fetcher.folder.rglob("*") if path.is_file()]


def test_a_file_is_fetched_once_and_kept_by_its_content(server: Server, fetcher: Fetcher) -> None:
    files = fetcher.fetch_all([pinned(server.url()), pinned(server.url(), filename="again.tar.gz")])
    assert {name: path.read_bytes() for name, path in files.items()} == {"x.tar.gz": CONTENT, "again.tar.gz": CONTENT}
    assert server.asked == ["/x.tar.gz"]
    assert kept(fetcher) == [fetcher.folder / "sha256" / SHA256[:2] / SHA256]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"sha256": "0" * 64}, f"has the SHA256 {SHA256}; the manifest pins 000"),
        ({"size": len(CONTENT) + 1}, f"has {len(CONTENT)} bytes; the manifest pins {len(CONTENT) + 1}"),
        ({"size": 10}, "has more than the 10 bytes"),
    ],
    ids=["another content", "too short", "too long"],
)
def test_what_is_not_pinned_is_not_kept(changes: dict[str, Any], words: str, server: Server, fetcher: Fetcher) -> None:
    with pytest.raises(FetchMismatch, match=words):
        fetcher.fetch(pinned(server.url(), **changes))
    assert kept(fetcher) == []


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"acceptance": "explicit"}, "the portal accepts none for its users: build at home"),
        ({"licence_class": "nonfree-noredist"}, "may not be passed on by its licence"),
        ({"sha256": ""}, "nothing pins it"),
        ({"size": None}, "nothing pins it"),
        ({"size": FETCH_FILE_BYTES + 1}, "the portal fetches at most"),
        ({"url": "git+https://localhost/x#commit=" + "0" * 40}, "comes from a git repository"),
    ],
)
def test_what_the_portal_may_not_fetch_is_refused_before_anything_is_asked(
    changes: dict[str, Any], words: str, server: Server, fetcher: Fetcher
) -> None:
    with pytest.raises(FetchRefused, match=words):
        fetcher.fetch_all([pinned(server.url(), filename="good.tar.gz"), pinned(**{"url": server.url(), **changes})])
    assert server.asked == []


def test_a_machine_behind_the_firewall_is_not_asked(server: Server, tmp_path: Path) -> None:
    with pytest.raises(FetchRefused, match=r"localhost is at .*, which is no public address"):
        Fetcher(tmp_path).fetch(pinned(server.url()))
    assert server.asked == []


def test_a_redirect_to_a_machine_behind_the_firewall_is_not_followed(server: Server, fetcher: Fetcher) -> None:
    server.answers["/x.tar.gz"] = (302, {"Location": server.url("/secret", host="127.0.0.2")}, b"")
    with pytest.raises(FetchRefused, match=r"127\.0\.0\.2, which is no public address"):
        fetcher.fetch(pinned(server.url()))
    assert server.asked == ["/x.tar.gz"]


def test_a_redirect_is_followed_and_only_to_https(server: Server, mirror: Server, fetcher: Fetcher) -> None:
    server.answers["/moved"] = (301, {"Location": "/x.tar.gz"}, b"")
    assert fetcher.fetch(pinned(server.url("/moved"))).read_bytes() == CONTENT
    server.answers["/down"] = (302, {"Location": mirror.url(scheme="http")}, b"")
    with pytest.raises(FetchFailed, match="which is no https address"):
        fetcher.fetch(pinned(server.url("/down"), sha256="1" * 64))
    assert mirror.asked == []


def test_redirects_in_a_circle_end(server: Server, fetcher: Fetcher) -> None:
    server.answers["/x.tar.gz"] = (302, {"Location": "/x.tar.gz"}, b"")
    with pytest.raises(FetchFailed, match="more than 5 redirects"):
        fetcher.fetch(pinned(server.url()))


def test_a_certificate_of_nobody_is_not_accepted(server: Server, fetcher: Fetcher, tmp_path: Path) -> None:
    stranger = Fetcher(tmp_path, is_allowed=fetcher.is_allowed)
    with pytest.raises(FetchFailed, match="its certificate is not accepted"):
        stranger.fetch(pinned(server.url()))


def test_an_absent_file_is_told_with_its_address(server: Server, fetcher: Fetcher) -> None:
    with pytest.raises(FetchFailed, match=r"x\.tar\.gz could not be fetched: https://localhost:\d+/gone: its server answers 404"):
        fetcher.fetch(pinned(server.url("/gone")))


def test_the_oldest_files_go_when_the_cache_is_full(server: Server, fetcher: Fetcher, tmp_path: Path) -> None:
    server.answers["/other"] = (200, {}, b"other")
    first = fetcher.fetch(pinned(server.url()))
    small = Fetcher(tmp_path, is_allowed=fetcher.is_allowed, tls=fetcher.tls, cache_bytes=len(CONTENT))
    other = pinned(server.url("/other"), sha256=hashlib.sha256(b"other").hexdigest(), size=5)
    assert small.fetch_all([other])["x.tar.gz"].read_bytes() == b"other"
    assert not first.exists()


def test_pypi_is_the_index_that_pip_is_told_of(mirror: Server, fetcher: Fetcher, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", mirror.url("/simple", scheme="http"))
    files = [{"filename": "x.tar.gz", "url": "../../x.tar.gz#sha256=1"}]
    mirror.answers["/simple/some-name/"] = (200, {}, json.dumps({"files": files}).encode())
    assert fetcher.fetch(pinned("pypi:Some_Name/1.0/x.tar.gz")).read_bytes() == CONTENT
    with pytest.raises(FetchFailed, match=r"knows no file y\.tar\.gz"):
        fetcher.fetch(pinned("pypi:Some_Name/1.0/y.tar.gz", sha256="1" * 64))


def test_npm_is_the_registry_that_npm_is_told_of(mirror: Server, fetcher: Fetcher, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NPM_CONFIG_REGISTRY", mirror.url("", scheme="http"))
    document = {"dist": {"tarball": mirror.url(scheme="http")}}
    mirror.answers["/@scope%2Fname/1.0.0"] = (200, {}, json.dumps(document).encode())
    assert fetcher.fetch(pinned("npm:@scope/name/1.0.0")).read_bytes() == CONTENT


def test_debian_is_the_mirror_of_the_runner_in_any_component(
    mirror: Server, fetcher: Fetcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LINT_MIRROR", mirror.url("/debian", scheme="http"))
    mirror.answers["/debian/pool/contrib/libx/libxyz/x.tar.gz"] = (200, {}, CONTENT)
    assert fetcher.fetch(pinned("debian:libxyz/1.0-1/x.tar.gz")).read_bytes() == CONTENT


def test_an_index_that_speaks_no_json_is_told(mirror: Server, fetcher: Fetcher, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", mirror.url("/simple", scheme="http"))
    mirror.answers["/simple/name/"] = (200, {}, b"<html>")
    with pytest.raises(FetchFailed, match="does not answer in JSON"):
        fetcher.fetch(pinned("pypi:name/1.0/x.tar.gz"))
