"""What binary packages result in on a machine, whatever their rules say: setuid files, units, scripts, sizes, relations.

Everything is one kind of fact, an `Effect`, so that two revisions are compared by comparing sets. `effects_of` computes them from
listings of the packages (`package_listing`); nothing is unpacked for it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, Self

from .package_listing import FILE, FOLDER, Entry, Listing

EFFECTS_VERSION = 1
# Facts that are kept of one build: a package with more of them has been understood as one that does too much.
MAX_EFFECTS = 2_000
MAX_PACKAGES = 200
_MAX_TEXT = 1_024


class EffectsError(Exception):
    """Stored or sent effects that do not have their shape; the text says where."""


class Kind(StrEnum):
    """What a fact is about. The order is that of pages: what runs with root's rights comes first."""

    SETUID = "setuid"
    SETGID = "setgid"
    CAPABILITIES = "capabilities"
    UNIT = "unit"
    TIMER = "timer"
    CRON = "cron"
    INIT = "init"
    UDEV = "udev"
    DBUS = "dbus"
    POLKIT = "polkit"
    PAM = "pam"
    SUDOERS = "sudoers"
    KERNEL = "kernel"
    HOOK = "hook"
    APT = "apt"
    LOADER = "loader"
    LOGIN = "login"
    SCRIPT = "script"
    SCRIPT_CALL = "script-call"
    TRIGGER = "trigger"
    STICKY = "sticky"
    OUTSIDE = "outside"
    CONFFILE = "conffile"
    RELATION = "relation"
    SIZE = "size"


# What the machine runs, or obeys, with root's rights because the package is there.
ROOT_KINDS = frozenset(kind for number, kind in enumerate(Kind) if number < list(Kind).index(Kind.SCRIPT_CALL))
# Where a path says what becomes of a file; the first that fits counts. Sources: systemd.unit(5), cron(8), udev(7),
# polkit(8), pam.d(5), sudoers(5), modprobe.d(5), sysctl.d(5), apt.conf(5), ld.so(8), logrotate(8).
_BY_PATH: tuple[tuple[Kind, re.Pattern[str]], ...] = tuple(
    (kind, re.compile(pattern))
    for kind, pattern in (
        (Kind.TIMER, r"/(usr/lib|lib|etc)/systemd/(system|user)/(.*/)?[^/]+\.timer"),
        (Kind.UNIT, r"/(usr/lib|lib|etc)/systemd/(system|user)/.*"),
        (Kind.UNIT, r"/(usr/lib|lib|etc)/systemd/((system|user)-generators|system-(preset|shutdown|sleep))/.*"),
        (Kind.HOOK, r"/(usr/lib|lib|etc)/(tmpfiles\.d|sysusers\.d|binfmt\.d|environment\.d)/.*"),
        (Kind.CRON, r"/etc/(cron\.[a-z]+/.*|crontab|anacrontab)|/var/spool/(cron|anacron)/.*"),
        (Kind.INIT, r"/etc/(init\.d|rc.\.d|inittab|init)(/.*)?"),
        (Kind.UDEV, r"/(usr/lib|lib|etc)/udev/.*"),
        (Kind.DBUS, r"/usr/share/dbus-1/(system-services|system\.d|services|session\.d)/.*|/etc/dbus-1/.*"),
        (Kind.POLKIT, r"/(usr/share|etc|var/lib)/polkit-1/.*"),
        (Kind.PAM, r"/etc/(pam\.d|pam\.conf|security)(/.*)?|/usr/share/pam-configs/.*|/(usr/)?lib/([^/]+/)?security/.*"),
        (Kind.SUDOERS, r"/etc/(sudoers|sudoers\.d|doas\.conf)(/.*)?"),
        (Kind.KERNEL, r"/(usr/lib|lib|etc)/(modprobe\.d|modules-load\.d|sysctl\.d|modules)/.*|/boot/.*"),
        (Kind.KERNEL, r"/etc/(sysctl\.conf|modules|grub\.d/.*|default/grub.*)|/usr/src/.*"),
        (Kind.KERNEL, r"/(etc|usr/share)/(kernel|initramfs-tools|dkms|dracut)/.*"),
        (Kind.APT, r"/etc/(apt|dpkg)/.*|/usr/share/keyrings/.*|/usr/lib/apt/.*"),
        (Kind.LOADER, r"/etc/ld\.so\..*|/(usr/)?lib/([^/]+/)?glibc-hwcaps/.*"),
        (Kind.LOGIN, r"/etc/(profile|profile\.d|bash\.bashrc|environment|zsh|skel|update-motd\.d)(/.*)?"),
        (Kind.LOGIN, r"/etc/(X11/Xsession\.d|xdg/autostart)(/.*)?"),
        (Kind.HOOK, r"/etc/(NetworkManager/dispatcher\.d|network/if-[a-z-]+\.d|ppp|dhcp|logrotate\.d|acpi)/.*"),
        (Kind.HOOK, r"/etc/(ssh|ca-certificates|needrestart|apparmor\.d)/.*"),
    )
)  # fmt: skip
_OWN_IN_VAR = re.compile(r"/var/(?:lib|cache|log|spool|games)/([^/]+)(?:/.*)?")
_MERGED = re.compile(r"/(?:bin|sbin|lib|lib32|lib64|libx32)/")
_OWN_DOC = re.compile(r"/usr/share/(?:doc|bug|lintian/overrides)/([^/]+)(?:/.*)?")
_USUAL = re.compile(r"/(?:usr/(?:bin|sbin|lib|lib32|lib64|libx32|libexec|include|share|games)|bin|sbin|lib|lib64|etc)/.*")


