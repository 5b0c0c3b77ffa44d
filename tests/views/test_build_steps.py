"""The commands that a page tells people to type: complete, and with every foreign word quoted."""

import shlex

import pytest

from recipes_app.formats.metadata import BinaryPackage, ChangelogEntry, Fetch, Person, RecipeMetadata, Variant
from recipes_app.views.build_steps import build_steps, variant_command

ADA = Person("Ada", "ada@example.org")
SHA256 = "ab" * 32


def binary(name):
    return BinaryPackage(name, ("any",), "utils", "optional", "", False, "", "", "", "", {})


def metadata(**values):
    changelog = ChangelogEntry("1.0-1", ("unstable",), "low", ADA, None, "")
    given = {"source": "hello", "version": "1:1.0-1", "source_format": "3.0 (quilt)", "binaries": (binary("hello"),), **values}
    return RecipeMetadata(maintainer=ADA, changelog=changelog, **given)


def commands(**values):
    return [command for step in build_steps(metadata(**values), "hello") for command in step.commands]


def fetch(filename="hello_1.0.orig.tar.xz", url="https://example.org/hello.tar.xz", **values):
    return Fetch(filename=filename, url=url, line=1, **{"sha256": SHA256, "size": 1, **values})


def test_recipe_is_cloned_read_and_built(settings):
    settings.PORTAL_URL = "https://dur.example"
    found = commands()
    assert found[0] == "git clone https://dur.example/git/hello.git"
    assert "dpkg-buildpackage --build=binary --no-sign" in found
    assert found.index("less debian/rules debian/control") < found.index("dpkg-buildpackage --build=binary --no-sign")


def test_file_name_of_a_package_has_no_epoch():
    assert commands()[-1] == "sudo apt-get install ../hello_1.0-1_*.deb"


def test_source_without_a_manifest_is_fetched_by_origtargz():
    assert "origtargz" in commands()


def test_native_source_is_complete():
    assert "origtargz" not in commands(source_format="3.0 (native)")


def test_orig_tarball_is_fetched_checked_and_unpacked_in_this_order():
    found = commands(fetches=(fetch(),))
    start = found.index(
        "curl --proto =https --fail --location --output ../hello_1.0.orig.tar.xz -- https://example.org/hello.tar.xz"
    )
    assert found[start + 1] == f"echo '{SHA256}  ../hello_1.0.orig.tar.xz' | sha256sum --check --strict"
    assert found[start + 2] == "tar --extract --file=../hello_1.0.orig.tar.xz --strip-components=1 --directory=."


def test_component_tarball_is_unpacked_into_its_folder():
    found = commands(fetches=(fetch("hello_1.0.orig-data.tar.gz"),))
    assert "mkdir --parents -- data" in found


@pytest.mark.parametrize(
    ("url", "command"),
    [
        ("pypi:some-name/1.0/some_name.whl", "pip download --no-deps --dest .. -- some-name==1.0"),
        ("npm:left-pad/1.3.0", "npm pack --pack-destination .. -- left-pad@1.3.0"),
        ("debian:ffmpeg/7:5.1/x.tar.xz", "(cd .. && apt-get source --download-only --only-source ffmpeg=7:5.1)"),
    ],
)
def test_mirror_schemes_use_the_users_own_tools(url, command):
    assert command in commands(fetches=(fetch("file.bin", url),))


def test_git_source_is_checked_out_at_its_commit():
    commit = "c" * 40
    found = commands(fetches=(fetch("upstream", f"git+https://example.org/x.git#commit={commit}", sha256="", size=None),))
    wanted = f"git clone --no-checkout -- https://example.org/x.git ../upstream && git -C ../upstream checkout --detach {commit}"
    assert wanted in found


def test_hostile_words_stay_one_word_of_the_shell():
    evil = "$(touch /tmp/x); rm -rf ~ #'\"`"
    found = commands(fetches=(fetch(evil, f"https://example.org/{evil}"),))
    curl = next(command for command in found if command.startswith("curl"))
    assert shlex.split(curl)[-1] == f"https://example.org/{evil}"
    assert shlex.split(curl)[6] == f"../{evil}"


def test_hostile_flags_stay_one_word_of_the_shell():
    command = variant_command(Variant("x", 1, flags="-O3' ; reboot '"))
    assert shlex.split(command)[0] == "DEB_CFLAGS_APPEND=-O3' ; reboot '"


def test_many_packages_are_installed_by_the_first():
    names = tuple(binary(f"package-{number}") for number in range(9))
    assert commands(binaries=names)[-1] == "sudo apt-get install ../package-0_1.0-1_*.deb"
