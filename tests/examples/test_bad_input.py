"""What a recipe's lines do with bad input, by the very functions that they call, in sh and in bash.

One line says what, where and what to do; nothing half laid down; running them again goes on.
"""

from __future__ import annotations

import hashlib
import io
import os
import subprocess
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from devtools.bootstrap import ROOT
from devtools.examples.terminal import Terminal
from recipes_app.formats.source_plan import PLAN_SCHEMA, PlanError, SourcePlan

from .misbehaving import RIGHT, Site, make_certificate, serve

pytestmark = pytest.mark.server

STEPS = ROOT / "recipes_app" / "formats" / "steps.sh"
SUM = hashlib.sha256(RIGHT).hexdigest()
MAIN = "/debian/pool/main/t/thing/thing_1.0.orig.tar.gz"
GET = f"get thing_1.0.orig.tar.gz {len(RIGHT)} {SUM} debian:thing/1.0-1/thing_1.0.orig.tar.gz"
GET_PYPI = f"get thing_1.0.orig.tar.gz {len(RIGHT)} {SUM} pypi:Thing/1.0/thing-1.0.tar.gz"
GET_NPM = f"get thing_1.0.orig.tar.gz {len(RIGHT)} {SUM} npm:@scope/thing/1.0"


@dataclass
class Said:
    """What a run ended with."""

    status: int
    lines: list[str]


@dataclass
class Work:
    """A user's work folder, and the shell that they use in it."""

    folder: Path
    shell: str
    environment: dict[str, str]

    def run(self, *lines: str) -> Said:
        """Run lines as a block does; return what it said."""
        script = "\n".join(["( set -eu", f". {STEPS}", *lines, ")"])
        result = subprocess.run(
            [self.shell, "-c", script], cwd=self.folder, env=self.environment, capture_output=True, text=True, timeout=60,
            check=False, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        return Said(result.returncode, (result.stdout + result.stderr).splitlines())

    def files(self) -> set[str]:
        """Return all that lies in the work folder."""
        return {str(path.relative_to(self.folder)) for path in self.folder.rglob("*") if not path.is_dir()}


@pytest.fixture
def site() -> Iterator[Site]:
    with serve(Site()) as served:
        yield served


@pytest.fixture(params=["sh", "bash"])
def work(request, tmp_path: Path, site: Site) -> Work:
    folder = tmp_path / "thing"
    folder.mkdir()
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "DEBIAN_MIRROR": f"{site.url}/debian",
        "PIP_INDEX_URL": f"{site.url}/simple",
        "NPM_CONFIG_REGISTRY": site.url,
    }
    return Work(folder, request.param, environment)


def one_line(said: Said, *words: str) -> None:
    """Assert that it failed with one line that holds these words."""
    assert said.status != 0
    assert len(said.lines) == 1, said.lines
    for word in words:
        assert word in said.lines[0]


# Downloads


@pytest.mark.parametrize(
    ("way", "fault"),
    [
        ("other", "another SHA-256"),
        ("short", f"gives {len(RIGHT) // 2} bytes instead of {len(RIGHT)}"),
        ("longer", f"gives more than {len(RIGHT)} bytes"),
        ("endless", f"gives more than {len(RIGHT)} bytes"),
        ("nothing", "gives nothing"),
        ("gone", "gives nothing"),
        ("local_file", "gives nothing"),
    ],
)
def test_a_download_that_is_not_what_is_pinned_is_refused_and_the_next_run_goes_on(work, site, way, fault):
    site.ways[MAIN] = way
    one_line(work.run(GET), "thing_1.0.orig.tar.gz", f"{site.url}/debian", fault, "try again", "maintainers")
    assert work.files() == set()
    site.ways[MAIN] = "right"
    assert work.run(GET).status == 0
    assert (work.folder / "files" / "thing_1.0.orig.tar.gz").read_bytes() == RIGHT
    assert work.files() == {"files/thing_1.0.orig.tar.gz"}


def test_the_fault_that_is_told_is_that_of_the_address_that_has_something(work, site):
    site.ways[MAIN] = "other"
    one_line(work.run(GET), MAIN)


def test_an_endless_download_is_ended_after_the_size_that_is_pinned(work, site):
    site.ways[MAIN] = "endless"
    work.run(GET)
    # What lies in buffers of both sides.
    assert site.sent < 32 * 1024 * 1024


