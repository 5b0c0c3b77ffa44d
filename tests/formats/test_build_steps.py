"""The lines of a page, run for real: in sh and bash, with Debian's own tools, until a source package lies there."""

from __future__ import annotations

import os
import shlex
import subprocess
import tarfile
from collections.abc import Mapping
from datetime import timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path

import pytest

from recipes_app.formats import build_steps
from recipes_app.formats.build_steps import Site, blocks, build_line, source_lines
from recipes_app.formats.metadata import Fetch, Variant
from recipes_app.formats.recipe import parse_recipe
from recipes_app.formats.source_plan import SourcePlan, source_plan
from tests.factories import recipe_tree

from .test_source_plan import COMMIT, binary, fetch, metadata, plan, relations

SITE = Site("https://dur.example", "https://dur.example/git/hello.git")
SHELLS = ("sh", "bash")
pytestmark = pytest.mark.server


def run(folder: Path, lines: list[str], shell: str = "sh", **environment: str) -> subprocess.CompletedProcess[str]:
    """Run lines in `folder` as a block does, with steps.sh."""
    (folder / "steps.sh").write_bytes(build_steps.library())
    text = "\n".join(["(set -eu", ". ./steps.sh", *lines, ")"])
    ours = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "LC_ALL": "C.UTF-8", **environment}
    return subprocess.run([shell, "-c", text], cwd=folder, env=ours, capture_output=True, text=True, check=False, timeout=120)


def lay_down(folder: Path, tree: Mapping[str, bytes], files: Mapping[str, bytes], shell: str = "sh") -> SourcePlan:
    """Write a recipe and its downloaded files as the blocks before do; make the source package; return the plan."""
    said = parse_recipe(tree).metadata
    assert said is not None
    for path, content in {
        **{f"recipe/{each}": tree[each] for each in tree},
        **{f"files/{each}": files[each] for each in files},
    }.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    found = source_plan(said, commit=COMMIT)
    result = run(folder, source_lines(found), shell)
    assert result.returncode == 0, result.stderr
    return found


def tarball(folder: Path, members: Mapping[str, bytes], links: Mapping[str, str] | None = None) -> bytes:
    """Return a tarball with these members, each at the very name that is given."""
    path = folder / "made.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        for name, content in members.items():
            head = tarfile.TarInfo(name)
            head.size = len(content)
            source = folder / "content"
            source.write_bytes(content)
            with source.open("rb") as stream:
                archive.addfile(head, stream)
        for name, target in (links or {}).items():
            head = tarfile.TarInfo(name)
            head.type, head.linkname = tarfile.SYMTYPE, target
            archive.addfile(head)
    return path.read_bytes()


def manifest(*fetches: str) -> str:
    return "\n".join(["Format: 1\nSource: hello-dur\n", *fetches])


def pinned(name: str, role: str = "orig", extra: str = "") -> str:
    return f"Fetch: {name}\nURL: https://example.org/{name}\nSHA256: {'0' * 64}\nSize: 1\nRole: {role}\n{extra}"


def unpacked(folder: Path, found: SourcePlan) -> Path:
    """Unpack the source package by dpkg-source, as every tool of Debian's does."""
    target = folder / "unpacked"
    dsc = folder / "build" / build_steps.dsc_of(found)
    subprocess.run(["dpkg-source", "--no-check", "--extract", dsc, target], check=True, capture_output=True)
    return target


