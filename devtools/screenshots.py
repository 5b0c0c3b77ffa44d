"""`./dev screenshots`: the pictures of README and docs/, taken of a portal that runs, such as that of `./dev run --builds`."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

from playwright.sync_api import Browser, sync_playwright

from .bootstrap import ROOT, say

CHROMIUM = "/usr/bin/chromium"
# Chromium talks to nobody but the portal.
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
_FOLDER = ROOT / "docs" / "screenshots"
_SETTLE_MS = 500


@dataclass(frozen=True)
class Picture:
    """One picture: its file's name, the page, and the window that it is seen in."""

    name: str
    path: str
    width: int = 1280
    height: int = 900
    dark: bool = False


PICTURES = (
    Picture("home", "/"),
    Picture("search", "/recipes/?q=model"),
    Picture("recipe", "/recipes/eigen-matmul/", height=1300),
    Picture("recipe-dark", "/recipes/model-all-minilm-l6-v2/", height=1300, dark=True),
    Picture("phone", "/recipes/hello-moon/", width=390, height=844),
)


def screenshots(arguments: list[str]) -> int:
    """Take the pictures of the portal at the address that is given, or at http://127.0.0.1:8000; return the exit status."""
    site = (arguments[0] if arguments else "http://127.0.0.1:8000").rstrip("/")
    missing = [each.path for each in PICTURES if not _is_there(site + each.path)]
    if missing:
        print(f"dev: {site} has no {missing[0]}: start ./dev run first, or give the address of a portal", file=sys.stderr)
        return 1
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        for each in PICTURES:
            _take(browser, site, each)
        browser.close()
    return 0


def _take(browser: Browser, site: str, picture: Picture) -> None:
    window = browser.new_page(
        viewport={"width": picture.width, "height": picture.height}, color_scheme="dark" if picture.dark else "light"
    )
    window.goto(site + picture.path)
    window.wait_for_timeout(_SETTLE_MS)
    target = _FOLDER / f"{picture.name}.png"
    window.screenshot(path=target)
    window.close()
    say(f"screenshots: {target.relative_to(ROOT)}")


def _is_there(address: str) -> bool:
    try:
        with urlopen(address, timeout=30):  # noqa: S310 - the address of whoever calls
            return True
    except (HTTPError, URLError, OSError):
        return False