def test_what_is_there_and_right_is_not_downloaded_again(work, site):
    site.ways[MAIN] = "right"
    work.run(GET)
    asked = len(site.asked)
    assert work.run(GET).status == 0
    assert len(site.asked) == asked


def test_what_is_there_and_was_changed_is_downloaded_again(work, site):
    site.ways[MAIN] = "right"
    work.run(GET)
    (work.folder / "files" / "thing_1.0.orig.tar.gz").write_bytes(b"changed")
    assert work.run(GET).status == 0
    assert (work.folder / "files" / "thing_1.0.orig.tar.gz").read_bytes() == RIGHT


def test_a_file_that_only_the_security_archive_has_is_found_there(work, site):
    site.ways["/debian-security/pool/updates/main/t/thing/thing_1.0.orig.tar.gz"] = "right"
    assert work.run(GET).status == 0


@pytest.mark.parametrize("call", [GET, GET_PYPI, GET_NPM])
def test_a_server_that_does_not_answer_is_told(work, call):
    for name in ("DEBIAN_MIRROR", "PIP_INDEX_URL", "NPM_CONFIG_REGISTRY"):
        work.environment[name] = "http://127.0.0.1:1"
    one_line(work.run(call), "thing_1.0.orig.tar.gz", "try again")
    assert work.files() == set()


def test_a_git_repository_that_is_gone_is_told(work):
    said = work.run(f"get_git thing_1.0.orig.tar.gz https://127.0.0.1:1/thing {'0' * 40}")
    assert said.status != 0
    assert "thing_1.0.orig.tar.gz cannot be fetched: https://127.0.0.1:1/thing" in said.lines[-1]
    assert work.files() == set()


def test_an_index_that_no_longer_knows_the_project_is_told(work):
    one_line(work.run(GET_PYPI), "thing_1.0.orig.tar.gz", "pypi:Thing/1.0/thing-1.0.tar.gz", "maintainers")


def test_an_index_that_gives_nonsense_is_told(work, site):
    site.ways["/simple/thing/"] = b"<html>not what was asked for</html>"
    one_line(work.run(GET_PYPI), "thing_1.0.orig.tar.gz", "pypi:Thing/1.0/thing-1.0.tar.gz")


def test_an_index_without_this_file_is_told(work, site):
    site.ways["/simple/thing/"] = b'{"files": [{"filename": "thing-2.0.tar.gz", "url": "https://other.invalid/"}]}'
    one_line(work.run(GET_PYPI), "thing_1.0.orig.tar.gz", "pypi:Thing/1.0/thing-1.0.tar.gz")


def test_what_the_index_leads_to_is_compared_with_what_the_recipe_pins(work, site):
    site.ways |= {"/simple/thing/": "index", "/files/thing-1.0.tar.gz": "other"}
    one_line(work.run(GET_PYPI), "thing-1.0.tar.gz", "another SHA-256")
    site.ways["/files/thing-1.0.tar.gz"] = "right"
    assert work.run(GET_PYPI).status == 0


def test_a_tarball_of_the_npm_registry_is_compared_with_what_the_recipe_pins(work, site):
    site.ways["/@scope/thing/-/thing-1.0.tgz"] = "other"
    one_line(work.run(GET_NPM), "/@scope/thing/-/thing-1.0.tgz", "another SHA-256")
    site.ways["/@scope/thing/-/thing-1.0.tgz"] = "right"
    assert work.run(GET_NPM).status == 0


# Licences


TEXT = b"You may read this.\n"
ACCEPT = f"accept_licence thing.whl LicenseRef-Thing {hashlib.sha256(TEXT).hexdigest()}"


def in_recipe(work: Work, text: bytes) -> str:
    path = work.folder / "recipe" / "debian" / "licences" / "thing"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text)
    return "debian/licences/thing"


def test_a_licence_of_the_recipe_that_is_not_the_pinned_one_is_refused(work):
    text = in_recipe(work, TEXT + b"You owe us your house.\n")
    one_line(work.run(f"{ACCEPT} {text}"), "thing.whl", text, "changed", "maintainers")
    assert work.files() == {f"recipe/{text}"}


def test_a_licence_at_an_address_that_has_changed_is_refused(work, tmp_path):
    certificate = make_certificate(tmp_path)
    work.environment["CURL_CA_BUNDLE"] = str(certificate)
    with serve(Site(ways={"/licence": TEXT + b"You owe us your house.\n"}), certificate) as site:
        one_line(work.run(f"{ACCEPT} {site.url}/licence"), "thing.whl", f"{site.url}/licence", "changed")
    assert work.files() == set()


