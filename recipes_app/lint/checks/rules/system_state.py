"""Checks of what a script does to the running system: its protection, its packages, its services, and what it leaves running."""

from __future__ import annotations

import re
from collections.abc import Iterator

from recipes_app.formats.findings import Severity

from ..base import About, Family, Place, check, gettext_noop
from ..recipe import CheckedRecipe
from ..scripting.programs import names
from ..scripting.shell_command import Command
from ..scripts import MAINTAINER, RULES, SERVICE, commands_of
from ..writes import written
from .network import example_at_installation

_GUARDS = names("apparmor auditd ufw firewalld fail2ban rsyslog selinux clamav-daemon unattended-upgrades apt-daily.timer")
_PROGRAMS = re.compile(r"\A/(?:usr/)?(?:local/)?(?:s?bin|games)/[^/$*]+\Z")
_EVERYTHING = re.compile(r"(?:/|/\*|~|~/\*?|/home/?\*?|/etc/?|/usr/?|/var/?|/boot/?|\$\{HOME\}/?\*?)")


@check(
    About(
        id="DUR751",
        severity=Severity.WARNING,
        family=Family.SYSTEM,
        title=gettext_noop("A file of another package is diverted"),
        explanation=gettext_noop(
            "dpkg-divert puts this package's file in the place of another's (Debian Policy 3.9). It is the right tool at "
            "times, and a way to replace a program that everybody trusts: a reviewer should read both files."
        ),
        remedy=gettext_noop("use alternatives or the other program's own configuration where they will do"),
        failing=example_at_installation("dpkg-divert --package hello-dur --add --rename --divert /usr/bin/hi.real /usr/bin/hi"),
        mending=example_at_installation("dpkg-divert --list"),
    )
)
def diverts(recipe: CheckedRecipe) -> Iterator[Place]:
    """Look for dpkg-divert that adds a diversion."""
    for script, command in commands_of(recipe, MAINTAINER):
        if command.program == "dpkg-divert" and not command.has_option("--remove", "--list", "--listpackage", "--truename"):
            yield Place(script.path, command.line, f"a diversion: {command}")


@check(
    About(
        id="DUR752",
        severity=Severity.INFO,
        family=Family.SYSTEM,
        title=gettext_noop("An alternative is registered"),
        explanation=gettext_noop(
            "update-alternatives offers this package's program under a common name such as editor or x-www-browser, and a "
            "high priority makes it what everybody starts from then on."
        ),
        remedy=gettext_noop("nothing is wrong; keep the priority below that of Debian's own packages"),
        failing=example_at_installation("update-alternatives --install /usr/bin/hi hi /usr/bin/hello 10"),
        mending=example_at_installation("update-alternatives --auto hi"),
    )
)
def registers_alternative(recipe: CheckedRecipe) -> Iterator[Place]:
    """Look for update-alternatives --install."""
    for script, command in commands_of(recipe, MAINTAINER):
        if command.program == "update-alternatives" and command.has_option("--install"):
            yield Place(script.path, command.line, f"an alternative: {command}")


@check(
    About(
        id="DUR753",
        severity=Severity.ERROR,
        family=Family.SYSTEM,
        title=gettext_noop("A protection of the system is switched off"),
        explanation=gettext_noop(
            "The script stops or disables a firewall, AppArmor, SELinux, the audit or the system's log, flushes packet "
            "filters, makes a file that root cannot remove, or clears histories and logs. Software that needs this should say "
            "so to its administrator, who may do it."
        ),
        remedy=gettext_noop("remove it; ship an AppArmor profile or document the port that has to be open"),
        failing=example_at_installation("setenforce 0"),
        mending=example_at_installation("getenforce"),
    )
)
def disables_protection(recipe: CheckedRecipe) -> Iterator[Place]:
    """Look for the commands that switch protections off."""
    for script, command in commands_of(recipe):
        if _disables(command):
            yield Place(script.path, command.line, f"a protection is switched off: {command}")


