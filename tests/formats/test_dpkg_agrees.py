"""What dpkg-source builds, the parser takes; what the parser refuses beyond that is named here with its reason."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from recipes_app.formats.recipe import parse_recipe
from tests.factories import recipe_tree, write_tree

from .helpers import CHANGELOG_TEXT, CONTROL_TEXT, NAME

pytestmark = pytest.mark.server

CONTROL_CHANGES = {
    "as it is": ("", ""),
    "no Architecture": ("Architecture: any\n", ""),
    "bad Architecture": ("Architecture: any", "Architecture: a_b!"),
    "no Maintainer": ("Maintainer: Ada Lovelace <ada@example.org>\n", ""),
    "no Description": ("Description: friendly greeting for tests\n", "X-Note: none\n"),
    "a field twice": ("Priority: optional", "Section: misc"),
    "bad relation": ("debhelper-compat (= 13)", "a b"),
    "empty Build-Depends": (" debhelper-compat (= 13)", ""),
    "empty members": ("debhelper-compat (= 13)", "debhelper-compat (= 13),, ,x,"),
    "empty alternative": ("debhelper-compat (= 13)", "a | | b"),
    "operator ==": ("(= 13)", "(== 13)"),
    "operator >": ("(= 13)", "(> 13)"),
    "no blanks": (" (= 13)", "(=13)"),
    "architectures": ("(= 13)", "(= 13) [ linux-any  !hurd-any ]"),
    "profiles": ("(= 13)", "(= 13) <!nocheck> < a b >"),
    "qualifiers": ("debhelper-compat (= 13)", "python3:any (>= 3), foo:native"),
    "comment in a value": ("${shlibs:Depends},", "${shlibs:Depends},\n# why\n"),
    "blank before the colon": ("Section:", "Section :"),
    "name with a hyphen first": ("Section:", "-Section:"),
    "continuation first": ("Source:", " lost\nSource:"),
    "byte order mark": ("Source:", "\ufeffSource:"),
    "stray paragraph": ("Package:", "Comment: x\n\nPackage:"),
    "carriage returns": ("\n", "\r\n"),
    "another source": ("Source: hello-dur", "Source: other"),
}
CHANGELOG_CHANGES = {
    "letter first": ("1.0-1", "a1-1"),
    "underscore": ("1.0-1", "1_0-1"),
    "empty revision": ("1.0-1", "1.0-"),
    "letters as epoch": ("1.0-1", "a:1-1"),
    "epoch": ("1.0-1", "1:1.0-1"),
    "colon in upstream's version": ("1.0-1", "1:1:1-1"),
    "no revision": ("1.0-1", "1.0"),
    "one blank in the trailer": (">  Mon", "> Mon"),
    "bad date": ("02 Jan", "99 Foo"),
    "empty trailer": (" -- Ada Lovelace <ada@example.org>  Mon, 02 Jan 2023 10:00:00 +0000", " --"),
    "no trailer": (" -- Ada Lovelace <ada@example.org>  Mon, 02 Jan 2023 10:00:00 +0000\n", ""),
    "no semicolon": (";", ""),
    "no urgency": (" urgency=medium", ""),
    "strange option": ("urgency=medium", "urgency=medium, foo"),
    "text first": ("hello-dur (", "junk\nhello-dur ("),
    "blank lines first": ("hello-dur (", "\n\nhello-dur ("),
    "carriage returns": ("\n", "\r\n"),
    "upper-case urgency": ("medium", "HIGH"),
}


def dpkg_source_builds(tree: dict[str, bytes], folder: Path) -> bool:
    """Return whether `dpkg-source -b` makes a source package of `tree` (and an upstream tarball where it needs one)."""
    work = folder / "work"
    write_tree(tree, work)
    for version in ("1.0", "1", "a1", "1_0", "1:1"):
        subprocess.run(
            ["tar", "-C", folder, "--exclude=debian", "-czf", folder / f"{NAME}_{version}.orig.tar.gz", "work"], check=True
        )
    result = subprocess.run(["dpkg-source", "-b", "--", "work"], cwd=folder, capture_output=True, text=True, check=False)
    return result.returncode == 0


def agree(tree: dict[str, bytes], folder: Path) -> None:
    ours = parse_recipe(tree).errors
    assert dpkg_source_builds(tree, folder) == (not ours), ours


@pytest.mark.parametrize("change", CONTROL_CHANGES)
def test_control_is_refused_exactly_where_dpkg_source_refuses_it(change: str, tmp_path: Path) -> None:
    old, new = CONTROL_CHANGES[change]
    agree(recipe_tree(NAME, **{"debian/control": CONTROL_TEXT.replace(old, new, 1 if old != "\n" else -1)}), tmp_path)


@pytest.mark.parametrize("change", CHANGELOG_CHANGES)
def test_a_changelog_is_refused_exactly_where_dpkg_source_refuses_it(change: str, tmp_path: Path) -> None:
    old, new = CHANGELOG_CHANGES[change]
    agree(recipe_tree(NAME, **{"debian/changelog": CHANGELOG_TEXT.replace(old, new)}), tmp_path)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        # dpkg-deb refuses such names when it builds the binary package (Debian Policy 5.6.7).
        ("Package: hello-dur", "Package: Hello"),
        ("Package: hello-dur", "Package: h"),
        # dpkg-gencontrol stops at a relation that it cannot read, once variables are replaced.
        ("${misc:Depends}", "a b"),
        # Policy 5.1 prescribes UTF-8; dpkg passes other bytes through into the archive's indexes.
        ("Ada Lovelace", "Ad\udce4"),
    ],
)
def test_what_only_later_tools_refuse_is_refused_here_at_once(old: str, new: str, tmp_path: Path) -> None:
    tree = recipe_tree(NAME, **{"debian/control": CONTROL_TEXT.replace(old, new, 1).encode("utf-8", "surrogateescape")})
    assert parse_recipe(tree).errors
    assert dpkg_source_builds(tree, tmp_path)
