"""debian/watch: what is watched, with which options, in every version of the format."""

import pytest

from recipes_app.formats.watch import Watch, read_watch

PLACE = "https://example.org/hello/"


@pytest.mark.parametrize(
    ("text", "watched"),
    [
        (f"version=4\n{PLACE} hello-(.*)\\.tar\\.gz\n", Watch(2, PLACE)),
        (f"version=4\n{PLACE}hello-(.*)\\.tar\\.gz debian uupdate\n", Watch(2, PLACE, action="uupdate")),
        (f"version=3\n{PLACE} hello-(.*)\\.tgz debian sh\n", Watch(2, PLACE, action="sh")),
        (f"version=4\nopts=pgpmode=auto {PLACE} x\n", Watch(2, PLACE, {"pgpmode": "auto"})),
        (
            f'version=4\n# x\nopts="a=s/x,y/,/, pgpmode=none" \\\n  {PLACE} x\n',
            Watch(3, PLACE, {"a": "s/x,y/,/", "pgpmode": "none"}),
        ),
        (f"version=4\nopts=a=b,\\\n   c=d \\\n  {PLACE} x\n", Watch(2, PLACE, {"a": "b", "c": "d"})),
        (f"version=4\n{PLACE}hello-@ANY_VERSION@@ARCHIVE_EXT@ debian sh\n", Watch(2, PLACE, action="sh")),
    ],
)
def test_source_that_is_watched(text, watched):
    assert read_watch(text.encode()) == (watched,)


def test_version_5():
    text = f"Version: 5\n\nSource: {PLACE}\nMatching-Pattern: x\nPgp-Mode: auto\n\nTemplate: GitHub\nOwner: o\nProject: p\n"
    found = read_watch(text.encode())
    assert [each.address for each in found] == [PLACE, "template:github o p"]
    assert found[0].signature == {"pgpmode": "auto"}


@pytest.mark.parametrize(
    "junk", [b"", b"\xff\xfe", b"version=4\n\\\n\\\n", b"opts=", b'opts="', b"Version: 5\n", b"version=4\nopts=x"]
)
def test_junk_is_no_fault(junk):
    read_watch(junk)
