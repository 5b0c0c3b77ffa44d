"""Checks of what a script does to the machine that builds or installs: files, homes, credentials, rights, apt, protection."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from recipes_app.formats.findings import Severity

from ..base import About, Family, Place, check, gettext_noop
from ..recipe import CheckedRecipe
from ..scripting.programs import names
from ..scripting.shell_command import Command
from ..scripts import MAINTAINER, RULES, commands_of
from ..writes import TIDYING, install_lines, written
from .network import example_at_build, example_at_installation

_CREDENTIALS = re.compile(
    r"(?:^|/)\.(?:ssh|gnupg|aws|azure|kube|docker|password-store|mozilla|thunderbird|electrum|bitcoin|ethereum|config/(?:gcloud|google-chrome|"
    r"chromium|BraveSoftware|solana|gh|discord)|local/share/keyrings)(?:/|\Z)|(?:^|/)\.(?:netrc|git-credentials|pgpass|my\.cnf|npmrc|pypirc|"
    r"bash_history|zsh_history|Xauthority)\Z|\bwallet\.dat\b|/etc/(?:shadow|gshadow)-?\Z|\bLogin Data\b|"
    r"/etc/ssh/ssh_host_\w+_key\Z|"
    r"/proc/(?:\*|self|\d+)/environ\Z"
)
_READERS = names(
    "cat cp tar zip dd scp rsync curl wget find grep awk sed head tail base64 xxd gzip nc install mv ln tee less strings sqlite3"
)
_HOME = re.compile(r"(?:/home|/root|~[a-z0-9_-]*|\$\{HOME\}|\$\{(?:SUDO_)?USER_?HOME\}|\$\{(?:home|homedir|HOMEDIR)\})(?:/|\Z)")
_SYSTEM = re.compile(r"/(?:usr|etc|bin|sbin|lib|lib32|lib64|libx32|opt|var|boot|srv|root|home|media|mnt)(?:/|\Z)")
_START = re.compile(
    r"/etc/(?:ld\.so\.preload|profile|bash\.bashrc|zsh/zshrc|environment|crontab|rc\.local|inittab)\Z|/etc/(?:cron\.(?:d|hourly|daily|weekly|"
    r"monthly)|profile\.d|init\.d|rc[0-6S]\.d|xdg/autostart|update-motd\.d|ld\.so\.conf\.d)/.|/var/spool/cron/.|"
    r"/(?:etc|usr/lib|lib|run)/systemd/(?:system|user)/.*\.(?:service|timer|socket|path)(?:\.d/.*)?\Z|\.(?:bashrc|profile|bash_profile|zshrc|xprofile)\Z"
)
_SUDO = re.compile(r"/etc/sudoers(?:\.d/|\Z)|/etc/(?:polkit-1/|doas\.conf)|/etc/(?:passwd|shadow|group)\Z")
_SHIPPED = re.compile(
    r"(?:^|[\s/])etc/(?:sudoers\.d|profile\.d|pam\.d|cron\.\w+|xdg/autostart|ld\.so\.(?:conf\.d|preload)|NetworkManager/dispatcher\.d|update-motd\.d)\b|"
    r"(?:^|[\s/])(?:usr/)?(?:lib|share)/(?:udev/rules\.d|polkit-1|sysctl\.d|modules-load\.d|systemd/system-(?:generators|sleep))\b"
)
_UNIT_FILES = re.compile(
    r"debian/(?:[^/]+\.)?(?:service|timer|socket|init|cron\.\w+|udev|pam|sudoers|if-up|ppp\.ip-up|tmpfile|sysusers)"
)
_SETUID_MODE = re.compile(r"0?[2467][0-7]{3}|[ug]*[+=][rwx]*s[rwx]*|[ug]*\+s")
_PRIVILEGED = frozenset({"root", "sudo", "wheel", "docker", "lxd", "disk", "shadow", "adm", "admin"})


def _found(recipe: CheckedRecipe, pattern: re.Pattern[str], words: str, *roles: str) -> Iterator[Place]:
    """Yield each command that writes to a path in which `pattern` is found."""
    for script, command in commands_of(recipe, *roles):
        for path in written(command):
            if pattern.search(path):
                yield Place(script.path, command.line, f"{words} {path[:120]}: {command}")
                break


@check(
    About(
        id="DUR741",
        severity=Severity.ERROR,
        family=Family.SYSTEM,
        title=gettext_noop("Somebody's keys, passwords or browser profile are read"),
        explanation=gettext_noop(
            "The script names files in which people keep secrets: SSH and GnuPG keys, browsers' profiles, wallets, tokens, "
            "/etc/shadow. No build and no installation needs them; reading them is what malicious packages are made for."
        ),
        remedy=gettext_noop("remove it"),
        failing=example_at_build("tar cf keys.tar ~/.ssh"),
        mending=example_at_build("tar cf doc.tar doc"),
    )
)
def credentials(recipe: CheckedRecipe) -> Iterator[Place]:
    """Look for such paths among the words of commands that read or copy."""
    for script, command in commands_of(recipe):
        words = (*command.arguments, *command.reads)
        reading = command.program in _READERS or command.reads or ":" in command.program
        if reading and any(_CREDENTIALS.search(word) and not _is_build_path(word) for word in words):
            yield Place(script.path, command.line, f"secrets are read: {command}")


def _is_build_path(word: str) -> bool:
    """Return whether a path is in the build tree or in a package's own folder and nobody's home."""
    return "debian/" in word or word.startswith(("/nonexistent", "/usr/share", "/usr/lib"))


@check(
    About(
        id="DUR742",
        severity=Severity.ERROR,
        family=Family.SYSTEM,
        title=gettext_noop("A maintainer script changes files in homes"),
        explanation=gettext_noop(
            "What is in a home belongs to its user (Debian Policy 10.7.5 and 9.1): a package may neither write nor remove "
            "anything there, not root's home either. Files that a user starts from, such as .bashrc, are a favourite place to "
            "stay."
        ),
        remedy=gettext_noop("put defaults into /etc or /usr/share and let the program read them"),
        failing=example_at_installation("echo 'export HELLO=1' >> /root/.hello"),
        mending=example_at_installation("mkdir -p /var/lib/hello-dur"),
    )
)
def touches_homes(recipe: CheckedRecipe) -> Iterator[Place]:
    """Look for commands of maintainer scripts that write in a home."""
    for place in _found(recipe, re.compile(rf"\A(?:{_HOME.pattern})"), "a home is changed,", MAINTAINER):
        if not re.search(r"\.(?:bashrc|profile|bash_profile|zshrc|xprofile)\b", place.message):
            yield place


@check(
    About(
        id="DUR743",
        severity=Severity.ERROR,
        family=Family.SYSTEM,
        title=gettext_noop("The build writes outside its own tree"),
        explanation=gettext_noop(
            "debian/rules changes the system of whoever builds: it writes, moves or removes files in /usr, /etc, /var, a home "
            "and the like, not below debian/. A build runs as an ordinary user in a clean place (Debian Policy 4.9) and must "
            "leave nothing behind."
        ),
        remedy=gettext_noop(
            "install below debian/PACKAGE or debian/tmp: put $(DESTDIR) or $(CURDIR)/debian/PACKAGE before the path"
        ),
        failing=example_at_build("install -m755 hello /usr/bin/hello"),
        mending=example_at_build("install -D -m755 hello debian/hello-dur/usr/bin/hello"),
    )
)
def build_writes_outside(recipe: CheckedRecipe) -> Iterator[Place]:
    """Look for commands of a build whose target is an absolute path of the system, or a home."""
    return _found(recipe, re.compile(rf"\A(?:{_SYSTEM.pattern}|{_HOME.pattern})"), "the build writes to", RULES)


@check(
    About(
        id="DUR744",
        severity=Severity.WARNING,
        family=Family.SYSTEM,
        title=gettext_noop("A script uses a file of /tmp with a fixed name"),
        explanation=gettext_noop(
            "In /tmp everybody may put a link or a file under the name that a script is going to use (Debian Policy 10.4). As "
            "root that gives the machine away, and two builds at a time disturb each other."
        ),
        remedy=gettext_noop("use mktemp, or a folder below debian/ at the build"),
        failing=example_at_installation("date > /tmp/hello-dur.stamp"),
        mending=example_at_installation("date > /var/lib/hello-dur/stamp"),
    )
)
def fixed_temporary(recipe: CheckedRecipe) -> Iterator[Place]:
    """Look for writes to /tmp under a name that is known."""
    return _found(recipe, re.compile(r"\A/(?:var/)?tmp/[^$*?]+\Z"), "a fixed name is used,", RULES, MAINTAINER)


@check(
    About(
        id="DUR746",
        severity=Severity.WARNING,
        family=Family.SYSTEM,
        title=gettext_noop("A program gets rights of its own: setuid, setgid or a capability"),
        explanation=gettext_noop(
            "A setuid program runs with its owner's rights whoever starts it, and a capability is a part of root's. Debian "
            "has such programs, each known and reviewed (Debian Policy 10.9): a reviewer has to look at the program itself."
        ),
        remedy=gettext_noop("do without where it can be; else say in the changelog why it is needed and for whom"),
        failing=example_at_build("chmod 4755 debian/hello-dur/usr/bin/hello"),
        mending=example_at_build("chmod 755 debian/hello-dur/usr/bin/hello"),
    )
)
def grants_rights(recipe: CheckedRecipe) -> Iterator[Place]:
    """Look for chmod, install and dpkg-statoverride with such a mode, and setcap."""
    for script, command in commands_of(recipe):
        name, words = command.program, command.arguments
        modes = {"chmod": command.operands[:1], "install": words, "dpkg-statoverride": words}.get(name, ())
        if name == "setcap" or any(_SETUID_MODE.fullmatch(word.removeprefix("-m").removeprefix("--mode=")) for word in modes):
            yield Place(script.path, command.line, f"rights are granted: {command}")


@check(
    About(
        id="DUR747",
        severity=Severity.ERROR,
        family=Family.SYSTEM,
        title=gettext_noop("A maintainer script gives root's rights away"),
        explanation=gettext_noop(
            "It changes who may become root: sudoers, polkit or doas are written by a script, an account gets the user id 0 "
            "or joins a group such as sudo or docker, or a password is set. An administrator decides this, not a package."
        ),
        remedy=gettext_noop("remove it; where a service needs one command as root, give it that in its unit"),
        failing=example_at_installation("adduser hello sudo"),
        mending=example_at_installation("adduser --system --group hello"),
    )
)
def gives_root(recipe: CheckedRecipe) -> Iterator[Place]:
    """Look for writes to sudoers and its like, and changes of accounts that give root's rights."""
    for script, command in commands_of(recipe, MAINTAINER, RULES):
        paths = [path for path in written(command) if _SUDO.match(path) and command.program not in TIDYING | {"mv"}]
        if paths:
            yield Place(script.path, command.line, f"rights are given away, {paths[0][:120]}: {command}")
        elif _raises_account(command):
            yield Place(script.path, command.line, f"rights are given away: {command}")


