"""requirements.in against what the portal imports: nothing is installed for nothing, and nothing is there by chance."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

ROOT = Path(__file__).parent.parent
RUNTIME = ("portal", "recipes_app", "api")
# What no module imports and no setting names, and why it is required all the same.
NOT_IMPORTED = {"gunicorn": "the web server, a program that imports the portal"}
# What is imported and comes with a requirement that is made of it.
COMES_WITH = {"kombu": "celery", "linkify_it": "markdown-it-py", "prometheus_client": "django-prometheus"}
# Django takes modules from its settings by their dotted names.
_DOTTED = re.compile(r"[a-z_]\w*(\.\w+)*")


def test_every_requirement_is_imported_or_has_its_reason():
    assert _required() - _packages(_modules()) == NOT_IMPORTED.keys()


def test_every_import_is_required():
    required = _required()
    # A name may be in several packages: one of them is enough.
    foreign = {module for module in _modules(named=False) if _packages({module}) and not _packages({module}) & required}
    assert foreign == COMES_WITH.keys()
    assert required >= set(COMES_WITH.values())


def test_an_import_that_is_gone_is_noticed():
    assert "gitpython" in _packages(_modules())
    assert "gitpython" not in _packages(_modules(but=ROOT / "recipes_app" / "repos" / "repository.py"))


def _required() -> set[str]:
    lines = (ROOT / "requirements.in").read_text(encoding="utf-8").splitlines()
    return {_normal(match[0]) for line in lines if (match := re.match(r"[A-Za-z0-9][\w.-]*", line))}


def _packages(modules: set[str]) -> set[str]:
    """Return the packages that have one of `modules`, by their normal names; none for our own and the standard library's."""
    return {_normal(package) for module in modules for package in _distributions().get(module, ())}


def _modules(but: Path | None = None, *, named: bool = True) -> set[str]:
    """Return the outermost modules that the portal imports and, with `named`, those that its settings name."""
    paths = (path for room in RUNTIME for path in (ROOT / room).rglob("*.py") if path != but)
    return {module for path in paths for module in _modules_of(path, named)}


def _modules_of(path: Path, named: bool) -> Iterator[str]:
    is_settings = named and path.parent == ROOT / "portal" / "settings"
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (each.name.partition(".")[0] for each in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0]
        elif is_settings and isinstance(node, ast.Constant) and isinstance(node.value, str) and _DOTTED.fullmatch(node.value):
            yield node.value.partition(".")[0]


@cache
def _distributions() -> Mapping[str, list[str]]:
    return packages_distributions()


def _normal(name: str) -> str:
    """Return a package's name as indexes compare it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()
