"""Checks of what hides from a reader what a script does: encoded text that is run, names put together, code behind code."""

from __future__ import annotations

import re
from collections.abc import Iterator

from recipes_app.formats.findings import Severity

from ..base import About, Family, Place, check, gettext_noop
from ..examples import RULES as RULES_TEXT
from ..facts import decodes, runs_what_is_decoded
from ..languages import RUN_DECODED
from ..recipe import CheckedRecipe
from ..scripting.programs import FETCHERS, INTERPRETERS, names
from ..scripting.shell_command import SHELLS, Command
from ..scripts import MAINTAINER, RULES, commands_of, scripts_of
from .network import example_at_build, example_at_installation

# What somebody would want to hide the name of.
_TELLING = (
    FETCHERS
    | SHELLS
    | INTERPRETERS
    | names(
        "eval base64 base32 xxd openssl git pip pip3 npm npx bun chmod setcap crontab systemctl dd mkfifo useradd usermod "
        "apt-key  sudo su"
    )
)
_HIDING = frozenset({"quotes", "escape", "parts", "substitution", "braces"})
_EXPLODING = "a = $(foreach x,1 2 3 4 5 6 7 8 9,$(1)$(1)$(1)$(1))\nb := "
_BLOB = re.compile(r"[A-Za-z0-9+/]{200,}={0,2}|(?:\\x[0-9A-Fa-f]{2}){40,}|(?:\\[0-3][0-7]{2}){40,}")
_SEPARATOR = re.compile(r"[A-Za-z0-9/]\$(?:IFS\b|\{IFS[^}]{0,10}\})")
_TELLING_PATHS = [f"{folder}/{name}" for name in sorted(_TELLING) for folder in ("/bin", "/usr/bin", "")]


@check(
    About(
        id="DUR721",
        severity=Severity.ERROR,
        family=Family.OBFUSCATION,
        title=gettext_noop("Decoded text is run"),
        explanation=gettext_noop(
            "Text is decoded, decrypted or unpacked and a shell, eval or an interpreter runs what comes out. Nobody who reads "
            "the script sees what it does, which is the one reason to write it so. base64, xxd, openssl, gpg, compression and "
            "their like are followed through pipes, substitutions, here-documents, functions and files written in the same "
            "script."
        ),
        remedy=gettext_noop("write the commands as they are"),
        failing=example_at_installation("echo aWQK | base64 -d | sh"),
        mending=example_at_installation("id"),
    )
)
def runs_decoded(recipe: CheckedRecipe) -> Iterator[Place]:
    """Look for interpreters that are fed by a decoder, or that run a file which one wrote."""
    for script in scripts_of(recipe):
        kept: set[str] = set()
        for command in script.commands:
            runs_kept = kept and (
                (command.words[:1] and command.words[0] in kept) or (command.is_shell and kept.intersection(command.words))
            )
            if runs_what_is_decoded(command) or runs_kept:
                yield Place(script.path, command.line, f"decoded text is run: {command}")
            if decodes(command) or any(decodes(source) for source in command.piped_from):
                kept.update(word for word in (*command.writes, *_outputs(command)) if not word.startswith("/dev/"))


def _outputs(command: Command) -> Iterator[str]:
    """Yield the files that a decoder was told to write."""
    for before, after in zip(command.words, command.words[1:], strict=False):
        if before in {"-o", "-out", "--output"} or command.program == "tee":
            yield after


