"""The rules of the house that a program can check. `./dev check` has the others; `./dev test` runs it beside the tests."""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from devtools.checks import CHECKS, beside

ROOT = Path(__file__).parent.parent
ROOMS = ("portal", "recipes_app", "api", "devtools", "benchmarks", "tests")
MAX_MODULE_LINES = 400
MAX_FUNCTION_LINES = 50


def modules(*rooms: str) -> list[Path]:
    """Return our own modules, as paths relative to the checkout; migrations are written by a machine."""
    found = (path for room in rooms for path in (ROOT / room).rglob("*.py") if "migrations" not in path.parts)
    return sorted(path.relative_to(ROOT) for path in found)


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Yield every function of a module, nested ones too."""
    for node in ast.walk(ast.parse((ROOT / path).read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def test_every_check_is_run_beside_the_tests():
    assert set(CHECKS) == {"format", "lint", "types", "imports", "messages"}
    assert [name for name, words in CHECKS.items() if not words] == []


@pytest.mark.parametrize(("checks", "tests", "status"), [(0, 0, 0), (1, 0, 1), (0, 2, 2), (1, 2, 2)])
def test_dev_test_fails_where_the_tests_or_a_check_beside_them_fail(capfd, checks, tests, status):
    said = "print('said by the check'); raise SystemExit({})"
    assert beside([sys.executable, "-c", said.format(checks)], [sys.executable, "-c", f"raise SystemExit({tests})"]) == status
    assert ("said by the check" in capfd.readouterr().out) == bool(checks)


def test_every_room_says_what_it_is_for():
    rooms = [path for path in modules(*ROOMS) if path.name == "__init__.py"]
    assert rooms
    assert [str(path) for path in rooms if not ast.get_docstring(ast.parse((ROOT / path).read_text(encoding="utf-8")))] == []


def test_modules_are_short():
    lengths = {str(path): len((ROOT / path).read_text(encoding="utf-8").splitlines()) for path in modules(*ROOMS)}
    assert {path: length for path, length in lengths.items() if length > MAX_MODULE_LINES} == {}


def test_functions_are_short():
    long = [
        f"{path}:{node.lineno} {node.name}"
        for path in modules(*(room for room in ROOMS if room != "tests"))
        for node in functions(path)
        if (node.end_lineno or node.lineno) - node.lineno >= MAX_FUNCTION_LINES
    ]
    assert long == []


def test_what_overrules_the_types_says_why():
    # Composed, so that this file does not find itself.
    overruled = re.compile(r"# type: " + r"ignore(?!\[[\w, -]+\]\s+# )|\bca" + r"st\((?!.*# )")
    lines = [
        f"{path}:{number}"
        for path in modules(*ROOMS)
        for number, line in enumerate((ROOT / path).read_text(encoding="utf-8").splitlines(), 1)
        if overruled.search(line)
    ]
    assert lines == []


def test_comments_cite_what_a_reader_has():
    """Issues, plans and other documents that are not in the repository tell a stranger nothing."""
    elsewhere = re.compile(
        r'\b(?:DESIGN|LINT|RECIPE_FORMAT)\b(?: "|[ \'](?:says|s ))|\bissue\'s\b|\bpart \d+\'s\b|\b(?:shared|reports)/\w+\.md'
    )
    cited = re.compile(r"\bdocs/[\w.-]+\.md\b")
    found = []
    for path in modules(*(room for room in ROOMS if room != "tests")):
        text = (ROOT / path).read_text(encoding="utf-8")
        found += [f"{path}: {match[0]}" for match in elsewhere.finditer(text)]
        found += [f"{path}: {match[0]}" for match in cited.finditer(text) if not (ROOT / match[0]).is_file()]
    assert found == []


def test_migrations_import_no_live_code():
    """A migration says what was at its time: what it imports of the portal would change under it."""
    imported = {
        f"{'.' * node.level}{node.module or ''}" if isinstance(node, ast.ImportFrom) else alias.name
        for path in (ROOT / "recipes_app" / "migrations").glob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    assert {name for name in imported if name != "." and name.split(".")[0] not in ("__future__", "django")} == set()


def test_nothing_is_left_for_later():
    # Composed, so that this file does not find itself.
    marks = ["TO" + "DO", "FIX" + "ME", "NotImplemented" + "Error"]
    texts = {str(path): (ROOT / path).read_text(encoding="utf-8") for path in modules(*ROOMS)}
    assert [f"{path}: {mark}" for path, text in texts.items() for mark in marks if mark in text] == []