def _disables(command: Command) -> bool:
    name, words = command.program, command.arguments
    operands = {word.removesuffix(".service") for word in command.operands}
    if name in {"systemctl", "service", "invoke-rc.d", "update-rc.d"}:
        return bool(operands & _GUARDS) and bool(operands & {"stop", "disable", "mask", "kill"})
    if name == "setenforce":
        return words[:1] in {("0",), ("Permissive",)}
    if name in {"iptables", "ip6tables", "nft"}:
        return command.has_option("-F", "--flush") or words[:2] == ("flush", "ruleset")
    if name == "chattr":
        return any(re.fullmatch(r"\+[a-zA-Z]*i[a-zA-Z]*", word) for word in words)
    if name == "history":
        return command.has_option("-c")
    return (
        (name == "ufw" and "disable" in words)
        or name in {"aa-teardown", "aa-disable"}
        or (name == "auditctl" and command.has_option("-e"))
    )


@check(
    About(
        id="DUR754",
        severity=Severity.ERROR,
        family=Family.SYSTEM,
        title=gettext_noop("A script installs or removes Debian packages"),
        explanation=gettext_noop(
            "apt and dpkg hold their lock while a maintainer script runs, and a build may not change the machine's packages. "
            "What a package needs is said by its fields Depends and Build-Depends, which everybody can read before they "
            "agree."
        ),
        remedy=gettext_noop("name the packages in Depends, Recommends or Build-Depends"),
        failing=example_at_installation("apt-get install -y hello"),
        mending=example_at_installation("dpkg --compare-versions 1.0 lt 2.0"),
    )
)
def installs_debian_packages(recipe: CheckedRecipe) -> Iterator[Place]:
    """Look for apt, apt-get, aptitude and dpkg with a command that changes the machine."""
    for script, command in commands_of(recipe, RULES, MAINTAINER, SERVICE):
        if command.program in {"apt", "apt-get", "aptitude"} and not command.has_option("-s", "--simulate", "--print-uris"):
            found = set(command.operands) & {
                "install",
                "remove",
                "purge",
                "upgrade",
                "dist-upgrade",
                "full-upgrade",
                "update",
                "source",
                "download",
            }
        elif command.program == "dpkg":
            found = set(command.arguments) & {
                "-i",
                "--install",
                "-r",
                "--remove",
                "-P",
                "--purge",
                "--unpack",
                "--add-architecture",
            }
        else:
            found = {command.program} & {"gdebi", "dselect", "tasksel", "synaptic"}
        if found and script.role != SERVICE:
            yield Place(script.path, command.line, f"packages are changed: {command}")


@check(
    About(
        id="DUR755",
        severity=Severity.WARNING,
        family=Family.SYSTEM,
        title=gettext_noop("A maintainer script leaves a process running"),
        explanation=gettext_noop(
            "A command is put into the background, or out of reach with nohup or setsid. It goes on after dpkg has finished, "
            "as root, with nobody to see how it ends; a service is what this is for."
        ),
        remedy=gettext_noop("ship a unit and let debhelper start it, or wait for the command"),
        failing=example_at_installation("nohup hello-daemon >/dev/null 2>&1 &"),
        mending=example_at_installation("hello-daemon --check"),
    )
)
def leaves_process(recipe: CheckedRecipe) -> Iterator[Place]:
    """Look for & and what takes a process out of its session."""
    for script, command in commands_of(recipe, MAINTAINER):
        if command.background or {"nohup", "setsid", "systemd-run"} & set(command.via) or command.program in {"daemon", "disown"}:
            yield Place(script.path, command.line, f"it goes on running: {command}")


@check(
    About(
        id="DUR756",
        severity=Severity.ERROR,
        family=Family.SYSTEM,
        title=gettext_noop("A maintainer script writes a program"),
        explanation=gettext_noop(
            "A file in /usr/bin, /usr/sbin or /usr/local is written by a script instead of being a file of the package: dpkg "
            "does not know of it, no review sees its content among the package's files, and it may replace another package's "
            "program."
        ),
        remedy=gettext_noop("ship the program in the package: debian/install"),
        failing=example_at_installation("cp /usr/share/hello-dur/hello /usr/local/bin/hello"),
        mending=example_at_installation("cp /usr/share/hello-dur/data /var/lib/hello-dur/data"),
    )
)
def writes_program(recipe: CheckedRecipe) -> Iterator[Place]:
    """Look for what is written to a folder of programs; links and removals are left out."""
    for script, command in commands_of(recipe, MAINTAINER):
        if command.program in {"rm", "ln", "chown", "chgrp", "chmod", "rmdir", "mkdir", "mv"}:
            continue
        if path := next((path for path in written(command) if _PROGRAMS.match(path)), ""):
            yield Place(script.path, command.line, f"{path[:100]} is written: {command}")