@check(
    About(
        id="DUR722",
        severity=Severity.ERROR,
        family=Family.OBFUSCATION,
        title=gettext_noop("The name of a program is hidden"),
        explanation=gettext_noop(
            "The name of a program that fetches, decodes or runs something is put together of quoted pieces, escapes, "
            "variables, printed characters or a pattern, so that a search for it finds nothing. A script that has nothing to "
            "hide writes curl."
        ),
        remedy=gettext_noop("write the program's name as it is"),
        failing=example_at_installation("x=o; cr${x}ntab -l"),
        mending=example_at_installation("crontab -V"),
    )
)
def hidden_name(recipe: CheckedRecipe) -> Iterator[Place]:
    """Look for names of telling programs that do not stand in the script as such."""
    for script, command in commands_of(recipe):
        hidden = command.hidden & _HIDING
        if not command.words or not (hidden or "pattern" in command.hidden):
            continue
        if (
            hidden
            and command.program in _TELLING
            and not re.search(rf"(?<![\w-]){re.escape(command.program)}(?![\w-])", script.text)
        ):
            yield Place(
                script.path, command.line, f"the name {command.program} is put together of {' and '.join(sorted(hidden))}"
            )
        elif "pattern" in command.hidden and _fits_a_telling_path(command.words[0]):
            yield Place(script.path, command.line, f"the pattern {command.words[0][:80]} stands for a program's name")


def _fits_a_telling_path(word: str) -> bool:
    """Return whether a pattern of the shell fits the path of a telling program; a lone `*` fits all and means none."""
    if len(word) > 60 or "${" in word or not re.search(r"[A-Za-z]", word) or word in {"[", "[["}:
        return False
    pattern = re.compile(re.sub(r"\\\[(.{1,20}?)\\\]", r"[\1]", re.escape(word).replace(r"\?", ".").replace(r"\*", "[^/]{0,20}")))
    return any(pattern.fullmatch(path) for path in _TELLING_PATHS)


@check(
    About(
        id="DUR723",
        severity=Severity.WARNING,
        family=Family.OBFUSCATION,
        title=gettext_noop("eval runs what nobody can see here"),
        explanation=gettext_noop(
            "eval runs a text that comes from a variable or a program whose value is not in the script. That is at times the "
            "shell's only way, and dpkg-architecture and dpkg-buildflags are meant for it; a reviewer should know where the "
            "text comes from."
        ),
        remedy=gettext_noop("do without eval where the shell allows it, else say in a comment what the text can be"),
        failing=example_at_installation('eval "$(hello-dur --settings)"'),
        mending=example_at_installation("hello-dur --apply-settings"),
    )
)
def unseen_eval(recipe: CheckedRecipe) -> Iterator[Place]:
    """Look for eval of something unknown that is no tool of dpkg."""
    for script, command in commands_of(recipe, RULES, MAINTAINER):
        text = " ".join(command.arguments)
        known = {inner.program for inner in command.inner} & {
            "dpkg-architecture",
            "dpkg-buildflags",
            "db_get",
            "apt-config",
            "dpkg-parsechangelog",
        }
        if command.program == "eval" and text.startswith(("$()", "${")) and not known and not runs_what_is_decoded(command):
            yield Place(script.path, command.line, f"eval of {text[:80]}")


@check(
    About(
        id="DUR724",
        severity=Severity.WARNING,
        family=Family.OBFUSCATION,
        title=gettext_noop("A script holds a long encoded text"),
        explanation=gettext_noop(
            "A script that is run at the build or as root holds 200 or more characters of base64, or 40 or more escaped "
            "bytes. What is in them cannot be reviewed by reading."
        ),
        remedy=gettext_noop("put the content into a file of its own, unencoded, or fetch it by debian/dur"),
        failing=example_at_installation("key=" + "aB3d" * 60),
        mending=example_at_installation("key=/usr/share/hello-dur/key"),
    )
)
def long_blob(recipe: CheckedRecipe) -> Iterator[Place]:
    """Look for long encoded texts in scripts."""
    for script in scripts_of(recipe):
        for number, line in enumerate(script.text.split("\n"), start=1):
            if len(line) >= 160 and (match := _BLOB.search(line)) and len(set(match[0])) > 3:
                yield Place(script.path, number, f"{len(match[0])} encoded characters, from {match[0][:20]!r} on")


