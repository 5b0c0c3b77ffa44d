"""Changes by effect: every bypass that a red team found is classed, ordinary bumps are plain, and hostile trees take no time."""

import sys

import pytest

from recipes_app.formats.bounds import MAX_EFFECT_CHANGES
from recipes_app.formats.effect_control import is_own_name
from recipes_app.formats.effects import Change, Effect, Side, changes_of, is_plain_bump
from recipes_app.formats.recipe import parse_recipe
from tests.factories import recipe_tree
from tests.formats.effect_cases import ADDRESS, BUILD, CONTROL, ONE, ORIGIN, ROOT, RULES, TWO, control, fetch, field, manifest


def side(version="1.0-1", **files):
    tree = recipe_tree("hello-dur", version, **{"debian/dur": manifest(fetch()), **files})
    parsed = parse_recipe(tree)
    assert parsed.metadata is not None, parsed.errors
    return Side(tree, parsed.metadata)


def bumped(version="1.1-1", checksum=TWO, address=ADDRESS, **files):
    return side(version, **{"debian/dur": manifest(fetch(address, version.partition("-")[0], checksum)), **files})


def effects(old, new):
    return {change.effect for change in changes_of(old, new)}


def grave(old, new):
    return {change.effect for change in changes_of(old, new) if change.effect is not Effect.INERT}


BYPASSES = [
    pytest.param(files, effect, id=name)
    for effect, cases in ((Effect.BUILD, BUILD), (Effect.ROOT, ROOT), (Effect.ORIGIN, ORIGIN))
    for name, files in cases.items()
]


@pytest.mark.parametrize(("files", "effect"), BYPASSES)
def test_bypass_is_classed(files, effect):
    new = bumped(**files) if "debian/dur" not in files else side("1.0-2", **files)
    found = changes_of(side(), new)
    assert effect in {change.effect for change in found}, found
    assert not is_plain_bump(side(), new)


# Addresses that a file of https://github.com/upstream/hello moved to.
ORIGINS = {
    "another owner": "https://github.com/attacker/hello/archive/refs/tags/v{version}.tar.gz",
    "another project of the same owner": "https://github.com/upstream/other/archive/refs/tags/v{version}.tar.gz",
    "another project of the same forge": "https://github.com/attacker/other/archive/refs/tags/v{version}.tar.gz",
    "codeload of another owner": "https://codeload.github.com/attacker/hello/tar.gz/refs/tags/v{version}",
    "raw files of another owner": "https://raw.githubusercontent.com/attacker/hello/v{version}/x.tar.gz",
    "the interface's host": "https://api.github.com/repos/attacker/hello/tarball/v{version}",
    "dots": "https://github.com/upstream/hello/../../attacker/hello/archive/refs/tags/v{version}.tar.gz",
    "encoded dots": "https://github.com/upstream/hello/%2e%2e/%2E%2E/attacker/hello/archive/refs/tags/v{version}.tar.gz",
    "upper case and another owner": "https://GITHUB.com/Attacker/hello/archive/refs/tags/v{version}.tar.gz",
    "a port": "https://github.com:8443/upstream/hello/archive/refs/tags/v{version}.tar.gz",
    "a file of a comment": "https://github.com/upstream/hello/files/123/hello-{version}.tar.gz",
    "a picture of a comment": "https://github.com/upstream/hello/assets/123/hello-{version}.tar.gz",
    "an attachment": "https://github.com/user-attachments/files/123/hello-{version}.tar.gz",
    "a pull request": "https://github.com/upstream/hello/archive/refs/pull/7/head.tar.gz",
    "a fork's commit": "https://github.com/upstream/hello/archive/0123456789abcdef0123456789abcdef01234567.tar.gz",
    "a short commit": "https://github.com/upstream/hello/archive/0123abc.tar.gz",
    "a git commit": "git+https://github.com/upstream/hello#commit=0123456789abcdef0123456789abcdef01234567",
    "another forge": "https://gitlab.com/upstream/hello/-/archive/v{version}/hello-v{version}.tar.gz",
    "a look-alike host": "https://github.com.evil.example/upstream/hello/archive/refs/tags/v{version}.tar.gz",
    "a registry": "pypi:hello/{version}/hello-{version}.tar.gz",
    "Debian's archive": "debian:hello/{version}-1/hello_{version}.orig.tar.gz",
}


