"""Checks for what a reader does not see: characters that turn text around, that show nothing or look like others, and margins.

A review is worth as much as the text that the reviewer saw ("Trojan Source", CVE-2021-42574). Prose may hold what the scripts
of the world need, such as joiners in Persian; what programs read may not.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from recipes_app.formats.findings import Severity
from recipes_app.formats.report import quoted

from ..base import About, Family, Place, check, gettext_noop
from ..examples import COPYRIGHT, RULES
from ..recipe import CheckedRecipe, is_patch, is_prose, line_of

# Embeddings, overrides and isolates (UAX 9): they change the order in which the rest of the line is shown.
_TURNING = re.compile("[\u202a-\u202e\u2066-\u2069]")
# Drawn as nothing: zero width, marks, joiners, tags, fillers, soft hyphen; and the separators that only some programs obey.
_UNSEEN = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028\u2029\u2060-\u2065\u206a-\u206f\u3164\ufeff\uffa0"
    "\ufff9-\ufffb\U0001bca0-\U0001bca3\U000e0000-\U000e007f]"
)
# Of these, what no script of the world needs in prose.
_NEVER = re.compile("[\u115f\u1160\u202d\u202e\u2060-\u2065\u206a-\u206f\u3164\uffa0\ufff9-\ufffb\U000e0000-\U000e001f]")
# Letters of the Cyrillic, Greek and Armenian scripts that are drawn like Latin ones (Unicode's confusables.txt).
_ALIKE = "аеорсухіјѕһԁԛԝӏАВЕКМНОРСТУХІЈЅԌԚԜΑΒΕΖΗΙΚΜΝΟΡΤΥΧαικνορυχօսոց"
_FOREIGN = re.compile("[^\x00-\x7f]+")
_WORD_BEFORE = re.compile(r"[^\W\d]{1,60}\Z")
_WORD_AFTER = re.compile(r"[^\W\d]{1,60}")
_HOST = re.compile(f"://[A-Za-z0-9.-]{{0,100}}[{_ALIKE}][A-Za-z0-9.{_ALIKE}-]{{0,100}}")
# Latin letters in other clothes: full width and mathematical ones, which Python reads as the plain letter (NFKC).
_CLOTHED = re.compile("[\uff21-\uff3a\uff41-\uff5a\U0001d400-\U0001d7cb]{2,}")
# Escape sequences and backspaces, and a carriage return before more text: `cat` shows another line than the one that runs.
_OVERWRITING = re.compile("[\x08\x1b\x7f\x9b]|\r(?=[^\r\n])")
# 120 blanks push what follows out of every window and every page.
_MARGIN = re.compile(r"\S[ \t]{120,}[^\s#\\]")


def _named(text: str) -> str:
    """Return the characters of `text` by number and name."""
    shown = [f"U+{ord(each):04X} {unicodedata.name(each, 'without a name')}" for each in text[:3]]
    return ", ".join(shown)


def _machine_read(recipe: CheckedRecipe) -> Iterator[tuple[str, str]]:
    """Yield path and text of what programs read: neither prose nor patches."""
    return ((path, text) for path, text in recipe.texts() if not is_prose(path) and not is_patch(path))


@check(
    About(
        id="DUR801",
        severity=Severity.ERROR,
        family=Family.HIDDEN,
        title=gettext_noop("A character turns the text around that a reader sees"),
        explanation=gettext_noop(
            "Unicode's embeddings, overrides and isolates let a line be shown in another order than it is stored in. What "
            "looks like a comment can be a command, and the reverse. No script, control file or patch needs them."
        ),
        remedy=gettext_noop("remove the character; editors show it with their view of invisible characters, or use sed -n l"),
        failing={"debian/rules": RULES + "\n# \u202e}\u2066if root\u2069 \u2066 begin\n"},
        mending={"debian/rules": RULES + "\n# if root, begin\n"},
    )
)
def no_turning(recipe: CheckedRecipe) -> Iterator[Place]:
    """Look in all that is no prose, and in the lines that patches add."""
    for path, text in recipe.texts():
        if text.isascii() or is_prose(path):
            continue
        for match in _TURNING.finditer(text):
            if not is_patch(path) or text[text.rfind("\n", 0, match.start()) + 1] == "+":
                yield Place(path, line_of(text, match.start()), f"{_named(match[0])} was found")


@check(
    About(
        id="DUR802",
        severity=Severity.ERROR,
        family=Family.HIDDEN,
        title=gettext_noop("A file that programs read holds characters that show nothing"),
        explanation=gettext_noop(
            "A zero-width space inside a name makes another name of it that looks the same; tags and fillers can carry a whole "
            "hidden message. What a reviewer reads and what a shell, make or dpkg reads are then two different texts."
        ),
        remedy=gettext_noop("remove the character; grep -nP '[^\\x00-\\x7F]' finds its line"),
        failing={"debian/rules": RULES.replace("dh $@", "dh $@ --with\u200b=x")},
        mending={"debian/rules": RULES},
    )
)
def nothing_unseen(recipe: CheckedRecipe) -> Iterator[Place]:
    """Look in all that is neither prose nor a patch; a byte order mark at the start of a file is another matter (DUR908).

    Data and vendored code in folders of their own may hold what emoji and the scripts of the world need, as prose may.
    """
    run = {script.path for script in recipe.scripts}
    for path, text in _machine_read(recipe):
        if not text.isascii():
            is_ours = path in run or path.count("/") <= 1 or path.startswith(("debian/source/", "debian/tests/"))
            for match in (_UNSEEN if is_ours else _NEVER).finditer(text, 1):
                yield Place(path, line_of(text, match.start()), f"{_named(match[0])} was found")


@check(
    About(
        id="DUR803",
        severity=Severity.WARNING,
        family=Family.HIDDEN,
        title=gettext_noop("A text for people holds characters that no script of the world needs"),
        explanation=gettext_noop(
            "Overrides of direction, tags, fillers and invisible operators have no place in a changelog, a README or a "
            "licence. They turn up where text was copied from a web page, or where something is to be hidden in it."
        ),
        remedy=gettext_noop("write the line anew"),
        failing={"debian/copyright": COPYRIGHT.replace("free of charge", "free\u2062 of charge")},
        mending={"debian/copyright": COPYRIGHT},
    )
)
def prose_is_plain(recipe: CheckedRecipe) -> Iterator[Place]:
    """Look in prose, with a narrower list: joiners and marks of direction belong to Persian, Hebrew, Hindi and emoji."""
    for path, text in recipe.texts():
        if is_prose(path) and not text.isascii():
            for match in _NEVER.finditer(text):
                yield Place(path, line_of(text, match.start()), f"{_named(match[0])} was found")


@check(
    About(
        id="DUR804",
        severity=Severity.ERROR,
        family=Family.HIDDEN,
        title=gettext_noop("A word mixes letters of different scripts that look alike"),
        explanation=gettext_noop(
            "The Cyrillic а and the Latin a are drawn the same and are two letters to every program. A word with both is "
            "another command, variable or host than the one that a reviewer takes it for."
        ),
        remedy=gettext_noop("write the word with letters of one script"),
        failing={"debian/rules": RULES.replace("dh $@", "dh $@\n\tinst\u0430ll -d debian/tmp")},
        mending={"debian/rules": RULES.replace("dh $@", "dh $@\n\tinstall -d debian/tmp")},
    )
)
def words_have_one_script(recipe: CheckedRecipe) -> Iterator[Place]:
    """Look at words, at hosts in addresses, and at Latin letters in other clothes, outside prose and patches."""
    for path, text in _machine_read(recipe):
        if text.isascii():
            continue
        odd = [
            (match.start(), _mixed_word(text, match))
            for match in _FOREIGN.finditer(text)
            if match[0][0] in _ALIKE or match[0][-1] in _ALIKE
        ]
        odd += [(match.start(), match[0]) for pattern in (_HOST, _CLOTHED) for match in pattern.finditer(text)]
        for position, word in odd:
            if word:
                letters = "".join(dict.fromkeys(each for each in word if not each.isascii()))
                yield Place(path, line_of(text, position), f"{quoted(word)} was found, with {_named(letters)}")


def _mixed_word(text: str, match: re.Match[str]) -> str:
    """Return the word around letters that look like Latin ones, where it has Latin ones and no others; empty otherwise.

    A Russian word with a mistyped Latin letter has letters that look like no Latin one; a disguised word has none.
    """
    before = _WORD_BEFORE.search(text, max(0, match.start() - 60), match.start())
    after = _WORD_AFTER.match(text, match.start())
    word = (before[0] if before else "") + (after[0] if after else "")
    is_latin = any(each.isascii() for each in word)
    return word if is_latin and all(each.isascii() or each in _ALIKE for each in word) else ""


@check(
    About(
        id="DUR805",
        severity=Severity.ERROR,
        family=Family.HIDDEN,
        title=gettext_noop("The name of a file looks like another one"),
        explanation=gettext_noop(
            "A file whose name holds letters of another script that look like Latin ones can stand beside the real one, or in "
            "its place, and nobody sees which of the two a tool reads."
        ),
        remedy=gettext_noop("rename the file with plain letters"),
        failing={"debian/ins\u0442\u0430ll.sh": "#!/bin/sh\nset -e\n"},
        mending={"debian/install.sh": "#!/bin/sh\nset -e\n"},
    )
)
def names_have_one_script(recipe: CheckedRecipe) -> Iterator[Place]:
    """Look at every path for letters that look like Latin ones beside Latin ones."""
    for path in recipe.tree:
        if not path.isascii():
            odd = [each for each in path if each in _ALIKE or _UNSEEN.match(each) or _TURNING.match(each)]
            if odd and any("a" <= each.lower() <= "z" for each in path):
                yield Place(path, None, f"the name holds {_named(''.join(dict.fromkeys(odd)))}")


@check(
    About(
        id="DUR806",
        severity=Severity.WARNING,
        family=Family.HIDDEN,
        title=gettext_noop("A script holds characters that overwrite what a terminal shows"),
        explanation=gettext_noop(
            "Backspaces, escape sequences and carriage returns inside a line make cat, less -r and diff show something else "
            "than what runs. A script that needs an escape writes it as \\033 or \\e, which is seen."
        ),
        remedy=gettext_noop("write the character as an escape of printf, such as \\033, or remove it"),
        failing={"debian/postinst": "#!/bin/sh\nset -e\nrm -f /run/hello\rtrue\n#DEBHELPER#\n"},
        mending={"debian/postinst": "#!/bin/sh\nset -e\nrm -f /run/hello\n#DEBHELPER#\n"},
    )
)
def scripts_overwrite_nothing(recipe: CheckedRecipe) -> Iterator[Place]:
    """Look in scripts alone: changelogs and patches of the archive hold such characters by accident."""
    for script in recipe.scripts:
        for match in _OVERWRITING.finditer(script.text):
            yield Place(script.path, line_of(script.text, match.start()), f"U+{ord(match[0]):04X} was found")


@check(
    About(
        id="DUR807",
        severity=Severity.ERROR,
        family=Family.HIDDEN,
        title=gettext_noop("A command stands far to the right, out of sight"),
        explanation=gettext_noop(
            "More than a hundred blanks inside a line push what follows out of every editor's window and every page. Nobody "
            "formats a script that way; it is an old way to hide a command behind a harmless one."
        ),
        remedy=gettext_noop("put the command on a line of its own"),
        failing={"debian/rules": RULES.replace("dh $@", "dh $@" + " " * 200 + "; true")},
        mending={"debian/rules": RULES.replace("dh $@", "dh $@; true")},
    )
)
def nothing_in_the_margin(recipe: CheckedRecipe) -> Iterator[Place]:
    """Look for a long run of blanks between text and more text, in scripts."""
    for script in recipe.scripts:
        for match in _MARGIN.finditer(script.text):
            yield Place(script.path, line_of(script.text, match.end()), f"{len(match[0]) - 2} blanks stand before more text")
