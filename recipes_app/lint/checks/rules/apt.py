"""Checks of what a package does to apt: whom the machine takes packages from is its owner's choice alone."""

from __future__ import annotations

import re
from collections.abc import Iterator

from recipes_app.formats.findings import Severity

from ..base import About, Family, Place, check, gettext_noop
from ..recipe import CheckedRecipe
from ..scripts import MAINTAINER, SERVICE, commands_of
from ..writes import TIDYING, install_lines, written
from .network import example_at_installation

_START = r"(?:^|[\s/]|\$\{[A-Za-z_]+\}/)etc/apt/"
# Whom apt believes, and what it prefers. A keyring in /usr/share is believed where a source names it: shipping one is nothing.
_TRUST = re.compile(_START + r"(?:sources\.list|trusted\.gpg|keyrings|preferences|auth\.conf)")
_KEYRINGS = re.compile(r"(?:\A|\})/?usr/share/keyrings/")
_SETTING = re.compile(_START + r"apt\.conf")
# Settings with which apt takes what nobody has signed, from whoever answers, or runs a program at each of its steps.
_WEAKENING = re.compile(
    r"Allow-?(?:Unauthenticated|Insecure|Weak|DowngradeToInsecure)|Verify-(?:Peer|Host)|Check-(?:Valid-Until|Date)|"
    r"(?:Pre|Post)-(?:Invoke|Install-Pkgs)|Verification|\bProxy\b",
    re.IGNORECASE,
)


@check(
    About(
        id="DUR745",
        severity=Severity.ERROR,
        family=Family.SYSTEM,
        title=gettext_noop("apt's sources or keys are changed, or its checks switched off"),
        explanation=gettext_noop(
            "Who adds a source or a key to apt, or has it take what nobody signed, can replace every package of the machine "
            "from then on, without another question. A package of a user repository must not do it, neither by a script nor "
            "by shipping the file."
        ),
        remedy=gettext_noop("remove it; tell users in README.Debian how they can add the source themselves"),
        failing=example_at_installation("echo 'deb https://example.org/ ./' > /etc/apt/sources.list.d/hello.list"),
        mending=example_at_installation("true"),
    )
)
def changes_whom_apt_trusts(recipe: CheckedRecipe) -> Iterator[Place]:
    """Look for writes to apt's lists and keys, files to be installed there, apt-key, add-apt-repository, weakening settings."""
    for place, path, text in _written_to_apt(recipe):
        if _TRUST.search(path) or _KEYRINGS.search(path) or (_SETTING.search(path) and _WEAKENING.search(text)):
            yield place
    for script, command in commands_of(recipe):
        if command.program in {"add-apt-repository", "apt-add-repository", "extrepo"} or (
            command.program == "apt-key" and {"add", "adv"} & set(command.arguments)
        ):
            yield Place(script.path, command.line, f"apt's sources are changed: {command}")


@check(
    About(
        id="DUR760",
        severity=Severity.WARNING,
        family=Family.SYSTEM,
        title=gettext_noop("A setting of apt is changed"),
        explanation=gettext_noop(
            "A file in /etc/apt/apt.conf.d changes how apt works for every package of the machine. Some programs need it; a "
            "reviewer has to read the file. What switches apt's own checks off is an error (DUR745)."
        ),
        remedy=gettext_noop("do without where it can be; else say in README.Debian what it changes and how to undo it"),
        failing={
            "debian/install": "debian/90hello etc/apt/apt.conf.d\n",
            "debian/90hello": 'Acquire::Languages "none";\n',
        },
        mending={"debian/install": "debian/90hello usr/share/hello-dur\n", "debian/90hello": 'Acquire::Languages "none";\n'},
    )
)
def changes_settings_of_apt(recipe: CheckedRecipe) -> Iterator[Place]:
    """Look for writes to apt.conf, and for files to be installed there, that weaken nothing."""
    for place, path, text in _written_to_apt(recipe):
        if _SETTING.search(path) and not _WEAKENING.search(text):
            yield place


def _written_to_apt(recipe: CheckedRecipe) -> Iterator[tuple[Place, str, str]]:
    """Yield where something is put into apt's folders, the path or line that says so, and what is known of its content."""
    for script, command in commands_of(recipe, MAINTAINER, SERVICE):
        paths = [path for path in written(command) if any(each.search(path) for each in (_TRUST, _KEYRINGS, _SETTING))]
        if paths and command.program not in TIDYING:
            place = Place(script.path, command.line, f"apt is changed, {paths[0][:120]}: {command}")
            yield place, paths[0], _known_content(recipe, str(command))
    for path, number, line in install_lines(recipe):
        if _TRUST.search(line) or _SETTING.search(line):
            yield Place(path, number, f"a file of apt is installed: {line[:100]}"), line, _known_content(recipe, line)


def _known_content(recipe: CheckedRecipe, line: str) -> str:
    """Return `line` and the text of each file of the recipe that it names: what is put there, as far as it can be known."""
    named = [word.strip("'\"") for word in line.split()]
    return "\n".join([line, *(recipe.text(word) for word in named if word in recipe.tree)])
