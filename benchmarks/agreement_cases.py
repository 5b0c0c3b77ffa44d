"""The packages that `agreement` compares: what the archive has of each, its debian/ as a recipe holds it, runs that are kept.

Everything lies below one cache folder, so that a run that was broken off goes on where it was: the downloads by package, and
the answers of sandboxed programs by a hash of command and input.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import re
import tarfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from recipes_app.lint.sandbox.sandbox import run_sandboxed
from recipes_app.lint.sandbox.supervise import ProcessResult
from recipes_app.lint.source.check import Identity

from .real_packages import Apt, Unavailable

NAMES = Path(__file__).with_suffix("").parent / "agreement.txt"
# Larger sources tell nothing more about debian/ and cost minutes each.
MAX_SOURCE_BYTES = 8_000_000
_UNPACK = (
    'tar -xf - && dpkg-source --skip-patches -x "$1" source >&2 && cd source && '
    'tar -cf - $(test -n "$2" && echo debian || echo .)'
)
_URI = re.compile(r"^'[^']+' (\S+) (\d+)", re.MULTILINE)


@dataclass(frozen=True)
class Case:
    """One source package: the files of its .dsc, and what a recipe of it would hold."""

    name: str
    kind: str
    dsc: str
    files: dict[str, Path]
    is_native: bool
    tree: dict[str, bytes]
    executables: frozenset[str]
    identity: Identity


@dataclass
class KeptRuns:
    """Stands where `run_sandboxed` stands, and remembers each answer below `folder`."""

    folder: Path
    fresh: int = 0
    seconds: dict[str, float] = field(default_factory=dict)

    def __call__(self, command: Sequence[str], *, stdin: bytes = b"") -> ProcessResult:
        """Return how `command` ended in the sandbox, from memory where it ran before."""
        key = hashlib.sha256(json.dumps(list(command)).encode() + b"\0" + stdin).hexdigest()
        kept = self.folder / f"{key}.json"
        if kept.exists():
            members = json.loads(kept.read_text())
            return ProcessResult(**{**members, "stdout": base64.b64decode(members["stdout"])})
        result = run_sandboxed(command, stdin=stdin)
        self.fresh += 1
        if not result.limit_hit:
            self.folder.mkdir(parents=True, exist_ok=True)
            unfinished = kept.with_suffix(".unfinished")
            unfinished.write_text(json.dumps({**asdict(result), "stdout": base64.b64encode(result.stdout).decode()}))
            unfinished.rename(kept)
        return result


def wanted(path: Path = NAMES) -> Iterator[tuple[str, str]]:
    """Yield kind and name of each package in the list at `path`."""
    kind = ""
    for line in path.read_text().splitlines():
        text = line.partition("#")[0].strip()
        if text.startswith("["):
            kind = text.strip("[]")
        elif text:
            yield kind, text


def load(apt: Apt, name: str, kind: str, cache: Path, run: KeptRuns) -> Case:
    """Return the case of source package `name`, downloaded where the cache lacks it. Raises Unavailable."""
    files = _download(apt, name, cache / "sources" / name)
    dsc = next(each for each in files if each.endswith(".dsc"))
    is_native = "(native)" in _format(files[dsc]) or not any(".orig" in each for each in files)
    packed = _packaging(dsc, files, run, only_debian=not is_native)
    tree, executables = _read(packed)
    return Case(name, kind, dsc, files, is_native, tree, executables, _identity(files[dsc].read_text("utf-8", "replace")))


def archive_of(files: dict[str, Path]) -> bytes:
    """Return a tar archive of `files`, the same bytes for the same files."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name, path in sorted(files.items()):
            member = tarfile.TarInfo(name)
            member.size, member.mode, member.mtime = path.stat().st_size, 0o644, 1_600_000_000
            with path.open("rb") as content:
                archive.addfile(member, content)
    return buffer.getvalue()


def _download(apt: Apt, name: str, folder: Path) -> dict[str, Path]:
    folder.mkdir(parents=True, exist_ok=True)
    listing = folder / "listing"
    if not listing.exists():
        listing.write_text(apt.run("source", "--print-uris", "--only-source", "--", name, cwd=folder))
    sizes = {filename: int(size) for filename, size in _URI.findall(listing.read_text())}
    if sum(sizes.values()) > MAX_SOURCE_BYTES:
        raise Unavailable(f"its source has {sum(sizes.values()) // 1_000_000} MB, over the limit of this measurement")
    files = {filename: folder / filename for filename in sizes}
    if any(not path.exists() or path.stat().st_size != sizes[filename] for filename, path in files.items()):
        apt.run("source", "--download-only", "--only-source", "--", name, cwd=folder)
    return files


def _format(dsc: Path) -> str:
    match = re.search(r"(?m)^Format: (.*)$", dsc.read_text("utf-8", "replace"))
    return match[1] if match else ""


def _packaging(dsc: str, files: dict[str, Path], run: KeptRuns, *, only_debian: bool) -> bytes:
    """Return a tar archive of debian/, or of all files of a native package, unpacked in the sandbox."""
    command = ["/bin/sh", "-c", _UNPACK, "unpack", dsc, "debian" if only_debian else ""]
    result = run(command, stdin=archive_of(files))
    if result.exit_status != 0 or result.limit_hit:
        raise Unavailable(f"it cannot be unpacked: {result.stderr_tail[-200:]}")
    return result.stdout


def _read(packed: bytes) -> tuple[dict[str, bytes], frozenset[str]]:
    """Return the regular files and which of them are executable: what git keeps of them."""
    tree, executables = {}, set()
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        for member in archive:
            content = archive.extractfile(member) if member.isfile() else None
            if content is not None:
                path = member.name.removeprefix("./")
                tree[path] = content.read()
                if member.mode & 0o100:
                    executables.add(path)
    return tree, frozenset(executables)


def _identity(dsc: str) -> Identity:
    """Return what the .dsc says the package is."""
    fields = dict(re.findall(r"(?m)^(Source|Version|Binary): (.*(?:\n .*)*)$", dsc))
    binaries = [each.strip() for each in fields["Binary"].replace("\n", " ").split(",")]
    return Identity(fields["Source"].strip(), fields["Version"].strip(), binaries)
