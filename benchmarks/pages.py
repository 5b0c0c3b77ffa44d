"""`./dev bench pages`: requests a second of the pages over a large catalogue, as production serves them to visitors."""

from __future__ import annotations

import sys
from pathlib import Path

from . import figures
from .measuring import Goal, arguments, measured, on_site, report
from .site import Site
from .wrk import CONNECTIONS

_HTML = "text/html"
GOALS = (Goal("home", 2_100, _HTML), Goal("search-page", 350, _HTML), Goal("recipe-page", 270, _HTML))
MOST_MILLISECONDS = 40.0


def main() -> int:
    """Measure; return 1 where a goal was missed."""
    chosen = arguments(__doc__ or "")

    def measure(site: Site, lists: Path) -> int:
        found = measured(site, lists, GOALS, chosen)
        slow = [
            f"{each.name}: {each.fresh.p50:.0f} ms at the median with {CONNECTIONS} connections, at most {MOST_MILLISECONDS:.0f}"
            for each in found
            if each.fresh.p50 > MOST_MILLISECONDS
        ]
        return report("bench pages", figures.table(found), figures.missed(found) + slow, chosen)

    return on_site(chosen, measure)


if __name__ == "__main__":
    sys.exit(main())