@pytest.mark.parametrize("shell", SHELLS)
def test_source_package_has_upstream_components_and_packaging(tmp_path: Path, shell: str) -> None:
    files = {
        "v1.tar.gz": tarball(tmp_path, {"hello-1.0/main.c": b"int x;\n", "hello-1.0/README.md": b"upstream's\n"}),
        "hello-dur_1.0.orig-data.tar.gz": tarball(tmp_path, {"top/data.txt": b"data\n"}),
        "a.whl": b"wheel a",
        "b.whl": b"wheel b",
    }
    dur = manifest(
        pinned("v1.tar.gz"), pinned("hello-dur_1.0.orig-data.tar.gz", "component"),
        pinned("a.whl", "component", "Wrap: wheel\n"), pinned("b.whl", "component", "Wrap: wheel/more\n"),
    )  # fmt: skip
    tree = recipe_tree("hello-dur", "1.0-1", **{"debian/dur": dur, "README.md": "the recipe's\n"})
    result = unpacked(tmp_path, lay_down(tmp_path, tree, files, shell))
    assert (result / "main.c").read_bytes() == b"int x;\n"
    assert (result / "data/data.txt").read_bytes() == b"data\n"
    assert ((result / "wheel/a.whl").read_bytes(), (result / "wheel/more/b.whl").read_bytes()) == (b"wheel a", b"wheel b")
    # Only debian/ of the recipe enters the tree: upstream's README stays upstream's.
    assert (result / "README.md").read_bytes() == b"upstream's\n"
    changelog = (result / "debian/changelog").read_text()
    assert changelog.startswith("hello-dur (1.0-1+cdur1) ")
    assert COMMIT in changelog
    dates = [parsedate_to_datetime(line.partition(">  ")[2]) for line in changelog.splitlines() if line.startswith(" -- ")]
    assert dates[0] - dates[1] == timedelta(seconds=1)
    assert f"XB-Dur-Recipe: hello-dur {COMMIT}\nPackage: hello-dur\n" in (result / "debian/control").read_text()


def test_same_files_make_the_same_source_package(tmp_path: Path) -> None:
    made = []
    for name in ("one", "two"):
        folder = tmp_path / name
        folder.mkdir()
        tree = recipe_tree("hello-dur", "1.0-1", **{"debian/dur": manifest(pinned("a.whl", "component", "Wrap: wheel\n"))})
        found = lay_down(folder, tree, {"a.whl": b"wheel"})
        made.append({each.name: each.read_bytes() for each in (folder / "build").iterdir() if each.is_file()})
        assert build_steps.dsc_of(found) in made[-1]
    assert made[0] == made[1]


def test_running_it_again_makes_it_anew(tmp_path: Path) -> None:
    tree = recipe_tree("hello-dur", "1.0-1")
    found = lay_down(tmp_path, tree, {})
    stray = tmp_path / "build" / build_steps.tree_of(found) / "stray"
    stray.write_text("left by a build that was stopped")
    lay_down(tmp_path, tree, {})
    assert not stray.exists()


def test_native_package_holds_debian_alone(tmp_path: Path) -> None:
    tree = recipe_tree("hello-dur", "1.0", **{"debian/source/format": "3.0 (native)\n", "README.md": "the recipe's\n"})
    result = unpacked(tmp_path, lay_down(tmp_path, tree, {}))
    assert sorted(each.name for each in result.iterdir()) == ["debian"]


@pytest.mark.parametrize(
    ("members", "links", "words"),
    [
        ({"../outside": b"x"}, {}, "names ../outside"),
        ({"a/../../outside": b"x"}, {}, "names a/../../outside"),
        ({"/tmp/outside-of-the-tree": b"x"}, {}, "names /tmp/outside-of-the-tree"),
        ({"a/b": b"x"}, {"a/link": "/etc/passwd"}, "holds a link that leads outside, ./link"),
        ({"a/b": b"x"}, {"a/link": "../../.."}, "holds a link that leads outside, ./link"),
    ],
)
@pytest.mark.parametrize("shell", SHELLS)
def test_tarball_that_leads_outside_is_refused_whole(
    tmp_path: Path, members: Mapping[str, bytes], links: Mapping[str, str], words: str, shell: str
) -> None:
    tree = recipe_tree("hello-dur", "1.0-1", **{"debian/dur": manifest(pinned("v1.tar.gz"))})
    (tmp_path / "files").mkdir()
    (tmp_path / "files/v1.tar.gz").write_bytes(tarball(tmp_path, members, links))
    said = parse_recipe(tree).metadata
    assert said is not None
    result = run(tmp_path, source_lines(source_plan(said, commit=COMMIT)), shell)
    assert result.returncode == 1
    (line,) = result.stderr.splitlines()
    assert line.startswith("recipe: the tarball hello-dur_1.0.orig.tar.gz " + words)
    assert list((tmp_path / "build").iterdir()) == []


