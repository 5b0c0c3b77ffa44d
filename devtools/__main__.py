"""The commands of `./dev`, run in `.venv`: each is a function of its arguments that returns an exit status."""

import importlib
import sys

from .packages import COMMANDS

# By name, so that `./dev test` does not import what `./dev run` needs.
MODULES = {
    "run": "run",
    "test": "checks",
    "check": "checks",
    "coverage": "checks",
    "bench": "bench",
    "examples": "examples.command",
    "messages": "messages",
    "screenshots": "screenshots",
    "pin": "pin",
    "manage": "manage",
}


def main(arguments: list[str]) -> int:
    """Run a command and return its exit status. `./dev` has refused unknown ones already."""
    name, *rest = arguments
    if name not in COMMANDS:
        print(f"dev: no command {name!r}; there are {', '.join(COMMANDS)}", file=sys.stderr)
        return 2
    module = importlib.import_module(f".{MODULES[name]}", __package__)
    status: int = getattr(module, name)(rest)
    return status


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
