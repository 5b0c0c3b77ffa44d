"""The recipe that every check's examples change: small, complete, and nothing is to be said about it."""

from __future__ import annotations

from recipes_app.formats.tree import Tree

from .base import Example

SHA256 = "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03"

DUR = f"""\
Format: 1
Source: hello-dur
Category: source
Suites: trixie
Redistribution: permitted

Fetch: hello-dur_1.0.orig.tar.gz
URL: https://example.org/releases/hello-dur-1.0.tar.gz
SHA256: {SHA256}
Size: 725946
License: MIT
License-Class: dfsg-free
"""
CONTROL = """\
Source: hello-dur
Section: utils
Priority: optional
Maintainer: Ada Lovelace <ada@example.org>
Build-Depends: debhelper-compat (= 13)
Standards-Version: 4.6.2
Rules-Requires-Root: no
Homepage: https://example.org/hello-dur

Package: hello-dur
Architecture: any
Depends: ${shlibs:Depends}, ${misc:Depends}
Description: friendly greeting
 A program that greets whoever starts it.
"""
CHANGELOG = """\
hello-dur (1.0-1) unstable; urgency=medium

  * First version.

 -- Ada Lovelace <ada@example.org>  Mon, 02 Feb 2026 10:00:00 +0000
"""
COPYRIGHT = """\
Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: hello-dur
Source: https://example.org/hello-dur

Files: *
Copyright: 2026 Ada Lovelace <ada@example.org>
License: Expat

License: Expat
 Permission is hereby granted, free of charge, to any person obtaining a copy
 of this software and associated documentation files.
"""
RULES = """\
#!/usr/bin/make -f
%:
\tdh $@
"""
BASE: Example = {
    "debian/changelog": CHANGELOG,
    "debian/control": CONTROL,
    "debian/copyright": COPYRIGHT,
    "debian/dur": DUR,
    "debian/rules": RULES,
    "debian/source/format": "3.0 (quilt)\n",
}


def example_tree(example: Example) -> Tree:
    """Return the base recipe with the files of `example` laid over it; a file that is None there is taken away."""
    files = {**BASE, **example}
    return {
        path: content.encode() if isinstance(content, str) else content for path, content in files.items() if content is not None
    }
