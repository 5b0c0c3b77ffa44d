"""Names of Debian's packages: what is written into the file, and what is read from it."""

from devtools.archive_names import KNOWN_FROM, Names, lines_of
from recipes_app.services.catalogue.archive_names import NAMES_FILE, archive_names


def test_known_are_those_that_others_name():
    names = Names()
    names.add("Package: libgreeting1\nSource: greeting (1.0)\nDepends: libc6")
    names.add("Package: salve\nSource: greeting (1.0)\nPriority: optional")
    names.add("Package: bash\nPriority: required\n")
    for number in range(KNOWN_FROM):
        names.add(f"Package: p{number}\nDepends: libgreeting1 (>= 1) | other, salve\nSuggests: salve")
    known = names.known()
    assert known == {"libgreeting1", "salve", "bash"}
    lines = list(lines_of({"greeting", "bash", "p0"}, known, names.sources))
    # libgreeting1 is called after its source package, salve is not.
    assert lines == ["bash!\n", "greeting!\n", "p0\n", "salve*\n"]


def test_file_is_small_and_has_the_archive():
    assert NAMES_FILE.stat().st_size < 400 * 1024
    archive = archive_names()
    assert {"ffmpeg", "bash", "systemd", "libc6"} <= archive.names
    assert {"ffmpeg", "bash"} <= archive.known
    assert "libc6" in archive.binaries
    assert len(archive.names) > 40_000
