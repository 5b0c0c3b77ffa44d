"""Checks of the Fetch paragraphs of debian/dur: what is fetched, from where, and whether it is held down."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from recipes_app.formats.addresses import is_https
from recipes_app.formats.deb822 import Paragraph
from recipes_app.formats.findings import Severity
from recipes_app.formats.manifest import PATH
from recipes_app.formats.report import quoted

from ..base import About, Family, Place, check, gettext_noop
from ..examples import DUR, SHA256
from ..recipe import CheckedRecipe

_URL = "https://example.org/releases/hello-dur-1.0.tar.gz"
# Digests of what is no file: the empty one (as sha256sum prints it of a failed download) and placeholders of one digit.
_EMPTY_SHA256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
# Words of a path that stand for whatever is newest; a whole part of it, so that `latest-news-1.0.tar.gz` is none.
_MOVING = frozenset({"latest", "master", "main", "head", "nightly", "trunk", "snapshot", "develop", "current", "heads"})
_ADDRESS = re.compile(r"\[[0-9a-f:.]+\]|[0-9]{1,3}(?:\.[0-9]{1,3}){3}", re.IGNORECASE)
# Hosts that stand between the reader and the file: shorteners, pastes, and places where files live for days or for one chat.
_HIDING_HOSTS = frozenset(
    {
        "bit.ly", "tinyurl.com", "t.co", "goo.gl", "is.gd", "ow.ly", "cutt.ly", "rb.gy", "t.ly", "shorturl.at",
        "pastebin.com", "paste.debian.net", "hastebin.com", "dpaste.org", "dpaste.com", "termbin.com", "ix.io", "0x0.st",
        "transfer.sh", "file.io", "temp.sh", "gofile.io", "anonfiles.com", "catbox.moe", "wetransfer.com", "we.tl",
        "cdn.discordapp.com", "media.discordapp.net", "mega.nz", "mediafire.com", "api.telegram.org",
    }
)  # fmt: skip


def _fetch(url: str) -> dict[str, str]:
    """Return the example's manifest with another address."""
    return {"debian/dur": DUR.replace(_URL, url)}


@check(
    About(
        id="DUR101",
        severity=Severity.ERROR,
        family=Family.MANIFEST,
        title=gettext_noop("A fetched file is not pinned"),
        explanation=gettext_noop(
            "Without a checksum and a size, whoever controls the address decides later what the user builds. A git source is "
            "pinned by its commit: a branch or a tag can be moved."
        ),
        remedy=gettext_noop("add SHA256 and Size of the file (sha256sum, stat -c %s), or #commit= with 40 hexadecimal digits"),
        failing={"debian/dur": DUR.replace(f"SHA256: {SHA256}\n", "")},
        mending={"debian/dur": DUR},
    )
)
def fetches_are_pinned(recipe: CheckedRecipe) -> Iterator[Place]:
    """Tell what the parser of debian/dur says of missing and of malformed pins."""
    for finding in recipe.parser_findings("manifest-unpinned", "manifest-sha256", "manifest-size"):
        yield Place(finding.path, finding.line, finding.message)


@check(
    About(
        id="DUR102",
        severity=Severity.ERROR,
        family=Family.MANIFEST,
        title=gettext_noop("A fetched file does not come over https"),
        explanation=gettext_noop(
            "The checksum protects the bytes; https keeps others from seeing what is fetched and from withholding it. The same "
            "holds for the addresses of licences and of training programs. Besides https the format knows git+https with a "
            "commit, and pypi:, npm: and debian:, which the client resolves with the user's own mirror."
        ),
        remedy=gettext_noop("write the https address; where the host has none, another host or a mirror of the file is needed"),
        failing=_fetch("http://example.org/releases/hello-dur-1.0.tar.gz"),
        mending=_fetch(_URL),
    )
)
def fetches_over_https(recipe: CheckedRecipe) -> Iterator[Place]:
    """Tell what the parser says of addresses."""
    for finding in recipe.parser_findings("manifest-url"):
        yield Place(finding.path, finding.line, finding.message)


@check(
    About(
        id="DUR103",
        severity=Severity.WARNING,
        family=Family.MANIFEST,
        title=gettext_noop("The address of a fetched file names whatever is newest"),
        explanation=gettext_noop(
            "A path with latest, master or nightly in it serves another file tomorrow. The checksum then does not match any "
            "more, and nobody can build this version of the recipe again."
        ),
        remedy=gettext_noop("give the address of the release itself, with its version in it, or of a commit"),
        failing=_fetch("https://example.org/releases/latest/hello-dur.tar.gz"),
        mending=_fetch(_URL),
    )
)
def addresses_stay(recipe: CheckedRecipe) -> Iterator[Place]:
    """Look for a part of the path that stands for the newest."""
    for paragraph in recipe.manifest_paragraphs("Fetch"):
        url = paragraph.value("URL")
        if not is_https(url):
            continue
        for part in urlsplit(url).path.lower().split("/"):
            stem = re.sub(r"\.(?:tar\.[a-z0-9]+|zip|tgz)$", "", part)
            if stem in _MOVING:
                yield Place(PATH, paragraph.line_of("URL"), f"{quoted(part)} was found in the address, which does not stay")


