"""Asking others about upstream's files, against real servers on loopback and a real gpgv in the sandbox."""

from __future__ import annotations

import base64
import hashlib
import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from recipes_app.formats.confirmation import Confirmation, Confirmations
from recipes_app.formats.metadata import Fetch
from recipes_app.lint.build.bases import MIRROR_VARIABLE
from recipes_app.lint.build.confirming import confirm
from recipes_app.lint.build.fetching import Fetcher
from recipes_app.lint.protocol.report import LintReport, Outcome, ReportError
from tests.lint.serving import CONTENT, SHA256, Server

pytestmark = pytest.mark.server

# Made once by gpg, in the past, without an end; the signature is over serving.CONTENT.
KEY = b"""\
-----BEGIN PGP PUBLIC KEY BLOCK-----

mDMEY7KrIBYJKwYBBAHaRw8BAQdAez4D0vJb5SvIC5AZ+S6etlm77owBJkHtxtLV
vdB29YK0H1Vwc3RyZWFtIDx1cHN0cmVhbUBleGFtcGxlLm9yZz6IkAQTFggAOBYh
BNJud1RQdncBl6qdBa2nuILQb0tyBQJjsqsgAhsDBQsJCAcCBhUKCQgLAgQWAgMB
Ah4BAheAAAoJEK2nuILQb0tyJJ4BAIJivZhljgFWLLLCilOeTnwuuIykvxXLC4rH
B/L9rigCAQCyy8ZsQp74tNFHPsXpwJs/4b7qs+9z5aopphWic5/gDA==
=QU+c
-----END PGP PUBLIC KEY BLOCK-----
"""
SIGNATURE = b"""\
-----BEGIN PGP SIGNATURE-----

iHUEABYIAB0WIQTSbndUUHZ3AZeqnQWtp7iC0G9LcgUCY7P8oAAKCRCtp7iC0G9L
cqxbAP9JVRJ94WmksBSXGa1iSAJCqVFDTe9RHN6VCQqZt6d0nAEAoXxJ/TzK72mu
YnaMUW4YblMWHJCnFgcMZrUWfIwZTQI=
=uUQH
-----END PGP SIGNATURE-----
"""


def pinned(url: str, **changes: Any) -> Fetch:
    return Fetch(**{"filename": "x.tar.gz", "url": url, "line": 1, "sha256": SHA256, "size": len(CONTENT), **changes})


def asked(
    fetch: Fetch, fetcher: Fetcher, tree: dict[str, bytes] | None = None, files: dict[str, Path] | None = None
) -> Confirmation:
    (entry,) = confirm(tree or {}, [fetch], files or {}, fetcher).entries
    return entry


def test_record_of_pypi(mirror: Server, fetcher: Fetcher, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", mirror.url("/simple", scheme="http"))
    fetch = pinned("pypi:Some_Name/1.0/x.tar.gz")
    assert "did not answer" in asked(fetch, fetcher).said
    mirror.answers["/simple/some-name/"] = (
        200,
        {},
        json.dumps({"files": [{"filename": "x.tar.gz", "hashes": {"sha256": SHA256}}]}).encode(),
    )
    assert asked(fetch, fetcher).witness == "registry"
    other = asked(replace(fetch, sha256="1" * 64), fetcher)
    assert (other.witness, other.contradicts) == ("", True)


def test_record_of_npm(mirror: Server, fetcher: Fetcher, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NPM_CONFIG_REGISTRY", mirror.url("", scheme="http"))
    integrity = "sha512-" + base64.b64encode(hashlib.sha512(CONTENT).digest()).decode()
    record = {"dist": {"tarball": mirror.url(scheme="http"), "integrity": integrity}}
    mirror.answers["/name/1.0.0"] = (200, {}, json.dumps(record).encode())
    assert asked(pinned("npm:name/1.0.0"), fetcher).witness == "registry"
    record["dist"]["integrity"] = "sha512-" + base64.b64encode(bytes(64)).decode()
    mirror.answers["/name/1.0.0"] = (200, {}, json.dumps(record).encode())
    assert asked(pinned("npm:name/1.0.0"), fetcher).contradicts


def test_source_package_of_debian(mirror: Server, fetcher: Fetcher, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(MIRROR_VARIABLE, mirror.url("", scheme="http"))
    fetch = pinned("debian:hello/1:2.10-3/x.tar.gz")
    mirror.answers["/pool/contrib/h/hello/hello_2.10-3.dsc"] = (200, {}, f"Checksums-Sha256:\n {SHA256} 1 x.tar.gz\n".encode())
    assert asked(fetch, fetcher).witness == "debian"


def signed(server: Server) -> tuple[dict[str, bytes], Fetch]:
    watch = f"version=4\nopts=pgpsigurlmangle=s/$/.asc/ {server.url('/')} x-(.*)\\.tar\\.gz\n"
    tree = {"debian/watch": watch.encode(), "debian/upstream/signing-key.asc": KEY}
    server.answers["/x-1.0.tar.gz"] = (200, {}, CONTENT)
    server.answers["/x-1.0.tar.gz.asc"] = (200, {}, SIGNATURE)
    return tree, pinned(server.url("/x-1.0.tar.gz"))


@pytest.mark.namespaces
@pytest.mark.skipif(shutil.which("gpgv") is None, reason="gpgv is not installed")
def test_signature_of_upstream(server: Server, fetcher: Fetcher, tmp_path: Path) -> None:
    tree, fetch = signed(server)
    said = asked(fetch, fetcher, tree)
    assert said.witness == "signature", said
    assert "by the key" in said.said
    changed = tmp_path / "changed"
    changed.write_bytes(CONTENT + b"x")
    other = asked(fetch, fetcher, tree, {"x.tar.gz": changed})
    assert (other.witness, other.contradicts) == ("", True)
    server.answers["/x-1.0.tar.gz.asc"] = (200, {}, b"-----BEGIN PGP SIGNATURE-----\n\nAAAA\n-----END PGP SIGNATURE-----\n")
    assert asked(fetch, fetcher, tree).witness == ""


def test_signature_that_is_not_there(server: Server, fetcher: Fetcher) -> None:
    tree, fetch = signed(server)
    del server.answers["/x-1.0.tar.gz.asc"]
    assert "answers 404" in asked(fetch, fetcher, tree).said
    assert "names no signature" in asked(fetch, fetcher).said


def test_machine_behind_the_firewall_is_not_asked(server: Server, tmp_path: Path) -> None:
    tree, fetch = signed(server)
    assert "no public address" in asked(fetch, Fetcher(tmp_path), tree).said
    assert server.asked == []


def test_nobody_is_asked_about_what_may_not_be_fetched(server: Server, fetcher: Fetcher) -> None:
    assert "build at home" in asked(pinned(server.url(), acceptance="explicit"), fetcher).said
    assert server.asked == []


def test_report_carries_what_was_learnt() -> None:
    said = Confirmations((Confirmation("x.tar.gz", SHA256, "registry", "yes\x1b[2J"),))
    wire = json.loads(json.dumps(LintReport(Outcome.PASSED, confirmations=said).to_json()))
    found = LintReport.from_json(wire).confirmations
    assert found is not None
    assert found.entries[0].witness == "registry"
    assert "\x1b" not in found.entries[0].said
    with pytest.raises(ReportError):
        LintReport.from_json({**wire, "confirmations": [{"witness": "me"}]})
