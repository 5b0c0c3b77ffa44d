"""Whether somebody else than the pusher says that a file is upstream's: what is asked, and what an answer means.

A checksum in debian/dur says which bytes are built, and nothing about who made them. Three witnesses can say more: upstream's own
signature beside the file, checked against the key of the recipe (a new key is a change of the origin, see `effects`); the record
that a registry keeps of its files; and the .dsc of Debian's own source package. Pure: a runner asks and hands the answers in
(`lint.build.confirming`).
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from typing import Any, Self

from .bounds import MAX_CONFIRMATIONS, MAX_FILENAME_LENGTH
from .deb822 import read_paragraphs
from .metadata import Fetch
from .origins import origin_of
from .report import Report
from .watch import PATH as WATCH_PATH
from .watch import Watch, read_watch

KEYS = ("debian/upstream/signing-key.asc", "debian/upstream/signing-key.pgp", "debian/upstream-signing-key.pgp")
_MAX_TEXT = 300
_HEX = re.compile(r"[0-9a-f]{64}")
# uscan's `pgpsigurlmangle`: a substitution that appends a suffix, which is what nearly all of them are.
_APPENDING = re.compile(
    r"s(?P<mark>[/%|#,!])(?:\(\.\*\)|\(\.\+\)|\$|\.\*)(?P=mark)(?:\$1|\$\{1\}|\$&|\\1)?(?P<suffix>\.[a-z.]{2,20})(?P=mark)g?"
)
# With `pgpmode=auto` uscan tries these.
_SUFFIXES = (".asc", ".sig", ".sign", ".gpg")


class ConfirmationError(Exception):
    """Sent or stored confirmations that do not have their shape; the text says where."""


class Witness(StrEnum):
    """Who says that a file is upstream's."""

    SIGNATURE = "signature"
    REGISTRY = "registry"
    DEBIAN = "debian"


@dataclass(frozen=True)
class Confirmation:
    """What was learnt of one file of the manifest. `witness` is empty where nobody confirms it; `said` is a sentence either way.

    `contradicts`: a witness says other bytes than the manifest pins.
    """

    filename: str
    sha256: str
    witness: str = ""
    said: str = ""
    contradicts: bool = False


@dataclass(frozen=True)
class Confirmations:
    """What was learnt of the files of one revision."""

    entries: tuple[Confirmation, ...] = ()

    def confirmed_by(self, fetches: Iterable[Fetch]) -> tuple[str, ...]:
        """Return the witnesses who together confirm every file of `fetches`; none where one file has none.

        An entry counts for the bytes that it was made for, so that an older report says nothing of a newer file.
        """
        known = {(each.filename, each.sha256): each for each in self.entries}
        found = [known.get((fetch.filename, fetch.sha256)) for fetch in fetches]
        if not found or any(each is None or not each.witness or each.contradicts for each in found):
            return ()
        return tuple(sorted({each.witness for each in found if each is not None}))

    @property
    def contradictions(self) -> tuple[Confirmation, ...]:
        """The files of which a witness says other bytes."""
        return tuple(each for each in self.entries if each.contradicts)

    def to_json(self) -> list[dict[str, Any]]:
        """Return plain JSON types."""
        return [asdict(each) for each in self.entries]

    @classmethod
    def from_json(cls, data: object) -> Self:
        """Return what `to_json` wrote, every text cut. Raises ConfirmationError for anything else."""
        if not isinstance(data, (list, tuple)) or len(data) > MAX_CONFIRMATIONS:
            raise ConfirmationError(f"a list of at most {MAX_CONFIRMATIONS} confirmations was expected")
        return cls(tuple(_entry(each) for each in data))


def _entry(data: object) -> Confirmation:
    if not isinstance(data, dict) or data.keys() != {each.name for each in fields(Confirmation)}:
        raise ConfirmationError("a confirmation does not have the expected members")
    texts = {name: value for name, value in data.items() if name != "contradicts"}
    if not isinstance(data["contradicts"], bool) or not all(isinstance(value, str) for value in texts.values()):
        raise ConfirmationError("a confirmation has a member of the wrong kind")
    if data["witness"] not in {"", *Witness}:
        raise ConfirmationError(f"{data['witness'][:40]!r} is no witness")
    if data["sha256"] and not _HEX.fullmatch(data["sha256"]):
        raise ConfirmationError("a confirmation has no checksum")
    return Confirmation(
        data["filename"][:MAX_FILENAME_LENGTH], data["sha256"], data["witness"], data["said"][:_MAX_TEXT], data["contradicts"]
    )


def confirmed(fetch: Fetch, witness: Witness, said: str) -> Confirmation:
    """Return that `witness` confirms the bytes that `fetch` pins."""
    return Confirmation(fetch.filename, fetch.sha256, witness, said[:_MAX_TEXT])


def unconfirmed(fetch: Fetch, said: str, *, contradicts: bool = False) -> Confirmation:
    """Return that nobody confirms them, and why."""
    return Confirmation(fetch.filename, fetch.sha256, "", said[:_MAX_TEXT], contradicts)


