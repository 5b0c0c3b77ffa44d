"""`python -m recipes_app.lint.build.prepare_base SUITE`: makes the base in which trial builds of SUITE run. No Django here."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from .bases import BaseUnavailable, prepare


def main(arguments: Sequence[str]) -> int:
    """Make a base of each suite that is named; return 0, 1 where one cannot be made, 2 where none is named."""
    if not arguments:
        print("usage: python -m recipes_app.lint.build.prepare_base SUITE …", file=sys.stderr)
        return 2
    for suite in arguments:
        try:
            base = prepare(suite)
        except BaseUnavailable as error:
            print(error, file=sys.stderr)
            return 1
        print(f"{base} in {base.folder}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
