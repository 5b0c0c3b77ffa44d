"""The system call filters of the sandbox: what a run never needs, and what would pass by the other limits.

At the level `confined` they also stand where a namespace is missing: between a run and other processes, their memory and queues.

The kernel's door is wide; a list of what is refused is what flatpak and systemd keep too, and it ages better than a list of
what Perl, tar and file may call. No Django here.
"""

from __future__ import annotations

import errno
import functools
import os
import socket
from enum import StrEnum

import pyseccomp


class Calls(StrEnum):
    """Which system calls a run may make: the few programs of a check, or whatever a package's build runs."""

    LINT = "lint"
    BUILD = "build"
    # Debian's own programs alone, with network, nothing of a recipe: apt in a build's root.
    INSTALL = "install"
    # dpkg and maintainer scripts, those of a recipe's packages among them, without network.
    SETUP = "setup"
    # A check at the level `confined`: as a user of its own; as the runner's own; and so without Landlock's scopes (before ABI 6).
    CONFINED = "confined"
    SHARED_USER = "shared-user"
    SHARED_UNSCOPED = "shared-unscoped"


# Kernel interfaces with a history of holes, or that change the system: never part of checking or building a package.
_KERNEL = (
    "_sysctl", "acct", "add_key", "adjtimex", "afs_syscall", "bpf", "clock_adjtime", "clock_settime", "create_module",
    "delete_module", "fanotify_init", "finit_module", "get_kernel_syms", "getpmsg", "init_module", "io_uring_enter",
    "io_uring_register", "io_uring_setup", "ioperm", "iopl", "kexec_file_load", "kexec_load", "keyctl", "lookup_dcookie",
    "modify_ldt", "name_to_handle_at", "nfsservctl", "open_by_handle_at", "perf_event_open", "personality", "putpmsg",
    "query_module", "quotactl", "quotactl_fd", "reboot", "remap_file_pages", "request_key", "security", "settimeofday", "swapoff",
    "swapon", "sysfs", "syslog", "tuxcall", "uselib", "userfaultfd", "ustat", "vhangup", "vserver",
)  # fmt: skip
# Looking into other processes, and namespaces of one's own, in which more of the kernel can be reached.
_ESCAPES = (
    "fsconfig", "fsmount", "fsopen", "fspick", "kcmp", "migrate_pages", "mount", "mount_setattr", "move_mount", "move_pages",
    "open_tree", "pidfd_getfd", "pivot_root", "process_madvise", "process_vm_readv", "process_vm_writev", "ptrace", "setns",
    "umount2", "unshare",
)  # fmt: skip
# Memory that no resident set shows and no tmpfs size bounds, or that the whole machine shares out of one small pot.
_HIDDEN_MEMORY = ("io_setup", "memfd_create", "memfd_secret", "mq_open", "msgget", "semget", "shmget")
# fakeroot keeps owners in a message queue and guards it with a semaphore; the IPC namespace ends both with the run.
_FAKEROOT = ("msgget", "semget")
_SOCKETS = ("socket", "socketpair")
_INSTALLING = ("chroot", "memfd_create")
# Without an IPC namespace: what others have made. Without a mount namespace: the machine's mounts. Watching folders is no right
# that Landlock knows.
_OF_OTHERS = (
    "file_setattr", "inotify_add_watch", "inotify_init", "inotify_init1", "listmount", "mq_notify",
    "mq_unlink", "msgctl", "msgrcv", "msgsnd", "open_tree_attr", "pidfd_open", "pidfd_send_signal",
    "semctl", "semop", "semtimedop", "shmat", "shmctl", "statmount",
)  # fmt: skip
# Setting attributes is none either, where a mode lets everyone write. Programs know this answer: a file system without any.
_ATTRIBUTES = ("lremovexattr", "lsetxattr", "removexattr", "removexattrat", "setxattr", "setxattrat")
# Without a user of its own: the priorities of the user's other processes, of which no right of Landlock knows either.
_OF_SAME_USER = ("ioprio_set", "setpriority")
# Those that take another process's number first, 0 for the caller.
_OF_SAME_USER_BY_NUMBER = ("prlimit64", "sched_setaffinity", "sched_setattr", "sched_setparam", "sched_setscheduler")
_SIGNALS = ("kill", "rt_sigqueueinfo", "rt_tgsigqueueinfo", "tgkill", "tkill")
# Asking for signals to another process when a file is ready (fcntl(2)): F_SETOWN, F_SETSIG, F_SETOWN_EX.
_FILE_OWNERS = (8, 10, 15)
# Modes, owners and times by a path, which Landlock does not guard: they are said to have been changed and are not,
# since tar ends with an error where they are refused. By an open file, which Landlock has let through, they work.
_BY_PATH = ("chmod", "chown", "fchmodat", "fchmodat2", "fchownat", "futimesat", "lchown", "utime", "utimes")
# Newer than the libseccomp of Debian 12. Since Linux 5.1 a new call has one number on every architecture.
_NEW_NUMBERS = {
    "fchmodat2": 452, "statmount": 457, "listmount": 458, "setxattrat": 463, "removexattrat": 466, "open_tree_attr": 467,
    "file_setattr": 469,
}  # fmt: skip
_CONFINED = frozenset({Calls.CONFINED, Calls.SHARED_USER, Calls.SHARED_UNSCOPED})

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
def filter_program(calls: Calls = Calls.LINT) -> bytes:
    """Return the filter as the BPF program that bubblewrap's --seccomp reads.

    Refused calls fail with EPERM, so that a program may go on without; another architecture's calls kill the process
    (libseccomp's default), since their numbers mean something else.
    """
    rules = pyseccomp.SyscallFilter(defaction=pyseccomp.ALLOW)
    refuse = pyseccomp.ERRNO(errno.EPERM)
    for name in refused_calls(calls):
        rules.add_rule(refuse, call_number(name))
    if calls in (Calls.BUILD, Calls.SETUP):
        # As on a machine without network: programs know that answer. A pair of sockets is a pipe to build tools.
        family = pyseccomp.Arg(0, pyseccomp.NE, int(socket.AF_UNIX))
        rules.add_rule(pyseccomp.ERRNO(errno.EAFNOSUPPORT), "socket", family)
    for flag in _NAMESPACE_FLAGS:
        rules.add_rule(refuse, "clone", pyseccomp.Arg(0, pyseccomp.MASKED_EQ, flag, flag))
    # The flags of clone3 lie in memory, where a filter cannot look; "not there" makes the C library fall back to clone.
    rules.add_rule(pyseccomp.ERRNO(errno.ENOSYS), "clone3")
    for request in _TERMINAL_REQUESTS:
        rules.add_rule(refuse, "ioctl", pyseccomp.Arg(1, pyseccomp.MASKED_EQ, 0xFFFFFFFF, request))
    if calls in _CONFINED:
        for name in filter(_exists, _ATTRIBUTES):
            rules.add_rule(pyseccomp.ERRNO(errno.EOPNOTSUPP), call_number(name))
    if calls in (Calls.SHARED_USER, Calls.SHARED_UNSCOPED):
        _guard_the_user(rules, calls)
    descriptor = os.memfd_create("seccomp-filter")
    with os.fdopen(descriptor, "w+b") as program:
        rules.export_bpf(program)
        program.seek(0)
        return program.read()


