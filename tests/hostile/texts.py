"""Cases that are hostile as files of a recipe: what the parsers, the checks, dpkg-source and lintian read."""

from __future__ import annotations

from collections.abc import Mapping

from recipes_app.lint.protocol.report import Outcome
from tests.factories import CHANGELOG, CONTROL, COPYRIGHT, RULES

from .case import CANARY, NAME, TAKEN, Case, Says, of_tree

_PATCH = "Description: made to leave\nAuthor: Mallory <m@example.org>\n\n--- {old}\n+++ {new}\n@@ -0,0 +1 @@\n+x\n"
_CONTROL = CONTROL.format(name=NAME)
_PASSED, _FAILED, _ERROR = Outcome.PASSED, Outcome.FAILED, Outcome.ERROR


def _tree(name: str, what: str, push: str, runner: Says | None, direct: Says | None = None, checks: Says | None = None,
          slow: bool = False, *, files: Mapping[str, bytes | str | None]) -> Case:  # fmt: skip
    return Case(name, what, lambda: of_tree(**files), push, runner, direct, checks, slow)


def _patched(name: str, what: str, old: str, new: str, said: str) -> Case:
    files = {"debian/patches/series": "evil.patch\n", "debian/patches/evil.patch": _PATCH.format(old=old, new=new)}
    return _tree(name, what, TAKEN, Says(_ERROR, said), files=files)


def _format(name: str, what: str, content: str, shown: str) -> Case:
    says = Says(_ERROR, f"debian/source/format: {shown} is not supported")
    return _tree(name, what, TAKEN, says, files={"debian/source/format": content})


def _with_field(field: str) -> str:
    return _CONTROL.replace("Rules-Requires-Root: no\n", f"Rules-Requires-Root: no\n{field}\n")


def _yaml_bomb() -> str:
    lines = ["a: &a [x, x, x, x, x, x, x, x, x]"]
    lines += [f"{new}: &{new} [{', '.join([f'*{old}'] * 9)}]" for old, new in zip("abcdefgh", "bcdefghi", strict=True)]
    return "\n".join(lines) + "\n"


