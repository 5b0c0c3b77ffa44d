"""The packages of a trial build, installed for real: what they bring, their tests, two builds, other recipes' packages."""

from __future__ import annotations

import hashlib
import tarfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from recipes_app.formats.package_effects import Effects, Kind
from recipes_app.formats.recipe import parse_recipe
from recipes_app.formats.source_plan import source_plan
from recipes_app.lint.build.trial_build import Checkout, trial_build
from recipes_app.lint.build.trial_compile import Source
from recipes_app.lint.protocol.build_report import Step
from recipes_app.lint.protocol.report import LintReport, Outcome
from recipes_app.lint.source.check import Identity
from tests.factories import recipe_tree
from tests.lint.building import native

pytestmark = [pytest.mark.server, pytest.mark.xdist_group("trial-build"), pytest.mark.usefixtures("base")]


def build(tree: Mapping[str, bytes], name: str = "hello-dur", **arguments: Any) -> LintReport:
    recipe = Checkout(tree, Identity(name, "1.0", [name]), "a" * 40)
    return trial_build(recipe, files={}, suite="bookworm", **arguments)


def step(report: LintReport, name: str) -> Step:
    return next(each for each in report.steps if each.name == name)


def facts(effects: Effects | None) -> set[tuple[str, str]]:
    assert effects is not None
    return {(each.kind.value, each.what) for each in effects.effects}


def test_what_a_package_brings_is_told_whatever_its_rules_hide() -> None:
    files = {
        "debian/install": "data etc/cron.d\ndata opt/elsewhere\nunit.service usr/lib/systemd/system\nhello-dur usr/bin\n",
        "debian/postinst": "#!/bin/sh\nset -e\nchmod 4755 /usr/bin/hello-dur\n#DEBHELPER#\n",
        "debian/links": "usr/bin/hello-dur usr/local/bin/hello\n",
    }
    rules = "echo x > data; printf '[Unit]\\n' > unit.service; cp /bin/true hello-dur"
    tree = native(rules, **files)
    # debhelper refuses /usr/local, which is what a recipe that hides it would do without debhelper.
    tree["debian/rules"] += b"\noverride_dh_usrlocal:\n"
    report = build(tree)
    assert step(report, "install").state == "passed", (step(report, "install"), report.log)
    found = facts(report.effects)
    assert {
        ("cron", "/etc/cron.d/data"),
        ("outside", "/opt/elsewhere/data"),
        ("unit", "/usr/lib/systemd/system/unit.service"),
    } <= found
    assert {("script", "postinst"), ("script-call", "postinst: chmod"), ("outside", "/usr/local/bin/hello")} <= found
    # No list of the package's files shows this one: the script did it.
    assert ("setuid", "/usr/bin/hello-dur") in found
    assert report.effects is not None
    assert not report.effects.brings_nothing_as_root
    assert all(each.package == "hello-dur" for each in report.effects.effects if each.kind is not Kind.SETUID)


def test_a_package_whose_script_fails_does_not_install() -> None:
    report = build(native(**{"debian/postinst": "#!/bin/sh\necho broken on purpose >&2\nexit 3\n"}))
    assert report.state is Outcome.FAILED
    assert step(report, "install").state == "failed"
    assert "packages-do-not-install" in {hint.tag for hint in report.hints}
    assert "broken on purpose" in report.log


def test_dependencies_are_brought_without_a_network_in_the_room() -> None:
    tree = native()
    tree["debian/control"] = tree["debian/control"].replace(b"Depends: ${misc:Depends}", b"Depends: figlet, ${misc:Depends}")
    assert b"Depends: figlet" in tree["debian/control"]
    report = build(tree)
    assert step(report, "install").state == "passed", step(report, "install")
    assert step(report, "install").line == "1 of its packages, 1 of Debian's"
    assert ("relation", "Depends: figlet") in facts(report.effects)


def test_a_dependency_that_does_not_exist_is_the_recipes_fault() -> None:
    tree = native()
    tree["debian/control"] = tree["debian/control"].replace(b"Depends: ${misc:Depends}", b"Depends: no-such-package-here")
    report = build(tree)
    assert (report.state, step(report, "install").state) == (Outcome.FAILED, "failed")
    assert "no-such-package-here" in step(report, "install").line