def compare(fetch: Fetch, witness: Witness, who: str, found: str | None) -> Confirmation:
    """Return what the SHA-256 `found` in a witness's record means; None where the record does not name the file."""
    if found is None:
        return unconfirmed(fetch, f"{who} names no SHA-256 of {fetch.filename}.")
    if found == fetch.sha256:
        return confirmed(fetch, witness, f"{who} names the same SHA-256.")
    return unconfirmed(fetch, f"{who} names another SHA-256: {found}.", contradicts=True)


def pypi_checksum(document: bytes, filename: str) -> str | None:
    """Return the SHA-256 of a file in a project's page of the simple API (PEP 691); None where it has none."""
    page = _json(document)
    files = page.get("files") if isinstance(page, dict) else None
    for entry in files if isinstance(files, list) else ():
        if isinstance(entry, dict) and entry.get("filename") == filename:
            hashes = entry.get("hashes")
            return _checksum(hashes.get("sha256")) if isinstance(hashes, dict) else None
    return None


def npm_integrity(document: bytes) -> str | None:
    """Return the SHA-512, in hexadecimal, that npm's record of a version has of its tarball; None where it has none."""
    page = _json(document)
    dist = page.get("dist") if isinstance(page, dict) else None
    integrity = dist.get("integrity") if isinstance(dist, dict) else None
    for word in integrity.split() if isinstance(integrity, str) else ():
        if word.startswith("sha512-"):
            try:
                return base64.b64decode(word.removeprefix("sha512-"), validate=True).hex()
            except binascii.Error:
                return None
    return None


def crate_checksum(index: bytes, version: str) -> str | None:
    """Return the SHA-256 of a crate's version in its file of the index: a line of JSON for each version."""
    for line in index.split(b"\n"):
        entry = _json(line)
        if isinstance(entry, dict) and entry.get("vers") == version:
            return _checksum(entry.get("cksum"))
    return None


def dsc_checksum(dsc: bytes, filename: str) -> str | None:
    """Return the SHA-256 of a file in the field Checksums-Sha256 of a .dsc (dsc(5)); None where it has none."""
    for paragraph in read_paragraphs(dsc.decode("utf-8", "replace"), Report("dsc")):
        for line in paragraph.value("Checksums-Sha256").split("\n"):
            words = line.split()
            if len(words) == 3 and words[2] == filename:
                return _checksum(words[0])
    return None


def signature_addresses(tree: Mapping[str, bytes], fetch: Fetch) -> tuple[str, ...]:
    """Return where upstream's signature of a file may be, as debian/watch has it; none where the recipe asks for none.

    A signature of another project says nothing: the watched address must have the origin of the file.
    """
    if not fetch.url.startswith("https://") or key_of(tree) is None:
        return ()
    project = origin_of(fetch.url).project
    for watch in read_watch(tree.get(WATCH_PATH, b"")):
        if "://" in watch.address and _same_place(project, watch.address) and (suffixes := _suffixes(watch)):
            return tuple(fetch.url + suffix for suffix in suffixes)
    return ()


def _same_place(project: str, address: str) -> bool:
    """Return whether the watched folder is the file's: the same project, or the folder that the file is in."""
    watched = origin_of(address).project
    return watched == project or project.startswith(f"{watched.rstrip('/')}/")


def _suffixes(watch: Watch) -> Sequence[str]:
    mangle = watch.signature.get("pgpsigurlmangle", "")
    if match := _APPENDING.fullmatch(mangle):
        return (match["suffix"],)
    return _SUFFIXES if watch.signature.get("pgpmode") == "auto" else ()


def key_of(tree: Mapping[str, bytes]) -> bytes | None:
    """Return upstream's key of a recipe as a keyring without armour, as gpgv reads it; None where there is none."""
    for path in KEYS:
        if path in tree:
            return without_armour(tree[path])
    return None


def without_armour(data: bytes) -> bytes | None:
    """Return the packets of an OpenPGP file (RFC 9580, section 6.2), armoured or not; None where the armour cannot be read."""
    if b"-----BEGIN PGP" not in data:
        return data
    packets: list[bytes] = []
    body: list[bytes] = []
    state = "outside"
    for raw in data.split(b"\n"):
        line = raw.strip()
        if line.startswith(b"-----BEGIN PGP"):
            body, state = [], "headers"
        elif state == "headers":
            state = "headers" if line else "body"
        elif state == "body" and line.startswith(b"-----END"):
            try:
                packets.append(base64.b64decode(b"".join(body), validate=True))
            except binascii.Error:
                return None
            state = "outside"
        elif state == "body" and not line.startswith(b"="):
            # A line that begins with = is the checksum of the lines before.
            body.append(line)
    return b"".join(packets) or None


def _json(document: bytes) -> object:
    try:
        return json.loads(document)
    except (ValueError, RecursionError):
        return None


def _checksum(value: object) -> str | None:
    return value if isinstance(value, str) and _HEX.fullmatch(value) else None