CASES = (
    _patched("patch-dot-dot", "a patch to ../../x", "/dev/null", f"b/../../../{CANARY}",
             f"debian/patches: a patch names 'b/../../../{CANARY}', which leaves the source tree"),
    _patched("patch-absolute", "a patch to /x", "/dev/null", f"/tmp/{CANARY}",
             f"debian/patches: a patch names '/tmp/{CANARY}', which leaves the source tree"),
    _tree("patch-lines", "a hunk at line 999,999,999", TAKEN, Says(_PASSED), files={"debian/patches/series": "far.patch\n",
          "debian/patches/far.patch": "Description: far\nAuthor: M <m@example.org>\n\n--- a/x\n+++ b/x\n"
          "@@ -999999998,1 +999999998,1 @@\n-x\n+y\n"}),
    _tree("series-dot-dot", "a series that names ../../etc/shadow",
          'error: debian/patches/series:1: patch "../../../../etc/shadow" was found, expected a path below debian/patches',
          Says(_ERROR, "debian/patches/series: '../../../../etc/shadow' leaves the folder debian/patches"),
          files={"debian/patches/series": "../../../../etc/shadow\n"}),
    _format("format-git", "source format 3.0 (git)", "3.0 (git)\n", "'3.0 (git)'"),
    _format("format-custom", "source format 3.0 (custom)", "3.0 (custom)\n", "'3.0 (custom)'"),
    _tree("format-odd", "a source format with a path and an escape sequence",
          'error: debian/source/format:1: "3.0 (../../\\x1b[2Jx)" was found, expected a format such as 3.0 (quilt)',
          Says(_ERROR, "debian/source/format: '3.0 (../../\\x1b[2Jx)' is not supported"),
          files={"debian/source/format": "3.0 (../../\x1b[2Jx)\n"}),
    _tree("options", "debian/source/options with every switch", TAKEN,
          Says(_ERROR, "lintian ended with status 1"), slow=True, files={
          "debian/source/options": 'tar-ignore = "*"\nextend-diff-ignore = "(^|/)((a+)+)+$"\ncompression = "xz"\n'
          'compression-level = 9\nsingle-debian-patch\ninclude-removal\n'}),
    _tree("options-code", "a regular expression of options that runs code", TAKEN,
          Says(_ERROR, "Eval-group not allowed at runtime"), files={
          "debian/source/options": f'extend-diff-ignore = "(?{{ system(q(touch /tmp/{CANARY})) }})"\n'}),
    _tree("local-options", "debian/source/local-options that write elsewhere", TAKEN, Says(_PASSED), files={
          "debian/source/local-options": f"output-file = /tmp/{CANARY}\nabort-on-upstream-changes\nunapply-patches\n"}),
    _tree("not-utf8", "control, changelog and copyright that are no UTF-8",
          "error: debian/control:15: byte 0xFF was found, which is not valid UTF-8 here",
          Says(_ERROR, "the recipe cannot be read: debian/control:15: byte 0xFF was found"), None, files={
          "debian/control": _CONTROL.encode().replace(b"friendly", b"fri\xff\xfe\xc0\xafendly"),
          "debian/changelog": CHANGELOG.format(name=NAME, version="1.0-1").encode().replace(b"tests", b"t\xed\xa0\x80sts"),
          "debian/copyright": COPYRIGHT.format(name=NAME).encode().replace(b"Expat\n", b"Exp\xf5at\n", 1)}),
    _tree("name-of-source", "a source that is called -u", 'error: debian/control:1: Source: "-u" was found',
          Says(_ERROR, 'the recipe cannot be read: debian/control:1: Source: "-u" was found'), None, files={
          "debian/control": CONTROL.format(name="-u"), "debian/changelog": CHANGELOG.format(name="-u", version="1.0-1")}),
    _tree("version-shell", "a version that is a command", 'error: debian/changelog:1: version "1.0;touch$',
          Says(_ERROR, 'the recipe cannot be read: debian/changelog:1: version "1.0;touch$'), None, files={
          "debian/changelog": CHANGELOG.format(name=NAME, version=f"1.0;touch${{IFS}}/tmp/{CANARY}-1")}),
    _tree("field-huge", "a field of 250 kB in one line", TAKEN, Says(_PASSED), files={
          "debian/control": _CONTROL.replace("friendly greeting", "friendly " + "x" * 250_000)}),
    _tree("relations-100000", "100,000 relations", "error: debian/control: holds 300535 bytes; at most 256 KiB are taken",
          Says(_ERROR, "debian/control: holds 300535 bytes"), checks=Says(_PASSED), files={
          "debian/control": _with_field("Build-Conflicts: " + "aa," * 100_000 + "aa")}),
    _tree("alternatives-80000", "80,000 alternatives, just below the limit", TAKEN,
          Says(_ERROR, "dpkg-source: error: cannot parse Build-Conflicts field"), checks=Says(_PASSED), files={
          "debian/control": _with_field("Build-Conflicts: " + "aa|" * 80_000 + "aa")}),
    _tree("relations-80000", "80,000 relations, just below the limit", TAKEN, Says(_ERROR, "lint was stopped: "),
          checks=Says(_PASSED), slow=True, files={"debian/control": _with_field("Build-Conflicts: " + "aa," * 80_000 + "aa")}),
    _tree("stanzas", "6,000 binary packages", TAKEN, Says(_FAILED, "field-too-long Binary"), slow=True, files={
          "debian/control": _CONTROL + "".join(f"\nPackage: p{n}\nArchitecture: all\n" for n in range(6_000))}),
    _tree("nesting", "stanzas within fields within comments", TAKEN, Says(_PASSED), files={
          "debian/control": _CONTROL.replace(" .\n", " .\n" + "# x\n .\n  Package: y\n" * 8_000)}),
    _tree("watch", "debian/watch with a hostile pattern and code", TAKEN, Says(_PASSED), files={
          "debian/watch": 'version=4\nopts="uversionmangle=s/((a+)+)+$/`touch hostile-canary`/e,'
          'dversionmangle=s/(?{system(1)})//" \\\n'
          "https://example.org/ ((a*)*)*b(.+)\\.tar\\.gz debian uupdate\n"}),
    _tree("overrides", "2,000 overrides with patterns of 60 stars", TAKEN, Says(_PASSED), files={
          "debian/source/lintian-overrides": "".join(
              f"hello-dur source: no-debian-changes {'*a' * 60}b{n}\nno-nmu-in-changelog {'*?' * 30}\n" for n in range(1_000))}),
    _tree("copyright-stars", "debian/copyright with patterns of 200 stars", TAKEN, Says(_PASSED), files={
          "debian/copyright": COPYRIGHT.format(name=NAME) + "".join(
              f"\nFiles: {'*a' * 200}{n}\nCopyright: 2023 x\nLicense: Expat\n" for n in range(100)),
          "debian/" + "a" * 120: "x\n", "debian/a/" + "a" * 200: "x\n"}),
    _tree("yaml-bomb", "debian/upstream/metadata whose aliases become 400 million words", TAKEN, Says(_PASSED), files={
          "debian/upstream/metadata": _yaml_bomb()}),
    _tree("bidi", "control and rules that read other than they run", TAKEN, Says(_PASSED),
          checks=Says(_FAILED, "DUR801 U+202E RIGHT-TO-LEFT OVERRIDE was found"), files={
          "debian/rules": RULES + "\n# \u202e\u2066 override_dh_auto_build:\u2069\u2066\n\ttrue\n",
          "debian/control": _CONTROL.replace("friendly", "\u202efriendly\u2066")}),
    _tree("dsc", "files that call themselves a source package", TAKEN, Says(_PASSED), files={
          "debian/evil.dsc": f"Format: 3.0 (quilt)\nSource: x\nVersion: 1\nFiles:\n {'0' * 32} 1 ../../{CANARY}\n",
          f"{NAME}_1.0-1.dsc": f"Format: 3.0 (quilt)\nSource: {NAME}\nVersion: 1.0-1\nFiles:\n {'0' * 32} 1 /etc/shadow\n"}),
    _tree("rules-unread", "rules that act when make reads them: the source lint runs none", TAKEN, Says(_PASSED), files={
          "debian/rules": f"#!/usr/bin/make -f\nX := $(shell touch /tmp/{CANARY}; :(){{ :|:& }};:)\n"
          "%:\n\twhile :; do :; done\n"}),
)  # fmt: skip
