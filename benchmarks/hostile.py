"""What becomes of the hostile corpus (tests/hostile), and what it costs: `./dev bench hostile`.

    ./dev bench hostile [--write] [--no-builds] [NAME ...]

Every case, the slow ones that the suite leaves out among them, at each of its entrances, with the limits of production but for
the wall clock of builds. Prints a row for each; --write puts the table into docs/security.md. The exit status is 1 where a case
was answered otherwise than it must be, and the program ends at once where one left something behind. It takes 10 to 25 minutes.
"""

from __future__ import annotations

import argparse
import contextlib
import html
import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings.test")

import django

django.setup()

from recipes_app.limits import MIB  # noqa: E402
from recipes_app.lint.build.bases import FOLDER_VARIABLE, BaseUnavailable, current  # noqa: E402
from recipes_app.lint.sandbox.sandbox import run_sandboxed  # noqa: E402
from tests.hostile.builds import CASES as BUILDS  # noqa: E402
from tests.hostile.builds import BuildCase  # noqa: E402
from tests.hostile.case import Case, lines_of  # noqa: E402
from tests.hostile.corpus import CASES, Seen, look  # noqa: E402
from tests.hostile.traces import leaves_nothing, spending  # noqa: E402
from tests.servers.bases import make_base  # noqa: E402

DOCUMENT = Path(__file__).resolve().parent.parent / "docs" / "security.md"
_BEGIN, _END = "<!-- hostile: begin -->", "<!-- hostile: end -->"
_SHOWN = 160
_HEAD = (
    "| case | what it is | what is said | seconds | MiB, programs | MiB, runner | clean and alive |",
    "|---|---|---|--:|--:|--:|---|",
)


def main() -> int:
    """Measure, print, and where asked write; return the exit status."""
    parser = argparse.ArgumentParser(prog="./dev bench hostile")
    parser.add_argument("names", nargs="*", help="cases; all where none is named")
    parser.add_argument("--write", action="store_true", help="put the table into docs/security.md")
    parser.add_argument("--no-builds", action="store_true", help="leave out what is hostile in a trial build")
    arguments = parser.parse_args()
    chosen = [
        case for case in (*CASES, *(() if arguments.no_builds else BUILDS)) if case.name in arguments.names or not arguments.names
    ]
    rows, wrong = list(_HEAD), []
    print("\n".join(_HEAD))
    with _base(any(isinstance(case, BuildCase) for case in chosen)):
        for case in chosen:
            seen = _look(case)
            rows.append(row(case, seen))
            print(rows[-1], flush=True)
            wrong += [f"{case.name}, {each.entrance}: {each.said}" for each in seen if not each.expected]
    if arguments.write:
        write(rows)
    for line in wrong:
        print(f"not what was expected: {line}", file=sys.stderr)
    return 1 if wrong else 0


def _look(case: Case | BuildCase) -> Sequence[Seen]:
    """Bring a case in and see that nothing is left of it. Raises AssertionError where something is."""
    with tempfile.TemporaryDirectory(prefix="hostile-") as name:
        folder, scratch = Path(name) / "work", Path(name) / "scratch"
        folder.mkdir()
        scratch.mkdir()
        with leaves_nothing(scratch):
            seen = [_build(case)] if isinstance(case, BuildCase) else list(look(case, folder))
    if run_sandboxed(["echo", "alive"]).stdout != b"alive\n":
        raise AssertionError(f"after {case.name} the sandbox does not run")
    return seen


def _build(case: BuildCase) -> Seen:
    with spending() as spent:
        report = case.run()
    said = next((line for line in lines_of(report) if case.says.words in line), report.error)
    return Seen("trial build", f"{report.state}: {said}", case.says.fits(report), spent)


@contextlib.contextmanager
def _base(needed: bool) -> Iterator[None]:
    """Have a base of bookworm, the machine's own or one for this run."""
    with contextlib.ExitStack() as stack:
        try:
            if needed:
                current("bookworm")
        except BaseUnavailable:
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="hostile-bases-"))
            make_base(Path(folder))
            os.environ[FOLDER_VARIABLE] = folder
        yield


def row(case: Case | BuildCase, seen: Sequence[Seen]) -> str:
    """Return the case's line of the table: what is said at each entrance, and what all of them cost."""
    said = "<br>".join(f"**{each.entrance}** {_cell(each.said)}" for each in seen)
    costs = " / ".join(f"{each.spent.seconds:.1f}" for each in seen)
    programs, own = (max(getattr(each.spent, name) for each in seen) / MIB for name in ("programs", "own"))
    return f"| {case.name} | {_cell(case.what)} | {said} | {costs} | {programs:.0f} | {own:.0f} | yes |"


def _cell(text: str) -> str:
    """Return hostile text as it may stand in a table: cut, in one line, with nothing that Markdown or a browser obeys."""
    text = text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"
    visible = "".join(each if each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in text)
    for each in "\\`*_[]|":
        visible = visible.replace(each, f"&#{ord(each)};")
    return html.escape(visible, quote=False).replace("&amp;#", "&#")


def write(rows: Sequence[str]) -> None:
    """Put `rows` between the marks of docs/security.md."""
    before, _, rest = DOCUMENT.read_text(encoding="utf-8").partition(_BEGIN)
    _, mark, after = rest.partition(_END)
    if not mark:
        raise ValueError(f"{DOCUMENT} has no {_BEGIN} … {_END}")
    DOCUMENT.write_text(f"{before}{_BEGIN}\n\n" + "\n".join(rows) + f"\n\n{_END}{after}", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
