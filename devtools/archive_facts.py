"""Write what the recipe checks know of the Debian archive: `python -m devtools.archive_facts`.

Two tables below recipes_app/lint/checks, made from the indexes `Packages` of the suites below, amd64, which apt fetches into a
folder of its own: the machine's own sources and lists stay as they are. They are files of the checkout and not read from the
runner's lists, because a runner mostly has sources of main alone, all runners should say the same of a recipe, and closures over
60,000 packages take a runner a minute of work and 100 MB of memory. To be run again for a new release of Debian.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from recipes_app.limits import MAX_RECOMMENDED_MEGABYTES
from recipes_app.lint.checks.archive_facts import COMPONENTS_FILE, WEIGHTS_FILE

SUITES = ("bookworm", "trixie")
COMPONENTS = ("main", "contrib", "non-free", "non-free-firmware")
# What is there already where somebody installs a package. A desktop, so that what is added is told too low, never too high.
DESKTOP = "task-xfce-desktop"
MIRROR = "http://deb.debian.org/debian"
KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
_FIELDS = frozenset({"Package", "Priority", "Installed-Size", "Pre-Depends", "Depends", "Recommends", "Suggests", "Provides"})
_KIB = 1024
_MB = 1_000_000
# So heavy a package is listed though no other one names it: texlive-full.
_ANYWAY = 1_000
_WEIGHTS_HEAD = f"""\
# Debian's packages that bring more than {MAX_RECOMMENDED_MEGABYTES} MB with them, in MB: installed size of the package and of all
# that it depends on, without Recommends, beyond a machine with {DESKTOP}; the lower number of
# {" and ".join(SUITES)}, amd64. Packages that another one recommends or suggests, that are as large alone, or
# that bring more than {_ANYWAY} MB.
# Made by `python -m devtools.archive_facts`; do not edit.
"""
_COMPONENTS_HEAD = f"""\
# Names that stand in no package of main: name, suite ({", ".join(SUITES)}), and the components that installing it takes.
# Made by `python -m devtools.archive_facts`; do not edit.
"""

Alternatives = tuple[str, ...]


@dataclass
class Package:
    """A binary package of the archive: its size in KiB, its component, and the alternatives of each of its relations."""

    name: str
    component: str
    size: int
    priority: str
    depends: tuple[Alternatives, ...]
    recommends: tuple[Alternatives, ...]
    suggests: tuple[Alternatives, ...]
    provides: tuple[str, ...]


@dataclass
class Suite:
    """The packages of one suite by name, and who provides what."""

    packages: dict[str, Package] = field(default_factory=dict)
    providers: dict[str, list[str]] = field(default_factory=dict)

    def add(self, package: Package) -> None:
        """Take a package; the first of a name stays, and components are read with main first."""
        if package.name not in self.packages:
            self.packages[package.name] = package
            for name in package.provides:
                self.providers.setdefault(name, []).append(package.name)

    def closure(self, names: Iterable[str], there: Collection[str], *, recommends: bool = False) -> set[str]:
        """Return what apt would install for `names` where the packages `there` are installed, `names` among it."""
        pending = [name for name in names if name in self.packages and name not in there]
        found = set(pending)
        while pending:
            package = self.packages[pending.pop()]
            for alternatives in (*package.depends, *(package.recommends if recommends else ())):
                chosen = self._chosen(alternatives, found, there)
                if chosen and chosen not in found:
                    found.add(chosen)
                    pending.append(chosen)
        return found

    def _chosen(self, alternatives: Alternatives, found: Collection[str], there: Collection[str]) -> str:
        """Return the package that apt adds for a relation; empty where it is satisfied, or cannot be."""
        candidates = [
            name for each in alternatives for name in ([each] if each in self.packages else self.providers.get(each, []))
        ]
        if any(name in found or name in there for name in candidates):
            return ""
        return candidates[0] if candidates else ""

    def megabytes(self, names: Iterable[str]) -> int:
        """Return the installed size of the packages together."""
        return sum(self.packages[name].size for name in names) * _KIB // _MB


def main(arguments: Sequence[str] | None = None) -> int:
    """Fetch the indexes and write both tables; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m devtools.archive_facts", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--cache", type=Path, required=True, help="folder for apt's state; used again where it is filled")
    cache = parser.parse_args(arguments).cache.resolve()
    fetch_indexes(cache, SUITES)
    suites = {name: read_suite(cache / "lists", name) for name in SUITES}
    weights = common_weights([heavy(suite) for suite in suites.values()], suites.values())
    WEIGHTS_FILE.write_text(_WEIGHTS_HEAD + "".join(f"{name} {size}\n" for name, size in sorted(weights.items())))
    lines = sorted(line for name, suite in suites.items() for line in component_lines(name, suite))
    COMPONENTS_FILE.write_text(_COMPONENTS_HEAD + "".join(lines))
    print(f"{WEIGHTS_FILE.name}: {len(weights)} packages; {COMPONENTS_FILE.name}: {len(lines)} lines")
    return 0