def test_link_inside_the_tree_is_upstreams_business(tmp_path: Path) -> None:
    files = {"v1.tar.gz": tarball(tmp_path, {"a/b/c": b"x", "a/d": b"y"}, {"a/b/link": "../d"})}
    tree = recipe_tree("hello-dur", "1.0-1", **{"debian/dur": manifest(pinned("v1.tar.gz"))})
    assert (unpacked(tmp_path, lay_down(tmp_path, tree, files)) / "b/link").read_bytes() == b"y"


@pytest.mark.parametrize(
    "field", ["Build-Depends: debhelper-compat (= 13)", "Build-Depends:\n debhelper-compat (= 13)", "Bugs: https://x.example/"]
)
@pytest.mark.parametrize("shell", SHELLS)
def test_build_dependencies_of_a_variant_are_in_the_source_package(tmp_path: Path, field: str, shell: str) -> None:
    tree = recipe_tree("hello-dur", "1.0-1")
    control = tree["debian/control"].decode()
    lines = [line for line in control.splitlines() if not line.startswith("Build-Depends")]
    lines[1:1] = field.splitlines()
    changed = {**tree, "debian/control": "\n".join(lines).encode() + b"\n"}
    variants = "Variant: cuda\nDefault: yes\nBuild-Depends-Extra: nvidia-cuda-toolkit (>= 11), a & b\\n|c\n"
    changed["debian/dur"] = manifest(variants.replace(", a & b\\n|c", ", libx-dev [amd64] <!nocheck>")).encode()
    found = lay_down(tmp_path, changed, {}, shell)
    written = (unpacked(tmp_path, found) / "debian/control").read_text()
    said = parse_recipe({**changed, "debian/control": written.encode()}).metadata
    assert said is not None
    names = [each.text for each in said.relations["Build-Depends"]]
    wanted = ["libx-dev [amd64] <!nocheck>", "nvidia-cuda-toolkit (>= 11)"]
    assert names == wanted + (["debhelper-compat (= 13)"] if "debhelper" in field else [])


def test_git_source_is_packed_from_its_commit_alone(tmp_path: Path) -> None:
    upstream = tmp_path / "upstream"
    git = ["git", "-C", str(upstream), "-c", "user.name=Ada", "-c", "user.email=ada@example.org"]
    subprocess.run(["git", "init", "--quiet", str(upstream)], check=True)
    (upstream / "main.c").write_text("int x;\n")
    subprocess.run([*git, "add", "."], check=True)
    subprocess.run([*git, "commit", "--quiet", "--message", "x"], check=True)
    commit = subprocess.run([*git, "rev-parse", "HEAD"], check=True, capture_output=True, text=True).stdout.strip()
    config = {
        "GIT_CONFIG_COUNT": "2",
        "GIT_CONFIG_KEY_0": f"url.file://{upstream}.insteadOf", "GIT_CONFIG_VALUE_0": "https://example.org/x.git",
        "GIT_CONFIG_KEY_1": "protocol.file.allow", "GIT_CONFIG_VALUE_1": "always",
    }  # fmt: skip
    made = []
    for name in ("one", "two"):
        folder = tmp_path / name
        folder.mkdir()
        line = shlex.join(["get_git", "up.tar.gz", "https://example.org/x.git", commit])
        assert run(folder, [line], **config).returncode == 0
        made.append((folder / "files/up.tar.gz").read_bytes())
        with tarfile.open(folder / "files/up.tar.gz") as archive:
            assert "source/main.c" in archive.getnames()
    assert made[0] == made[1]
    gone = run(tmp_path, [shlex.join(["get_git", "x.tar.gz", "https://example.org/x.git", "d" * 40])], **config)
    assert gone.returncode == 1
    assert gone.stderr.splitlines()[-1].startswith("recipe: x.tar.gz cannot be fetched: https://example.org/x.git does not give")
    assert not (tmp_path / "files/x.tar.gz").exists()


