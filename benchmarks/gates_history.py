"""Histories of packaging for `gates`: what the archive offers of a package, and the revisions in between that are built from it.

Real: the trees of debian/ of every version that a suite offers, their changelogs and the checksums of upstream's tarballs.
Built, and said so in the report: (1) debian/dur, which no Debian package has: one Fetch at the address that debian/watch watches.
(2) The revisions between two versions that are offered, one for each entry of the changelog: the real difference is cut into
hunks, and each goes to an entry that tells of such a change, by words that name the file; what no entry tells of goes to the
newest.
"""

from __future__ import annotations

import difflib
import hashlib
import re
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from debian.changelog import Changelog
from debian.debian_support import Version

from devtools.archive_facts import KEYRING, MIRROR
from recipes_app.formats.effects import Side
from recipes_app.formats.origins import origin_of
from recipes_app.formats.recipe import parse_recipe
from recipes_app.formats.watch import read_watch
from recipes_app.limits import MAX_BLOB_BYTES

from .real_packages import Apt, read_packaging

SUITES = (
    "bullseye", "bookworm", "bookworm-updates", "bookworm-backports", "trixie", "trixie-updates", "trixie-backports", "forky",
    "sid", "experimental",
)  # fmt: skip
SECURITY = ("bullseye-security", "bookworm-security", "trixie-security")
_DOWNLOADS = 4
_FIELD = re.compile(r"^(Version|Directory): (.*)$", re.MULTILINE)
_OFFERED = re.compile(r"^ (?P<checksum>[0-9a-f]{64}) \d+ (?P<file>\S+\.debian\.tar\.\w+)$", re.MULTILINE)
# More entries than this between two versions are years of work, of which the difference tells little.
MAX_ENTRIES = 80
_BUMP = re.compile(
    r"new\s+(?:\w+\s+){0,3}(?:upstream|release|version)|upstream\s+(?:\w+\s+){0,2}(?:release|version)|update to (?:new )?\S*[0-9]"
    r"|import(?:ed)? upstream",
    re.IGNORECASE,
)
_CONTROL_WORDS = (
    "control|depend|B-D|standards|policy|debhelper|compat|rules-requires|uploader|maintainer|homepage|vcs|section|priority"
    "|description|multi-arch|binary package|\\bRRR\\b"
)
_RULES_WORDS = r"rules|dh_|dh |override|configure|flags|hardening|build system|tests?\b|cmake|meson|pybuild|rust|cross"
# Words of an entry that tell of a change to a file, by a part of its path.
_TOLD = tuple(
    (re.compile(path), re.compile(words, re.IGNORECASE))
    for path, words in (
        (r"debian/patches/", r"patch|quilt|series|refresh|rebase|cherry|CVE|backport|fix"),
        (r"debian/control", _CONTROL_WORDS),
        (r"debian/rules", _RULES_WORDS),
        (r"debian/copyright", r"copyright|licen[cs]e|years?\b"),
        (r"debian/watch", r"watch|uscan"),
        (r"debian/tests/", r"autopkgtest|tests?\b"),
        (r"symbols", r"symbol|abi|soname"),
        (r"upstream/", r"upstream metadata|metadata|signing|key"),
        (r"lintian-overrides", r"lintian|override"),
        (r"salsa-ci|gitlab-ci|gbp\.conf", r"salsa|gitlab|gbp|\bci\b"),
    )
)
_PACKAGING = re.compile(
    r"d/|debian/|patch|depend|standards|policy|debhelper|compat|watch|copyright|lintian|rules|autopkgtest|uploader|maintainer|salsa|vcs"
    r"|override|install|symbols|package|multi-arch|cve-|control|build",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Entry:
    """An entry of a changelog."""

    version: str
    text: str


@dataclass(frozen=True)
class Step:
    """A revision against the one before. `is_ordinary`: its entry tells of nothing but the new version."""

    name: str
    old: Side
    new: Side
    is_real: bool
    is_bump: bool
    is_ordinary: bool


@dataclass(frozen=True)
class Offered:
    """A file that the archive offers: its name, its address and its checksum as apt writes it."""

    file: str
    address: str
    checksum: str


class Archive:
    """What apt offers of source packages, in a state of its own below `folder`."""

    def __init__(self, folder: Path) -> None:
        self.apt = Apt(folder)
        self._files = folder / "files"
        self._files.mkdir(exist_ok=True)
        source = "Types: deb-src\nURIs: {}\nSuites: {}\nComponents: main\nSigned-By: {}\n"
        texts = [
            source.format(MIRROR, " ".join(SUITES), KEYRING),
            source.format(f"{MIRROR}-security", " ".join(SECURITY), KEYRING),
        ]
        (self.apt.sources / "gates.sources").write_text("\n".join(texts))
        if not any((folder / "lists").glob("*Sources*")):
            self.apt.run("update", cwd=folder)

    def packages(self, names: Sequence[str]) -> Iterator[tuple[str, Mapping[str, Mapping[str, bytes]]]]:
        """Yield each package with its trees by version, downloading what is not there; what the mirror lacks is left out."""
        offered = self._offered(set(names))
        missing = [each for name in names for each in offered.get(name, {}).values() if not (self._files / each.file).exists()]
        with ThreadPoolExecutor(_DOWNLOADS) as pool:
            lacking = sum(not came for came in pool.map(self._download, missing))
        print(f"{len(missing) - lacking} files were downloaded; the mirror lists {lacking} that it does not have")
        for name in names:
            files = {version: self._files / each.file for version, each in offered.get(name, {}).items()}
            yield name, {version: read_packaging(path) for version, path in files.items() if path.exists()}

    def _download(self, wanted: Offered) -> bool:
        """Have apt download one file, held against its checksum; return whether it came."""
        target = self._files / wanted.file
        command = [
            "/usr/lib/apt/apt-helper",
            "-o",
            "APT::Sandbox::User=",
            "download-file",
            wanted.address,
            str(target),
            wanted.checksum,
        ]
        return subprocess.run(command, capture_output=True, check=False).returncode == 0 and target.exists()

    def _offered(self, names: set[str]) -> dict[str, dict[str, Offered]]:
        """Return for each package the file with debian/ of each version that any suite offers."""
        found: dict[str, dict[str, Offered]] = {}
        for path in sorted((self.apt.folder / "lists").glob("*_Sources*")):
            base = f"{MIRROR}-security" if "-security_" in path.name else MIRROR
            helper = ["/usr/lib/apt/apt-helper", "cat-file", str(path)]
            for paragraph in subprocess.run(helper, capture_output=True, text=True, check=True).stdout.split("\n\n"):
                name = paragraph.partition("\n")[0].removeprefix("Package: ")
                if name in names and (match := _OFFERED.search(paragraph)):
                    values = dict(
                        line.split(": ", 1) for line in paragraph.split("\n") if re.match(r"(?:Version|Directory): ", line)
                    )
                    address = f"{base}/{values['Directory']}/{match['file']}"
                    found.setdefault(name, {})[values["Version"]] = Offered(match["file"], address, f"SHA256:{match['checksum']}")
        return found


def steps_of(name: str, trees: Mapping[str, Mapping[str, bytes]]) -> Iterator[Step]:
    """Yield the steps of a package: from each offered version's parent to it, entry by entry."""
    for version, tree in trees.items():
        entries = entries_of(tree.get("debian/changelog", b""))
        versions = [entry.version for entry in entries]
        parent = next((each for each in versions[1:] if each in trees), None)
        if parent is None or versions.index(parent) > MAX_ENTRIES:
            continue
        between = entries[: versions.index(parent)]
        yield from _between(name, trees[parent], tree, list(reversed(between)), version)


def entries_of(changelog: bytes) -> list[Entry]:
    """Return the entries of a changelog, the newest first."""
    blocks = Changelog(changelog.decode("utf-8", "replace"), strict=False, allow_empty_author=True)
    return [Entry(str(block.version), "\n".join(block.changes())) for block in blocks]


def _between(
    name: str, old: Mapping[str, bytes], new: Mapping[str, bytes], entries: Sequence[Entry], version: str
) -> Iterator[Step]:
    """Yield a step for each of `entries`, the oldest first: what changed from `old` to `new` is handed out over them."""
    shares = _handed_out(old, new, entries)
    tree = dict(old)
    before = _side(tree, None)
    for number, entry in enumerate(entries):
        for path, content in shares[number].items():
            tree = {**tree, path: content} if content is not None else {each: data for each, data in tree.items() if each != path}
        tree = {**tree, "debian/changelog": _changelog_from(new["debian/changelog"], entry.version)}
        after = _side(tree, entry.version)
        if before is not None and after is not None:
            is_bump = _upstream(before.metadata.version) != _upstream(after.metadata.version)
            yield Step(name, before, after, len(entries) == 1, is_bump, is_bump and _is_ordinary(entry.text))
        before = after


def _handed_out(old: Mapping[str, bytes], new: Mapping[str, bytes], entries: Sequence[Entry]) -> list[dict[str, bytes | None]]:
    """Return for each entry the files that it changes, with what is in them then."""
    shares: list[dict[str, bytes | None]] = [{} for _ in entries]
    for path in sorted(old.keys() | new.keys()):
        before, after = old.get(path), new.get(path)
        if before == after or path == "debian/changelog":
            continue
        telling = _telling(path, entries)
        if before is None or after is None:
            shares[telling[0]][path] = after
            continue
        for number, content in _hunks(before, after, telling):
            shares[number][path] = content
    return shares


def _telling(path: str, entries: Sequence[Entry]) -> list[int]:
    """Return the numbers of the entries that tell of a change to the file: of those that tell of the packaging, if any does.

    What no entry tells of is the newest's, be it an ordinary one: maintainers do not tell everything.
    """
    name = path.rpartition("/")[2]
    patterns = [re.compile(re.escape(name))] + [words for place, words in _TOLD if place.search(path)]
    told = [number for number, entry in enumerate(entries) if not _is_ordinary(entry.text)]
    for numbers in (told, range(len(entries))):
        for pattern in patterns:
            if found := [number for number in numbers if pattern.search(entries[number].text)]:
                return found
    return [len(entries) - 1]


def _hunks(before: bytes, after: bytes, numbers: Sequence[int]) -> Iterator[tuple[int, bytes]]:
    """Yield for each entry what the file holds then: its hunks are handed out over the entries in turn."""
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    if len(numbers) == 1 or len(old) + len(new) > 2_000:
        yield numbers[-1], after
        return
    codes = difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    changed = [place for place, code in enumerate(codes) if code[0] != "equal"]
    for turn, number in enumerate(numbers):
        done = {place for order, place in enumerate(changed) if order % len(numbers) <= turn}
        parts = [new[c:d] if kind != "equal" and place in done else old[a:b] for place, (kind, a, b, c, d) in enumerate(codes)]
        yield number, b"".join(line for part in parts for line in part)


def _side(tree: Mapping[str, bytes], version: str | None) -> Side | None:
    """Return the tree as a recipe with the Fetch that it would have; None where the portal would refuse it."""
    small = {path: data for path, data in tree.items() if len(data) <= MAX_BLOB_BYTES or path == "debian/changelog"}
    first = parse_recipe(small).metadata
    if first is None:
        return None
    full = {**small, "debian/dur": _manifest(first.source, _upstream(first.version), small).encode()}
    parsed = parse_recipe(full)
    return Side(full, parsed.metadata) if parsed.metadata is not None else None


def _manifest(source: str, upstream: str, tree: Mapping[str, bytes]) -> str:
    """Return a manifest with one Fetch at the address that is watched; at Debian's own where none is."""
    watched = next((each.address for each in read_watch(tree.get("debian/watch", b"")) if "://" in each.address), "")
    address = watched.partition("?")[0].replace("http://", "https://").replace("@PACKAGE@", source).rstrip("/")
    origin = origin_of(address)
    if origin.project.startswith("github.com/"):
        url = f"https://{origin.project}/archive/refs/tags/v{upstream}.tar.gz"
    elif "/-/" in address:
        url = f"https://{origin.project}/-/archive/v{upstream}/{source}-{upstream}.tar.gz"
    elif address.startswith("https://") and re.fullmatch(r"[!-~]+", address):
        url = f"{address}/{source}-{upstream}.tar.gz"
    else:
        url = f"debian:{source}/{upstream}-1/{source}_{upstream}.orig.tar.gz"
    checksum = hashlib.sha256(f"{source} {upstream}".encode()).hexdigest()
    name = f"{source}_{upstream}.orig.tar.gz"
    return f"Format: 1\nSource: {source}\n\nFetch: {name}\nURL: {url}\nSHA256: {checksum}\nSize: 1\nRole: orig\n"


def _changelog_from(changelog: bytes, version: str) -> bytes:
    """Return the changelog from the entry of `version` on."""
    match = re.search(rb"(?m)^\S+ \(" + re.escape(version.encode()) + rb"\)", changelog)
    return changelog[match.start() :] if match else changelog


def _upstream(version: str) -> str:
    return Version(version).upstream_version or ""


def _is_ordinary(text: str) -> bool:
    """Return whether an entry tells of a new version of upstream's, and of nothing in the packaging."""
    items = [item for item in re.split(r"(?m)^\s*[*+-]\s+", text) if item.strip() and not re.fullmatch(r"\s*\[.*\]\s*", item)]
    others = [item for item in items if not _BUMP.search(item)]
    return len(others) < len(items) and not any(_PACKAGING.search(item) for item in others)