@pytest.mark.parametrize("address", ORIGINS.values(), ids=ORIGINS.keys())
def test_another_origin_is_told(address):
    new = bumped(address=address)
    assert Effect.ORIGIN in effects(side(), new), changes_of(side(), new)
    assert not is_plain_bump(side(), new)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("https://example.org/~alice/hello-{version}.tar.gz", "https://example.org/~mallory/hello-{version}.tar.gz"),
        ("https://example.org/hello-{version}.tar.gz", "https://example.org/evil-{version}.tar.gz"),
        ("https://example.org/get?file=hello-{version}.tgz", "https://example.org/get?file=evil-{version}.tgz"),
        ("https://s3.example.org/1234/hello-{version}.tar.gz", "https://s3.example.org/6666/hello-{version}.tar.gz"),
        ("https://gitlab.example.org/a/b/c/-/archive/v{version}/c.tar.gz", "https://gitlab.example.org/a/b/d/-/archive/v{version}/c.tar.gz"),
        ("git+https://gitlab.com/a/b/c.git#commit=" + "1" * 40, "git+https://gitlab.com/a/b/d.git#commit=" + "1" * 40),
        ("https://codeberg.org/a/b/archive/v{version}.tar.gz", "https://codeberg.org/m/b/archive/v{version}.tar.gz"),
        ("https://sourceforge.net/projects/a/files/a-{version}.tgz", "https://downloads.sourceforge.net/project/b/a-{version}.tgz"),
        ("https://bitbucket.org/a/b/get/v{version}.tar.gz", "https://bitbucket.org/a/c/get/v{version}.tar.gz"),
        ("https://salsa.debian.org/a/b/-/archive/v{version}/b.tar.gz", "https://salsa.debian.org/m/b/-/archive/v{version}/b.tar.gz"),
        ("pypi:hello/{version}/hello-{version}.tar.gz", "pypi:he11o/{version}/hello-{version}.tar.gz"),
        ("npm:@a/hello/{version}", "npm:@b/hello/{version}"),
        ("debian:hello/{version}-1/hello_{version}.orig.tar.gz", "debian:hell/{version}-1/hello_{version}.orig.tar.gz"),
        ("https://static.crates.io/crates/a/a-{version}.crate", "https://static.crates.io/crates/b/b-{version}.crate"),
        ("https://huggingface.co/a/m/resolve/main/m.bin", "https://huggingface.co/b/m/resolve/main/m.bin"),
        ("https://gitlab.com/a/b/-/archive/v{version}/b.tar.gz", "https://gitlab.com/a/b/uploads/0123/b-{version}.tar.gz"),
    ],
)  # fmt: skip
def test_origins_differ(old, new):
    assert Effect.ORIGIN in effects(bumped("1.0-1", ONE, old), bumped(address=new))
    assert Effect.ORIGIN not in effects(bumped("1.0-1", ONE, old), bumped(address=old)) or "commit=" in old or "resolve" in old


@pytest.mark.parametrize(
    "address",
    [
        "https://github.com/upstream/hello/archive/refs/tags/v1.0.tar.gz?x=1",
        "https://GITHUB.com/Upstream/Hello/archive/refs/tags/v1.0.tar.gz",
        "https://www.github.com:443/upstream/hello/archive/refs/tags/v1.0.tar.gz",
        "https://github.com/upstream/./hello//archive/x/../refs/tags/v1.0.tar.gz",
        "https://github.com/%75pstream/hello/archive/refs/tags/v1.0.tar.gz",
        "https://codeload.github.com/upstream/hello/tar.gz/refs/tags/v1.0",
        ADDRESS.format(version="1.0"),
    ],
)
def test_other_bytes_at_the_same_address(address):
    changes = changes_of(side(), bumped(address=address))
    assert [change for change in changes if change.effect is Effect.ORIGIN and "bytes" in change.what], changes


