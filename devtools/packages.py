"""What each command of `./dev` needs: Debian packages by purpose, and the files of pinned Python packages.

Standard library only: this is read before anything is installed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

# The portal and its lint runner. gettext compiles the translations; bubblewrap, dpkg-dev, lintian and shellcheck are the
# runner's; setpriv and prlimit are in util-linux, which every Debian has.
RUN = ("bubblewrap", "ca-certificates", "dpkg-dev", "gettext", "git", "lintian", "openssh-server", "python3-venv", "shellcheck")
# Real servers, the browser that tests drive, what the commands of docs/api.md are run with, and what makes a base for builds.
TEST = ("chromium", "curl", "dctrl-tools", "fonts-dejavu-core", "jq", "less", "mmdebstrap", "postgresql", "redis-server", "wget")
# What makes fresh systems.
EXAMPLES = ("mmdebstrap",)
# The peer that `./dev bench push` measures against: git-http-backend behind a web server of its own. The others measure with
# wrk over real servers.
BENCH = ("fcgiwrap", "nginx", "postgresql", "redis-server", "wrk")

# Services that Debian starts when their package is installed. What `./dev` installs, it also stops: tests and benchmarks
# start servers of their own, on free ports and in folders that are thrown away.
SERVICES = {
    "fcgiwrap": ("fcgiwrap.socket", "fcgiwrap.service"),
    "nginx": ("nginx.service",),
    "openssh-server": ("ssh.service",),
    "postgresql": ("postgresql.service",),
    "redis-server": ("redis-server.service",),
}

PORTAL_REQUIREMENTS = ("requirements.txt",)
ALL_REQUIREMENTS = ("requirements.txt", "requirements-dev.txt")


@dataclass(frozen=True)
class Need:
    """What has to be there before a command can run, and what the command is for."""

    summary: str
    packages: tuple[str, ...]
    requirements: tuple[str, ...]
    # What an option needs besides.
    options: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def with_options(self, given: Sequence[str]) -> Need:
        """Return the need with what the `given` options need, too."""
        more = tuple(name for option in given for name in self.options.get(option, ()))
        return replace(self, packages=self.packages + more)


COMMANDS = {
    "run": Need(
        "start the portal with its demo catalogue (PORTAL_PORT, PORTAL_SSH_PORT, PORTAL_DATA); --builds: build it for trial",
        RUN,
        PORTAL_REQUIREMENTS,
        {"--builds": ("mmdebstrap",)},
    ),
    "test": Need("run the tests; --quick: those without servers; other arguments go to pytest", RUN + TEST, ALL_REQUIREMENTS),
    "coverage": Need("run the tests under coverage; arguments go to pytest", RUN + TEST, ALL_REQUIREMENTS),
    "check": Need(
        "ruff, mypy, import contracts and translations; `check PATH`: lint the recipe in a folder", RUN, ALL_REQUIREMENTS
    ),
    "bench": Need("measure; without a name it lists what there is to measure", RUN + BENCH, ALL_REQUIREMENTS),
    "examples": Need(
        "build the examples in fresh systems of Debian 12 and 13, as their pages say (needs root)",
        RUN + EXAMPLES,
        PORTAL_REQUIREMENTS,
    ),
    "messages": Need("gather the words to be translated into locale/, and say which are not yet", RUN, PORTAL_REQUIREMENTS),
    "screenshots": Need("take the pictures of docs/screenshots of a portal that runs", (*RUN, "chromium"), ALL_REQUIREMENTS),
    "pin": Need("write requirements*.txt anew from requirements*.in, with hashes", RUN, ALL_REQUIREMENTS),
    "manage": Need("a management command of the portal: `manage reconcile`", RUN, PORTAL_REQUIREMENTS),
}
