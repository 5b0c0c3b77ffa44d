"""What the portal says of shellcheck's codes, in its own words: one text for all, and a sentence for the most frequent ones.

shellcheck's own words about a place stand with each hint, and its wiki explains each code at length. No Django here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from ..protocol.build_tags import BuildTag
from ..protocol.report import HintSeverity
from .shellcheck import PREFIX

_WIKI: Final = "https://www.shellcheck.net/wiki/"
_TAG = re.compile(rf"{PREFIX}(?P<code>SC[1-9]\d{{3}})")

# Those that the packaging of the Debian archive draws most (docs/lint.md), and those that stop shellcheck from reading on.
_SENTENCES: Final[Mapping[str, str]] = {
    "SC1009": "The place where the construct begins that could not be read; another finding says what is wrong in it.",
    "SC1072": "The shell's grammar does not allow what stands here. What follows was not looked at.",
    "SC1073": "A construct was begun here and could not be read to its end. What follows was not looked at.",
    "SC2012": "The names that ls prints are made for people: an odd one breaks what reads them. Use a pattern or find.",
    "SC2015": "`A && B || C` runs C also where B fails: write an `if` where that is not meant.",
    "SC2045": "The names that ls prints are split at blanks. Loop over a pattern instead.",
    "SC2046": "What the command prints is split at blanks and its wildcards are expanded. Put it into double quotes.",
    "SC2068": "The arguments are split again at the blanks in them. Put the expansion into double quotes.",
    "SC2086": "The value is split at blanks and its wildcards are expanded. Put the variable into double quotes.",
    "SC2115": "Where the variable is empty, this names a folder at the root of the system. Use `${name:?}`.",
    "SC2144": "The test takes one file: where the pattern matches several, it is an error of the test. Loop over the matches.",
    "SC2145": "Text and all arguments are mixed in one word. Use `$*` for one text.",
    "SC2148": "The script does not name its interpreter (Debian Policy 10.4). Begin it with `#!/bin/sh`.",
    "SC2154": "Nothing here sets the variable: is its name right?",
    "SC2155": "The status of the command is lost behind `local` or `export`, and `set -e` does not see it. Use two lines.",
    "SC2162": "`read` takes a backslash as the beginning of an escape. Use `read -r`.",
    "SC2164": "Where `cd` fails, the commands after it run in another folder.",
    "SC3045": "The option is none that every /bin/sh has, though dash may have it.",
}
_GENERAL: Final = (
    "shellcheck reads the maintainer scripts, debconf's config scripts and init scripts that a shell runs, and found something "
    "that often does not do what was meant. The hint says in its words what, and the wiki explains the code with examples.\n\n"
    "dpkg runs these scripts as root. Mend the line; where it is right as it is, say so in the script, above it:\n\n"
    "  # shellcheck disable={code}\n\n"
    "The hint counts one step less than shellcheck has it, and never makes a recipe fail. To see the same at home:\n\n"
    "  shellcheck debian/*.postinst"
)


def shellcheck_tag(tag: str) -> BuildTag | None:
    """Return what the portal says of `tag`, a code of shellcheck's with PREFIX; None for any other tag.

    Codes come with each version of shellcheck, so each of its numbers has a text.
    """
    match = _TAG.fullmatch(tag)
    if match is None:
        return None
    code = match["code"]
    sentence = _SENTENCES.get(code, "")
    text = "\n\n".join(filter(None, (_escaped(sentence), _GENERAL.format(code=code))))
    wiki = f"ShellCheck's wiki, {code}: {_WIKI}{code}"
    policy = "Debian Policy, section 10.4: https://www.debian.org/doc/debian-policy/ch-files.html#scripts"
    return BuildTag(tag, text, (wiki, policy), HintSeverity.INFO)


def _escaped(sentence: str) -> str:
    """Return `sentence` as explanations are written: HTML, with code in its element."""
    plain = sentence.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return re.sub(r"`([^`]*)`", r"<code>\1</code>", plain)