@dataclass(frozen=True, order=True)
class Effect:
    """One fact of one package: `what` names it (a path, a script, a relation), `value` is what may change about it."""

    kind: Kind
    package: str
    what: str
    value: str = ""

    @property
    def key(self) -> tuple[str, str, str]:
        """What stays the same when only the value changes."""
        return self.kind, self.package, self.what


@dataclass(frozen=True)
class Package:
    """A binary package that was built."""

    name: str
    version: str
    architecture: str


@dataclass(frozen=True)
class Effects:
    """All facts of one build. `is_cut`: there were more than are kept, or a package was too large to be listed whole."""

    packages: tuple[Package, ...] = ()
    effects: tuple[Effect, ...] = ()
    is_cut: bool = False
    version: int = EFFECTS_VERSION

    @property
    def brings_nothing_as_root(self) -> bool:
        """Whether nothing of the packages runs, or is obeyed, with root's rights, as far as everything was seen."""
        return bool(self.packages) and not self.is_cut and not any(each.kind in ROOT_KINDS for each in self.effects)

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON types."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: object) -> Self:
        """Return what `to_json` wrote, every text cut. Raises EffectsError for anything else."""
        members = _object(data, {"packages", "effects", "is_cut", "version"}, "the effects")
        if members["version"] != EFFECTS_VERSION:
            raise EffectsError(f"the effects have version {members['version']!r}; this portal reads {EFFECTS_VERSION}")
        if not isinstance(members["is_cut"], bool):
            raise EffectsError("is_cut is no truth value")
        packages = tuple(Package(**_texts(each, Package)) for each in _list(members["packages"], MAX_PACKAGES))
        effects = tuple(_effect(each) for each in _list(members["effects"], MAX_EFFECTS))
        return cls(packages, effects, members["is_cut"])


@dataclass(frozen=True)
class Change:
    """A fact whose value is another one."""

    before: Effect
    after: Effect


@dataclass(frozen=True)
class Difference:
    """What a build results in that the one before did not, and the other way round."""

    added: tuple[Effect, ...] = ()
    removed: tuple[Effect, ...] = ()
    changed: tuple[Change, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.changed)


def difference(before: Effects, after: Effects) -> Difference:
    """Return what came, what went, and what has another value, each in the order of kinds."""
    old = {each.key: each for each in before.effects}
    new = {each.key: each for each in after.effects}
    order = _in_order
    return Difference(
        added=order(new[key] for key in new.keys() - old.keys()),
        removed=order(old[key] for key in old.keys() - new.keys()),
        changed=tuple(
            Change(old[each.key], each) for each in order(new[key] for key in new.keys() & old.keys()) if old[each.key] != each
        ),
    )


def effects_of(listings: Sequence[Listing], source: str = "", installed: Iterable[Effect] = ()) -> Effects:
    """Return the facts of the packages that `listings` list, and those that were seen once they were `installed`.

    Paths named for `source`, or for one of the packages, are their own.
    """
    own = {source, *(each.name for each in listings)}
    found = set(installed)
    for each in listings:
        found |= set(_of_package(each, own))
    known = {(effect.kind, effect.what) for effect in found if effect.package}
    # What the archive of a package says already is not told a second time of the installed file.
    found = {effect for effect in found if effect.package or (effect.kind, effect.what) not in known}
    ordered = _in_order(found)
    packages = tuple(Package(each.name, each.version, each.architecture) for each in listings)[:MAX_PACKAGES]
    return Effects(packages, ordered[:MAX_EFFECTS], len(ordered) > MAX_EFFECTS or any(each.is_cut for each in listings))


