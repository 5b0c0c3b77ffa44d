"""What a file of a recipe can do, by its name and by what its lines write: the part of `effects` that knows debhelper's names.

Whatever is not known to be harmless counts as `build`. The names are those of debhelper(7), dh_installsystemd(1) and their kin;
the places are those of `package_effects`, where the same question is asked of packages that were built.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from fnmatch import fnmatchcase

from .bounds import MAX_EFFECT_GLOBS
from .effect_kinds import Effect
from .package_effects import kind_of_path, merged
from .root_marks import root_lines
from .tree import Tree

# Suffixes that a generator leaves out: debian/postinst.in becomes debian/postinst.
_GENERATED = frozenset({"in", "tmpl", "template", "j2", "m4", "erb", "tt", "sh", "tpl", "skel", "debhelper", "dh-exec"})
# Anywhere in a name: run by dpkg or debconf as root (Debian Policy 6.1).
_SCRIPT_WORDS = frozenset({"preinst", "postinst", "prerm", "postrm"})
# debian/NAME or debian/PACKAGE.NAME: what debhelper and its add-ons make run, or obey, as root on the machine of who installs.
_ROOT_NAMES = {
    "config": "debconf runs it as root",
    "triggers": "dpkg runs the package's scripts as root when it fires",
    "maintscript": "it becomes maintainer scripts, which run as root",
    "substvars": "it fills fields of the package that dpkg obeys",
    "service": "systemd runs it as root unless it says otherwise",
    "timer": "systemd starts its unit by itself",
    "socket": "systemd starts its unit by itself",
    "path": "systemd starts its unit by itself",
    "mount": "systemd mounts it as root",
    "automount": "systemd mounts it as root",
    "target": "systemd obeys it as root",
    "slice": "systemd obeys it as root",
    "tmpfile": "systemd makes its files as root",
    "tmpfiles": "systemd makes its files as root",
    "sysusers": "systemd makes its users as root",
    "init": "it runs as root when the machine starts",
    "upstart": "it runs as root when the machine starts",
    "default": "a service that runs as root reads it",
    "logrotate": "logrotate runs its scripts as root",
    "udev": "udev runs its rules as root",
    "pam": "it decides who may log in",
    "sudoers": "it says who may become root",
    "modprobe": "it says what the kernel loads",
    "modules-load": "it says what the kernel loads",
    "sysctl": "it sets the kernel's parameters",
    "dkms": "it builds modules for the kernel as root",
    "bug-script": "reportbug runs it",
    "alternatives": "the package takes over names of programs",
    "displace": "the package takes over files of other packages",
    "undisplace": "the package takes over files of other packages",
    "divert": "the package takes over files of other packages",
    "conffiles": "it names files of /etc",
    "emacsen-install": "it runs as root at installation",
    "emacsen-remove": "it runs as root at removal",
    "emacsen-startup": "every Emacs runs it",
    "apparmor": "it says what programs may do",
    "gsettings-override": "it sets defaults for all users",
    "gconf-defaults": "it sets defaults for all users",
    "xsession": "it runs when a user logs in",
    "xinetd": "xinetd starts it as root",
    "menu-method": "it runs as root at installation",
    "sgmlcatalogs": "it changes files of the system at installation",
    "kmod": "it says what the kernel loads",
    "dhclient": "it runs as root when the network comes up",
    "ifupdown": "it runs as root when the network comes up",
    "polkit": "it says who may act as root",
    "pkla": "it says who may act as root",
    "rules": "udev or polkit obeys it as root",
    "initramfs-hook": "it runs as root when the kernel's first files are made",
    "apt": "apt obeys it as root",
    "profile": "every login runs it",
    "conf-d": "a service that runs as root reads it",
}
_ROOT_PREFIXES = ("if-up", "if-down", "if-pre-up", "if-post-down", "ip-up", "ip-down")
_CRON = re.compile(r"cron\.(?:d|hourly|daily|weekly|monthly|[a-z]+ly)")
# debhelper's lists of what goes where.
LISTS = frozenset({"install", "links", "dirs", "manpages", "docs", "examples", "info", "udeb.install", "files"})
_LIST = re.compile(r"debian/(?:[^/]+\.)?(?P<kind>install|links|dirs|manpages|docs|examples|info)(?:\.[a-z0-9-]+)?(?:\.in)?")
# Text for people, and what only lint, uscan, git or a forge reads. Nothing of it runs or is obeyed on a user's machine.
_FOR_PEOPLE = re.compile(
    r"debian/(?:[a-z0-9][a-z0-9+.-]*\.)?(?:README|NEWS|TO[D]O|THANKS|AUTHORS)(?:[._-](?:Debian|debian|source|md|txt|rst|maintainers?|first|Developer)){0,2}"
    r"|debian/(?:changelog|copyright|NEWS)|debian/(?:[a-z0-9][a-z0-9+.-]*\.)?lintian-overrides"
    r"|debian/source/lintian-overrides|debian/source\.lintian-overrides|debian/upstream/(?:metadata|edam)"
    r"|(?:debian/)?\.?(?:salsa-ci|gitlab-ci)\.yml|debian/gitlab-ci\.yml|(?:debian/)?\.gitignore|\.github/.+"
    r"|(?:README|LICEN[SC]E|COPYING|CHANGELOG|CHANGES|CONTRIBUTING|SECURITY|AUTHORS|NEWS)(?:[.-][A-Za-z0-9-]+){0,2}"
)
_SYSTEM_FOLDER = re.compile(r"/(?=(?:etc|usr|lib|var|boot)/)")
_DEBHELPER_VARIABLE = re.compile(r"\$\{DEB_[A-Z_]+\}")
# Places before those of packages in somebody's path, homes, and what is no part of any package (Debian Policy 9.1).
_OUT_OF_PLACE = re.compile(r"/(?:usr/local|root|home|srv|boot|run|tmp|dev|proc|sys)(?:/|\Z)")
# Programs that root runs as well as others load these by themselves.
_RUN_BY_OTHERS = re.compile(
    r"\.pth\Z|/(?:site|user)customize\.py|/(?:NetworkManager/dispatcher|kernel/install|kernel/postinst|kernel/prerm)\.d(?:/|\Z)"
    r"|/(?:networkd-dispatcher|dracut|pm-utils|apt/methods|dpkg/methods|git-core|needrestart)(?:/|\Z)|-environment-generators(?:/|\Z)"
)
_WORD = re.compile(rb"[A-Za-z0-9_.+~@-]+")
_PATH_WORD = re.compile(rb"[A-Za-z0-9_.+~@/*?-]+")
_COMMENT = re.compile(rb"(?m)^[ \t]*#(?!!)[^\n]*")
# A line by which a part of the changelog is run: it is the file of a shell or an interpreter, or goes into one. Every repetition
# is bounded, so that no line takes long.
_RUNS = re.compile(
    rb"(?:^|[\s;&|(`@\"'])(?:sh|bash|dash|zsh|ksh|source|include|python3?|perl|\.)[ \t]+(?:-[^ \t]{1,40}[ \t]+){0,4}"
    rb"<?[ \t]*[^ \t]{0,80}changelog(?![\w.-])"
    rb"|changelog[^|]{0,200}(?:\|(?!\|)[^|]{0,200}){0,8}(?<!\|)\|(?!\|)[ \t]*(?:[a-z/]{1,20}[ \t]+)?"
    rb"(?:[a-z/]{1,40}/)?(?:sh|bash|dash|zsh|ksh|xargs|busybox|sudo)(?![\w.-])"
    rb"|(?<!\()\beval\b.{0,200}changelog"
)
# Files whose names are words: what names them has to say where they are.
_COMMON_PATHS = frozenset(
    f"debian/{name}" for name in ("changelog", "control", "copyright", "watch", "dur", "NEWS", "upstream/metadata")
)
_LONG_LINE = 2_000
_MAX_GLOB = 200


def effect_by_name(path: str) -> tuple[Effect, str]:
    """Return the effect that a file has because of its name, and why, as a part of a sentence."""
    if reason := _root_by_name(path):
        return Effect.ROOT, reason
    if path.startswith("debian/upstream/signing-key") or path == "debian/upstream-signing-key.pgp":
        return Effect.ORIGIN, "it is the key that upstream's releases are checked against"
    if _FOR_PEOPLE.fullmatch(path):
        return Effect.INERT, "it is text for people, or for tools that run nowhere but at the maintainer's"
    return Effect.BUILD, _build_reason(path)


def _root_by_name(path: str) -> str:
    """Return why a file runs, or is obeyed, as root because of its name or place; empty where it does not."""
    name = path.rpartition("/")[2]
    if not path.startswith("debian/") or path.startswith(("debian/patches/", "debian/tests/")):
        return ""
    if "/DEBIAN/" in path or _SCRIPT_WORDS.intersection(re.split(r"[._@-]", name)):
        return "it is, or becomes, a maintainer script, which runs as root"
    if any(is_root_place(path[match.start() :]) for match in _SYSTEM_FOLDER.finditer(path)):
        return "its place below debian/ is one that runs, or is obeyed, as root"
    return _root_reason(name, [part for part in re.split(r"[.@]", name) if part and part not in _GENERATED])


def list_kind(path: str) -> str:
    """Return which of debhelper's lists a file is: install, links, dirs, …; empty for any other file."""
    match = _LIST.fullmatch(path)
    return match["kind"] if match else ""


