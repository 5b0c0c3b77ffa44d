"""Asks others than the pusher whether the files that a manifest pins are upstream's: registries, Debian, upstream's signature.

What an answer means is decided in `formats.confirmation`. Nobody is asked about a file that the portal may not fetch. Registries
and Debian's mirror are those that this machine's operator configured, as for the files themselves; a signature comes from the
file's own server, through `outgoing`, and gpgv reads it in the sandbox. No Django here.
"""

from __future__ import annotations

import hashlib
import io
import re
import tarfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from recipes_app.formats.bounds import MAX_CONFIRMATIONS
from recipes_app.formats.confirmation import (
    Confirmation,
    Confirmations,
    Witness,
    compare,
    confirmed,
    crate_checksum,
    dsc_checksum,
    key_of,
    npm_integrity,
    pypi_checksum,
    signature_addresses,
    unconfirmed,
    without_armour,
)
from recipes_app.formats.metadata import Fetch
from recipes_app.formats.origins import origin_of
from recipes_app.limits import CONFIRM_FILE_BYTES, CONFIRM_RECORD_BYTES, CONFIRM_SIGNATURE_BYTES

from ..sandbox.levels import SandboxUnavailable
from ..sandbox.sandbox import run_sandboxed
from . import mirrors
from .fetching import Fetcher, FetchFailed, FetchRefused, refuse_what_is_not_ours_to_fetch

_CRATES_INDEX = "https://index.crates.io/"
_UNPACK = "tar -xf - || exit 100; exec gpgv --status-fd 1 --keyring ./key.gpg -- ./signature ./file"
_VALID = re.compile(rb"^\[GNUPG:\] VALIDSIG ([0-9A-F]{40,64}) ", re.MULTILINE)
_NO_PROGRAM = 127


def confirm(tree: Mapping[str, bytes], fetches: Sequence[Fetch], files: Mapping[str, Path], fetcher: Fetcher) -> Confirmations:
    """Return what others say of the files that `fetches` pin; `files` are those that were fetched, by name. Never raises."""
    return Confirmations(
        tuple(_of_file(tree, fetch, files.get(fetch.filename), fetcher) for fetch in fetches[:MAX_CONFIRMATIONS])
    )


def _of_file(tree: Mapping[str, bytes], fetch: Fetch, path: Path | None, fetcher: Fetcher) -> Confirmation:
    try:
        refuse_what_is_not_ours_to_fetch(fetch)
        scheme = fetch.url.partition(":")[0]
        if scheme == "pypi":
            return _asked(fetch, Witness.REGISTRY, "The registry's record", fetcher)
        if scheme == "npm":
            return _by_npm(fetch, path, fetcher)
        if scheme == "debian":
            return _asked(fetch, Witness.DEBIAN, "Debian's .dsc", fetcher)
        if origin_of(fetch.url).project.startswith("crates:"):
            return _by_crates(fetch, fetcher)
        return _by_signature(tree, fetch, path, fetcher)
    except (FetchRefused, FetchFailed, SandboxUnavailable, OSError) as error:
        return unconfirmed(fetch, str(error))


def _asked(fetch: Fetch, witness: Witness, who: str, fetcher: Fetcher) -> Confirmation:
    """Ask each place that a record may be at; the first that answers counts."""
    faults = []
    for address, accept in mirrors.records(fetch.url):
        try:
            record = fetcher.read_small(address, CONFIRM_RECORD_BYTES, trusted=True, accept=accept)
        except FetchFailed as error:
            faults.append(str(error))
            continue
        name = fetch.url.rpartition("/")[2]
        return compare(
            fetch, witness, who, dsc_checksum(record, name) if witness is Witness.DEBIAN else pypi_checksum(record, name)
        )
    return unconfirmed(fetch, "; ".join(faults))


def _by_npm(fetch: Fetch, path: Path | None, fetcher: Fetcher) -> Confirmation:
    """Hold the file against npm's record, which knows its SHA-512 alone."""
    ((address, accept),) = mirrors.records(fetch.url)
    found = npm_integrity(fetcher.read_small(address, CONFIRM_RECORD_BYTES, trusted=True, accept=accept))
    if found is None:
        return unconfirmed(fetch, "The registry's record names no SHA-512.")
    with (path or fetcher.fetch(fetch)).open("rb") as file:
        ours = hashlib.file_digest(file, "sha512").hexdigest()
    if ours == found:
        return confirmed(fetch, Witness.REGISTRY, "The registry's record names the same SHA-512.")
    return unconfirmed(fetch, "The registry's record names another SHA-512.", contradicts=True)


def _by_crates(fetch: Fetch, fetcher: Fetcher) -> Confirmation:
    name, _, version = origin_of(fetch.url).address.removeprefix("crates:").partition("/")
    # The index's folders: 1/a, 2/ab, 3/a/abc, ab/cd/abcd.
    folder = f"{len(name)}" if len(name) < 3 else f"3/{name[0]}" if len(name) == 3 else f"{name[:2]}/{name[2:4]}"
    record = fetcher.read_small(f"{_CRATES_INDEX}{folder}/{name}", CONFIRM_RECORD_BYTES)
    return compare(fetch, Witness.REGISTRY, "The registry's index", crate_checksum(record, version))


def _by_signature(tree: Mapping[str, bytes], fetch: Fetch, path: Path | None, fetcher: Fetcher) -> Confirmation:
    """Hold the file against upstream's signature, where debian/watch says that there is one."""
    addresses = signature_addresses(tree, fetch)
    key = key_of(tree)
    if not addresses or key is None:
        return unconfirmed(fetch, "debian/watch names no signature of upstream's, or debian/upstream has no key.")
    if (fetch.size or 0) > CONFIRM_FILE_BYTES:
        return unconfirmed(fetch, f"Signatures are checked of files up to {CONFIRM_FILE_BYTES} bytes.")
    path = path or fetcher.fetch(fetch)
    faults = []
    for address in addresses:
        try:
            signature = without_armour(fetcher.read_small(address, CONFIRM_SIGNATURE_BYTES))
        except FetchFailed as error:
            faults.append(str(error))
            continue
        return _verified(fetch, key, signature or b"", path.read_bytes())
    return unconfirmed(fetch, "; ".join(faults))


def _verified(fetch: Fetch, key: bytes, signature: bytes, content: bytes) -> Confirmation:
    """Have gpgv check a signature in the sandbox: key and signature are hostile input."""
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w") as archive:
        for name, data in (("key.gpg", key), ("signature", signature), ("file", content)):
            member = tarfile.TarInfo(name)
            member.size, member.mode = len(data), 0o644
            archive.addfile(member, io.BytesIO(data))
    result = run_sandboxed(["/bin/sh", "-c", _UNPACK], stdin=raw.getvalue())
    match = _VALID.search(result.stdout)
    if result.exit_status == 0 and not result.limit_hit and match:
        return confirmed(fetch, Witness.SIGNATURE, f"Upstream's signature fits, by the key {match[1].decode()[-40:]}.")
    if result.exit_status == _NO_PROGRAM:
        return unconfirmed(fetch, "This runner has no gpgv.")
    return unconfirmed(fetch, "Upstream's signature does not fit the file, or was made with another key.", contradicts=True)