@check(
    About(
        id="DUR725",
        severity=Severity.ERROR,
        family=Family.OBFUSCATION,
        title=gettext_noop("Code of another language decodes text and runs it"),
        explanation=gettext_noop(
            "Python's exec(b64decode(…)), Perl's eval pack(…), JavaScript's eval(atob(…)) and their like: the same as decoded "
            "text that a shell runs, and the usual shape of malicious packages of those languages."
        ),
        remedy=gettext_noop("write the code as it is"),
        failing=example_at_build("python3 -c 'import base64; exec(base64.b64decode(\"cHJpbnQoMSk=\"))'"),
        mending=example_at_build("python3 -c 'print(1)'"),
    )
)
def code_runs_decoded(recipe: CheckedRecipe) -> Iterator[Place]:
    """Look for exec and eval of decoded text in code."""
    for script, command in commands_of(recipe):
        if command.program.endswith(f":{RUN_DECODED}"):
            yield Place(script.path, command.line, f"decoded code is run: {command}")


@check(
    About(
        id="DUR726",
        severity=Severity.ERROR,
        family=Family.OBFUSCATION,
        title=gettext_noop("A script is too twisted to be followed"),
        explanation=gettext_noop(
            "Substitutions, evals, functions or variables stand inside each other so deep, or repeat so much, that these "
            "checks gave up. Not one of the packages of Debian that were tried comes near that limit: it is there for scripts "
            "that are made to exhaust a reader."
        ),
        remedy=gettext_noop("write the script in a simpler way"),
        failing=example_at_installation("echo " + "$(echo " * 40 + ")" * 40),
        mending=example_at_installation("echo hello"),
    )
)
def gave_up(recipe: CheckedRecipe) -> Iterator[Place]:
    """Tell where the reading of a script ended."""
    for script in scripts_of(recipe):
        if script.gave_up is not None:
            yield Place(script.path, script.gave_up, "from here on the script was not followed")


@check(
    About(
        id="DUR727",
        severity=Severity.ERROR,
        family=Family.OBFUSCATION,
        title=gettext_noop("IFS stands in for a blank"),
        explanation=gettext_noop(
            "cat$IFS/etc/hosts is cat /etc/hosts for a shell and one word for whoever searches. It gets around filters that "
            "look for blanks, and has no honest use."
        ),
        remedy=gettext_noop("write a blank"),
        failing=example_at_installation("cat${IFS}/etc/hostname"),
        mending=example_at_installation("cat /etc/hostname"),
    )
)
def field_separator(recipe: CheckedRecipe) -> Iterator[Place]:
    """Look for $IFS behind a letter."""
    for script in scripts_of(recipe):
        for number, line in enumerate(script.text.split("\n"), start=1):
            if "IFS" in line and not line.lstrip().startswith("#") and _SEPARATOR.search(line[:5_000]):
                yield Place(script.path, number, "IFS separates words")


@check(
    About(
        id="DUR728",
        severity=Severity.WARNING,
        family=Family.OBFUSCATION,
        title=gettext_noop("A makefile expands to more than is read here"),
        explanation=gettext_noop(
            "Variables and functions of make stand inside each other so often that these checks stopped to expand them: from "
            "that line on, commands are read as they stand, and names that variables would complete are not seen. One of two "
            "hundred packages of Debian gets this, whose lists are made of lists."
        ),
        remedy=gettext_noop("write the rules in a simpler way, or read them by hand"),
        failing={"debian/rules": RULES_TEXT + _EXPLODING + "$(call a," * 6 + "z" + ")" * 6 + "\nc := $(b)$(b)\n"},
        mending={"debian/rules": RULES_TEXT + _EXPLODING + "$(call a,z)\nc := $(b)\n"},
    )
)
def unexpanded(recipe: CheckedRecipe) -> Iterator[Place]:
    """Tell where make's references were left as they are."""
    for script in scripts_of(recipe):
        if script.unexpanded is not None:
            yield Place(script.path, script.unexpanded, "from here on references of make were not followed")
