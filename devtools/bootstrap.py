"""From a bare Debian to `.venv/bin/python -m devtools COMMAND`. Standard library only, and quick when nothing is missing."""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NoReturn

from .packages import COMMANDS, SERVICES, Need

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
# Debian's own interpreter, whatever PATH says: python3-venv is made for it, and users have no other.
DEBIAN_PYTHON = "/usr/bin/python3"


class BootstrapError(Exception):
    """A step that failed; the text says which, and what to do."""


def main(arguments: Sequence[str]) -> NoReturn:
    """Install what the command needs and become it. Exits with 1 where a step fails, 2 where the command is unknown."""
    if not arguments or arguments[0] not in COMMANDS:
        print(usage(), file=sys.stderr)
        sys.exit(0 if arguments and arguments[0] in ("help", "-h", "--help") else 2)
    try:
        provide(COMMANDS[arguments[0]].with_options(arguments[1:]))
    except BootstrapError as error:
        sys.exit(f"dev: {error}")
    if "PORTAL_DATA" in os.environ:
        # Relative to where the user stands, not to the checkout.
        os.environ["PORTAL_DATA"] = str(Path(os.environ["PORTAL_DATA"]).absolute())
    os.chdir(ROOT)
    python = str(VENV / "bin" / "python")
    os.execv(python, [python, "-m", "devtools", *arguments])  # noqa: S606 - a program and a list; there is no shell to miss


def usage() -> str:
    """Return the list of commands."""
    width = max(map(len, COMMANDS))
    return "\n".join(
        ["usage: ./dev COMMAND [ARGUMENTS]", "", *(f"  {name:{width}}  {COMMANDS[name].summary}" for name in COMMANDS)]
    )


def provide(need: Need) -> None:
    """Bring Debian packages and Python packages to what `need` says, and compile translations. One process a time in a checkout.

    Raises BootstrapError.
    """
    handle = os.open(ROOT, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        missing = missing_packages(need.packages)
        if missing:
            install_packages(missing)
        install_requirements(need.requirements)
        compile_messages(ROOT / "locale")
    finally:
        os.close(handle)


def say(step: str) -> None:
    """Print one progress line."""
    print(f"==> {step}", flush=True)


def missing_packages(wanted: Iterable[str]) -> list[str]:
    """Return the Debian packages of `wanted` that are not installed, in alphabetical order."""
    names = sorted(set(wanted))
    query = ["dpkg-query", "--show", "--showformat=${db:Status-Status} ${Package}\n", "--", *names]
    # Exit status 1 only says that some are unknown: those are what we look for.
    output = subprocess.run(query, capture_output=True, text=True, check=False).stdout
    installed = {line.partition(" ")[2] for line in output.splitlines() if line.startswith("installed ")}
    return [name for name in names if name not in installed]


def install_packages(names: Sequence[str]) -> None:
    """Install Debian packages and stop the services that they start. Raises BootstrapError."""
    become = as_root(names)
    say(f"apt: installing {', '.join(names)}")
    apt = [*become, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq"]
    install = [*apt, "--yes", "--no-install-recommends", "install", "--", *names]
    if not any(Path("/var/lib/apt/lists").glob("*Packages*")):
        _update(apt)
    elif subprocess.run(install, stdin=subprocess.DEVNULL, capture_output=True, check=False).returncode == 0:
        _stop_services(names)
        return
    else:
        # The usual reason: the list names a version that the mirror has replaced since.
        _update(apt)
    _run(install, f"apt could not install {' '.join(names)}: see its words above, repair, and start again")
    _stop_services(names)


def _update(apt: Sequence[str]) -> None:
    say("apt: fetching the list of packages")
    _run([*apt, "update"], "apt-get update failed: is the network there, and are /etc/apt's sources right?")


def as_root(names: Sequence[str]) -> list[str]:
    """Return the words that make a command run as root: none for root itself. Raises BootstrapError without a sudo that does it.

    sudo may ask for a password here, on the terminal; afterwards it remembers it.
    """
    if os.geteuid() == 0:
        return []
    line = f"as root, run: apt-get update && apt-get install --no-install-recommends {' '.join(names)}"
    if not shutil.which("sudo"):
        raise BootstrapError(f"Debian packages are missing and there is no sudo: {line}")
    if subprocess.run(["sudo", "true"], check=False).returncode != 0:
        raise BootstrapError(f"Debian packages are missing and sudo does not let you install them: {line}")
    return ["sudo"]


def _stop_services(names: Iterable[str]) -> None:
    """Stop and disable what the packages just installed have started. Without systemd as init, Debian starts nothing here."""
    units = [unit for name in names for unit in SERVICES.get(name, ())]
    if units and Path("/run/systemd/system").is_dir():
        command = [*as_root(()), "systemctl", "--quiet", "disable", "--now", *units]
        _run(command, f"could not stop what apt has just started: run: systemctl disable --now {' '.join(units)}")


def install_requirements(files: Sequence[str]) -> None:
    """Make `.venv` and install the pinned packages; a stamp for each file makes a second call cost nothing.

    Raises BootstrapError.
    """
    # The folder is named for the interpreter (python3.11): an upgrade of Debian's makes a new environment.
    if not (VENV / "bin" / "pip").is_file() or not (VENV / "lib" / Path(os.path.realpath(DEBIAN_PYTHON)).name).is_dir():
        _require_writable(VENV if VENV.exists() else ROOT)
        say("python: making .venv")
        _run([DEBIAN_PYTHON, "-m", "venv", "--clear", str(VENV)], f"cannot make {VENV}: remove it, and start again")
    for name in files:
        stamp = VENV / f"stamp-{Path(name).stem}"
        wanted = hashlib.sha256((ROOT / name).read_bytes()).hexdigest()
        if stamp.is_file() and stamp.read_text(encoding="ascii") == wanted:
            continue
        _require_writable(VENV)
        say(f"python: installing {name}")
        pip = [str(VENV / "bin" / "python"), "-m", "pip", "--quiet", "--disable-pip-version-check", "install"]
        # The file lists every package with all that it needs. Left to resolve again, pip 23 takes `coverage[toml]` for a package
        # that is not pinned as soon as a newer coverage is released.
        pip += ["--no-deps", "--require-hashes", "--requirement", str(ROOT / name)]
        _run(pip, "pip could not install the pinned packages: is the network there? Else remove .venv, and start again")
        stamp.write_text(wanted, encoding="ascii")


def compile_messages(locale: Path) -> None:
    """Compile each catalogue of translations that is newer than what was made of it. Raises BootstrapError."""
    for source in sorted(locale.glob("*/LC_MESSAGES/*.po")):
        made = source.with_suffix(".mo")
        if made.is_file() and made.stat().st_mtime >= source.stat().st_mtime:
            continue
        _require_writable(source.parent)
        say(f"gettext: compiling {source.relative_to(locale)}")
        # Beside it first: a server that starts meanwhile reads a whole catalogue or the old one.
        fresh = source.with_suffix(".mo.new")
        command = ["msgfmt", "--check-format", "--output-file", str(fresh), "--", str(source)]
        _run(command, f"{source} cannot be compiled: mend the lines that msgfmt names")
        fresh.replace(made)


def own_suite(release: Path = Path("/etc/os-release")) -> str:
    """Return the code name of this Debian; bookworm on any other system."""
    try:
        lines = dict(line.split("=", 1) for line in release.read_text(encoding="utf-8").splitlines() if "=" in line)
    except FileNotFoundError:
        lines = {}
    is_debian = lines.get("ID", "").strip('"') == "debian"
    return (lines.get("VERSION_CODENAME", "").strip('"') if is_debian else "") or "bookworm"


def _require_writable(folder: Path) -> None:
    """Raise BootstrapError where this account cannot write in `folder`: somebody else has run ./dev here first, often root."""
    if not os.access(folder, os.W_OK):
        raise BootstrapError(f"{folder} belongs to {folder.owner()}: run ./dev as that account, or in a clone of your own")


def _run(command: Sequence[str], remedy: str) -> None:
    """Run a step whose output matters only when it fails. Raises BootstrapError with the last lines and the remedy."""
    result = subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )
    if result.returncode != 0:
        tail = "\n".join(result.stdout.splitlines()[-20:])
        raise BootstrapError(f"`{' '.join(command[:6])} …` ended with status {result.returncode}\n{tail}\n{remedy}")
