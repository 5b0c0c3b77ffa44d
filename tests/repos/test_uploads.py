"""Uploaded tarballs are hostile: what is read, what is a finding, what is refused, and that a bomb costs little."""

import gzip
import hashlib
import io
import lzma
import os
import tarfile
import time
import tracemalloc

import pytest
import zstandard

from recipes_app.limits import MAX_ARCHIVE_MEMBERS, MAX_UNPACKED_BYTES, MIB
from recipes_app.repos.source_uploads import read_upload
from recipes_app.repos.tarballs import TarballRefused, read_packaging
from tests.factories import recipe_tree

PACKERS = {
    "debian.tar.gz": gzip.compress, "debian.tgz": gzip.compress, "debian.tar.xz": lzma.compress,
    "debian.tar.zst": zstandard.ZstdCompressor().compress,
}  # fmt: skip


def member(name, content=b"", **columns):
    info = tarfile.TarInfo(name)
    info.size = len(content)
    for key, value in columns.items():
        setattr(info, key, value)
    return info, content


def packed(*members, tar_format=tarfile.PAX_FORMAT):
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w", format=tar_format) as archive:
        for info, content in members:
            archive.addfile(info, io.BytesIO(content))
    return raw.getvalue()


def tree_of(tree, above=""):
    return packed(*(member(above + path, content, mode=0o755 if path.endswith("rules") else 0o644)
                    for path, content in tree.items()))  # fmt: skip


def read(raw):
    return read_packaging("debian.tar.gz", gzip.compress(raw, 1))


def rules(packaging):
    return {finding.id for finding in packaging.findings}


@pytest.mark.parametrize("name", PACKERS)
@pytest.mark.parametrize("above", ["", "./", "hello-1.0/", "./hello-1.0/"])
def test_packaging_is_read_whatever_packed_it(name, above):
    found = read_packaging(name, PACKERS[name](tree_of(recipe_tree(), above)))
    assert {path: file.content for path, file in found.files.items()} == recipe_tree()
    assert [path for path, file in found.files.items() if file.is_executable] == ["debian/rules"]
    assert found.findings == []


def test_upstream_is_left_out_and_counted():
    found = read(tree_of({**recipe_tree(), "src/main.c": b"int main;", "vendor/debian/control": b"x", "Makefile": b""}))
    assert set(found.files) == set(recipe_tree())
    assert found.left_out == 3


LINK = {"type": tarfile.SYMTYPE, "linkname": "/etc/passwd"}


@pytest.mark.parametrize(
    ("bad", "rule"),
    [
        (member("debian/link", **LINK), "push-symlink"),
        (member("debian/hard", type=tarfile.LNKTYPE, linkname="debian/rules"), "push-symlink"),
        (member("debian/null", type=tarfile.CHRTYPE, devmajor=1, devminor=3), "push-mode"),
        (member("debian/disk", type=tarfile.BLKTYPE), "push-mode"),
        (member("debian/pipe", type=tarfile.FIFOTYPE), "push-mode"),
        (member("debian/large", bytes(10 * MIB)), "push-blob-size"),
        (member("debian/turn\u202eed", b"x"), "push-path-characters"),
        (member("debian/new\nline", b"x"), "push-path-characters"),
        (member("debian/caf\udce9", b"x"), "push-path-encoding"),
        (member("debian/rules", b"again"), "upload-twice"),
        (member("debian/rules/below", b"x"), "upload-both"),
        (member("debian", **LINK), "upload-not-a-folder"),
        (member("debian/source/format", type=tarfile.DIRTYPE), "push-not-a-file"),
    ],
)  # fmt: skip
def test_what_no_push_may_hold_is_a_finding(bad, rule):
    raw = packed(*(member(path, content) for path, content in recipe_tree().items()), bad, tar_format=tarfile.GNU_FORMAT)
    assert rule in rules(read(raw))


