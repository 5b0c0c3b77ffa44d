"""Brings the files that a manifest pins, for a trial build: by checksum, from public addresses, into a cache by content.

An address of a recipe is hostile input: it may name a machine behind the runner's firewall, and so may the answer of a name
server or a redirect. So every request goes through `outgoing`, each hop of a redirect by itself. The mirror schemes (pypi:, npm:,
debian:) go to what this machine's operator configured, which is trusted as it is; what comes is held against the checksum in any
case.

A file for whose licence a user must decide is never fetched: nobody can accept a licence for somebody else. No Django here.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import ssl
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import urllib3

from recipes_app import limits as rules
from recipes_app import outgoing
from recipes_app.formats.addresses import is_https
from recipes_app.formats.metadata import Fetch
from recipes_app.formats.vocabulary import AcceptanceKind, LicenceClass

from . import mirrors

FOLDER_VARIABLE = "LINT_CACHE"
_CHUNK = 256 * 1024
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
# The wall stands behind the one in _copy, which can say more.
_PATIENCE = outgoing.Patience(10, rules.FETCH_IDLE_SECONDS, rules.FETCH_WALL_SECONDS + rules.FETCH_IDLE_SECONDS)
# The file as it is pinned: an encoding on the way would be another file.
_HEADERS = {"User-Agent": "recipe-lint", "Accept-Encoding": "identity"}


class FetchRefused(Exception):
    """The portal does not fetch this file, whatever its server says; the text says why and what users do instead."""


class FetchFailed(Exception):
    """The file could not be had; the text says what its server did."""


class FetchMismatch(FetchFailed):
    """The file is not the one that the manifest pins; the text says what came instead."""


def cache_folder() -> Path:
    """Return where fetched files are kept: LINT_CACHE, or `fetched` in PORTAL_DATA, or below /var/cache."""
    if chosen := os.environ.get(FOLDER_VARIABLE):
        return Path(chosen).resolve()
    if data := os.environ.get("PORTAL_DATA"):
        return Path(data).resolve() / "fetched"
    return Path("/var/cache/recipe-lint")


@dataclass(frozen=True)
class Fetcher:
    """Fetches into the cache at `folder`. Which addresses may be connected to, and whose certificates count, can be given."""

    folder: Path = field(default_factory=cache_folder)
    is_allowed: Callable[[outgoing.Address], bool] = outgoing.is_public
    tls: ssl.SSLContext = field(default_factory=ssl.create_default_context)
    cache_bytes: int = rules.FETCH_CACHE_BYTES

    def fetch_all(self, fetches: Sequence[Fetch]) -> Mapping[str, Path]:
        """Return the file of each Fetch, by its name. All are looked at before the first is fetched.

        Raises FetchRefused and FetchFailed.
        """
        for each in fetches:
            refuse_what_is_not_ours_to_fetch(each)
        found = {each.filename: self.fetch(each) for each in fetches}
        self._forget_the_oldest(keep=frozenset(found.values()))
        return found

    def fetch(self, wanted: Fetch) -> Path:
        """Return the file that `wanted` pins, from the cache or from its server. Raises FetchRefused and FetchFailed."""
        refuse_what_is_not_ours_to_fetch(wanted)
        kept = self.folder / "sha256" / wanted.sha256[:2] / wanted.sha256
        if kept.is_file() and kept.stat().st_size == wanted.size:
            os.utime(kept)
            return kept
        kept.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=self.folder, prefix=".fetching-", delete=False) as partial:
            try:
                self._download(wanted, partial)
                Path(partial.name).chmod(0o644)
                Path(partial.name).rename(kept)
            finally:
                Path(partial.name).unlink(missing_ok=True)
        return kept

    def read_small(self, url: str, limit: int, *, trusted: bool = False, accept: str = "*/*") -> bytes:
        """Return what is at `url`, at most `limit` bytes of it: an index, a record, a signature.

        `trusted` is an address that this machine's operator configured; any other must be a public one. Raises FetchRefused and
        FetchFailed.
        """
        try:
            with self._open(url, trusted=trusted, accept=accept) as response:
                return response.read(limit)
        except (urllib3.exceptions.HTTPError, OSError, _NoAnswer) as error:
            raise FetchFailed(f"{url} did not answer: {_words(error)}") from error

    def _download(self, wanted: Fetch, target: tempfile._TemporaryFileWrapper[bytes]) -> None:
        """Write the first of the file's addresses that answers into `target`; a wrong file is no answer and ends it."""
        faults = []
        for url, trusted in self._addresses(wanted):
            try:
                with self._open(url, trusted=trusted) as response:
                    _copy(response, wanted, target)
            except (urllib3.exceptions.HTTPError, OSError, _NoAnswer) as error:
                faults.append(f"{url}: {_words(error)}")
                continue
            target.flush()
            return
        raise FetchFailed(f"{wanted.filename} could not be fetched: {'; '.join(faults)}")

    def _addresses(self, wanted: Fetch) -> Iterator[tuple[str, bool]]:
        """Yield where the file may be, and whether the operator's configuration says so."""
        if is_https(wanted.url):
            yield wanted.url, False
            return
        try:
            for url in mirrors.addresses(wanted.url, self._read_index):
                yield url, True
        except mirrors.Unresolved as error:
            raise FetchFailed(f"{wanted.filename}: {error}") from error

    def _read_index(self, url: str, accept: str) -> bytes:
        """Return a page of a package index that the operator configured."""
        try:
            return self.read_small(url, mirrors.MAX_INDEX_BYTES, trusted=True, accept=accept)
        except FetchFailed as error:
            raise mirrors.Unresolved(str(error)) from error

    @contextlib.contextmanager
    def _open(self, url: str, *, trusted: bool, accept: str = "*/*") -> Iterator[urllib3.BaseHTTPResponse]:
        """Yield the answer to a request for `url`, redirects followed, each hop looked at as the first."""
        for _ in range(rules.FETCH_REDIRECTS + 1):
            with self._request(url, trusted=trusted, accept=accept) as response:
                if response.status in _REDIRECTS:
                    url = urljoin(url, response.headers.get("Location", ""))
                    if not trusted and not is_https(url):
                        raise _NoAnswer(f"it sends on to {url[:200]}, which is no https address")
                    continue
                if response.status != 200:
                    raise _NoAnswer(f"its server answers {response.status}")
                yield response
                return
        raise _NoAnswer(f"more than {rules.FETCH_REDIRECTS} redirects")

    @contextlib.contextmanager
    def _request(self, url: str, *, trusted: bool, accept: str) -> Iterator[urllib3.BaseHTTPResponse]:
        """Yield the answer of the one server that `url` names, at an address that was looked at where it is not `trusted`."""
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        try:
            address = outgoing.resolve(parts.hostname or "", port, _anything if trusted else self.is_allowed)
        except outgoing.NotAllowed as error:
            raise FetchRefused(f"{error}: the portal fetches from the Internet alone") from error
        headers = {**_HEADERS, "Accept": accept}
        with outgoing.request("GET", url, address, _PATIENCE, headers, tls=self.tls) as response:
            yield response

    def _forget_the_oldest(self, keep: frozenset[Path]) -> None:
        """Remove the files that were asked for the longest ago, until the rest is within the cache's size."""
        files = [(path.stat(), path) for path in (self.folder / "sha256").glob("*/*")]
        total = sum(stat.st_size for stat, _ in files)
        for stat, path in sorted(files, key=lambda entry: entry[0].st_mtime):
            if total <= self.cache_bytes:
                return
            if path not in keep:
                path.unlink(missing_ok=True)
                total -= stat.st_size