def test_its_own_tests_run_as_an_ordinary_user_without_a_network() -> None:
    control = (
        "Tests: good, bad-words\nDepends: @, figlet\n\nTests: as-root\nRestrictions: needs-root\n\n"
        "Test-Command: test -e /usr/share/hello-dur/data && figlet -v > /dev/null && ! getent hosts deb.debian.org\n"
        "Features: test-name=command\nRestrictions: superficial\n"
    )
    tree = native(
        "echo x > data",
        **{
            "debian/install": "data usr/share/hello-dur\n",
            "debian/tests/control": control,
            "debian/tests/good": "#!/bin/sh\nset -e\ntest -e debian/control\ntest $(id -u) != 0\necho x > $AUTOPKGTEST_TMP/x\n",
            "debian/tests/bad-words": "#!/bin/sh\necho oh >&2\n",
            "debian/tests/as-root": "#!/bin/sh\nexit 1\n",
        },
    )
    report = build(tree)
    tests = step(report, "tests")
    assert (report.state, tests.state, tests.line) == (Outcome.FAILED, "failed", "2 of 4 tests passed"), tests
    assert tests.details == (
        "good: passed", "bad-words: failed: it wrote on the standard error: oh", "command: passed, superficial",
        "as-root: skipped, it needs root",
    )  # fmt: skip
    assert [hint.context for hint in report.hints if hint.tag == "package-tests-failed"] == [tests.details[1]]


def test_two_builds_that_differ_are_told_with_their_files() -> None:
    report = build(native("date +%s%N > stamp; echo same > same", **{"debian/install": "stamp same usr/share/hello-dur\n"}))
    assert report.state is Outcome.PASSED, report.error
    second = step(report, "rebuild")
    assert (second.state, second.line) == ("failed", "1 file differs")
    assert second.details == ("hello-dur_1.0+cdur1_all.deb: /usr/share/hello-dur/stamp",)
    assert [hint.severity for hint in report.hints if hint.tag == "build-not-reproducible"] == ["warning"]


def test_the_second_build_is_made_in_other_surroundings() -> None:
    # dpkg-buildpackage sets the umask by itself, which leaves it nothing to do with the caller's.
    rules = "pwd > folder; umask > umask; echo $$TZ > zone; echo $$LOGNAME > name; echo $$DEB_BUILD_OPTIONS > jobs"
    report = build(native(rules, **{"debian/install": "folder umask zone name jobs usr/share/hello-dur\n"}))
    second = step(report, "rebuild")
    assert second.state == "failed", second
    assert [each.rpartition("/")[2] for each in second.details] == ["folder", "jobs", "name", "zone"]


def other(name: str, **changes: str) -> Source:
    tree = {path: content.replace(b"hello-dur", name.encode()) for path, content in native("echo x > data").items()}
    tree["debian/install"] = f"data usr/share/{name}\n".encode()
    for path, extra in changes.items():
        tree[path] += extra.encode()
    metadata = parse_recipe(tree).metadata
    assert metadata is not None
    return Source(tree, source_plan(metadata, commit="b" * 40), {})


def test_packages_of_another_recipe_are_built_first_and_used() -> None:
    tree = native("test -e /usr/share/needed-dur/data", ", needed-dur")
    tree["debian/control"] = tree["debian/control"].replace(b"Depends: ${misc:Depends}", b"Depends: needed-dur, ${misc:Depends}")
    report = build(tree, needed=[other("needed-dur")])
    assert report.state is Outcome.PASSED, (report.error, report.hints, report.log)
    assert step(report, "install").state == "passed", step(report, "install")
    without = build(tree)
    assert [hint.tag for hint in without.hints] == ["build-depends-cannot-be-met"]


def test_another_recipe_that_does_not_build_is_no_fault_of_this_one() -> None:
    report = build(native(), needed=[other("needed-dur", **{"debian/rules": "\noverride_dh_auto_test:\n\texit 3\n"})])
    assert report.state is Outcome.ERROR
    assert report.error.startswith("it needs the recipe needed-dur, which does not build here: ")


def test_a_source_with_patches_is_built_from_debian_alone(tmp_path: Path) -> None:
    """What stands at the top of the recipe does not enter the source tree, so that dpkg-source makes a package of it."""
    source = tmp_path / "orig.tar.gz"
    with tarfile.open(source, "w:gz") as archive:
        (tmp_path / "README.md").write_text("upstream's\n")
        archive.add(tmp_path / "README.md", "hello-1.0/README.md")
    pin = f"SHA256: {hashlib.sha256(source.read_bytes()).hexdigest()}\nSize: {source.stat().st_size}"
    manifest = f"Format: 1\nSource: hello-dur\n\nFetch: o.tar.gz\nURL: https://example.org/o\n{pin}\nRole: orig\n"
    tree = native("grep -q upstream README.md", **{"debian/dur": manifest, "README.md": "the recipe's\n"})
    tree["debian/changelog"] = recipe_tree()["debian/changelog"]
    tree["debian/source/format"] = b"3.0 (quilt)\n"
    recipe = Checkout(tree, Identity("hello-dur", "1.0-1", ["hello-dur"]))
    report = trial_build(recipe, files={"o.tar.gz": source}, suite="bookworm")
    assert (report.state, report.error) == (Outcome.PASSED, ""), report.log
