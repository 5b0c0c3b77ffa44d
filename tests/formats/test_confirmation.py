"""Confirmations: what each witness's answer means, what a report may say, and where a signature is looked for."""

import base64
import json

import pytest

from recipes_app.formats.bounds import MAX_CONFIRMATIONS
from recipes_app.formats.confirmation import (
    Confirmation,
    ConfirmationError,
    Confirmations,
    Witness,
    compare,
    crate_checksum,
    dsc_checksum,
    key_of,
    npm_integrity,
    pypi_checksum,
    signature_addresses,
    without_armour,
)
from recipes_app.formats.metadata import Fetch

ONE, TWO = "1" * 64, "2" * 64
FETCH = Fetch("x.tar.gz", "https://example.org/hello/x-1.0.tar.gz", 1, ONE, 10)


@pytest.mark.parametrize(
    ("found", "witness", "contradicts"),
    [(ONE, "registry", False), (TWO, "", True), (None, "", False)],
    ids=["same", "other", "none"],
)
def test_record_is_compared(found, witness, contradicts):
    said = compare(FETCH, Witness.REGISTRY, "The record", found)
    assert (said.witness, said.contradicts) == (witness, contradicts)
    assert said.said.startswith("The record names")


def test_revision_is_confirmed_where_every_file_is():
    other = Fetch("y.tar.gz", "npm:y/1", 2, TWO, 10)
    both = Confirmations((Confirmation("x.tar.gz", ONE, "signature", "."), Confirmation("y.tar.gz", TWO, "registry", ".")))
    assert both.confirmed_by([FETCH, other]) == ("registry", "signature")
    assert both.confirmed_by([FETCH]) == ("signature",)
    assert both.confirmed_by([]) == ()
    assert Confirmations(both.entries[:1]).confirmed_by([FETCH, other]) == ()
    # An answer about other bytes says nothing.
    assert both.confirmed_by([Fetch("x.tar.gz", FETCH.url, 1, TWO, 10)]) == ()
    assert Confirmations((Confirmation("x.tar.gz", ONE, "signature", ".", contradicts=True),)).confirmed_by([FETCH]) == ()


def test_confirmations_survive_the_journey():
    said = Confirmations((Confirmation("x", ONE, "debian", "yes"), Confirmation("y", "", "", "no", contradicts=True)))
    assert Confirmations.from_json(json.loads(json.dumps(said.to_json()))) == said


ENTRY = Confirmation("x", ONE, "debian", "yes").__dict__


@pytest.mark.parametrize(
    "data",
    [
        None, {}, "x", [1], [{}], [{**ENTRY, "more": 1}], [{**ENTRY, "witness": "me"}], [{**ENTRY, "sha256": "x"}],
        [{**ENTRY, "said": 1}], [{**ENTRY, "contradicts": "no"}], [ENTRY] * (MAX_CONFIRMATIONS + 1),
    ],
)  # fmt: skip
def test_anything_else_is_refused(data):
    with pytest.raises(ConfirmationError):
        Confirmations.from_json(data)


def test_long_words_are_cut():
    assert len(Confirmations.from_json([{**ENTRY, "said": "x" * 5_000}]).entries[0].said) == 300


def test_records_are_read():
    page = {"files": [{"filename": "a", "hashes": {"sha256": TWO}}, {"filename": "x.tar.gz", "hashes": {"sha256": ONE}}]}
    assert pypi_checksum(json.dumps(page).encode(), "x.tar.gz") == ONE
    digest = bytes(64)
    record = {"dist": {"integrity": "sha1-AAAA sha512-" + base64.b64encode(digest).decode()}}
    assert npm_integrity(json.dumps(record).encode()) == digest.hex()
    index = b"\n".join(
        json.dumps({"vers": version, "cksum": ONE if version == "1.1" else TWO}).encode() for version in ("1.0", "1.1")
    )
    assert crate_checksum(index, "1.1") == ONE
    dsc = f"Format: 3.0 (quilt)\nFiles:\n {'0' * 32} 10 x.tar.gz\nChecksums-Sha256:\n {TWO} 9 y\n {ONE} 10 x.tar.gz\n"
    assert dsc_checksum(f"-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\n{dsc}".encode(), "x.tar.gz") == ONE


@pytest.mark.parametrize(
    "junk", [b"", b"[]", b"1", b"{", b'{"files": 1}', b'{"files": [1]}', b'{"dist": 1}', b'{"dist": {"integrity": "sha512-!"}}',
             b"\xff", b"[" * 100_000, b'{"files": [{"filename": "x.tar.gz", "hashes": {"sha256": "no"}}]}'],
)  # fmt: skip
def test_junk_says_nothing(junk):
    assert pypi_checksum(junk, "x.tar.gz") is None
    assert npm_integrity(junk) is None
    assert crate_checksum(junk, "1.0") is None
    assert dsc_checksum(junk, "x.tar.gz") is None


KEY = {"debian/upstream/signing-key.asc": b"key"}


@pytest.mark.parametrize(
    ("options", "suffixes"),
    [
        ("pgpsigurlmangle=s/$/.asc/", [".asc"]),
        ("pgpsigurlmangle=s%(.*)%$1.sig%", [".sig"]),
        ("pgpmode=auto", [".asc", ".sig", ".sign", ".gpg"]),
        ("pgpmode=none", []),
        ("pgpsigurlmangle=s/x/y/", []),
        ("repack", []),
    ],
)
def test_where_a_signature_is(options, suffixes):
    tree = {**KEY, "debian/watch": f"version=4\nopts={options} https://example.org/hello/ x-(.*)\\.tar\\.gz\n".encode()}
    assert signature_addresses(tree, FETCH) == tuple(FETCH.url + suffix for suffix in suffixes)


def test_signature_of_another_place_says_nothing():
    watch = b"version=4\nopts=pgpmode=auto https://example.org/other/ x-(.*)\\.tar\\.gz\n"
    assert signature_addresses({**KEY, "debian/watch": watch}, FETCH) == ()
    assert signature_addresses({"debian/watch": watch.replace(b"other", b"hello")}, FETCH) == ()


def test_armour_is_taken_off():
    body = base64.b64encode(b"packets").decode()
    text = f"-----BEGIN PGP PUBLIC KEY BLOCK-----\nVersion: x\n\n{body}\n=abcd\n-----END PGP PUBLIC KEY BLOCK-----\n"
    assert without_armour(text.encode()) == b"packets"
    assert without_armour((text * 2).encode()) == b"packets" * 2
    assert without_armour(b"binary") == b"binary"
    assert without_armour(b"-----BEGIN PGP SIGNATURE-----\n\n!!\n-----END PGP SIGNATURE-----\n") is None
    assert key_of(KEY) == b"key"
    assert key_of({}) is None
