"""debian/gbp.conf: whether it does more than name branches (gbp.conf(5)). git-buildpackage runs the commands that it names."""

from __future__ import annotations

import configparser
import itertools

from .bounds import MAX_GBP_BYTES

PATH = "debian/gbp.conf"
# Options whose value is a branch, a tag, a number, a word of a fixed list or a file's pattern. What is not here may be a command.
_HARMLESS = frozenset(
    """
    abbrev component compression compression-level create-missing-branches debian-branch debian-tag debian-tag-msg dist
    filter filter-pristine-tar full id-length ignore-branch import-msg merge merge-mode multimaint multimaint-merge
    patch-num-format patch-numbers pristine-tar pristine-tar-commit renumber sign-tags submodules symlink-orig upstream-
    branch upstream-tag upstream-tree upstream-vcs-tag urgency
    """.split()  # noqa: SIM905 - a list of words reads better without quotation marks
)


def names_no_command(content: bytes) -> bool:
    """Return whether the file has known options alone, none of which is run; an unreadable or a large one may have others."""
    if len(content) > MAX_GBP_BYTES:
        return False
    parser = configparser.RawConfigParser(strict=False)
    try:
        parser.read_string(content.decode("utf-8"))
    except (configparser.Error, UnicodeDecodeError):
        return False
    return _HARMLESS.issuperset({*parser.defaults(), *itertools.chain.from_iterable(map(parser.options, parser.sections()))})