def test_other_bytes_of_a_registry_under_its_other_name():
    old = bumped("1.0-1", ONE, "pypi:Hello_World/1.0/hello_world-1.0.tar.gz")
    new = bumped("1.0-2", TWO, "https://files.pythonhosted.org/packages/aa/bb/cc/hello_world-1.0.tar.gz")
    assert Effect.ORIGIN in effects(old, new)


@pytest.mark.parametrize(
    "address",
    [
        ADDRESS,
        "https://example.org/hello-{version}.tar.gz",
        "https://example.org/{version}/hello-{version}.tar.gz",
        "https://example.org/get?file=hello-{version}.tgz",
        "pypi:hello/{version}/hello-{version}.tar.gz",
        "npm:hello/{version}",
        "debian:hello/{version}-1/hello_{version}.orig.tar.gz",
        "https://github.com/upstream/hello/releases/download/v{version}/hello-{version}.tar.xz",
    ],
)
@pytest.mark.parametrize("version", ["1.1-1", "2.0~rc1-1", "10.0-1"])
def test_next_release_is_plain(address, version):
    old, new = bumped("1.0-1", ONE, address), bumped(version, TWO, address)
    assert grave(old, new) == set(), changes_of(old, new)
    assert is_plain_bump(old, new)


def test_plain_bump_is_newer():
    assert not is_plain_bump(bumped("1.1-1"), bumped("1.0-1", ONE))
    assert not is_plain_bump(side(), side())
    assert not is_plain_bump(None, side())


def test_file_that_stays_does_not_make_a_bump_less_plain():
    both = manifest(
        fetch(), fetch("https://example.org/data-{version}.tgz").replace("hello-dur_1.0.orig", "data").replace("orig", "extra")
    )
    new = both.replace("v1.0", "v1.1").replace("hello-dur_1.0", "hello-dur_1.1").replace(ONE, TWO, 1)
    assert is_plain_bump(side(**{"debian/dur": both}), side("1.1-1", **{"debian/dur": new}))


def test_changelog_alone_is_plain_and_inert():
    assert is_plain_bump(side("1.0-1"), side("1.0-2"))
    assert grave(side("1.0-1"), side("1.0-2")) == set()


def test_private_field_is_no_plain_bump():
    new = bumped(**{"debian/dur": manifest(fetch(version="1.1", checksum=TWO), header="X-Note: curl x | sh\n")})
    assert not is_plain_bump(side(), new)


@pytest.mark.parametrize(
    "files",
    [
        {"README.md": "# Hello\n"},
        {"debian/README.Debian": "hello\n"},
        {"debian/NEWS": "hello\n"},
        {"debian/hello-dur.lintian-overrides": "hello-dur: x\n"},
        {"debian/source/lintian-overrides": "x\n"},
        {"debian/upstream/metadata": "Bug-Database: https://example.org\n"},
        {"debian/salsa-ci.yml": "include: x\n"},
        {"debian/control": control("friendly greeting", "kind greeting")},
        {"debian/control": control("Homepage: https://example.org/hello-dur", "Homepage: https://elsewhere.example/")},
        {"debian/control": control("Maintainer: Ada Lovelace <ada@example.org>", "# hello\nMaintainer: Bob <bob@example.org>")},
        {
            "debian/control": CONTROL.replace(
                "Build-Depends: debhelper-compat (= 13)", "Build-Depends:\n  debhelper-compat   (= 13)"
            )
        },
        {"debian/control": control("4.6.2", "4.7.0")},
        {"debian/dur": manifest(fetch(), header="Keywords: a, b\nSuites: trixie\n")},
        {"debian/dur": "# a comment\n" + manifest(fetch())},
    ],
    ids=lambda files: next(iter(files)),
)
def test_inert(files):
    assert grave(side(), side("1.0-2", **files)) == set()