def refuse_what_is_not_ours_to_fetch(wanted: Fetch) -> None:
    """Return where the portal may fetch the file. Raises FetchRefused with the reason."""
    if wanted.acceptance == AcceptanceKind.EXPLICIT:
        raise FetchRefused(
            f"{wanted.filename} is fetched only by who accepts its licence, and the portal accepts none for its users: "
            "build at home"
        )
    if wanted.licence_class == LicenceClass.NONFREE_NOREDIST:
        raise FetchRefused(
            f"{wanted.filename} may not be passed on by its licence; the portal fetches no such file: build at home"
        )
    if wanted.url.startswith("git+https:"):
        raise FetchRefused(
            f"{wanted.filename} comes from a git repository; trial builds take files that a checksum pins: build at home"
        )
    if not wanted.sha256 or wanted.size is None:
        raise FetchRefused(f"{wanted.filename} has no SHA256 or no Size, so that nothing pins it")
    if wanted.size > rules.FETCH_FILE_BYTES:
        raise FetchRefused(
            f"{wanted.filename} has {wanted.size} bytes; the portal fetches at most {rules.FETCH_FILE_BYTES}: build at home"
        )


def _anything(_address: outgoing.Address) -> bool:
    """Let every address be: what the operator configured is his own word."""
    return True


class _NoAnswer(Exception):
    """This address does not give the file; another one may."""


def _copy(response: urllib3.BaseHTTPResponse, wanted: Fetch, target: tempfile._TemporaryFileWrapper[bytes]) -> None:
    """Write the body into `target` while its checksum is taken; stop at the first byte over the size. Raises FetchFailed."""
    size, checksum = 0, hashlib.sha256()
    deadline = time.monotonic() + rules.FETCH_WALL_SECONDS
    target.seek(0)
    target.truncate()
    for chunk in response.stream(_CHUNK, decode_content=False):
        size += len(chunk)
        if size > (wanted.size or 0):
            raise FetchMismatch(f"{wanted.filename} has more than the {wanted.size} bytes that the manifest pins")
        if time.monotonic() > deadline:
            raise FetchFailed(f"{wanted.filename} did not come within {rules.FETCH_WALL_SECONDS} seconds")
        checksum.update(chunk)
        target.write(chunk)
    if size != wanted.size:
        raise FetchMismatch(f"{wanted.filename} has {size} bytes; the manifest pins {wanted.size}")
    if checksum.hexdigest() != wanted.sha256:
        raise FetchMismatch(f"{wanted.filename} has the SHA256 {checksum.hexdigest()}; the manifest pins {wanted.sha256}")


def _words(error: Exception) -> str:
    """Return what went wrong, short and without the addresses of objects that urllib3 prints."""
    if isinstance(error, urllib3.exceptions.SSLError):
        return f"its certificate is not accepted: {error}"[:300]
    if isinstance(error, urllib3.exceptions.HTTPError):
        return type(error).__name__
    return str(error)[:300] or type(error).__name__
