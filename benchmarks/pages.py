"""`./dev bench pages`: requests a second of the pages over a large catalogue, as production serves them to visitors."""

from __future__ import annotations

import sys
from pathlib import Path

from . import figures
from .measuring import Goal, arguments, measured, on_site, repeated, report, while_written
from .site import Site
from .wrk import CONNECTIONS, Load, Measured

_HTML = "text/html"
GOALS = (Goal("home", 2_100, _HTML), Goal("search-page", 350, _HTML), Goal("recipe-page", 270, _HTML))
MOST_MILLISECONDS = 40.0


# Any cookie makes a request somebody's own; this one means nothing to the portal.
_COOKIE = "measured=1"


def main() -> int:
    """Measure; return 1 where a goal was missed."""
    chosen = arguments(__doc__ or "")

    def measure(site: Site, lists: Path) -> int:
        found = measured(site, lists, GOALS, chosen)
        waits = {each.name: each.fresh.p50 for each in found}
        made = {each.name: _made(site, lists, each.name, chosen.seconds) for each in found}
        times = "; ".join(f"{name} {each.p50:.0f} and {each.p99:.0f}" for name, each in made.items())
        said = (
            "Made anew each time, as for somebody with a cookie, one request after the other: milliseconds until the answer is"
            f" there, at the median and the 99th percentile: {times}."
        )
        lines = [*figures.table(found), "", said, "", while_written(site, lists, GOALS, found, chosen.seconds)]
        slow = [
            f"{name}: {milliseconds:.0f} ms at the median {how}, at most {MOST_MILLISECONDS:.0f}"
            for how, times in (
                (f"with {CONNECTIONS} connections", waits),
                ("made anew", {name: each.p50 for name, each in made.items()}),
            )
            for name, milliseconds in times.items()
            if milliseconds > MOST_MILLISECONDS
        ]
        return report("bench pages", lines, figures.missed(found) + slow, chosen)

    return on_site(chosen, measure)


def _made(site: Site, lists: Path, name: str, seconds: int) -> Measured:
    """Return what somebody waits for who is alone and whose pages nobody keeps."""
    return repeated(site.url, Load(lists / f"{name}.txt", _HTML, alone=True, cookie=_COOKIE), seconds, site.processes)


if __name__ == "__main__":
    sys.exit(main())
