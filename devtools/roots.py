"""Fresh Debian systems for tests and `./dev examples`: made by mmdebstrap, kept as an archive, entered by namespaces.

    with fresh_root("trixie", ["git", "python3", "sudo"]) as root:
        root.add_user("alice")
        result = root.run(["sudo", "apt-get", "install", "--yes", "jq"], user="alice")

Needs root: the files of a Debian system belong to its users, and sudo has to work in it.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from .bootstrap import DEBIAN_PYTHON, ROOT, say

SUITES = ("bookworm", "trixie")
# A newcomer's system has the corrections of the last days; making an archive takes one minute.
_REFRESH_SECONDS = 7 * 86_400
_MAKE_SECONDS = 900
RUN_SECONDS = 1800
_NOTHING: Mapping[str, str] = MappingProxyType({})
# How this machine reaches mirrors and registries.
_PASSED_ON = ("http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY")
_BUNDLE = "etc/ssl/certs/ca-certificates.crt"
_OWN_CERTIFICATES = "usr/local/share/ca-certificates"
# No daemon starts when its package is installed: there is no init (invoke-rc.d's interface, as Docker's images have it).
_POLICY = "#!/bin/sh\nexit 101\n"
_NAMESPACES = ("unshare", "--mount", "--pid", "--uts", "--ipc", "--fork", "--kill-child")
_ENTER = Path(__file__).with_name("enter_root.py")


class RootUnavailable(Exception):
    """No root can be made or entered here; the text says what is missing and what to do, in one line."""


@dataclass(frozen=True)
class Result:
    """What a command in a root ended with. `output` holds standard output and standard error as they came."""

    status: int
    output: str
    seconds: float


def why_not() -> str:
    """Return in one line why no root can be made and entered on this machine; nothing where it can."""
    if os.geteuid() != 0:
        return "fresh Debian roots are made by root: run it as root (sudo ./dev …)"
    if shutil.which("mmdebstrap") is None:
        return "fresh Debian roots are made by mmdebstrap: apt-get install mmdebstrap"
    probe = subprocess.run([*_NAMESPACES, "true"], capture_output=True, text=True, check=False)
    if probe.returncode != 0:
        return f"fresh Debian roots need namespaces, which this machine or container refuses ({probe.stderr.strip()})"
    return ""


def roots_folder() -> Path:
    """Return where archives and roots are kept: PORTAL_ROOTS, or var/roots of the checkout."""
    return Path(os.environ.get("PORTAL_ROOTS") or ROOT / "var" / "roots").absolute()


def base_archive(suite: str, packages: Sequence[str] = ()) -> Path:
    """Return the archive of a minimal system of `suite`, with `packages`; it is made where it is missing or old.

    Minimal is what has priority `required`, and apt, as in Debian's images for containers. An old one serves on where a new one
    cannot be made: without a network, tests still run. Raises RootUnavailable.
    """
    if reason := why_not():
        raise RootUnavailable(reason)
    names = ",".join(sorted(set(packages)))
    folder = roots_folder()
    folder.mkdir(parents=True, exist_ok=True)
    archive = folder / f"{suite}-{hashlib.sha256(names.encode()).hexdigest()[:12]}.tar"
    # One makes it, the others wait and find it.
    with archive.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not archive.is_file() or time.time() - archive.stat().st_mtime > _REFRESH_SECONDS:
            try:
                _make(suite, names, archive)
            except RootUnavailable as error:
                if not archive.is_file():
                    raise
                say(f"roots: {suite} stays as it was, since it cannot be made anew: {error}")
    return archive


def _make(suite: str, names: str, archive: Path) -> None:
    say(f"roots: making a minimal {suite}" + (f" with {names}" if names else ""))
    # Without a mirror it takes Debian's own, with the updates and the security archive.
    command = [
        "mmdebstrap",
        "--quiet",
        "--variant=minbase",
        *([f"--include={names}"] if names else []),
        "--skip=cleanup/apt/lists",
    ]
    with tempfile.TemporaryDirectory(prefix=".making-", dir=archive.parent) as work:
        made = Path(work) / "base.tar"
        try:
            result = subprocess.run(
                [*command, "--", suite, str(made)], capture_output=True, text=True, timeout=_MAKE_SECONDS, check=False,
                stdin=subprocess.DEVNULL, env=_environment("root", _NOTHING) | {"TMPDIR": work},
            )  # fmt: skip
        except subprocess.TimeoutExpired as error:
            raise RootUnavailable(
                f"mmdebstrap {suite} took more than {_MAKE_SECONDS} s: is the mirror slow or unreachable?"
            ) from error
        if result.returncode != 0:
            last = (result.stderr.strip().splitlines() or ["it said nothing"])[-1]
            raise RootUnavailable(f"mmdebstrap {suite} failed: {last}")
        made.rename(archive)


@contextlib.contextmanager
def fresh_root(suite: str, packages: Sequence[str] = (), *, caches: bool = True) -> Iterator[Root]:
    """Yield a new system of `suite` with `packages`; it is destroyed afterwards. Raises RootUnavailable.

    With `caches`, packages that apt and pip have downloaded in earlier roots are there already: both verify them again.
    """
    archive = base_archive(suite, packages)
    path = Path(tempfile.mkdtemp(prefix=f"{suite}-", dir=archive.parent))
    try:
        path.chmod(0o755)
        _unpack(archive, path)
        root = Root(path, suite)
        if caches:
            _lend_archives(root)
            root.binds.append((_pip_cache("root"), "/root/.cache/pip"))
        yield root
        if caches:
            _keep_archives(root)
    finally:
        shutil.rmtree(path)


def _unpack(archive: Path, path: Path) -> None:
    """Unpack a system and give it what it needs to reach the network as this machine does."""
    unpack = [
        "tar",
        "--extract",
        "--numeric-owner",
        "--preserve-permissions",
        "--exclude=./dev/*",
        "--exclude=./proc/*",
        "--exclude=./sys/*",
    ]
    subprocess.run([*unpack, "--file", str(archive), "--directory", str(path)], check=True)
    policy = path / "usr/sbin/policy-rc.d"
    policy.write_text(_POLICY, encoding="ascii")
    policy.chmod(0o755)
    # May be a link into a part of the system that is not there.
    (path / "etc/resolv.conf").unlink(missing_ok=True)
    shutil.copyfile("/etc/resolv.conf", path / "etc/resolv.conf")
    hosts = Path("/etc/hosts").read_text(encoding="utf-8")
    (path / "etc/hosts").write_text(f"127.0.0.1 localhost {_name(path)}\n{hosts}", encoding="utf-8")
    # From here ca-certificates takes them whenever it is installed; its bundle would be written anew without them.
    for certificate in sorted(Path("/", _OWN_CERTIFICATES).glob("*.crt")):
        (path / _OWN_CERTIFICATES).mkdir(parents=True, exist_ok=True)
        shutil.copyfile(certificate, path / _OWN_CERTIFICATES / certificate.name)
    if Path("/", _BUNDLE).is_file():
        (path / _BUNDLE).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(Path("/", _BUNDLE), path / _BUNDLE)


def _name(path: Path) -> str:
    """Return the host name of a root: sudo looks it up, so /etc/hosts has it."""
    return path.name.partition("-")[0]


def _lend_archives(root: Root) -> None:
    """Give the root the Debian packages that earlier ones of its suite have downloaded. Links cost neither time nor space."""
    store = roots_folder() / f"archives-{root.suite}"
    store.mkdir(exist_ok=True)
    for package in store.glob("*.deb"):
        with contextlib.suppress(FileExistsError):
            (root.path / "var/cache/apt/archives" / package.name).hardlink_to(package)


def _keep_archives(root: Root) -> None:
    """Keep the Debian packages that the root has downloaded, and forget what nobody has asked for in two months."""
    store = roots_folder() / f"archives-{root.suite}"
    for package in (root.path / "var/cache/apt/archives").glob("*.deb"):
        with contextlib.suppress(FileExistsError):
            (store / package.name).hardlink_to(package)
    for package in store.glob("*.deb"):
        if time.time() - package.stat().st_mtime > 60 * 86_400:
            package.unlink(missing_ok=True)


def _pip_cache(user: str) -> Path:
    """Return a folder for what pip downloads as `user` in any root: pip uses it only where it is the user's own."""
    folder = roots_folder() / f"pip-{user}"
    folder.mkdir(exist_ok=True)
    return folder