def is_executed(data: bytes) -> bool:
    """Return whether a file starts as a program does. debhelper runs its lists where they are executable (debhelper(7))."""
    return data.startswith(b"#!")


def is_root_place(destination: str) -> bool:
    """Return whether what a package puts at `destination` (a file or a folder) runs, is obeyed, or is out of its place."""
    known = _DEBHELPER_VARIABLE.sub("any", destination)
    if "$" in known:
        # dh-exec and debhelper fill it in at the build: it can be any place.
        return True
    path = merged(posixpath.normpath("/" + known.strip().removeprefix("debian/tmp").lstrip("/")))
    if path == "/etc" or path.startswith("/etc/") or _OUT_OF_PLACE.match(path) or _RUN_BY_OTHERS.search(path):
        return True
    return any(kind_of_path(each) is not None for each in (path, f"{path}/any", f"{path}/any.service"))


class Reach:
    """What the other files of a tree do with one: names that what runs at the build mentions, and where lists put files.

    Each file is read at most once for this, when it is first needed, in a time that grows with its size.
    """

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._files: list[tuple[str, bytes]] | None = None
        self._is_read = False
        self._named: set[bytes] = set()
        self._globs: list[str] = []
        self._rooted: set[bytes] = set()

    def effect_of(self, path: str) -> tuple[Effect, str] | None:
        """Return the effect that a file has because others name it; None where no other does."""
        if path == "debian/changelog":
            runs = any(b"changelog" in data and _runs_changelog(_COMMENT.sub(b"", data)) for _, data in self._that_run())
            return (Effect.BUILD, "a script of the recipe runs a part of it") if runs else None
        if path in _COMMON_PATHS:
            return self._of_common(path.encode())
        if not self._is_read:
            self._is_read = True
            for _, data in self._that_run():
                self._read(data)
        name = path.rpartition("/")[2].encode()
        if name in self._rooted:
            return _PUT_FOR_ROOT
        return _NAMED if name in self._named or any(fnmatchcase(path, glob) for glob in self._globs) else None

    def _that_run(self) -> list[tuple[str, bytes]]:
        """Return the files that a build runs or obeys."""
        if self._files is None:
            self._files = [(path, data) for path, data in self._tree.items() if _is_obeyed(path, data)]
        return self._files

    def _of_common(self, path: bytes) -> tuple[Effect, str] | None:
        """Return the effect of a file whose name is a word: only where its whole path is named."""
        found = None
        for _, data in self._that_run():
            if path not in data:
                continue
            lines = [line for line in _COMMENT.sub(b"", data).split(b"\n") if path in line and _is_named(path, line)]
            if root_lines(b"\n".join(lines)):
                return _PUT_FOR_ROOT
            found = _NAMED if lines else found
        return found

    def _read(self, data: bytes) -> None:
        text = _COMMENT.sub(b"", data)
        self._named.update(_WORD.findall(text))
        if len(self._globs) < MAX_EFFECT_GLOBS:
            words = (each for each in _PATH_WORD.findall(text) if b"*" in each or b"?" in each)
            found = (each.decode() for each in words if b"debian/" in each and len(each) <= _MAX_GLOB)
            self._globs += [each[each.index("debian/") :] for each in found][: MAX_EFFECT_GLOBS - len(self._globs)]
        for line in root_lines(text):
            self._rooted.update(_WORD.findall(line))


