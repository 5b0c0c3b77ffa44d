"""Where a file of a mirror scheme (pypi:, npm:, debian:) is, by the index or mirror that this machine's operator configured.

The settings are those of the ordinary tools: PIP_INDEX_URL, NPM_CONFIG_REGISTRY, and LINT_MIRROR of trial builds. Nothing is run:
pip would build what it downloads. No Django here.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote, urljoin

from recipes_app.limits import MIB

from .bases import mirror

MAX_INDEX_BYTES = 32 * MIB
_PYPI = "https://pypi.org/simple/"
_PYPI_JSON = "application/vnd.pypi.simple.v1+json"
_NPM = "https://registry.npmjs.org/"
_COMPONENTS = ("main", "contrib", "non-free-firmware", "non-free")

# Reads a page: its address and the media type that is asked for.
Reader = Callable[[str, str], bytes]


class Unresolved(Exception):
    """The index does not know the file or does not answer; the text says which."""


def addresses(url: str, read: Reader) -> Iterator[str]:
    """Yield the addresses at which the file may be. Raises Unresolved."""
    scheme, _, rest = url.partition(":")
    yield from {"pypi": _pypi, "npm": _npm, "debian": _debian}[scheme](rest, read)


def records(url: str) -> list[tuple[str, str]]:
    """Return where the index's own record of a file of a mirror scheme is, each address with the media type to ask for."""
    scheme, _, rest = url.partition(":")
    if scheme == "pypi":
        return [(_pypi_page(rest.split("/")[0]), _PYPI_JSON)]
    if scheme == "npm":
        return [(_npm_page(rest), "application/json")]
    source, version, _ = rest.split("/")
    dsc = quote(f"{source}_{version.partition(':')[2] or version}.dsc")
    return [(f"{folder}/{dsc}", "*/*") for folder in _pools(source)]


def _pypi_page(name: str) -> str:
    index = os.environ.get("PIP_INDEX_URL", _PYPI).rstrip("/") + "/"
    # PEP 503: the name in its normal form.
    return urljoin(index, re.sub(r"[-_.]+", "-", name).lower() + "/")


def _npm_page(rest: str) -> str:
    name, _, version = rest.rpartition("/")
    registry = os.environ.get("NPM_CONFIG_REGISTRY", _NPM).rstrip("/") + "/"
    return urljoin(registry, f"{quote(name, safe='@')}/{quote(version)}")


def _pools(source: str) -> list[str]:
    """Return the folders of the mirror's pool in which a source package may be."""
    prefix = source[:4] if source.startswith("lib") else source[0]
    return [f"{mirror().rstrip('/')}/pool/{component}/{prefix}/{source}" for component in _COMPONENTS]


def _pypi(rest: str, read: Reader) -> Iterator[str]:
    """The simple API of PEP 691: a project's page lists its files with their addresses."""
    name, _, filename = rest.split("/")
    page = _pypi_page(name)
    for entry in _json(read(page, _PYPI_JSON), page).get("files", []):
        if entry.get("filename") == filename:
            yield urljoin(page, str(entry.get("url", "")))
            return
    raise Unresolved(f"{page} knows no file {filename}")


def _npm(rest: str, read: Reader) -> Iterator[str]:
    page = _npm_page(rest)
    tarball = _json(read(page, "application/json"), page).get("dist", {}).get("tarball")
    if not isinstance(tarball, str):
        raise Unresolved(f"{page} names no tarball")
    yield tarball


def _debian(rest: str, _: Reader) -> Iterator[str]:
    """The pool of the mirror, whose folders are named for the source package (and for `lib` and a letter)."""
    source, _version, filename = rest.split("/")
    for folder in _pools(source):
        yield f"{folder}/{quote(filename)}"


def _json(data: bytes, page: str) -> dict[str, Any]:
    try:
        document = json.loads(data)
    except ValueError as error:
        raise Unresolved(f"{page} does not answer in JSON; the index must know {_PYPI_JSON} (PEP 691)") from error
    if not isinstance(document, dict):
        raise Unresolved(f"{page} answers in another shape than an index does")
    return document