def test_comment_of_watch_is_inert_and_another_pattern_too():
    watch = "version=4\nhttps://github.com/upstream/hello/tags .*/v(.*)\\.tar\\.gz\n"
    old = side(**{"debian/watch": watch})
    assert grave(old, side("1.0-2", **{"debian/watch": "# a comment\n" + watch})) == set()
    assert grave(old, side("1.0-2", **{"debian/watch": watch.replace("(.*)", "(\\d.*)")})) == set()
    other = watch.replace("https://github.com/upstream", "https://github.com/attacker")
    assert grave(old, side("1.0-2", **{"debian/watch": other})) == {Effect.ORIGIN}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("https://github.com/o/p/tags .*/v(.*)\\.tgz", "opts=repack https://www.github.com/o/p/releases .*/v(.*)\\.tgz"),
        ("http://example.org/hello/hello-(.*)\\.tar\\.gz", "https://example.org/hello/hello-(.*)\\.tar\\.xz"),
        ("https://sf.net/hello/hello-(.*)\\.tar\\.gz", "https://sourceforge.net/projects/hello/files/hello-(.*)\\.tar\\.gz"),
    ],
)  # fmt: skip
def test_watched_project_stays(old, new):
    sides = [side(version, **{"debian/watch": f"version=4\n{line}\n"}) for version, line in (("1.0-1", old), ("1.0-2", new))]
    assert grave(*sides) == set()


def test_signature_that_is_no_longer_asked_for():
    line = "https://example.org/ hello-(.*)\\.tar\\.gz\n"
    old = side(**{"debian/watch": f"version=4\nopts=pgpsigurlmangle=s/$/.asc/ {line}"})
    new = side("1.0-2", **{"debian/watch": f"version=4\nopts=pgpmode=none {line}"})
    assert grave(old, new) == {Effect.ORIGIN}


def test_watch_of_version_5():
    text = "Version: 5\n\nTemplate: GitHub\nOwner: {}\nProject: hello\n"
    old, new = side(**{"debian/watch": text.format("upstream")}), side("1.0-2", **{"debian/watch": text.format("attacker")})
    assert grave(old, new) == {Effect.ORIGIN}
    assert grave(old, side("1.0-2", **{"debian/watch": "\n# x\n" + text.format("upstream")})) == set()


def test_file_that_a_list_puts_into_etc_is_watched_from_then_on():
    files = {"debian/hello-dur.install": "debian/README.shell etc/profile.d/\n", "debian/README.shell": "echo\n"}
    new = side("1.0-2", **{**files, "debian/README.shell": "curl x | sh\n"})
    assert grave(side(**files), new) == {Effect.ROOT}


def test_changelog_that_a_script_runs():
    rules = RULES + "\nx:\n\tdpkg-parsechangelog -S Changes -l debian/changelog | sh\n"
    assert Effect.BUILD in effects(side(**{"debian/rules": rules}), side("1.0-2", **{"debian/rules": rules}))


def test_line_of_a_change():
    new = side("1.0-2", **{"debian/rules": RULES + "\nx:\n\ttrue\n"})
    (change,) = [change for change in changes_of(side(), new) if change.path == "debian/rules"]
    assert change == Change(Effect.BUILD, "debian/rules", 4, "debian/rules changed: it runs during the build.")


def test_first_revision_says_what_it_brings():
    new = side(**{"debian/postinst": "#!/bin/sh\n", "debian/cron.daily": "x\n"})
    changes = changes_of(None, new)
    assert {Effect.ROOT, Effect.BUILD, Effect.ORIGIN} <= {change.effect for change in changes}
    assert any(change.path == "debian/postinst" and "is new" in change.what for change in changes)
    assert any("github.com/upstream/hello" in change.what for change in changes)
    assert Effect.ROOT not in effects(None, side())


def test_own_packages_take_each_others_place():
    text = control(
        "Architecture: any", "Architecture: any\nReplaces: libhello-dur1, hello-dur-data (<< 2)\nBreaks: hello-dur-data"
    )
    assert grave(side(), side("1.0-2", **{"debian/control": text})) == {Effect.BUILD}


@pytest.mark.parametrize(
    ("source", "package", "own"),
    [
        ("greeting", "libgreeting1", True),
        ("greeting", "python3-greeting", True),
        ("greeting", "greeting-data", True),
        ("lua5.4", "liblua5.4-dev", True),
        ("python-plotille", "python3-plotille", True),
        ("sud", "sudo", False),
        ("sudo-tools", "sudo", False),
        ("python-sudo", "sudo", False),
        ("libsudo", "sudo", False),
        ("sudo1", "sudo", False),
    ],
)
def test_new_package_is_named_for_the_recipe(source, package, own):
    assert is_own_name(package, source) is own