@check(
    About(
        id="DUR757",
        severity=Severity.ERROR,
        family=Family.SYSTEM,
        title=gettext_noop("A script would wipe the system or a home"),
        explanation=gettext_noop(
            "rm -r of /, of a whole folder of the system or of a home, mkfs, or dd onto a disk. Whether meant or a slip with "
            "an empty variable: nobody gets back what it removes."
        ),
        remedy=gettext_noop("remove exactly what the package has made, by its full name"),
        failing=example_at_installation("rm -rf /usr"),
        mending=example_at_installation("rm -rf /var/lib/hello-dur"),
    )
)
def wipes(recipe: CheckedRecipe) -> Iterator[Place]:
    """Look for recursive removal of such folders, new file systems, and writes to disks."""
    for script, command in commands_of(recipe):
        name = command.program
        removes = (
            name == "rm" and command.has_option("-r", "-R", "--recursive") and any(map(_EVERYTHING.fullmatch, command.operands))
        )
        disk = name == "dd" and any(re.match(r"of=/dev/(?:[shv]d|nvme|mmcblk)", word) for word in command.words)
        if removes or disk or (name.startswith("mkfs") and any(word.startswith("/dev/") for word in command.words)):
            yield Place(script.path, command.line, f"it wipes: {command}")


@check(
    About(
        id="DUR758",
        severity=Severity.WARNING,
        family=Family.SYSTEM,
        title=gettext_noop("A maintainer script starts a service by systemctl itself"),
        explanation=gettext_noop(
            "debhelper adds what enables and starts a service, and that respects an administrator who has switched it off or "
            "masked it, policy-rc.d, and systems without systemd (Debian Policy 9.3.3). systemctl enable, start or "
            "daemon-reload with a unit that is not the package's may start something that nobody has reviewed."
        ),
        remedy=gettext_noop("let dh_installsystemd do it"),
        failing=example_at_installation("systemctl enable --now hello.timer"),
        mending=example_at_installation("systemctl --version"),
    )
)
def starts_service(recipe: CheckedRecipe) -> Iterator[Place]:
    """Look for systemctl enable, start and link in maintainer scripts."""
    for script, command in commands_of(recipe, MAINTAINER):
        if command.program == "systemctl" and {"enable", "start", "link", "unmask", "preset"} & set(command.operands):
            yield Place(script.path, command.line, f"a service is started or enabled: {command}")


@check(
    About(
        id="DUR759",
        severity=Severity.WARNING,
        family=Family.SYSTEM,
        title=gettext_noop("A module is loaded into the kernel or a setting of it is changed"),
        explanation=gettext_noop(
            "insmod, modprobe or sysctl -w in a maintainer script acts on the running kernel at once, in a container's host "
            "too. modules-load.d and sysctl.d are read at the next start, and an administrator can override them."
        ),
        remedy=gettext_noop("ship a file for modules-load.d or sysctl.d instead"),
        failing=example_at_installation("sysctl -w kernel.yama.ptrace_scope=0"),
        mending=example_at_installation("sysctl kernel.ostype"),
    )
)
def changes_kernel(recipe: CheckedRecipe) -> Iterator[Place]:
    """Look for such commands in maintainer scripts and builds."""
    for script, command in commands_of(recipe, MAINTAINER, RULES):
        writes = command.program == "sysctl" and (
            command.has_option("-w", "--write") or any("=" in word for word in command.operands)
        )
        if command.program in {"insmod", "modprobe", "kexec"} or writes:
            yield Place(script.path, command.line, f"the running kernel is changed: {command}")
