"""The environment and the configuration that every git process of the portal runs with. No Django: the push hook reads it too.

Configuration comes from here alone, by `GIT_CONFIG_COUNT`, which outranks what stands in a repository's own file; the
machine's and the user's files are not read. A number that is a rule stands in `limits`.
"""

from __future__ import annotations

import contextlib
import os
import resource
import sys
from collections.abc import Mapping
from pathlib import Path

from ..limits import GIT_CPU_SECONDS, GIT_MEMORY_BYTES, MAX_PUSH_BYTES, MAX_REPOSITORY_BYTES

PACKAGE_ROOT = Path(__file__).resolve().parent.parent.parent
HOOKS = Path(__file__).resolve().parent / "hooks"

CONFIGURATION: dict[str, str] = {
    "core.hooksPath": str(HOOKS),
    "core.attributesFile": os.devnull,
    # The reflog is the record of who pushed what and when: it is written for every branch and never expires.
    "core.logAllRefUpdates": "always",
    "gc.reflogExpire": "never",
    "gc.reflogExpireUnreachable": "never",
    "gc.pruneExpire": "never",
    "gc.auto": "0",
    "receive.autogc": "false",
    # What git has accepted outlives a power cut; `batch` makes it one flush for all loose objects of a push.
    "core.fsync": "committed,loose-object,reference",
    "core.fsyncMethod": "batch",
    # Larger blobs are streamed to disk and never held in memory. The push rules refuse them afterwards.
    "core.bigFileThreshold": "1m",
    "transfer.fsckObjects": "true",
    # Old packaging repositories hold modes with a leading zero; every reader of trees takes them.
    "receive.fsck.zeroPaddedFilemode": "ignore",
    "receive.maxInputSize": str(MAX_PUSH_BYTES),
    "receive.denyDeletes": "true",
    "receive.advertisePushOptions": "false",
    "receive.shallowUpdate": "false",
    "transfer.advertiseSID": "false",
    # A repository has nothing that its readers may not have (repos/public.py); a runner clones one commit, without the history.
    "uploadpack.allowAnySHA1InWant": "true",
    "uploadpack.allowFilter": "true",
    "pack.threads": "1",
    "init.defaultBranch": "main",
    "protocol.allow": "never",
    # The store's folders may belong to another account than the process (a shared volume); their content is ours.
    "safe.directory": "*",
}


class HookMissing(Exception):
    """The push hook cannot be run; git would go on without it, so nothing may be pushed."""


def environment(**extra: str) -> dict[str, str]:
    """Return the whole environment of a git process: nothing is inherited but the search path. `extra` is added."""
    result = {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": "/nonexistent",
        "LC_ALL": "C.UTF-8",
        "TZ": "UTC",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_ATTR_NOSYSTEM": "1",
        "GIT_NO_REPLACE_OBJECTS": "1",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_CONFIG_COUNT": str(len(CONFIGURATION)),
    }
    for number, (key, value) in enumerate(CONFIGURATION.items()):
        result[f"GIT_CONFIG_KEY_{number}"] = key
        result[f"GIT_CONFIG_VALUE_{number}"] = value
    return {**result, **extra}


def configured(variables: Mapping[str, str], key: str, value: str) -> dict[str, str]:
    """Return the environment `variables` of a git process with one more setting (git-config(1), GIT_CONFIG_COUNT)."""
    count = int(variables["GIT_CONFIG_COUNT"])
    more = {f"GIT_CONFIG_KEY_{count}": key, f"GIT_CONFIG_VALUE_{count}": value, "GIT_CONFIG_COUNT": str(count + 1)}
    return {**variables, **more}


def push_environment(username: str, recipe_name: str, *, may_rewrite: bool, came_by: str = "") -> dict[str, str]:
    """Return the environment of `git receive-pack` for a push of `username` to `recipe_name`.

    The committer identity goes into the reflog, so that the repository alone tells who pushed, and how it came (`came_by`, one
    word of letters, digits and `%&=+-._~`). Raises HookMissing.
    """
    if not os.access(HOOKS / "pre-receive", os.X_OK):
        raise HookMissing(f"{HOOKS / 'pre-receive'} is not executable: restore the file's mode (chmod 755)")
    return environment(
        **committer(username, came_by),
        PORTAL_HOOK_PYTHON=sys.executable,
        PORTAL_HOOK_ROOT=str(PACKAGE_ROOT),
        PORTAL_RECIPE_NAME=recipe_name,
        PORTAL_MAY_REWRITE="1" if may_rewrite else "0",
    )


def committer(username: str, came_by: str = "") -> dict[str, str]:
    """Return the identity that git writes into the reflog: the account that pushes, and behind its name how the push came."""
    return {"GIT_COMMITTER_NAME": f"{username} {came_by}".strip(), "GIT_COMMITTER_EMAIL": f"{username}@users.invalid"}


def restrain(pid: int, cpu_seconds: int = GIT_CPU_SECONDS) -> None:
    """Put limits on processor time, memory, and the size of a file on a git process that was just started.

    Set from outside: a wrapper program would cost a millisecond for each request, and code between fork and exec is not safe
    in a process with threads. Until git has read its request, which it gets later, it does nothing that needs a limit.
    """
    wanted = {
        resource.RLIMIT_CPU: cpu_seconds,
        resource.RLIMIT_AS: GIT_MEMORY_BYTES,
        resource.RLIMIT_FSIZE: MAX_REPOSITORY_BYTES,
        resource.RLIMIT_CORE: 0,
    }
    with contextlib.suppress(ProcessLookupError):
        for kind, value in wanted.items():
            limit = _within_ours(kind, value)
            resource.prlimit(pid, kind, (limit, limit))


def _within_ours(kind: int, wanted: int) -> int:
    """Return `wanted`, or the limit that the operator has set for the portal itself where that is lower: it cannot be raised."""
    _, hard = resource.getrlimit(kind)
    return wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