@dataclass
class Root:
    """A system of its own. `path` is its root folder, `binds` are folders of this machine and where they are seen inside."""

    path: Path
    suite: str
    binds: list[tuple[Path, str]] = field(default_factory=list)

    def add_user(self, name: str, *, sudo: bool = True) -> None:
        """Make an ordinary user with a home, who may do everything by sudo without a password, or has no rights at all.

        `sudo` needs that package in the root. Raises RootUnavailable.
        """
        made = self.run(["useradd", "--create-home", "--shell", "/bin/bash", "--", name])
        if made.status != 0:
            raise RootUnavailable(f"useradd failed in {self.suite}: {made.output.strip()}")
        if sudo:
            rule = self.path / "etc/sudoers.d" / name
            rule.write_text(f"{name} ALL=(ALL:ALL) NOPASSWD: ALL\n", encoding="ascii")
            rule.chmod(0o440)
        if any(inside == "/root/.cache/pip" for _, inside in self.binds):
            account = (self.path / "home" / name).stat()
            cache = _pip_cache(name)
            os.chown(cache, account.st_uid, account.st_gid)
            (self.path / "home" / name / ".cache" / "pip").mkdir(parents=True)
            os.chown(self.path / "home" / name / ".cache", account.st_uid, account.st_gid)
            self.binds.append((cache, f"/home/{name}/.cache/pip"))

    def give(self, source: Path, inside: str, user: str = "root") -> Path:
        """Copy a file or a folder of this machine to the path `inside`, owned by `user`; return where it is seen from outside."""
        target = self.path / inside.lstrip("/")
        if source.is_dir():
            shutil.copytree(source, target, symlinks=True)
        else:
            shutil.copy2(source, target)
        self.run(["chown", "--recursive", "--no-dereference", f"{user}:", "--", inside])
        return target

    def command(
        self, command: Sequence[str], *, user: str = "root", folder: str = "", environment: Mapping[str, str] = _NOTHING
    ) -> list[str]:
        """Return the words that run `command` in here, as `user`, in `folder` (their home), with `environment` added.

        In a mount, process, host name and IPC namespace of its own: what the command leaves running ends with it. The network
        and the terminal are this machine's.
        """
        home = _home(user)
        request = {
            "root": str(self.path),
            "name": _name(self.path),
            "binds": [(str(outside), inside) for outside, inside in self.binds],
            "user": user,
            "folder": folder or home,
            "environment": _environment(user, environment),
            "command": list(command),
        }
        return [*_NAMESPACES, DEBIAN_PYTHON, "-I", "-S", str(_ENTER), json.dumps(request)]

    def run(
        self, command: Sequence[str], *, user: str = "root", folder: str = "", environment: Mapping[str, str] = _NOTHING,
        stdin: str = "", seconds: float = RUN_SECONDS,
    ) -> Result:  # fmt: skip
        """Run a command as `command` says, fed with `stdin`, and wait. Raises subprocess.TimeoutExpired after `seconds`."""
        started = time.monotonic()
        result = subprocess.run(
            self.command(command, user=user, folder=folder, environment=environment), input=stdin, timeout=seconds,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", check=False,
        )  # fmt: skip
        return Result(result.returncode, result.stdout, time.monotonic() - started)

    def start(
        self, command: Sequence[str], *, user: str = "root", folder: str = "", environment: Mapping[str, str] = _NOTHING
    ) -> subprocess.Popen[str]:
        """Start a command as `command` says; what it prints can be read from `stdout`. `stop` ends it."""
        return subprocess.Popen(
            self.command(command, user=user, folder=folder, environment=environment), stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", start_new_session=True,
        )  # fmt: skip


def stop(process: subprocess.Popen[str], signal_number: int, seconds: float = 60) -> int:
    """Send a signal to what `Root.start` has started, wait, and kill it after `seconds`; return the exit status."""
    if process.poll() is None:
        os.killpg(process.pid, signal_number)
    try:
        process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        # unshare's --kill-child takes the whole process namespace with it.
        process.kill()
        process.communicate()
    return process.returncode


def _home(user: str) -> str:
    return "/root" if user == "root" else f"/home/{user}"


def _environment(user: str, chosen: Mapping[str, str]) -> dict[str, str]:
    """Return what a user has after signing in, the machine's proxies, and what the caller chose."""
    ordinary = "/usr/local/bin:/usr/bin:/bin:/usr/local/games:/usr/games"
    path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" if user == "root" else ordinary
    usual = {"PATH": path, "HOME": _home(user), "USER": user, "LOGNAME": user, "SHELL": "/bin/bash", "LANG": "C.UTF-8"}
    terminal = {"TERM": os.environ["TERM"]} if "TERM" in os.environ else {}
    proxies = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    return {**usual, **terminal, **proxies, **chosen}