class TestBlocks:
    """What the blocks hold, beyond what running them shows."""

    def text(self, kind: str, found: SourcePlan) -> str:
        return next(block.text for block in blocks(found, SITE) if block.kind == kind)

    def test_commit_is_pinned(self) -> None:
        assert f"clone https://dur.example/git/hello.git {COMMIT}\n" in self.text("get", plan())

    def test_nothing_is_built_before_it_is_accepted_and_verified(self) -> None:
        found = plan(fetches=(fetch(acceptance="explicit", licence_sha256="ab" * 32, licence_file="debian/licences/x"),))
        lines = self.text("build", found).splitlines()
        order = [next(number for number, line in enumerate(lines) if line.startswith(word)) for word in
                 ("accept_licence ", "get ", "orig ", "source_package", "install_build_depends ", "(cd build/")]  # fmt: skip
        assert order == sorted(order)

    def test_components_are_added_before_the_build_needs_them_and_taken_back(self) -> None:
        found = plan(components=("contrib", "non-free"))
        build = self.text("build", found)
        assert build.index("with_components hello contrib non-free") < build.index("install_build_depends")
        assert "clean_root main contrib non-free" in self.text("clean", found)
        assert "without_components hello" in self.text("undo", found)

    def test_recipes_that_are_needed_are_asked_for_before_the_build(self) -> None:
        found = source_plan(
            metadata(relations={"Build-Depends": relations("libgreeting-dev")}), providers={"libgreeting-dev": "libgreeting"}
        )
        line = "needs_installed libgreeting https://dur.example/recipes/libgreeting/ libgreeting-dev\n"
        assert line in self.text("build", found)
        assert "--extra-package=../../libgreeting/build" in self.text("clean", found)

    def test_variant_has_its_flags_and_profiles(self) -> None:
        variant = Variant("native", 1, profiles=("pkg.hello.native",), flags="-march=native -O3")
        found = source_plan(metadata(variants=(variant,)), variant="native")
        flags = "DEB_CFLAGS_APPEND='-march=native -O3' DEB_CXXFLAGS_APPEND='-march=native -O3'"
        assert build_line(found).endswith(
            f"&& {flags} dpkg-buildpackage --no-sign --build=binary --build-profiles=pkg.hello.native)"
        )
        assert "record_machine hello_1.0-1+cdur1.native.machine '-march=native -O3'" in self.text("build", found)

    def test_words_of_a_recipe_stay_one_word_of_the_shell(self) -> None:
        evil = "$(touch /tmp/x); rm -rf ~ #'\"`\n!"
        variant = Variant(evil, 1, default=True, profiles=(evil,), flags=evil, portability=evil)
        found = source_plan(
            metadata(
                source=evil, fetches=(Fetch(f"{evil}.tar.gz", f"https://x.org/{evil}", 1, "0" * 64, 1),), variants=(variant,),
                suites=(evil,), binaries=(binary(evil, architectures=(evil,)),), components=(evil,),
            ),
            commit=COMMIT,
        )  # fmt: skip
        for block in blocks(found, Site(evil, evil)):
            words = shlex.split(block.text)
            assert all(evil in word for word in words if "touch" in word or "rm -rf ~" in word)
            assert all(word.count("(") == word.count(evil) or word.startswith("(") for word in words)
            probe = subprocess.run(["sh", "-n", "-c", block.text], capture_output=True, text=True, check=False)
            assert probe.returncode == 0, probe.stderr


def test_functions_are_clean_for_shellcheck() -> None:
    path = Path(build_steps.__file__).with_name("steps.sh")
    result = subprocess.run(["shellcheck", "--shell=sh", str(path)], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout
