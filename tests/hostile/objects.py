"""Cases that are hostile as git's objects: links, names, sizes, packs. A push must refuse them, and the runner by itself too."""

from __future__ import annotations

import random

from recipes_app.limits import MAX_BLOB_BYTES, MIB
from recipes_app.lint.protocol.report import Outcome
from tests.factories import recipe_tree

from .case import CANARY, NAME, Case, Material, Says, entries_of, of_entries, of_tree
from .packs import FILE, LINK, SUBMODULE, Entry, Pack

_RULES = "the tree breaks the rules of a push: "
_LINK = "is a symbolic link, and recipes hold regular files only (commit a copy of the file)"

_DEEP = f"{'d0/' * 17}: is a folder at depth 17; folders are nested at most 16 deep"


def _refused(name: str, what: str, line: str, entries: dict[bytes, Entry], without: bytes = b"", slow: bool = False) -> Case:
    """Return a case of which the hook and the runner say the same line."""
    return Case(name, what, lambda: of_entries(entries, without), f"error: {line}", Says(Outcome.ERROR, _RULES + line), slow=slow)


def _refused_tree(name: str, what: str, levels: int, runner: str) -> Case:
    """Return a case of `levels` folders in each other. `runner` is what the runner says, which no push rule protects here."""
    return Case(name, what, lambda: _folded(levels, 1), f"error: {_DEEP}", Says(Outcome.ERROR, runner))


def _large(name: bytes, megabytes: int) -> Material:
    pack = Pack()
    files = entries_of(recipe_tree(NAME))
    files[name] = Entry(FILE, oid=pack.repeated_blob(b"\0" * MIB if b"data" in name else b" line\n" * (MIB // 6), megabytes))
    return Material(pack, pack.commit(pack.tree(files)))


def _wide(count: int) -> Material:
    pack = Pack()
    oid = bytes.fromhex(pack.blob(b"x\n"))
    return Material(pack, pack.commit(pack.raw_tree(b"".join(b"100644 f%07d\0" % number + oid for number in range(count)))))


def _folded(levels: int, width: int) -> Material:
    """A tree that holds itself `width` times at each of `levels`."""
    pack = Pack()
    tree = pack.raw_tree(b"100644 f\0" + bytes.fromhex(pack.blob(b"x\n")))
    for _ in range(levels):
        tree = pack.raw_tree(b"".join(b"40000 d%d\0" % number + bytes.fromhex(tree) for number in range(width)))
    return Material(pack, pack.commit(tree))


def _chain(length: int) -> Material:
    """Blobs just below the limit, each a delta of the one before; their names are shuffled, so that no cache helps."""
    pack = Pack()
    content = b"line\n" * ((MAX_BLOB_BYTES - 10 * length) // 5)
    oids = [pack.blob(content)]
    for number in range(1, length):
        more = b"%08d\n" % number
        oids.append(pack.longer_blob(oids[-1], content, more))
        content += more
    random.Random(1).shuffle(oids)
    files = {b"debian/f%05d" % number: Entry(FILE, oid=oid) for number, oid in enumerate(oids)}
    return Material(pack, pack.commit(pack.tree({**entries_of(recipe_tree(NAME)), **files})))


def _squeezed(count: int) -> Material:
    """Blobs of the largest size that compress a thousandfold."""
    pack = Pack()
    files = {}
    for number in range(count):
        content = (b"%07d\n" % number).ljust(MAX_BLOB_BYTES - 1) + b"\n"
        files[b"debian/f%05d" % number] = Entry(FILE, oid=pack.blob(content))
    return Material(pack, pack.commit(pack.tree({**entries_of(recipe_tree(NAME)), **files})))


def _attributes(text: str) -> dict[bytes, Entry]:
    return {b".gitattributes": Entry(FILE, text.encode())}


_MAY_CHANGE = "which may change files at checkout or hide what changed (remove it)"
CASES = (
    _refused("link-shadow", "a link to /etc/shadow", f"debian/README.source: {_LINK}",
             {b"debian/README.source": Entry(LINK, b"/etc/shadow")}),
    _refused("link-out", "a link out of the tree", f"debian/extra: {_LINK}",
             {b"debian/extra": Entry(LINK, b"../../../etc/passwd")}),
    _refused("link-control", "debian/control is a link", f"debian/control: {_LINK}",
             {b"debian/control": Entry(LINK, b"/etc/shadow")}, b"debian/control"),
    _refused("link-zero", "debian/changelog is a link to /dev/zero", f"debian/changelog: {_LINK}",
             {b"debian/changelog": Entry(LINK, b"/dev/zero")}, b"debian/changelog"),
    _refused("link-debian", "debian/ itself is a link to /etc", f"debian: {_LINK}",
             {b"debian": Entry(LINK, b"/etc")}, b"debian/"),
    _refused("submodule", "a submodule", "vendor: is a submodule, which is not fetched (pin the source by a Fetch in debian/dur)",
             {b"vendor": Entry(SUBMODULE, oid="1" * 40)}),
    _refused("name-not-utf8", "a name that is no UTF-8", r"debian/caf\xe9: the name is not valid UTF-8 (rename the file)",
             {b"debian/caf\xe9": Entry(FILE, b"x\n")}),
    _refused("name-newline", "a newline in a name",
             r"debian/a\nb: the name holds control or invisible characters (rename the file)",
             {b"debian/a\nb": Entry(FILE, b"x\n")}),
    _refused("name-escape", "an escape sequence in a name",
             r"debian/a\x1b[2Jb: the name holds control or invisible characters (rename the file)",
             {b"debian/a\x1b[2Jb": Entry(FILE, b"x\n")}),
    _refused("name-bidi", "a name that turns text around",
             r"debian/gpj.\u202etxt: the name holds control or invisible characters (rename the file)",
             {"debian/gpj.\u202etxt".encode(): Entry(FILE, b"x\n")}),
    _refused("attributes-filter", ".gitattributes: a filter",
             f".gitattributes:1: sets the attribute 'filter=lfs', {_MAY_CHANGE}", _attributes("* filter=lfs\n")),
    _refused("attributes-export", ".gitattributes: export-subst",
             f".gitattributes:1: sets the attribute 'export-subst', {_MAY_CHANGE}", _attributes("* export-subst\n")),
    Case("name-dot-dot", "a name that is ..", lambda: of_entries({b"debian/../../" + CANARY.encode(): Entry(FILE, b"x\n")},
         tree=recipe_tree(NAME, "1.0-1", **{f"debian/../../{CANARY}": b"x\n"})), "hasDotdot", Says(Outcome.ERROR, "hasDotdot"),
         Says(Outcome.ERROR, f"the recipe holds the path 'debian/../../{CANARY}', which cannot be laid down")),
    Case("dot-git", "hooks and configuration in .git/", lambda: of_entries({
         b".git/config": Entry(FILE, b"[core]\n\tfsmonitor = touch /tmp/hostile-canary\n"),
         b".git/hooks/post-checkout": Entry(FILE, b"#!/bin/sh\n")}), "hasDotgit", Says(Outcome.ERROR, "hasDotgit")),
    Case("gitmodules", "a .gitmodules whose address is an option", lambda: of_entries({
         b".gitmodules": Entry(FILE, b'[submodule "x"]\n\tpath = x\n\turl = -u./payload\n')}),
         "gitmodulesUrl", Says(Outcome.ERROR, "gitmodulesUrl")),
    Case("bare-in-tree", "a bare repository with hooks at the top of the tree", lambda: of_tree(**{
         "HEAD": "ref: refs/heads/main\n", "config": "[core]\n\tfsmonitor = touch /tmp/hostile-canary\n",
         "hooks/post-checkout": "#!/bin/sh\ntouch /tmp/hostile-canary\n", "refs/x": "x\n", "objects/x": "x\n"}),
         runner=Says(Outcome.PASSED)),
    Case("name-option", "names that are options", lambda: of_tree(**{
         "debian/-u": "x\n", "debian/--upload-pack=touch hostile-canary": "x\n", "-rf": "x\n", "debian/@file": "x\n"}),
         runner=Says(Outcome.PASSED)),
    Case("changelog-200mb", "a changelog of 200 MiB", lambda: _large(b"debian/changelog", 200),
         "error: debian/changelog: holds 209714400 bytes; at most 256 KiB are taken (cut off its oldest entries)",
         Says(Outcome.ERROR, "debian/changelog: holds 209714400 bytes")),
    Case("blob-2gb", "a file of 2 GiB, 2 MB when packed", lambda: _large(b"debian/data", 2048),
         "error: debian/data: holds 2147483648 bytes; at most 256 KiB are taken",
         Says(Outcome.ERROR, "debian/data: holds 2147483648 bytes"), slow=True),
    Case("tree-million", "a folder of a million names", lambda: _wide(1_000_000),
         "error: .: the list of the folder's names has 36000000 bytes; at most 1 MiB are taken",
         Says(Outcome.ERROR, ".: the list of the folder's names has 36000000 bytes"), slow=True),
    Case("tree-billion", "a tree that holds itself: a billion files", lambda: _folded(9, 10),
         "error: the push holds more than 100000 files and folders: push the history in parts",
         Says(Outcome.ERROR, "the push holds more than 100000 files and folders"), slow=True),
    _refused_tree("tree-deep", "folders in folders, 1,500 deep: every git serves them", 1500, _DEEP),
    # Since 2.43, git serves no tree of more than core.maxTreeDepth (2,048): a runner with it hears so from git.
    _refused_tree("tree-deeper", "folders in folders, 3,000 deep: git of Debian 13 does not serve them", 3000, "depth"),
    Case("pack-chain", "1,500 files in a chain of deltas: 130 KB that become 370 MB", lambda: _chain(1500),
         "error: the tree holds", Says(Outcome.ERROR, "the tree holds"), slow=True),
    Case("pack-squeezed", "1,900 files of 256 KiB that compress a thousandfold", lambda: _squeezed(1900),
         "error: the tree holds", Says(Outcome.ERROR, "the tree holds"), slow=True),
)  # fmt: skip
