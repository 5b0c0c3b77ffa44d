"""From the files of an upload to the packaging: a tarball of debian/, or a .dsc with the files that it lists. No Django.

A .dsc (deb-src-control(5), Debian Policy 5.4) says which of its files has the packaging and what its checksum is. Upstream's
tarballs are never opened. The signature around a .dsc is left aside: who uploads it is the account that is signed in.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping

from ..formats.deb822 import Paragraph, read_paragraphs
from ..formats.findings import Severity
from ..formats.recipe import ParsedRecipe, parse_recipe
from ..formats.report import Report, quoted
from ..formats.text import lines_of
from ..limits import KIB
from .tarballs import SUFFIXES, Packaging, TarballRefused, read_packaging

# The .dsc of texlive-extra, with hundreds of binary packages, has 30 KiB.
_MAX_DSC_BYTES = 256 * KIB
_SHA256 = re.compile(r"[0-9a-f]{64}")
_LISTED = 3


def read_upload(uploaded: Mapping[str, bytes]) -> Packaging:
    """Return the packaging that the files `uploaded`, by name, hold. Raises TarballRefused, saying what to choose instead."""
    described = [name for name in uploaded if name.endswith(".dsc")]
    if len(described) > 1:
        raise TarballRefused(
            "choose one .dsc with its files: " + " and ".join(quoted(each) for each in described[:2]) + " are two"
        )
    if described:
        name = _packaging_of(described[0], uploaded[described[0]], uploaded)
        return read_packaging(name, uploaded[name])
    packed = [name for name in uploaded if name.endswith(SUFFIXES)]
    if len(packed) != 1 or len(uploaded) != 1:
        raise TarballRefused(f"choose one tarball of debian/ ({', '.join(SUFFIXES)}), or a .dsc together with the files it lists")
    return read_packaging(packed[0], uploaded[packed[0]])


def read_recipe(uploaded: Mapping[str, bytes]) -> tuple[Packaging, ParsedRecipe]:
    """Return the packaging that the files `uploaded` hold and what it says, in one go: it is done in a bounded process.

    Raises TarballRefused.
    """
    packaging = read_upload(uploaded)
    return packaging, parse_recipe({path: file.content for path, file in packaging.files.items()})


def _packaging_of(dsc: str, content: bytes, uploaded: Mapping[str, bytes]) -> str:
    """Return the name of the file that has the packaging, once it is there as the .dsc says. Raises TarballRefused."""
    paragraph = _read_dsc(dsc, content)
    checksums = _checksums(dsc, paragraph)
    name = _packaging_name(dsc, paragraph.value("Format"), checksums)
    if name not in uploaded:
        raise TarballRefused(f"{quoted(dsc)} lists {quoted(name)}, which has the packaging: choose it together with the .dsc")
    found = hashlib.sha256(uploaded[name]).hexdigest()
    size, expected = checksums[name]
    if (len(uploaded[name]), found) != (size, expected):
        raise TarballRefused(
            f"{quoted(name)} has {len(uploaded[name])} bytes and SHA-256 {found[:12]}…, but {quoted(dsc)} lists {size} bytes and "
            f"{expected[:12]}…: choose the files of one build"
        )
    return name


def _read_dsc(dsc: str, content: bytes) -> Paragraph:
    """Return the fields of the .dsc, without the signature around them. Raises TarballRefused."""
    if len(content) > _MAX_DSC_BYTES:
        raise TarballRefused(f"{quoted(dsc)} has {len(content)} bytes; a .dsc of at most {_MAX_DSC_BYTES // KIB} KiB is read")
    text = content.decode("utf-8", "replace").replace("\r\n", "\n")
    if text.startswith("-----BEGIN PGP SIGNED MESSAGE-----\n"):
        # RFC 9580, 7: armour headers up to an empty line, the text, and the signature.
        text = text.partition("\n\n")[2].partition("\n-----BEGIN PGP SIGNATURE-----")[0]
    report = Report(dsc)
    paragraphs = read_paragraphs(text, report, Severity.ERROR)
    if len(paragraphs) != 1 or report.findings():
        reason = str(report.findings()[0]) if report.findings() else f"{len(paragraphs)} paragraphs; expected one"
        raise TarballRefused(f"{quoted(dsc)} is no .dsc: {reason}")
    return paragraphs[0]


def _checksums(dsc: str, paragraph: Paragraph) -> dict[str, tuple[int, str]]:
    """Return size and SHA-256 of each listed file (Policy 5.6.24). Raises TarballRefused."""
    listed: dict[str, tuple[int, str]] = {}
    for line in filter(None, map(str.split, lines_of(paragraph.value("Checksums-Sha256")))):
        if len(line) != _LISTED or not _SHA256.fullmatch(line[0]) or not (line[1].isascii() and line[1].isdigit()):
            raise TarballRefused(f"{quoted(dsc)}: Checksums-Sha256 has the line {quoted(' '.join(line))}; expected SUM SIZE NAME")
        listed[line[2]] = (int(line[1][:20]), line[0])
    if not listed:
        raise TarballRefused(f"{quoted(dsc)} has no field Checksums-Sha256: build the source package with dpkg-source anew")
    return listed


def _packaging_name(dsc: str, source_format: str, listed: Mapping[str, object]) -> str:
    """Return which of the listed files has the packaging (dpkg-source(1), Formats). Raises TarballRefused."""
    separate = [name for name in listed if re.search(r"\.debian\.tar\.(gz|xz|zst)$", name)]
    whole = [name for name in listed if name.endswith(SUFFIXES) and ".orig" not in name]
    if source_format == "3.0 (quilt)" and len(separate) == 1:
        return separate[0]
    if source_format in ("3.0 (native)", "1.0") and len(listed) == len(whole) == 1:
        return whole[0]
    raise TarballRefused(
        f"{quoted(dsc)} is of the format {quoted(source_format)} and lists no packaging that is read here (a .debian.tar of 3.0 "
        "(quilt), or a native tarball): unpack it, and choose a tarball of debian/"
    )