@check(
    About(
        id="DUR104",
        severity=Severity.WARNING,
        family=Family.MANIFEST,
        title=gettext_noop("Nothing says where upstream's source comes from"),
        explanation=gettext_noop(
            "A source package of the format 3.0 (quilt) is made of upstream's tarball and debian/. Here is only debian/, so "
            "the manifest has to pin the tarball: without a Fetch a user has nothing to build from, and a reviewer does not "
            "know what will be built."
        ),
        remedy=gettext_noop(
            "add debian/dur with a Fetch for the tarball, or make the package native where debian/ is all there is"
        ),
        failing={"debian/dur": None},
        mending={"debian/dur": None, "debian/source/format": "3.0 (native)\n",
                 "debian/changelog": "hello-dur (1.0) unstable; urgency=medium\n\n  * First version.\n\n"
                                     " -- Ada Lovelace <ada@example.org>  Mon, 02 Feb 2026 10:00:00 +0000\n"},
    )
)  # fmt: skip
def upstream_is_pinned(recipe: CheckedRecipe) -> Iterator[Place]:
    """A quilt package without any Fetch."""
    metadata = recipe.metadata
    if metadata and metadata.source_format == "3.0 (quilt)" and not recipe.manifest_paragraphs("Fetch"):
        path = "debian/source/format"
        yield Place(path, 1, f"the format is {metadata.source_format}, and no Fetch pins a tarball")


@check(
    About(
        id="DUR105",
        severity=Severity.ERROR,
        family=Family.MANIFEST,
        title=gettext_noop("A checksum is a placeholder"),
        explanation=gettext_noop(
            "The SHA256 is that of an empty file, or one digit repeated. The first comes from a download that failed while "
            "the checksum was made; the second was meant to be filled in. No client can fetch such a file."
        ),
        remedy=gettext_noop("fetch the file, look at it, and write the checksum that sha256sum prints"),
        failing={"debian/dur": DUR.replace(SHA256, _EMPTY_SHA256)},
        mending={"debian/dur": DUR},
    )
)
def checksums_are_real(recipe: CheckedRecipe) -> Iterator[Place]:
    """Compare every SHA256 with those that no file has, or that an empty one has."""
    for paragraph in (*recipe.manifest_paragraphs("Fetch"),):
        for name in ("SHA256", "License-SHA256"):
            value = paragraph.value(name)
            if value == _EMPTY_SHA256:
                yield Place(PATH, paragraph.line_of(name), f"{name} is that of an empty file")
            elif len(value) == 64 and len(set(value)) == 1:
                yield Place(PATH, paragraph.line_of(name), f"{name} is 64 times the digit {value[0]}")


@check(
    About(
        id="DUR106",
        severity=Severity.WARNING,
        family=Family.MANIFEST,
        title=gettext_noop("Two fetched files have the same checksum"),
        explanation=gettext_noop(
            "Two Fetch paragraphs pin the same bytes. Mostly one was copied from the other and its checksum was left as it "
            "was, so that the second file can never be fetched."
        ),
        remedy=gettext_noop("run sha256sum on both files; where they really are the same, fetch it once"),
        failing={"debian/dur": DUR + f"\nFetch: data.csv\nURL: https://example.org/data.csv\nSHA256: {SHA256}\n"
                                     "Size: 725946\nRole: component\nWrap: data\nLicense: MIT\n"},
        mending={"debian/dur": DUR + f"\nFetch: data.csv\nURL: https://example.org/data.csv\nSHA256: {SHA256[::-1]}\n"
                                     "Size: 12\nRole: component\nWrap: data\nLicense: MIT\n"},
    )
)  # fmt: skip
def checksums_differ(recipe: CheckedRecipe) -> Iterator[Place]:
    """Tell the second and every later one of the same checksum, where the architectures can meet."""
    seen: dict[str, Paragraph] = {}
    for paragraph in recipe.manifest_paragraphs("Fetch"):
        digest = paragraph.value("SHA256")
        if not digest:
            continue
        first = seen.setdefault(digest, paragraph)
        if first is not paragraph:
            message = f"{paragraph.value('Fetch')} has the checksum of {first.value('Fetch')} in line {first.line_of('SHA256')}"
            yield Place(PATH, paragraph.line_of("SHA256"), message)


@check(
    About(
        id="DUR107",
        severity=Severity.WARNING,
        family=Family.MANIFEST,
        title=gettext_noop("A file is fetched from an address that hides where it comes from"),
        explanation=gettext_noop(
            "A bare IP address, a link shortener, a paste or a chat's file store tells a reviewer nothing about who made the "
            "file, and such links die within weeks. A package's source has a home that its users can look at."
        ),
        remedy=gettext_noop(
            "fetch from upstream's own host, or from a public forge or registry where the file's maker has an account"
        ),
        failing=_fetch("https://203.0.113.7/hello-dur-1.0.tar.gz"),
        mending=_fetch(_URL),
    )
)
def hosts_are_known(recipe: CheckedRecipe) -> Iterator[Place]:
    """Look at the host of every address that is fetched from."""
    for paragraph in recipe.manifest_paragraphs("Fetch"):
        for name in ("URL", "License-URL"):
            host = _host(paragraph.value(name))
            if _ADDRESS.fullmatch(host):
                yield Place(PATH, paragraph.line_of(name), f"{name} names the address {host} instead of a host")
            elif host.removeprefix("www.") in _HIDING_HOSTS:
                yield Place(PATH, paragraph.line_of(name), f"{name} points at {host}, which passes on what others left there")


def _host(url: str) -> str:
    """Return the host of an address, lower-case and without port; empty where it has none."""
    if "://" not in url:
        return ""
    host = url.partition("://")[2].partition("/")[0].rpartition("@")[2].lower()
    return host if host.startswith("[") else host.partition(":")[0]