def heavy(suite: Suite) -> dict[str, int]:
    """Return the packages that bring too much, with how much, and all others that are not on a desktop with 0."""
    standard = [each.name for each in suite.packages.values() if each.priority in {"required", "important", "standard"}]
    there = suite.closure([*standard, DESKTOP], (), recommends=True)
    sizes = {name: suite.megabytes(suite.closure([name], there)) for name in suite.packages}
    return {name: size if size > MAX_RECOMMENDED_MEGABYTES else 0 for name, size in sizes.items()}


def common_weights(weights: Sequence[Mapping[str, int]], suites: Iterable[Suite]) -> dict[str, int]:
    """Return the lowest weight of each package that is too heavy in every suite that has it and is likely to be named."""
    wanted: set[str] = set()
    for suite in suites:
        for package in suite.packages.values():
            wanted.update(name for alternatives in (*package.recommends, *package.suggests) for name in alternatives)
            if suite.megabytes([package.name]) > MAX_RECOMMENDED_MEGABYTES:
                wanted.add(package.name)
    lowest = {name: min(each[name] for each in weights if name in each) for name in set().union(*weights)}
    return {name: size for name, size in lowest.items() if size > _ANYWAY or (size and name in wanted)}


def component_lines(suite_name: str, suite: Suite) -> Iterator[str]:
    """Yield a line for each package outside main whose name nothing in main provides; firmware is never built with."""
    provided = {name for package in suite.packages.values() if package.component == "main" for name in package.provides}
    for name, package in suite.packages.items():
        if package.component in {"main", "non-free-firmware"} or name in provided:
            continue
        needed = {suite.packages[each].component for each in suite.closure([name], ())}
        yield f"{name} {suite_name} {' '.join(each for each in ('contrib', 'non-free') if each in needed)}\n"


def read_suite(lists: Path, name: str) -> Suite:
    """Return the packages of a suite from apt's lists, main first."""
    suite = Suite()
    for component in COMPONENTS:
        for paragraph in paragraphs_of(lists, name, component):
            if package := read_package(paragraph, component):
                suite.add(package)
    return suite


def paragraphs_of(lists: Path, suite: str, component: str) -> list[str]:
    """Return the paragraphs of the index of a component, from apt's lists."""
    (path,) = lists.glob(f"*_dists_{suite}_{component}_binary-amd64_Packages*")
    helper = ["/usr/lib/apt/apt-helper", "cat-file", str(path)]
    return subprocess.run(helper, capture_output=True, text=True, check=True).stdout.split("\n\n")


def read_package(paragraph: str, component: str) -> Package | None:
    """Return the package that a paragraph of an index describes; None for an empty one."""
    values = {}
    for line in paragraph.split("\n"):
        name, colon, value = line.partition(": ")
        if colon and name in _FIELDS:
            values[name] = value
    if "Package" not in values:
        return None
    depends = f"{values.get('Pre-Depends', '')},{values.get('Depends', '')}"
    return Package(
        name=values["Package"],
        component=component,
        size=int(values.get("Installed-Size", "0")),
        priority=values.get("Priority", ""),
        depends=tuple(relations_of(depends)),
        recommends=tuple(relations_of(values.get("Recommends", ""))),
        suggests=tuple(relations_of(values.get("Suggests", ""))),
        provides=tuple(name for alternatives in relations_of(values.get("Provides", "")) for name in alternatives),
    )


def relations_of(text: str) -> Iterator[Alternatives]:
    """Yield the names of the alternatives of each relation, without versions and architectures."""
    for member in text.split(","):
        names = tuple(name for each in member.split("|") if (name := re.split(r"[ (:\[<]", each.strip(), maxsplit=1)[0]))
        if names:
            yield names


def fetch_indexes(cache: Path, suites: Sequence[str]) -> None:
    """Have apt fetch the indexes of `suites` into `cache`, where none is there. Raises CalledProcessError where it cannot."""
    if any((cache / "lists").glob("*_Packages*")):
        return
    for folder in ("lists/partial", "cache/archives/partial", "sources"):
        (cache / folder).mkdir(parents=True, exist_ok=True)
    source = f"Types: deb\nURIs: {MIRROR}\nSuites: {' '.join(suites)}\nComponents: {' '.join(COMPONENTS)}\nSigned-By: {KEYRING}\n"
    (cache / "sources" / "debian.sources").write_text(source)
    options = {
        "Dir::Etc::sourcelist": "/dev/null",
        "Dir::Etc::sourceparts": str(cache / "sources"),
        "Dir::State::lists": str(cache / "lists"),
        "Dir::Cache": str(cache / "cache"),
        "APT::Architecture": "amd64",
        "APT::Sandbox::User": "",
        "Acquire::Languages": "none",
    }
    flags = [word for key, value in options.items() for word in ("-o", f"{key}={value}")]
    subprocess.run(["apt-get", "-q", *flags, "update"], check=True)


if __name__ == "__main__":
    sys.exit(main())