_PUT_FOR_ROOT = Effect.ROOT, "a line of the recipe puts it where it runs, or is obeyed, as root"
_NAMED = Effect.BUILD, "what runs at the build, or a list of what is installed, names it"


def _is_obeyed(path: str, data: bytes) -> bool:
    """Return whether the build runs a file or obeys it; patches and lists of documentation name files for no harm."""
    if not path.startswith("debian/") or path.startswith("debian/patches/"):
        return False
    if is_executed(data):
        return True
    return list_kind(path) not in {"docs", "examples", "info", "manpages"} and effect_by_name(path)[0] is not Effect.INERT


def _is_named(path: bytes, line: bytes) -> bool:
    """Return whether a line has the path, and not a longer one that begins alike."""
    return re.search(re.escape(path) + rb"(?![\w.-])", line) is not None


def _runs_changelog(text: bytes) -> bool:
    """Return whether a line that names the changelog also names a program that runs what it is given."""
    place = text.find(b"changelog")
    while place >= 0:
        start, end = text.rfind(b"\n", 0, place) + 1, text.find(b"\n", place)
        end = len(text) if end < 0 else end
        # A longer line was not written by hand.
        if end - start > _LONG_LINE or _RUNS.search(text[start:end]):
            return True
        place = text.find(b"changelog", end)
    return False


