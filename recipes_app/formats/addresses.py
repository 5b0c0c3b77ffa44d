"""Where a Fetch may come from: the schemes of debian/dur's URL and what each must hold. Nothing is fetched here."""

from __future__ import annotations

import re

from .report import quoted

_HOST = r"[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::[0-9]{1,5})?"
_NAME = r"[A-Za-z0-9][A-Za-z0-9._-]*"
_VERSION = r"[A-Za-z0-9][A-Za-z0-9.+~:!_-]*"
_FILE = r"[A-Za-z0-9][A-Za-z0-9.+~_!%-]*"
# Printable ASCII without quotes, backslash and the like: the address will be an argument of a program and part of a page.
_REST = r"[A-Za-z0-9._~:/?@!$&'()*+,;=%\[\]-]*"

_SCHEMES = {
    "https": (re.compile(rf"https://{_HOST}/{_REST}"), "https://host/path"),
    "git+https": (
        re.compile(rf"git\+https://{_HOST}/{_REST}#commit=[0-9a-f]{{40}}"),
        "git+https://host/path#commit=<40 hex digits>",
    ),
    "pypi": (re.compile(rf"pypi:{_NAME}/{_VERSION}/{_FILE}"), "pypi:NAME/VERSION/FILE"),
    "npm": (re.compile(rf"npm:(?:@{_NAME}/)?{_NAME}/{_VERSION}"), "npm:NAME/VERSION"),
    "debian": (re.compile(rf"debian:[a-z0-9][a-z0-9+.-]+/{_VERSION}/{_FILE}"), "debian:SOURCE/VERSION/FILE"),
}
SCHEMES = ", ".join(_SCHEMES)


def is_https(address: str) -> bool:
    """Return whether `address` is an https address without credentials."""
    return _SCHEMES["https"][0].fullmatch(address) is not None and not _has_credentials(address)


def is_pinned_git(address: str) -> bool:
    """Return whether `address` is a git source, whose commit pins it."""
    return address.startswith("git+https:")


def fetch_address_fault(address: str) -> str:
    """Return what is wrong with the URL of a Fetch, empty where nothing is."""
    scheme = address.partition(":")[0]
    if scheme not in _SCHEMES:
        return f"{quoted(address)} was found, expected one of the schemes {SCHEMES}"
    pattern, shape = _SCHEMES[scheme]
    if not pattern.fullmatch(address):
        return f"{quoted(address)} was found, expected {shape}"
    if _has_credentials(address):
        return f"{quoted(address)} holds a user name, expected an address that anyone can fetch"
    return ""


def _has_credentials(address: str) -> bool:
    """Return whether a user stands before the host."""
    return "@" in address.partition("://")[2].partition("/")[0]
