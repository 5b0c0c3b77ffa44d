"""The first words of every fetch and push: what git can do here, and the branches that there are.

They are git's own, as it serves a client, which GitPython has nothing for.
"""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from ..repos.gitconfig import environment

UPLOAD = "git-upload-pack"
RECEIVE = "git-receive-pack"
_SECONDS = 60
_PROTOCOL_VERSION = re.compile(r"version=([012])")


def advertise(service: str, repository: Path, version: int) -> bytes:
    """Return git's advertisement of `repository` for `service`. Raises OSError, SubprocessError."""
    return subprocess.run(
        ["git", service.removeprefix("git-"), "--stateless-rpc", "--advertise-refs", str(repository)],
        env=environment(GIT_PROTOCOL=f"version={version}"),
        cwd=repository,
        capture_output=True,
        timeout=_SECONDS,
        check=True,
    ).stdout


def protocol_version(wish: str) -> int:
    """Return the version that a client asks for by GIT_PROTOCOL; what else stands there is not passed on."""
    match = _PROTOCOL_VERSION.search(wish)
    return int(match.group(1)) if match else 0