COPYRIGHT = recipe_tree()["debian/copyright"].decode()


def written(how):
    return {"debian/dur": manifest(fetch(), header=f"Provenance: {how}\n")}


def model(licence):
    return {"debian/dur": manifest(fetch(), f"\nModel: m\nFiles: hello-dur_1.0.orig.tar.gz\nWeights-License: {licence}\n")}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ({}, {"debian/copyright": COPYRIGHT.replace("Expat", "CC-BY-NC-4.0")}),
        ({}, {"debian/dur": manifest(fetch(), header="Redistribution: forbidden\n")}),
        (written("human"), written("ai-generated")),
        (written("human"), {"debian/dur": manifest(fetch())}),
        (model("MIT"), model("Llama-3")),
        ({}, {"debian/dur": manifest(fetch(more="Acceptance: risk-toxiccandy\n"))}),
        ({}, {"debian/control": control("Section: utils", "Section: non-free/utils")}),
    ],
)  # fmt: skip
def test_weaker_class(old, new):
    before, after = side(**old), side("1.0-2", **new)
    assert Effect.CLASS in effects(before, after)
    if "debian/copyright" not in new:
        assert Effect.CLASS not in effects(after, side("1.0-3", **old)) or "Acceptance" in new["debian/dur"]


def test_many_changes_are_cut_and_every_effect_stays():
    new = side("1.1-1", **{f"debian/x{number}": "x\n" for number in range(MAX_EFFECT_CHANGES * 2)}, **{"README.md": "x"})
    changes = changes_of(side(), new)
    assert len(changes) == MAX_EFFECT_CHANGES
    assert {Effect.BUILD, Effect.INERT} <= {change.effect for change in changes}


def calls(old, new):
    """Return how many functions, Python's own among them, one comparison calls."""
    count = 0

    def note(_frame, event, _argument):
        nonlocal count
        count += event in {"call", "c_call"}

    sys.setprofile(note)
    try:
        changes_of(old, new)
    finally:
        sys.setprofile(None)
    return count


SHAPES = {
    "a long line of marks": lambda size: {"debian/rules": "etc/" * size},
    "lines with marks": lambda size: {"debian/rules": "\n".join(f"cp x etc/a{number}" for number in range(size))},
    "marks that are none": lambda size: {"debian/rules": "install " * size},
    "an install list": lambda size: {"debian/install": "".join(f"x{number} etc/x\n" for number in range(size))},
    "scripts": lambda size: {f"debian/s{number}.sh": "cp debian/*.x changelog etc/x\n" for number in range(size // 10)},
    "texts and patterns": lambda size: {
        "debian/x.sh": "debian/*a*b " * 50,
        **{f"debian/p{n}.NEWS": "x" for n in range(size // 10)},
    },
    "relations": lambda size: field("Replaces: " + ", ".join(f"p{number}" for number in range(size))),
    "watched places": lambda size: {"debian/watch": "version=4\n" + "".join(f"https://h{n}.example/ x\n" for n in range(size))},
    "files of one address": lambda size: {
        "debian/dur": manifest(
            *(fetch(f"https://example.org/x?a={n}").replace("hello-dur_1.0.orig", f"x{n}") for n in range(size // 10))
        )
    },
}


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES.keys())
def test_work_grows_with_the_tree_and_not_faster(shape):
    small, large = side("1.1-1", **shape(400)), side("1.1-1", **shape(1_600))
    base = calls(side(), side("1.1-1"))
    assert calls(side(), large) - base <= 5 * max(200, calls(side(), small) - base)
    assert calls(large, small) <= 6 * calls(small, large) + 5_000


@pytest.mark.parametrize("options", ["upstream-tag = v%(version)s\n", "pristine-tar = True\n[buildpackage]\nsign-tags = True\n"])
def test_branches_of_git_buildpackage_run_nothing(options):
    found = changes_of(side(), bumped(**{"debian/gbp.conf": f"[DEFAULT]\n{options}"}))
    assert {change.effect for change in found if change.path == "debian/gbp.conf"} == {Effect.INERT}
