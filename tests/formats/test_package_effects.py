"""What packages result in, from listings alone: kinds by path, the difference of two builds, and what is not believed."""

from __future__ import annotations

import json
from typing import Any

import pytest

from recipes_app.formats.package_effects import (
    MAX_EFFECTS,
    Change,
    Effect,
    Effects,
    EffectsError,
    Kind,
    difference,
    effects_of,
    is_outside,
    kind_of_path,
)
from recipes_app.formats.package_listing import Entry, Listing, ListingError, Script, differing_files, listings_from_json


def listing(*entries: Entry, **changes: Any) -> Listing:
    facts: dict[str, Any] = {
        "file": "hello_1_all.deb", "sha256": "a" * 64, "name": "hello", "version": "1", "architecture": "all",
        "installed_kib": 12, "relations": {}, "scripts": {}, "triggers": (), "conffiles": (), "entries": entries, "is_cut": False,
    }  # fmt: skip
    return Listing(**{**facts, **changes})


def file(path: str, mode: int = 0o644, **changes: Any) -> Entry:
    return Entry(path, changes.pop("kind", "f"), mode, "root:root", 1, changes.pop("sha256", "b" * 64), **changes)


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/lib/systemd/system/x.service", Kind.UNIT), ("/usr/lib/systemd/system/x.timer", Kind.TIMER),
        ("/usr/lib/systemd/user/x.socket", Kind.UNIT), ("/usr/lib/systemd/system-generators/x", Kind.UNIT),
        ("/etc/cron.d/x", Kind.CRON), ("/etc/cron.daily/x", Kind.CRON), ("/etc/init.d/x", Kind.INIT),
        ("/usr/lib/udev/rules.d/60-x.rules", Kind.UDEV), ("/usr/share/dbus-1/system-services/x.service", Kind.DBUS),
        ("/usr/share/polkit-1/rules.d/x.rules", Kind.POLKIT), ("/etc/pam.d/x", Kind.PAM),
        ("/usr/lib/x86_64-linux-gnu/security/pam_x.so", Kind.PAM), ("/etc/sudoers.d/x", Kind.SUDOERS),
        ("/etc/modprobe.d/x.conf", Kind.KERNEL), ("/usr/lib/sysctl.d/x.conf", Kind.KERNEL), ("/boot/x", Kind.KERNEL),
        ("/etc/apt/sources.list.d/x.sources", Kind.APT), ("/usr/share/keyrings/x.gpg", Kind.APT),
        ("/etc/ld.so.preload", Kind.LOADER), ("/etc/ld.so.conf.d/x.conf", Kind.LOADER),
        ("/usr/lib/x86_64-linux-gnu/glibc-hwcaps/x86-64-v3/libx.so.1", Kind.LOADER),
        ("/etc/profile.d/x.sh", Kind.LOGIN), ("/etc/xdg/autostart/x.desktop", Kind.LOGIN),
        ("/etc/logrotate.d/x", Kind.HOOK), ("/usr/lib/tmpfiles.d/x.conf", Kind.HOOK),
        ("/usr/bin/x", None), ("/usr/share/doc/x/copyright", None), ("/etc/x.conf", None),
    ],
)  # fmt: skip
def test_a_path_says_what_becomes_of_a_file(path: str, kind: Kind | None) -> None:
    assert kind_of_path(path) is kind


@pytest.mark.parametrize(
    ("path", "outside"),
    [
        ("/usr/bin/x", False), ("/lib/x", False), ("/etc/x.conf", False), ("/var/lib/hello/x", False), ("/var/lib/other/x", True),
        ("/usr/share/doc/hello/x", False), ("/usr/share/doc/other/x", True), ("/opt/x", True), ("/usr/local/bin/x", True),
        ("/home/x", True), ("/root/.ssh/authorized_keys", True), ("/srv/x", True), ("/x", True), ("/tmp/x", True),
    ],
)  # fmt: skip
def test_a_path_is_a_packages_own_or_outside(path: str, outside: bool) -> None:
    assert is_outside(path, {"hello"}) is outside


def test_effects_of_a_package_are_all_told() -> None:
    found = effects_of(
        [
            listing(
                file("/bin/hello", 0o4755), file("/usr/bin/plain", 0o755), file("/var/games/hello", 0o2755, kind="d"),
                file("/opt/x"), file("/lib/systemd/system/hello.service"),
                relations={"Depends": "libc6 (>= 2.36), adduser | useradd"},
                scripts={"postinst": Script("c" * 64, ("adduser", "chmod"))},
                triggers=("activate-noawait ldconfig",),
                conffiles=("/etc/hello.conf",),
            )
        ]
    )  # fmt: skip
    assert [(each.kind.value, each.what, each.value) for each in found.effects] == [
        ("setuid", "/usr/bin/hello", "4755 root:root"),
        ("setgid", "/var/games/hello", "2755 root:root"),
        ("unit", "/usr/lib/systemd/system/hello.service", "b" * 16),
        ("script", "postinst", "c" * 64),
        ("script-call", "postinst: adduser", ""),
        ("script-call", "postinst: chmod", ""),
        ("trigger", "activate-noawait ldconfig", ""),
        ("outside", "/opt/x", ""),
        ("conffile", "/etc/hello.conf", ""),
        ("relation", "Depends: adduser", "adduser | useradd"),
        ("relation", "Depends: libc6", "libc6 (>= 2.36)"),
        ("size", "Installed-Size", "12 KiB"),
    ]
    assert not found.brings_nothing_as_root