def kind_of_path(path: str) -> Kind | None:
    """Return what becomes of a file at the absolute `path`, None where nothing special does."""
    return next((kind for kind, pattern in _BY_PATH if pattern.fullmatch(path)), None)


def _of_package(listing: Listing, own: set[str]) -> Iterable[Effect]:
    name = listing.name
    yield Effect(Kind.SIZE, name, "Installed-Size", f"{listing.installed_kib} KiB")
    for field, value in listing.relations.items():
        for relation in filter(None, (each.strip() for each in value.split(","))):
            bare = relation.split(" ", 1)[0]
            yield Effect(Kind.RELATION, name, f"{field}: {bare}", relation[:_MAX_TEXT])
    for script, facts in listing.scripts.items():
        yield Effect(Kind.SCRIPT, name, script, facts.sha256)
        for call in facts.calls:
            yield Effect(Kind.SCRIPT_CALL, name, f"{script}: {call}")
    for trigger in listing.triggers:
        yield Effect(Kind.TRIGGER, name, trigger[:_MAX_TEXT])
    for path in listing.conffiles:
        yield Effect(Kind.CONFFILE, name, path[:_MAX_TEXT])
    for entry in listing.entries:
        yield from _of_entry(name, entry, own)


def _of_entry(package: str, entry: Entry, own: set[str]) -> Iterable[Effect]:
    path = merged(entry.path[:_MAX_TEXT])
    shown = f"{entry.mode:04o} {entry.owner}"
    for bit, kind in ((0o4000, Kind.SETUID), (0o2000, Kind.SETGID), (0o1000, Kind.STICKY)):
        if entry.mode & bit:
            yield Effect(kind, package, path, shown)
    if entry.kind == FOLDER:
        return
    found = kind_of_path(path)
    if found is not None:
        yield Effect(found, package, path, entry.sha256[:16] if entry.kind == FILE else entry.target[:_MAX_TEXT])
    elif is_outside(path, own):
        yield Effect(Kind.OUTSIDE, package, path)


def merged(path: str) -> str:
    """Return the absolute `path` as it is where /bin, /sbin and /lib lead into /usr, as on every Debian since 12."""
    return f"/usr{path}" if _MERGED.match(path) else path


def is_outside(path: str, own: set[str]) -> bool:
    """Return whether the absolute `path` is none of those where packages with the names `own` usually put their files.

    Usual are /usr without /usr/local, /etc, the folders merged into /usr, and what bears the package's own name below /var and in
    /usr/share/doc (Debian Policy 9.1).
    """
    for pattern in (_OWN_IN_VAR, _OWN_DOC):
        if match := pattern.fullmatch(path):
            return match[1] not in own
    return not _USUAL.fullmatch(path)


def _in_order(effects: Iterable[Effect]) -> tuple[Effect, ...]:
    rank = {kind: number for number, kind in enumerate(Kind)}
    return tuple(sorted(effects, key=lambda each: (rank[each.kind], each.package, each.what, each.value)))


def _effect(data: object) -> Effect:
    texts = _texts(data, Effect)
    try:
        return Effect(**{**texts, "kind": Kind(texts["kind"])})
    except ValueError as error:
        raise EffectsError(f"an effect is of the kind {texts['kind']!r}") from error


def _texts(data: object, kind: type[Effect] | type[Package]) -> dict[str, Any]:
    members = _object(data, set(kind.__dataclass_fields__), f"an entry of {kind.__name__}")
    for name, value in members.items():
        if not isinstance(value, str):
            raise EffectsError(f"{name} is no text")
    return {name: str(value)[:_MAX_TEXT] for name, value in members.items()}


def _object(data: object, names: set[str], what: str) -> Mapping[str, Any]:
    if not isinstance(data, dict) or data.keys() != names:
        raise EffectsError(f"{what} do not have the members {', '.join(sorted(names))}")
    return data


def _list(data: object, limit: int) -> Sequence[object]:
    if not isinstance(data, (list, tuple)) or len(data) > limit:
        raise EffectsError(f"a list of at most {limit} entries was expected")
    return data
