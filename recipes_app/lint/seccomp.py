"""The system call filter of the sandbox: what lintian and dpkg-source never need, and what would pass by the other limits.

The kernel's door is wide; a list of what is refused is what flatpak and systemd keep too, and it ages better than a list of
what Perl, tar and file may call. No Django here.
"""

from __future__ import annotations

import errno
import functools
import os

import pyseccomp

# Kernel interfaces with a history of holes, or that change the system: never part of checking a package.
_KERNEL = (
    "acct", "add_key", "bpf", "delete_module", "fanotify_init", "finit_module", "init_module", "io_uring_enter",
    "io_uring_register", "io_uring_setup", "ioperm", "iopl", "kexec_file_load", "kexec_load", "keyctl", "lookup_dcookie",
    "modify_ldt", "nfsservctl", "open_by_handle_at", "perf_event_open", "personality", "quotactl", "reboot", "request_key",
    "settimeofday", "clock_settime", "clock_adjtime", "adjtimex", "swapoff", "swapon", "syslog", "userfaultfd", "uselib",
    "vhangup",
)  # fmt: skip
# Looking into other processes, and namespaces of one's own, in which more of the kernel can be reached.
_ESCAPES = (
    "chroot", "fsconfig", "fsmount", "fsopen", "fspick", "kcmp", "mount", "mount_setattr", "move_mount", "move_pages",
    "open_tree", "pidfd_getfd", "pivot_root", "process_madvise", "process_vm_readv", "process_vm_writev", "ptrace", "setns",
    "umount2", "unshare",
)  # fmt: skip
# Memory that no resident set shows and no tmpfs size bounds: it would pass by both memory limits.
_HIDDEN_MEMORY = ("memfd_create", "memfd_secret", "mq_open", "msgget", "semget", "shmget")
# There is no network in the sandbox, and the buffers of sockets are such hidden memory too.
_SOCKETS = ("socket", "socketpair")

_NAMESPACE_FLAGS = (
    0x00020000,  # CLONE_NEWNS
    0x02000000,  # CLONE_NEWCGROUP
    0x04000000,  # CLONE_NEWUTS
    0x08000000,  # CLONE_NEWIPC
    0x10000000,  # CLONE_NEWUSER
    0x20000000,  # CLONE_NEWPID
    0x40000000,  # CLONE_NEWNET
)
# Pushing characters into a terminal that the runner was started from.
_TERMINAL_REQUESTS = (0x5412, 0x541C)  # TIOCSTI, TIOCLINUX


@functools.cache
def filter_program() -> bytes:
    """Return the filter as the BPF program that bubblewrap's --seccomp reads.

    Refused calls fail with EPERM, so that a program may go on without; another architecture's calls kill the process
    (libseccomp's default), since their numbers mean something else.
    """
    rules = pyseccomp.SyscallFilter(defaction=pyseccomp.ALLOW)
    refuse = pyseccomp.ERRNO(errno.EPERM)
    for name in (*_KERNEL, *_ESCAPES, *_HIDDEN_MEMORY, *_SOCKETS):
        if _known(name):
            rules.add_rule(refuse, name)
    for flag in _NAMESPACE_FLAGS:
        rules.add_rule(refuse, "clone", pyseccomp.Arg(0, pyseccomp.MASKED_EQ, flag, flag))
    # The flags of clone3 lie in memory, where a filter cannot look; "not there" makes the C library fall back to clone.
    rules.add_rule(pyseccomp.ERRNO(errno.ENOSYS), "clone3")
    for request in _TERMINAL_REQUESTS:
        rules.add_rule(refuse, "ioctl", pyseccomp.Arg(1, pyseccomp.MASKED_EQ, 0xFFFFFFFF, request))
    descriptor = os.memfd_create("seccomp-filter")
    with os.fdopen(descriptor, "w+b") as program:
        rules.export_bpf(program)
        program.seek(0)
        return program.read()


def _known(name: str) -> bool:
    """Whether libseccomp and this architecture know the call; an old library lacks a few of the newest."""
    return bool(pyseccomp.resolve_syscall(pyseccomp.system_arch(), name) >= 0)