@pytest.mark.parametrize(
    ("changes", "nothing"),
    [
        ({}, True), ({"triggers": ("activate-noawait ldconfig",)}, True), ({"is_cut": True}, False),
        ({"scripts": {"prerm": Script("c" * 64)}}, False), ({"entries": (file("/usr/bin/x", 0o4755),)}, False),
        ({"entries": (file("/etc/profile.d/x.sh"),)}, False), ({"entries": (file("/usr/bin/x", 0o755),)}, True),
    ],
)  # fmt: skip
def test_nothing_that_runs_as_root_is_said_only_where_there_is_none(changes: dict[str, Any], nothing: bool) -> None:
    assert effects_of([listing(**changes)]).brings_nothing_as_root is nothing


def test_without_packages_nothing_is_promised() -> None:
    assert not Effects().brings_nothing_as_root


def test_what_an_installed_system_shows_besides_is_told_once() -> None:
    seen = [Effect(Kind.SETUID, "", "/usr/bin/hello", "4755"), Effect(Kind.SETUID, "", "/usr/bin/other", "4755")]
    found = effects_of([listing(file("/usr/bin/hello", 0o4755))], installed=seen)
    assert [(each.package, each.what) for each in found.effects if each.kind is Kind.SETUID] == [
        ("", "/usr/bin/other"), ("hello", "/usr/bin/hello"),
    ]  # fmt: skip


def test_the_difference_of_two_builds_says_what_came_went_and_changed() -> None:
    old = effects_of([listing(file("/etc/cron.d/x"), file("/opt/old"))])
    new = effects_of([listing(file("/etc/cron.d/x", sha256="d" * 64), file("/usr/bin/x", 0o4755), installed_kib=13)])
    found = difference(old, new)
    assert [(each.kind, each.what) for each in found.added] == [(Kind.SETUID, "/usr/bin/x")]
    assert [(each.kind, each.what) for each in found.removed] == [(Kind.OUTSIDE, "/opt/old")]
    assert [(each.before.value, each.after.value) for each in found.changed] == [("b" * 16, "d" * 16), ("12 KiB", "13 KiB")]
    assert isinstance(found.changed[0], Change)
    assert not difference(new, new)
    assert not difference(old, old).added


def test_effects_survive_the_journey_and_nothing_else_does() -> None:
    found = effects_of([listing(file("/etc/cron.d/x"))])
    wire = json.loads(json.dumps(found.to_json()))
    assert Effects.from_json(wire) == found
    one = wire["effects"][0]
    for odd in (
        None, [], {}, {**wire, "version": 2}, {**wire, "more": 1}, {**wire, "is_cut": 1},
        {**wire, "effects": [one] * (MAX_EFFECTS + 1)},
        {**wire, "effects": [{**one, "kind": "fine"}]}, {**wire, "effects": [{**one, "what": 1}]}, {**wire, "effects": "x"},
        {**wire, "packages": [{"name": "x"}]},
    ):  # fmt: skip
        with pytest.raises(EffectsError):
            Effects.from_json(odd)


def test_many_effects_are_cut_and_it_is_said() -> None:
    found = effects_of([listing(*(file(f"/opt/{number}") for number in range(MAX_EFFECTS + 5)))])
    assert len(found.effects) == MAX_EFFECTS
    assert found.is_cut


def printed(**changes: Any) -> list[dict[str, Any]]:
    """What the probe prints of a package."""
    return [
        {
            "file": "hello_1_all.deb", "sha256": "a" * 64, "name": "hello", "version": "1", "architecture": "all",
            "installed_kib": 1, "relations": {"Depends": "x"}, "scripts": {"postinst": {"sha256": "b" * 64, "calls": ["chmod"]}},
            "triggers": [], "conffiles": [], "entries": [["/usr/bin/x", "f", 0o755, "root:root", 3, "c" * 64, "", 5]],
            "is_cut": False, **changes,
        }
    ]  # fmt: skip


def test_a_listing_is_read_and_its_texts_are_cleaned() -> None:
    (found,) = listings_from_json(printed(version="1\x1b[2J"))
    assert found.version == "1\ufffd[2J"
    assert found.entries[0].path == "/usr/bin/x"
    assert found.scripts["postinst"].calls == ("chmod",)


@pytest.mark.parametrize(
    "odd",
    [
        None, {}, "x", [1], printed(name="../x"), printed(sha256="z"), printed(installed_kib=-1), printed(installed_kib="1"),
        printed(entries=[["/x"]]), printed(entries=[["/x", "z", 1, "r", 1, "", "", 0]]), printed(scripts=[]),
        printed(triggers="x"),
        printed(scripts={"postinst": {"sha256": 3, "calls": []}}),
    ],
)  # fmt: skip
def test_what_is_no_listing_is_refused(odd: object) -> None:
    with pytest.raises(ListingError):
        listings_from_json(odd)


def test_files_that_differ_between_two_builds_are_named() -> None:
    first = listing(file("/usr/bin/x"), file("/usr/bin/y"))
    assert differing_files([first], [first]) == ()
    second = listing(file("/usr/bin/x", sha256="d" * 64), file("/usr/bin/y"), sha256="e" * 64, installed_kib=13)
    assert differing_files([first], [second]) == ("hello_1_all.deb: /usr/bin/x", "hello_1_all.deb: the control fields")
    assert differing_files([first], [listing(*first.entries, sha256="e" * 64)]) == ("hello_1_all.deb: the archive itself",)
    assert differing_files([first], []) == ("hello_1_all.deb: only in the first build",)
