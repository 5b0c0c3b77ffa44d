"""Run the parser on packaging directories of real Debian source packages and print what it takes and what it finds.

    python benchmarks/real_packages.py --cache DIRECTORY [NAME ...]

The packages come from the machine's own apt sources, asked for their `deb-src` side in a private apt state, so that the
machine's configuration stays as it is. Only the part with `debian/` is downloaded, and it is read in memory. A name that the
mirror does not have is reported and skipped. The exit status is 1 where the parser refuses a package.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tarfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from recipes_app.formats.recipe import ParsedRecipe, parse_recipe  # noqa: E402 (the checkout is put on the path first)
from recipes_app.limits import MAX_BLOB_BYTES  # noqa: E402

NAMES = HERE / "real_packages.txt"
APT_SOURCES = Path("/etc/apt/sources.list.d")
PACKAGING_TAR = re.compile(r"\.debian\.tar\.[a-z0-9]+$")
ANY_TAR = re.compile(r"\.tar\.[a-z0-9]+$")


class Unavailable(Exception):
    """The mirror does not have the package, or its format has no tar with debian/ in it."""


@dataclass
class Apt:
    """apt-get with a state of its own below `folder`, reading the machine's sources as `deb-src`."""

    folder: Path

    def __post_init__(self) -> None:
        self.sources = self.folder / "sources"
        for each in (self.sources, self.folder / "lists" / "partial", self.folder / "cache" / "archives" / "partial"):
            each.mkdir(parents=True, exist_ok=True)

    def update(self) -> None:
        """Fetch the index of source packages, once for each cache."""
        if any((self.folder / "lists").glob("*Sources*")):
            return
        for path in APT_SOURCES.glob("*.sources"):
            text = re.sub(r"(?m)^Types:.*$", "Types: deb-src", path.read_text())
            (self.sources / path.name).write_text(text)
        self.run("update", cwd=self.folder)

    def run(self, *arguments: str, cwd: Path) -> str:
        """Run apt-get in `cwd` and return what it printed. Raises Unavailable with its last error line."""
        options = {
            "Dir::Etc::sourcelist": "/dev/null",
            "Dir::Etc::sourceparts": str(self.sources),
            "Dir::State::lists": str(self.folder / "lists"),
            "Dir::Cache": str(self.folder / "cache"),
            "APT::Sandbox::User": "",
        }
        flags = [word for key, value in options.items() for word in ("-o", f"{key}={value}")]
        result = subprocess.run(["apt-get", "-q", *flags, *arguments], cwd=cwd, capture_output=True, text=True, check=False)
        if result.returncode != 0:
            errors = [line for line in result.stderr.splitlines() if line.startswith("E:")]
            raise Unavailable(errors[0] if errors else f"apt-get ended with status {result.returncode}")
        return result.stdout


def packaging_tar(apt: Apt, name: str, cache: Path) -> Path:
    """Return the tar that holds debian/ of source package `name`, downloaded where the cache lacks it. Raises Unavailable."""
    folder = cache / name
    folder.mkdir(parents=True, exist_ok=True)
    if found := _choose([path.name for path in folder.iterdir()]):
        return folder / found
    listing = apt.run("source", "--print-uris", "--only-source", "--", name, cwd=folder)
    files = re.findall(r"^'[^']+' (\S+) \d+", listing, re.MULTILINE)
    wanted = _choose(files)
    if wanted is None:
        raise Unavailable("no tar with debian/ in it: source format 1.0 with a diff")
    part = "--diff-only" if PACKAGING_TAR.search(wanted) else "--tar-only"
    apt.run("source", "--download-only", "--only-source", part, "--", name, cwd=folder)
    return folder / wanted


def _choose(files: list[str]) -> str | None:
    """Return the packaging tar among `files`, or the only tar of a native package."""
    packaging = [each for each in files if PACKAGING_TAR.search(each)]
    tars = [each for each in files if ANY_TAR.search(each) and ".orig" not in each]
    return packaging[0] if packaging else tars[0] if tars and not any(each.endswith(".diff.gz") for each in files) else None


def read_packaging(path: Path) -> dict[str, bytes]:
    """Return debian/ of the tar at `path` as a tree, as a recipe would hold it: its regular files."""
    tree = {}
    with tarfile.open(path) as archive:
        for member in archive:
            parts = Path(member.name).parts
            if not member.isfile() or "debian" not in parts[:2]:
                continue
            content = archive.extractfile(member)
            if content is not None:
                tree["/".join(parts[parts.index("debian") :])] = content.read()
    return tree


def parse_timed(tree: dict[str, bytes]) -> tuple[ParsedRecipe, float]:
    """Return what the parser says of `tree`, and the best of three times in milliseconds."""
    best = float("inf")
    for _ in range(3):
        start = time.perf_counter()
        parsed = parse_recipe(tree)
        best = min(best, time.perf_counter() - start)
    return parsed, best * 1000


def wanted_names(path: Path) -> Iterator[str]:
    """Yield the names in the list at `path`, without its comments."""
    for line in path.read_text().splitlines():
        if name := line.partition("#")[0].strip():
            yield name


def report(name: str, tree: dict[str, bytes], parsed: ParsedRecipe, milliseconds: float, verbose: bool) -> None:
    """Print one line about a package, files that the portal's blob limit refuses, and its findings: errors, or all of them."""
    data = parsed.metadata
    facts = (
        f"{data.version}, {len(data.binaries)} binaries, {len(data.licences)} licences ({data.licence_class}), "
        f"{len(data.patches)} patches"
        if data
        else "refused"
    )
    others = len(parsed.findings) - len(parsed.errors)
    print(f"{name:28} {milliseconds:7.1f} ms {len(tree):5} files {len(parsed.errors):2} errors {others:3} other  {facts}")
    for path, content in tree.items():
        if len(content) > MAX_BLOB_BYTES:
            print(f"    {path} has {len(content) // 1024} KiB: over the limit of a push")
    for finding in parsed.findings if verbose else parsed.errors:
        print(f"    {finding.severity} {finding}")


def main() -> int:
    """Run over the list and print a line for each package and a summary; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("names", nargs="*", help="source packages; all of real_packages.txt where none is given")
    parser.add_argument("--cache", type=Path, required=True, help="where apt's state and the tars are kept")
    parser.add_argument("--verbose", action="store_true", help="print warnings too")
    options = parser.parse_args()
    cache = options.cache.resolve()
    apt = Apt(cache / ".apt")
    apt.update()
    refused, skipped, times = [], [], []
    for name in options.names or list(wanted_names(NAMES)):
        try:
            tree = read_packaging(packaging_tar(apt, name, cache))
        except Unavailable as reason:
            skipped.append(name)
            print(f"{name:28} skipped: {reason}")
            continue
        parsed, milliseconds = parse_timed(tree)
        times.append(milliseconds)
        if parsed.errors:
            refused.append(name)
        report(name, tree, parsed, milliseconds, options.verbose)
    if times:
        print(f"\n{len(times)} parsed, {len(refused)} refused, {len(skipped)} skipped; ", end="")
        print(f"median {sorted(times)[len(times) // 2]:.1f} ms, slowest {max(times):.1f} ms")
    return 1 if refused else 0


if __name__ == "__main__":
    sys.exit(main())