def _guard_the_user(rules: pyseccomp.SyscallFilter, calls: Calls) -> None:
    """Add what keeps a run from the other processes and the files of the user that it shares with the runner."""
    refuse, pretend = pyseccomp.ERRNO(errno.EPERM), pyseccomp.ERRNO(0)
    for name in filter(_exists, _OF_SAME_USER_BY_NUMBER):
        rules.add_rule(refuse, name, pyseccomp.Arg(0, pyseccomp.NE, 0))
    for name in filter(_exists, _BY_PATH):
        rules.add_rule(pretend, call_number(name))
    # Without a path it is about an open file.
    rules.add_rule(pretend, "utimensat", pyseccomp.Arg(1, pyseccomp.NE, 0))
    if calls is Calls.SHARED_UNSCOPED:
        for request in _FILE_OWNERS:
            rules.add_rule(refuse, "fcntl", pyseccomp.Arg(1, pyseccomp.EQ, request))


def _exists(name: str) -> bool:
    return call_number(name) >= 0


def refused_calls(calls: Calls = Calls.LINT) -> list[str]:
    """Return the names of the calls that fail whatever their arguments, those that this machine's libseccomp knows.

    An old library lacks a few of the newest, and an architecture some of the oldest.
    """
    names = [*_KERNEL, *_ESCAPES, *_HIDDEN_MEMORY, "chroot"]
    if calls is Calls.LINT or calls in _CONFINED:
        # There is no network in the sandbox, and the buffers of sockets are hidden memory too.
        names += _SOCKETS
    if calls in _CONFINED:
        names += _OF_OTHERS
    if calls in (Calls.SHARED_USER, Calls.SHARED_UNSCOPED):
        names += _OF_SAME_USER
    if calls is Calls.SHARED_UNSCOPED:
        names += _SIGNALS
    allowed = {
        Calls.BUILD: _FAKEROOT,
        Calls.INSTALL: (*_FAKEROOT, *_INSTALLING),
        Calls.SETUP: (*_FAKEROOT, *_INSTALLING),
    }.get(calls, ())
    return [name for name in names if name not in allowed and _exists(name)]


def call_number(name: str) -> int:
    """Return the number of a system call on this architecture, negative where there is none."""
    known = int(pyseccomp.resolve_syscall(pyseccomp.system_arch(), name))
    return known if known >= 0 else _NEW_NUMBERS.get(name, known)