def test_a_licence_at_an_address_that_is_gone_is_told(work, tmp_path):
    certificate = make_certificate(tmp_path)
    work.environment["CURL_CA_BUNDLE"] = str(certificate)
    with serve(Site(), certificate) as site:
        one_line(work.run(f"{ACCEPT} {site.url}/licence"), "thing.whl", f"{site.url}/licence", "try again")
    assert work.files() == set()


def paste(work: Work, *lines: str, consent: str = "yes") -> tuple[int, str, int]:
    """Paste a block into a terminal; return its status, what was shown, and how many questions were answered."""
    environment = {**work.environment, "TERM": "xterm"}
    with Terminal(["setsid", "--ctty", work.shell, "-i"], environment, work.folder.parent / "log", consent) as terminal:
        terminal.paste(f"cd {work.folder}", 10)
        pasted = terminal.paste("\n".join(["( set -eu", f". {STEPS}", *lines, ")"]), 30)
    return pasted.status, pasted.shown, pasted.answers


def test_a_licence_is_read_and_accepted_once(work):
    text = in_recipe(work, TEXT)
    status, shown, answers = paste(work, f"{ACCEPT} {text}")
    assert (status, answers) == (0, 2)
    assert "You may read this." in shown
    assert paste(work, f"{ACCEPT} {text}")[::2] == (0, 0)


@pytest.mark.parametrize("answer", ["no", "", "y", "yes please"])
def test_a_licence_that_is_not_accepted_stops_everything(work, site, answer):
    site.ways[MAIN] = "right"
    text = in_recipe(work, TEXT)
    status, shown, _ = paste(work, f"{ACCEPT} {text}", GET, consent=answer)
    assert status != 0
    assert "stopped, since the answer was not yes" in shown
    assert site.asked == []
    assert work.files() == {f"recipe/{text}"}


def test_another_text_is_asked_for_anew(work):
    paste(work, f"{ACCEPT} {in_recipe(work, TEXT)}")
    other = b"Another text.\n"
    again = f"accept_licence thing.whl LicenseRef-Thing {hashlib.sha256(other).hexdigest()} {in_recipe(work, other)}"
    assert paste(work, again)[::2] == (0, 2)


# Plans


@pytest.mark.parametrize("schema", [PLAN_SCHEMA + 1, "2.0", None])
def test_a_plan_of_a_newer_schema_is_refused(schema):
    with pytest.raises(PlanError, match="upgrade") as refused:
        SourcePlan.from_json({"schema": schema, "recipe": "thing", "later": "more"})
    assert "\n" not in str(refused.value)


# Tarballs


def member(name: str, **fields) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    for field, value in fields.items():
        setattr(info, field, value)
    return info


def make_tarball(path: Path, *members: tarfile.TarInfo) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(path, "w:gz") as tarball:
        for each in (member("thing-1.0", type=tarfile.DIRTYPE, mode=0o755), member("thing-1.0/README"), *members):
            tarball.addfile(each, io.BytesIO())


LAY_DOWN = ("new_tree thing", "orig thing_1.0.orig.tar.gz thing_1.0.orig.tar.gz")
TARBALL = "files/thing_1.0.orig.tar.gz"


@pytest.mark.parametrize(
    ("bad", "fault"),
    [
        (member("../outside"), "../outside"),
        (member("thing-1.0/../../../outside"), "../outside"),
        (member("/tmp/outside-of-the-recipe"), "/tmp/outside-of-the-recipe"),
        (member("thing-1.0/link", type=tarfile.SYMTYPE, linkname="/etc/passwd"), "link that leads outside"),
        (member("thing-1.0/link", type=tarfile.SYMTYPE, linkname="../../../files"), "link that leads outside"),
        (member("thing-1.0/link", type=tarfile.SYMTYPE, linkname="../beside"), "link that leads outside"),
        (member("thing-1.0/link\nrecipe: all is well", type=tarfile.SYMTYPE, linkname="/"), "link that leads outside"),
        (member("thing-1.0/pipe", type=tarfile.FIFOTYPE), "neither a file nor a folder nor a link"),
        (member("thing-1.0/link", type=tarfile.LNKTYPE, linkname="../../../recipe/debian/rules"), "tarball"),
        (member("thing-1.0/link", type=tarfile.LNKTYPE, linkname="/etc/passwd"), "tarball"),
    ],
)
def test_a_tarball_that_reaches_outside_is_refused(work, bad, fault):
    make_tarball(work.folder / TARBALL, bad)
    (work.folder / "build" / "thing-0.9").mkdir(parents=True)
    (work.folder / "build" / "thing-0.9" / "kept").touch()
    one_line(work.run(*LAY_DOWN), "thing_1.0.orig.tar.gz", fault, "nothing of it is laid down", "maintainers")
    assert work.files() == {TARBALL, "build/thing-0.9/kept"}
    assert not (work.folder.parent / "outside").exists()


