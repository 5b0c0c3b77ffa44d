"""`python -m tests.devtools.contained WHAT[,WHAT] COMMAND …`: run a command as in a container, where the kernel refuses things.

The refusals are real: a system call filter, as container systems load one, and for root the capabilities that Docker leaves.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import sys

import pyseccomp

_NEW_USER = 0x10000000
_CREATE_RULESET = 444
# https://docs.docker.com/engine/security/#linux-kernel-capabilities
_KEPT = frozenset({0, 1, 3, 4, 5, 6, 7, 8, 10, 13, 18, 27, 29, 31})
_CAPBSET_READ, _CAPBSET_DROP = 23, 24


def refuse(what: str) -> None:
    """Let the kernel refuse `namespaces` or `landlock` from now on."""
    rules = pyseccomp.SyscallFilter(defaction=pyseccomp.ALLOW)
    if os.geteuid() == 0:
        # A container lets a setuid program become root, as long as nobody has asked for the opposite.
        rules.set_attr(pyseccomp.Attr.CTL_NNP, 0)
    if platform.machine() == "x86_64":
        # What is not named is refused whole.
        rules.add_arch(pyseccomp.Arch.X86)
    if what == "namespaces":
        rules.add_rule(pyseccomp.ERRNO(errno.EPERM), "unshare")
        rules.add_rule(pyseccomp.ERRNO(errno.EPERM), "mount")
        rules.add_rule(pyseccomp.ERRNO(errno.EPERM), "clone", pyseccomp.Arg(0, pyseccomp.MASKED_EQ, _NEW_USER, _NEW_USER))
        rules.add_rule(pyseccomp.ERRNO(errno.ENOSYS), "clone3")
    else:
        rules.add_rule(pyseccomp.ERRNO(errno.ENOSYS), _CREATE_RULESET)
    rules.load()


def drop_capabilities() -> None:
    """Give up, for this process and all that it starts, what Docker does not leave to root."""
    libc = ctypes.CDLL(None)
    number = 0
    while libc.prctl(_CAPBSET_READ, number, 0, 0, 0) >= 0:
        if number not in _KEPT:
            libc.prctl(_CAPBSET_DROP, number, 0, 0, 0)
        number += 1


if __name__ == "__main__":
    if os.geteuid() == 0:
        drop_capabilities()
    for each in sys.argv[1].split(","):
        refuse(each)
    os.execvp(sys.argv[2], sys.argv[2:])