def _raises_account(command: Command) -> bool:
    name, words = command.program, command.arguments
    groups = {group for word in words for group in word.split(",")}
    if name in {"useradd", "usermod"}:
        zero = any(before in {"-u", "--uid"} and after == "0" for before, after in pairwise(words))
        return zero or (command.has_option("-G", "-aG", "--groups") and bool(groups & (_PRIVILEGED - {"adm", "shadow"})))
    if name in {"adduser", "gpasswd", "addgroup"}:
        return len(command.operands) > 1 and command.operands[-1] in _PRIVILEGED - {"adm", "shadow", "root", "disk"}
    return name == "chpasswd" or (name == "passwd" and command.has_option("-d", "-u", "--delete", "--stdin"))


@check(
    About(
        id="DUR748",
        severity=Severity.ERROR,
        family=Family.SYSTEM,
        title=gettext_noop("A maintainer script writes what starts by itself"),
        explanation=gettext_noop(
            "A unit, a timer, a cron file, a profile or a line of ld.so.preload is written at installation instead of being a "
            "file of the package: dpkg does not know of it, it stays when the package goes, and no review of the package's "
            "files shows it. The package acroread of another distribution was made to do this in 2018, with curl | bash and a "
            "timer."
        ),
        remedy=gettext_noop("ship it as debian/PACKAGE.service, .timer or .cron.d and let debhelper install it"),
        failing=example_at_installation("cp /usr/share/hello-dur/hello.timer /etc/systemd/system/hello.timer"),
        mending=example_at_installation("cp /usr/share/hello-dur/hello.conf /var/lib/hello-dur/hello.conf"),
    )
)
def writes_startup(recipe: CheckedRecipe) -> Iterator[Place]:
    """Look for writes to places from which things start, and crontab with something to install."""
    for script, command in commands_of(recipe, MAINTAINER):
        # Cleaning up after older versions is a maintainer script's work, and a link to /dev/null masks a unit.
        if (
            command.program in TIDYING
            or (command.program in {"mv", "sed"} and not _everybodys(command))
            or "/dev/null" in command.words
        ):
            continue
        if path := next((path for path in written(command) if _START.search(path)), ""):
            yield Place(script.path, command.line, f"{path[:100]} is written: {command}")
        elif (
            command.program == "crontab" and not command.has_option("-l", "-r", "-V") and (command.operands or command.piped_from)
        ):
            yield Place(script.path, command.line, f"a crontab is installed: {command}")