def first_difference(old: bytes, new: bytes) -> int:
    """Return the number of the first line of `new` that differs from `old`."""
    low, high = 0, min(len(old), len(new))
    # Slices are compared by the machine, so that the first difference is found without a loop over bytes.
    while low < high:
        middle = (low + high + 1) // 2
        if old[low:middle] == new[low:middle]:
            low = middle
        else:
            high = middle - 1
    return new.count(b"\n", 0, low) + 1


def install_places(kind: str, text: str) -> Iterator[tuple[int, str, str]]:
    """Yield number, line and destination of each line of a list; a destination that follows from the source is the source's.

    dh_install(1), dh_link(1), dh_installdirs(1): the last word is where the others go; a single word goes where it comes from.
    """
    for number, line in enumerate(text.split("\n"), start=1):
        words = line.split()
        if not words or words[0].startswith("#") or words[0].startswith("["):
            continue
        if "=>" in words:
            yield number, line.strip(), words[-1]
        elif kind == "dirs":
            for word in words:
                yield number, line.strip(), word
        elif len(words) == 1:
            yield number, line.strip(), words[0]
        else:
            yield number, line.strip(), words[-1]
            if kind == "links":
                yield number, line.strip(), words[0]


def _root_reason(name: str, parts: list[str]) -> str:
    """Return why a file of debian/ with this name is run or obeyed as root; empty where it is not.

    The last part of a name says what a file is (`PACKAGE.service`), or the one before an architecture or a generator's suffix
    that is not known here.
    """
    if not parts or parts[-1] in LISTS or (parts[-1] in _OTHER_SUFFIXES and len(parts) > 1):
        return ""
    if _CRON.search(name):
        return "cron runs it as root"
    if any(part.startswith(_ROOT_PREFIXES) for part in parts[-2:]) or parts[-2:] == ["init", "d"]:
        return "it runs as root on the machine of who installs it"
    if parts[-1] in _ROOT_NAMES and parts != ["rules"]:
        return _ROOT_NAMES[parts[-1]]
    return _ROOT_NAMES.get(parts[-2], "") if len(parts) > 1 and parts[-2] not in _COMMON_WORDS else ""


# Names of debhelper's that are words for other things as well: they count at the end of a name alone.
_COMMON_WORDS = frozenset({"config", "path", "target", "default", "rules", "apt", "profile", "mount", "slice", "polkit", "init"})
# What stands behind a package's name and makes a file harmless, or another kind of file: config.docs, path.lintian-overrides.
_OTHER_SUFFIXES = frozenset(
    """
    lintian-overrides doc-base symbols shlibs copyright changelog patch md txt po mk 1 2 3 4 5 6 7 8 desktop png svg templates
    bash-completion xml dur rst
    """.split()  # noqa: SIM905 - a list of words reads better without quotation marks
)


def _build_reason(path: str) -> str:
    """Return what a file that is not known to be harmless may do, as a part of a sentence."""
    if path.rpartition("/")[2] == ".gitattributes":
        return "git obeys it when the recipe is checked out"
    return next((reason for prefix, reason in _BUILD_REASONS if path.startswith(prefix)), "")


_BUILD_REASONS = (
    ("debian/gbp.conf", "git-buildpackage runs the hooks that it names"),
    ("debian/rules", "it runs during the build"),
    ("debian/patches/", "patches change what is compiled"),
    ("debian/tests/", "tests run where the package is tried"),
    ("debian/", "the build, or the packages, may use it"),
    ("", "it is not known to be harmless"),
)
