"""Reads a repository as pages do, by the code on PYTHONPATH: a process of `benchmarks.repositories`.

Arguments: how many readings an answer has, the repository, an old and a new commit. Each line of the input names a reading; each
line of the output is a JSON list of seconds.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

from recipes_app.repos import archive, browse, diff, history

# Names, and what is done with the repository, the old commit and the new one.
READINGS: dict[str, Callable[[Path, str, str], object]] = {
    "top": lambda repository, old, new: browse.look(repository, new, ""),
    "folder": lambda repository, old, new: browse.look(repository, new, "debian"),
    "file": lambda repository, old, new: browse.look(repository, new, "debian/changelog"),
    "all files": lambda repository, old, new: browse.files(repository, new),
    "snapshot": lambda repository, old, new: archive.snapshot(repository, new, "recipe").stream.close(),
    "blame": lambda repository, old, new: history.blame(repository, new, "debian/changelog"),
    "diff": diff.diff,
}


def main() -> None:
    """Answer until the input ends."""
    count, repository, old, new = int(sys.argv[1]), Path(sys.argv[2]), *sys.argv[3:]
    for line in sys.stdin:
        read, seconds = READINGS[line.strip()], []
        for _ in range(count):
            start = time.perf_counter()
            read(repository, old, new)
            seconds.append(time.perf_counter() - start)
        print(json.dumps(seconds), flush=True)


if __name__ == "__main__":
    main()