@pytest.mark.parametrize(
    "name",
    ["../debian/rules", "debian/../../x", "/debian/rules", "debian//x", "debian/./x", "debian/.git/config", "debian/.GIT/x"],
)
def test_path_that_leads_elsewhere_refuses_the_whole(name):
    with pytest.raises(TarballRefused, match="only plain relative paths"):
        read(packed(member(name, b"x")))


@pytest.mark.parametrize(("name", "pack"), PACKERS.items())
def test_bomb_is_stopped_without_being_held(name, pack):
    info = tarfile.TarInfo("upstream.bin")
    info.size = MAX_UNPACKED_BYTES
    bomb = pack(info.tobuf() + bytes(MAX_UNPACKED_BYTES + MIB))
    tracemalloc.start()
    with pytest.raises(TarballRefused, match="unfolds to more than 256 MiB"):
        read_packaging(name, bomb)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 16 * MIB


def test_many_members_are_refused():
    header = tarfile.TarInfo("x").tobuf()
    with pytest.raises(TarballRefused, match="more than 20000 members"):
        read(header * (MAX_ARCHIVE_MEMBERS + 1) + bytes(1024))


def test_more_files_than_a_recipe_has_are_refused():
    with pytest.raises(TarballRefused, match="more than 2000 files"):
        read(packed(*(member(f"debian/{number}") for number in range(2001))))


def test_huge_header_is_not_read():
    raw = packed(member("debian/" + "x" * 100_000), tar_format=tarfile.PAX_FORMAT)
    started = time.monotonic()
    with pytest.raises(TarballRefused, match="a header of"):
        read(raw)
    assert time.monotonic() - started < 1


def sparse(size, unfolded):
    """A member in the old GNU sparse format: the header claims `size`, and that it unfolds to `unfolded`."""
    info = tarfile.TarInfo("debian/x")
    info.size, info.type = size, tarfile.GNUTYPE_SPARSE
    head = bytearray(info.tobuf(tarfile.GNU_FORMAT))
    head[483:495] = b"%011o\0" % unfolded
    head[148:156] = b"%06o\0 " % (sum(head[:148]) + sum(head[156:512]) + 8 * 32)
    return bytes(head)


@pytest.mark.parametrize(
    "raw",
    [
        packed(member("debian/x", pax_headers={"size": "9" * 17})),
        packed(member("debian/x", pax_headers={"size": str(MAX_UNPACKED_BYTES + 1)})),
        packed(member("debian/x", pax_headers={"size": "-1"})),
        packed(member("beside/x", pax_headers={"size": "9" * 17})),
        sparse(10**17, 10),
    ],
    ids=["pax", "pax just over", "negative", "beside debian", "sparse"],
)
def test_claimed_size_costs_nothing(raw):
    started = time.process_time()
    with pytest.raises(TarballRefused, match=r"claims -?[0-9]+ bytes; at most|damaged or ends early"):
        read(raw)
    assert time.process_time() - started < 1


def test_headers_upon_headers_end():
    link = tarfile.TarInfo("././@LongLink")
    link.type, link.size = tarfile.GNUTYPE_LONGNAME, 1
    with pytest.raises(TarballRefused):
        read((link.tobuf() + b"x" + bytes(511)) * 5_000)


@pytest.mark.parametrize("cut", [600, 5_000, 100])
def test_tarball_that_ends_early_is_refused(cut):
    with pytest.raises(TarballRefused):
        read(tree_of(recipe_tree())[:cut])


def test_damage_in_the_middle_is_no_end():
    raw = bytearray(tree_of(recipe_tree()))
    with tarfile.open(fileobj=io.BytesIO(raw)) as archive:
        second = archive.getmembers()[1].offset
    raw[second : second + 512] = b"\xff" * 512
    with pytest.raises(TarballRefused):
        read(bytes(raw))


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("debian.tar.gz", b"no gzip"), ("debian.tar.xz", b"no xz"), ("debian.tar.zst", b"no zst"), ("debian.tar.gz", b""),
        ("debian.tar.xz", lzma.compress(tree_of(recipe_tree()))[:-40]), ("debian.tar.xz", lzma.compress(b"") + b"more"),
        ("debian.tar.gz", gzip.compress(tree_of(recipe_tree()))[:-40]), ("debian.zip", b"PK"), ("debian.tar.bz2", b"BZ"),
        ("debian.tar.gz", gzip.compress(os.urandom(4096))),
    ],
)  # fmt: skip
def test_what_is_no_tarball_is_refused_in_one_line(name, content):
    with pytest.raises(TarballRefused) as refused:
        read_packaging(name, content)
    assert "\n" not in str(refused.value)