def _everybodys(command: Command) -> bool:
    """Return whether the command changes a file that each login or each program reads."""
    return any(re.search(r"ld\.so\.preload|rc\.local|bashrc|profile\Z", path) for path in written(command))


@check(
    About(
        id="DUR749",
        severity=Severity.INFO,
        family=Family.SYSTEM,
        title=gettext_noop("The package brings a service, a timed job or a rule for devices"),
        explanation=gettext_noop(
            "Many packages do, and debhelper installs it well. It runs without being asked, often as root, so a reviewer "
            "should read what it starts."
        ),
        remedy=gettext_noop(
            "nothing is wrong; give a service the least rights that it needs (User=, ProtectSystem=, NoNewPrivileges=)"
        ),
        failing={"debian/hello-dur.service": "[Service]\nExecStart=/usr/bin/hello\n"},
        mending={},
    )
)
def brings_service(recipe: CheckedRecipe) -> Iterator[Place]:
    """Tell which files of debian/ are units, cron files, init scripts, udev rules or PAM profiles."""
    for path in recipe.tree:
        if _UNIT_FILES.fullmatch(path):
            yield Place(path, None, f"{path.rpartition('/')[2]} starts by itself")


@check(
    About(
        id="DUR750",
        severity=Severity.WARNING,
        family=Family.SYSTEM,
        title=gettext_noop("A file is installed where it changes the system for everybody"),
        explanation=gettext_noop(
            "sudoers.d, pam.d, profile.d, autostart, the linker's configuration, polkit and udev rules change every session "
            "or give rights. There are good reasons; a reviewer should read the file."
        ),
        remedy=gettext_noop("install it only where the package cannot work without it, and say so in README.Debian"),
        failing={"debian/install": "hello.sh etc/profile.d\n"},
        mending={"debian/install": "hello.sh usr/share/hello-dur\n"},
    )
)
def ships_system_file(recipe: CheckedRecipe) -> Iterator[Place]:
    """Look for such folders in debian/*.install and *.links."""
    for path, number, line in install_lines(recipe):
        if match := _SHIPPED.search(line):
            yield Place(path, number, f"{match[0].strip()} is installed to: {line[:100]}")