def test_a_file_through_a_link_of_the_same_tarball_is_refused(work):
    link = member("thing-1.0/link", type=tarfile.SYMTYPE, linkname=str(work.folder.parent))
    make_tarball(work.folder / TARBALL, link, member("thing-1.0/link/outside"))
    one_line(work.run(*LAY_DOWN), "thing_1.0.orig.tar.gz", "nothing of it is laid down")
    assert not (work.folder.parent / "outside").exists()
    assert work.files() == {TARBALL}


def test_a_tarball_that_is_none_is_refused(work):
    (work.folder / "files").mkdir()
    (work.folder / TARBALL).write_bytes(RIGHT)
    one_line(work.run(*LAY_DOWN), "thing_1.0.orig.tar.gz", "cannot be unpacked", "maintainers")
    assert work.files() == {TARBALL}


def test_a_component_is_looked_at_as_well(work):
    make_tarball(work.folder / TARBALL)
    make_tarball(work.folder / "files" / "data.tar.gz", member("../outside"))
    said = work.run(*LAY_DOWN, "component data thing_1.0.orig-data.tar.gz data.tar.gz")
    one_line(said, "thing_1.0.orig-data.tar.gz", "../outside")
    assert not (work.folder / "build" / ".new").exists()


def test_links_within_the_tarball_stay(work):
    links = {"link": "README", "top": ".", "folder/up": "../README", "folder/deep": "../folder/up"}
    folder = member("thing-1.0/folder", type=tarfile.DIRTYPE, mode=0o755)
    members = [member(f"thing-1.0/{name}", type=tarfile.SYMTYPE, linkname=target) for name, target in links.items()]
    make_tarball(work.folder / TARBALL, folder, *members)
    assert work.run(*LAY_DOWN).status == 0
    tree = work.folder / "build" / ".new" / "tree"
    assert {name: str((tree / name).readlink()) for name in links} == links


def test_the_source_package_is_made_again_where_it_was_made_before(work):
    make_tarball(work.folder / TARBALL)
    make_tarball(work.folder / "files" / "data.tar.gz")
    debian = work.folder / "recipe" / "debian"
    (debian / "source").mkdir(parents=True)
    (debian / "source" / "format").write_text("3.0 (quilt)\n")
    (debian / "control").write_text("Source: thing\nMaintainer: A <a@example.org>\n\nPackage: thing\nArchitecture: all\n")
    (debian / "changelog").write_text(
        "thing (1.0-1) unstable; urgency=medium\n\n  * New.\n\n -- A <a@example.org>  Thu, 01 Jan 2026 00:00:00 +0000\n"
    )
    (debian / "rules").touch()
    lines = (*LAY_DOWN, "component data thing_1.0.orig-data.tar.gz data.tar.gz", "packaging 1.0-1+cdur1 Built", "source_package")
    assert work.run(*lines).status == 0
    first = (work.folder / "build" / "thing_1.0-1+cdur1.dsc").read_bytes()
    again = work.run(*lines)
    assert again.status == 0, again.lines
    assert (work.folder / "build" / "thing_1.0-1+cdur1.dsc").read_bytes() == first


def test_what_an_ended_run_has_left_does_not_disturb(work):
    make_tarball(work.folder / TARBALL)
    for left in ("build/.new/tree/half", "build/.new/unpacked/half"):
        (work.folder / left).parent.mkdir(parents=True, exist_ok=True)
        (work.folder / left).touch()
    assert work.run(*LAY_DOWN).status == 0
    assert {path.name for path in (work.folder / "build" / ".new" / "tree").iterdir()} == {"README"}