def test_xz_that_wants_much_memory_is_refused():
    greedy = lzma.compress(
        b"x", filters=[{"id": lzma.FILTER_LZMA2, "dict_size": 512 * MIB, "mode": lzma.MODE_FAST, "mf": lzma.MF_HC3}]
    )
    with pytest.raises(TarballRefused):
        read_packaging("debian.tar.xz", greedy)


@pytest.mark.parametrize("folders", [("a", "b"), ()])
def test_debian_must_be_there_once(folders):
    with pytest.raises(TarballRefused, match="pack the one folder debian/"):
        read(packed(member("x", b"x"), *(member(f"{each}/debian/rules", b"x") for each in folders)))


def dsc(files, source_format="3.0 (quilt)", signed=False):
    listed = "".join(f"\n {hashlib.sha256(content).hexdigest()} {len(content)} {name}" for name, content in files.items())
    text = f"Format: {source_format}\nSource: hello-dur\nChecksums-Sha256:{listed}\n"
    armour = "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\n{}\n-----BEGIN PGP SIGNATURE-----\n\nabc\n"
    return (armour.format(text) if signed else text).encode()


TARBALL = lzma.compress(tree_of(recipe_tree()))
ORIG = {"hello-dur_1.0.orig.tar.xz": b"upstream's"}
QUILT = {**ORIG, "hello-dur_1.0-1.debian.tar.xz": TARBALL}


@pytest.mark.parametrize("signed", [True, False])
@pytest.mark.parametrize("with_upstream", [True, False])
def test_dsc_leads_to_the_packaging(signed, with_upstream):
    chosen = QUILT if with_upstream else {"hello-dur_1.0-1.debian.tar.xz": TARBALL}
    found = read_upload({**chosen, "hello-dur_1.0-1.dsc": dsc(QUILT, signed=signed)})
    assert {path: file.content for path, file in found.files.items()} == recipe_tree()


def test_native_package_gives_its_debian_folder():
    whole = {"hello-dur_1.0.tar.xz": lzma.compress(tree_of({**recipe_tree(), "main.c": b"int"}, "hello-dur-1.0/"))}
    found = read_upload({**whole, "x.dsc": dsc(whole, "3.0 (native)")})
    assert set(found.files) == set(recipe_tree())


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"x.dsc": dsc(QUILT)}, "choose it together with the .dsc"),
        ({"x.dsc": dsc(QUILT), "hello-dur_1.0-1.debian.tar.xz": TARBALL + b"x"}, "choose the files of one build"),
        ({"x.dsc": dsc(QUILT), "y.dsc": dsc(QUILT)}, "are two"),
        ({"x.dsc": dsc({**ORIG, "a.diff.gz": b""}, "1.0")}, "lists no packaging"),
        ({"x.dsc": b"Format: 3.0 (quilt)\n"}, "has no field Checksums-Sha256"),
        ({"x.dsc": b"Format: 3.0 (quilt)\nChecksums-Sha256:\n nonsense\n"}, "expected SUM SIZE NAME"),
        ({"x.dsc": b"nonsense"}, "is no .dsc"),
        ({"x.dsc": b"A: b\n" * 100_000}, "is read"),
        ({}, "choose one tarball"),
        ({"a.tar.gz": b"", "b.tar.gz": b""}, "choose one tarball"),
        ({"control": b""}, "choose one tarball"),
    ],
)  # fmt: skip
def test_wrong_choice_of_files_says_what_to_choose(files, said):
    with pytest.raises(TarballRefused, match=said):
        read_upload(files)
