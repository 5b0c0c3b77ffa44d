"""Checks for the faults that this project's own examples had: the cases beside the examples of the checks."""

import time

import pytest

from recipes_app.limits import KIB, MAX_BLOB_BYTES
from recipes_app.lint.checks.archive_facts import components, weights
from recipes_app.lint.checks.examples import CONTROL, DUR, RULES, example_tree
from recipes_app.lint.checks.recipe import CheckedRecipe
from recipes_app.lint.checks.registry import CHECKS
from tests.lint.checks.helpers import CONTEXT, found

HWCAPS = "libhello.so.1 usr/lib/x86_64-linux-gnu/glibc-hwcaps/x86-64-v3\n"
OVERRIDE = RULES + "\noverride_dh_makeshlibs:\n"
LARGE = DUR.replace("Size: 725946", "Size: 83506384")
VARIANT = "\nVariant: cuda\nDefault: yes\nProfiles: pkg.hello-dur.cuda\nFlags: -O3\n"
BLOB = "\nFetch: {name}\nURL: https://example.org/{name}\nSHA256: " + "5" * 63 + "6\nSize: {size}\n{more}License: MIT\n"
MODEL = DUR.replace("Category: source", "Category: repack")


def built(line, **files):
    """Return the example with `line` as what stands for dh_makeshlibs, and a library for newer processors."""
    return {"debian/install": HWCAPS, "debian/rules": f"{OVERRIDE}\t{line}\n", **files}


@pytest.mark.parametrize(
    "line",
    ["dh_makeshlibs -n", "dh_makeshlibs --no-scripts -- -c4", "dh_makeshlibs -X glibc-hwcaps", "dh_makeshlibs -Xhwcaps/", "true"],
)
def test_a_dh_makeshlibs_that_makes_no_trigger_is_found_at_its_line(line):
    (finding,) = found(built(line), "DUR911")
    assert (finding.path, finding.line) == ("debian/rules", 5 if line == "true" else 6)


@pytest.mark.parametrize(
    "line",
    ["dh_makeshlibs", "dh_makeshlibs -plibnuma1", "dh_makeshlibs -V -- -n", "dh_makeshlibs -n\n\tdh_makeshlibs -plibhello1"],
)
def test_a_dh_makeshlibs_that_makes_the_trigger_is_enough(line):
    assert found(built(line), "DUR911") == []


@pytest.mark.parametrize(
    ("path", "text", "number"),
    [
        ("debian/hello-dur.triggers", "activate-noawait ldconfig\n", 0),
        ("debian/triggers", "# why\nactivate ldconfig\n", 0),
        ("debian/triggers", "# activate-noawait ldconfig\n", 1),
        ("debian/triggers", "interest-noawait ldconfig\n", 1),
        ("debian/postinst", "#!/bin/sh\nset -e\nldconfig\n#DEBHELPER#\n", 0),
        ("debian/postinst", "#!/bin/sh\nset -e\n#DEBHELPER#\n", 1),
    ],
)
def test_the_recipes_own_trigger_is_enough(path, text, number):
    assert len(found(built("dh_makeshlibs -n", **{path: text}), "DUR911")) == number


@pytest.mark.parametrize(
    ("rules", "number"),
    [
        ("#!/usr/bin/make -f\nbinary:\n\tdh_gencontrol\n\tdh_builddeb\n", 1),
        ("#!/usr/bin/make -f\nbinary:\n\tdh_makeshlibs\n\tdh_gencontrol\n\tdh_builddeb\n", 0),
        ("#!/usr/bin/make -f\ninclude /usr/share/cdbs/1/rules/debhelper.mk\n", 0),
        ("#!/usr/bin/perl\nsystem 'dh_makeshlibs';\n", 0),
    ],
)
def test_a_build_without_dh_has_to_call_dh_makeshlibs(rules, number):
    assert len(found({"debian/install": HWCAPS, "debian/rules": rules}, "DUR911")) == number


def test_a_library_that_debian_rules_installs_counts_and_a_comment_does_not():
    rules = OVERRIDE + "\tdh_makeshlibs -n\n\nexecute_after_dh_install:\n\t{}cp a.so debian/x/usr/lib/glibc-hwcaps/x86-64-v3/\n"
    assert len(found({"debian/rules": rules.format("")}, "DUR911")) == 1
    assert found({"debian/rules": rules.format("").replace("\tcp", "# cp")}, "DUR911") == []
    assert found({"debian/rules": f"{OVERRIDE}\tdh_makeshlibs -n\n"}, "DUR911") == []


@pytest.mark.parametrize(
    ("relation", "number"),
    [
        ("python3-torch", 1),
        ("python3-torch (>= 2) | python3-numpy", 1),
        ("python3-numpy | python3-torch", 0),
        ("python3-numpy, python3-torch, texlive-full", 2),
        ("hello-dur, unknown-package", 0),
    ],
)
def test_what_apt_takes_of_a_recommends_is_weighed(relation, number):
    assert (
        len(found({"debian/control": CONTROL.replace("Description:", f"Recommends: {relation}\nDescription:")}, "DUR206"))
        == number
    )


def test_what_a_package_depends_on_anyway_is_taken_off():
    control = CONTROL.replace("Depends: ", "Depends: python3-torch, ").replace("Description:", "Recommends: gcc\nDescription:")
    assert weights()["gcc"] > 100
    assert found({"debian/control": control}, "DUR206") == []


def test_the_weight_is_said():
    control = CONTROL.replace("Description:", "Recommends: python3-torch\nDescription:")
    assert f"brings {weights()['python3-torch']} MB or more" in found({"debian/control": control}, "DUR206")[0].message


@pytest.mark.parametrize(
    ("old", "new", "number"),
    [
        ("(= 13)", "(= 13), libfdk-aac-dev", 1),
        ("(= 13)", "(= 13), libfdk-aac-dev | debhelper", 0),
        ("(= 13)", "(= 13), libfdk-aac-dev | nvidia-cuda-toolkit", 1),
        ("(= 13)", "(= 13), libfdk-aac-dev <pkg.hello-dur.nonfree>", 0),
        ("(= 13)", "(= 13), libfdk-aac-dev <pkg.hello-dur.cuda>", 1),
        ("(= 13)", "(= 13), libfdk-aac-dev <!nocheck>", 1),
        ("(= 13)", "(= 13), libfdk-aac-dev <!pkg.hello-dur.cuda>", 0),
        ("(= 13)", "(= 13)\nBuild-Depends-Indep: libfdk-aac-dev", 1),
        ("(= 13)", "(= 13)\nBuild-Conflicts: libfdk-aac-dev", 0),
        ("Depends: $", "Depends: nvidia-driver-libs, $", 1),
        ("Description:", "Recommends: nvidia-driver-libs\nDescription:", 0),
        ("Package: hello-dur", "Package: libfdk-aac-dev\nArchitecture: all\nDescription: x\n\nPackage: hello-dur", 0),
    ],
)
def test_relations_that_need_another_component_are_found(old, new, number):
    files = {"debian/control": CONTROL.replace(old, new, 1), "debian/dur": DUR + VARIANT}
    assert len(found(files, "DUR119")) == number


@pytest.mark.parametrize(
    ("declared", "missing"), [("", "contrib and non-free"), ("non-free", "contrib"), ("contrib, non-free", "")]
)
def test_the_components_that_are_missing_are_named(declared, missing):
    dur = DUR.replace(
        "Suites: trixie", f"Suites: trixie\nComponents: {declared}" if declared else "Suites: trixie\nKeywords: video"
    )
    findings = found({"debian/dur": dur + f"{VARIANT}Build-Depends-Extra: nvidia-cuda-toolkit\n"}, "DUR119")
    assert [f"nvidia-cuda-toolkit needs {missing}," in finding.message for finding in findings] == ([True] if missing else [])
    assert all((finding.path, finding.line) == ("debian/dur", 19) for finding in findings)


def test_a_suite_that_is_not_known_needs_nothing_and_a_pocket_what_its_release_needs():
    assert components("libfdk-aac-dev", ("sid",)) == ()
    assert components("libfdk-aac-dev", ("bookworm-backports",)) == ("non-free",)
    assert components("libfdk-aac-dev", ()) == ("non-free",)
    assert components("hello", ()) == ()


@pytest.mark.parametrize(
    ("dur", "number"),
    [
        (LARGE, 0),  # upstream's source is built, not packed
        (LARGE.replace("Category: source", "Category: repack"), 1),
        (LARGE.replace("Category: source", "Category: data").replace("83506384", "18878"), 0),
        (DUR + BLOB.format(name="a.bin", size=83506384, more="Role: extra\n"), 1),
        (DUR + BLOB.format(name="a.whl", size=83506384, more="Role: component\nWrap: wheel\n"), 1),
        (DUR + BLOB.format(name="a.tar.gz", size=83506384, more="Role: extra\n"), 0),
        (DUR + BLOB.format(name="a.whl", size=15_000_000, more="Role: extra\n"), 0),
        (MODEL + BLOB.format(name="a.whl", size=15_000_000, more="Role: extra\nArch: amd64\n")
         + BLOB.format(name="b.whl", size=15_000_000, more="Role: extra\nArch: arm64\n").replace("56\n", "57\n"), 0),
        (MODEL + BLOB.format(name="a.whl", size=15_000_000, more="Role: extra\nArch: amd64\n")
         + BLOB.format(name="b.whl", size=15_000_000, more="Role: extra\n").replace("56\n", "57\n"), 1),
    ],
)  # fmt: skip
def test_what_is_packed_and_large_is_found(dur, number):
    assert len(found({"debian/dur": dur}, "DUR121")) == number


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("override_dh_builddeb:\n\tdh_builddeb -- -Znone\n", 0),
        ("override_dh_builddeb:\n\tdh_builddeb -- -Zxz\n", 0),
        ("PACK = -Z zstd\noverride_dh_builddeb:\n\tdh_builddeb -- $(PACK)\n", 0),
        ("binary:\n\tdpkg-deb -Zgzip --build debian/hello-dur ..\n", 0),
        ("export DPKG_DEB_COMPRESSOR_TYPE = zstd\n", 0),
        ("DEB_DH_BUILDDEB_ARGS += -- -Zgzip\n", 0),
        ("# DPKG_DEB_COMPRESSOR_TYPE\n", 1),
        ("override_dh_builddeb:\n\tdh_builddeb\n", 1),
        ("override_dh_builddeb:\n\t# -Zzstd\n\tdh_builddeb -O--no-act\n", 1),
    ],
)
def test_any_choice_of_a_compression_is_one(text, number):
    files = {"debian/dur": LARGE.replace("Category: source", "Category: repack"), "debian/rules": f"{RULES}\n{text}"}
    assert len(found(files, "DUR121")) == number


@pytest.mark.parametrize(
    ("path", "text", "number"),
    [
        ("debian/rules", RULES + "ifneq (,$(filter pkg.hello-dur.cuda,$(DEB_BUILD_PROFILES)))\nendif\n", 0),
        ("debian/rules", RULES + "ifneq (,$(filter pkg.$(DEB_SOURCE).cuda,$(DEB_BUILD_PROFILES)))\nendif\n", 0),
        ("debian/rules", RULES + "ifneq (,$(findstring cuda,$(DEB_BUILD_PROFILES)))\nendif\n", 0),
        ("debian/rules", RULES + "ifneq (,$(filter pkg.$(NAME).$(KIND),$(DEB_BUILD_PROFILES)))\nendif\n", 0),
        ("debian/rules", RULES + "LEVEL = $(patsubst pkg.hello-dur.%,%,$(DEB_BUILD_PROFILES))\n", 0),
        ("debian/rules", RULES + "# pkg.hello-dur.cuda is still to be done\n", 1),
        ("debian/rules", RULES + "ifneq (,$(filter pkg.hello.cuda,$(DEB_BUILD_PROFILES)))\nendif\n", 1),
        ("debian/rules", RULES + "ifneq (,$(filter pkg.hello-dur.cuda2,$(DEB_BUILD_PROFILES)))\nendif\n", 1),
        ("debian/flags.mk", "ifneq (,$(filter pkg.hello-dur.cuda,$(DEB_BUILD_PROFILES)))\nendif\n", 0),
        ("debian/control", CONTROL.replace("(= 13)", "(= 13), gcc <pkg.hello-dur.cuda>"), 0),
        ("debian/hello-dur.install", "usr/bin/hello-cuda <pkg.hello-dur.cuda>\n", 0),
        ("debian/README.source", "Build with pkg.hello-dur.cuda for graphics cards.\n", 1),
        ("debian/tests/control", "Test-Command: echo pkg.hello-dur.cuda\nDepends: @\n", 1),
        ("debian/patches/x.patch", "Author: A\n\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+pkg.hello-dur.cuda\n", 1),
    ],
)  # fmt: skip
def test_a_profile_is_looked_for_where_a_build_reads_it(path, text, number):
    findings = found({"debian/dur": DUR + VARIANT, path: text}, "DUR120")
    assert len(findings) == number
    assert all("variant cuda, the default, sets" in finding.message for finding in findings)


@pytest.mark.parametrize(("profiles", "number"), [("nocheck, nodoc", 0), ("cuda", 1), ("nocheck, pkg.hello-dur.x", 1)])
def test_registered_profiles_need_not_be_named(profiles, number):
    dur = DUR + VARIANT.replace("pkg.hello-dur.cuda", profiles)
    assert len(found({"debian/dur": dur}, "DUR120")) == number


def test_a_profile_that_stands_in_a_comment_alone_leaves_a_variant_that_changes_nothing():
    dur = DUR + VARIANT.replace("Flags: -O3\n", "")
    assert len(found({"debian/dur": dur, "debian/rules": RULES + "# pkg.hello-dur.cuda\n"}, "DUR117")) == 1


@pytest.mark.parametrize(("path", "number"), [("Makefile", 1), ("src/hello.c", 1), ("LICENSE-MIT", 0), ("README.md", 0)])
def test_a_native_package_too_is_made_of_debian_alone(path, number):
    files = {"debian/source/format": "3.0 (native)\n", path: "x\n"}
    assert len(found(files, "DUR905")) == number


@pytest.mark.parametrize(
    ("path", "text", "number"),
    [
        ("debian/hello-dur.docs", "README.md\n", 1),
        ("debian/hello-dur.docs", "README.rst\n# README.md\n", 0),
        ("debian/rules", RULES + "\nexecute_after_dh_install:\n\tcp $(CURDIR)/README.md debian/hello-dur/\n", 1),
        ("debian/rules", RULES + "\nexecute_after_dh_auto_clean:\n\trm -f README.md\n", 0),
        ("debian/rules", RULES + "\nexecute_after_dh_install:\n\tcp debian/README.md debian/hello-dur/\n", 0),
    ],
)
def test_a_readme_that_the_build_names_is_told_by_whose_it_is(path, text, number):
    files = {"README.md": "# hello\n", path: text}
    assert (len(found(files, "DUR912")), len(found(files, "DUR913"))) == (number, 0)
    native = {**files, "debian/dur": None, "debian/source/format": "3.0 (native)\n"}
    assert (len(found(native, "DUR912")), len(found(native, "DUR913"))) == (0, number)


# What each of the checks reads, filled with what it looks for, up to the size that a push may have.
HOSTILE = {
    "DUR119": [("debian/control", CONTROL.replace("(= 13)", "(= 13)%s"), ", libfdk-aac-dev <a !b>"),
               ("debian/dur", DUR + "%s", "\nVariant: v\nProfiles: pkg.hello-dur.v\n"),
               ("debian/control", CONTROL.replace("(= 13)", "(= 13), libfdk-aac-dev%s"), "<a>")],
    "DUR206": [("debian/control", CONTROL.replace("Description:", "Recommends: gcc%s\nDescription:"), ", python3-torch")],
    "DUR120": [("debian/rules", RULES + "X = %s\n", "pkg."), ("debian/rules", RULES + "%s", "# pkg.a.b\n"),
               ("debian/rules", RULES + "X = %s\n", "$(DEB_SOURCE)"), ("debian/rules", RULES + "X = %s\n", "$(DEB_SOURCE")],
    "DUR121": [("debian/rules", RULES + "X = %s\n", "BUILDDEB_ARGS"), ("debian/rules", RULES + "X = %s\n", " -"),
               ("debian/dur", MODEL + "%s", BLOB.format(name="a", size=83506384, more="Arch: amd64\n"))],
    "DUR911": [("debian/install", HWCAPS + "%s", "glibc-hwcaps/"), ("debian/triggers", "x%s\n", "activate "),
               ("debian/rules", RULES + "%s:\n", "override_dh_makeshlibs "), ("debian/rules", RULES + "%s", "#glibc-hwcaps/\n")],
    "DUR905": [("debian/dur", DUR + "%s", "\n")],
    "DUR912": [("debian/docs", "%s\n", "README.md "), ("debian/docs", "%s\n", "./")],
    "DUR913": [("debian/docs", "%s\n", "README.md "), ("debian/install", "%s\n", "${a}/")],
}  # fmt: skip


@pytest.mark.parametrize(("identifier", "case"), [(name, case) for name, cases in HOSTILE.items() for case in cases])
def test_time_grows_with_length_alone(identifier, case):
    path, text, piece = case

    def cost(size):
        files = {
            "README.md": "x\n",
            "debian/install": HWCAPS,
            "debian/dur": DUR + VARIANT,
            path: text.replace("%s", piece * (size // len(piece))),
        }
        recipe = CheckedRecipe(example_tree(files), CONTEXT)
        start = time.process_time()
        list(CHECKS[identifier].run(recipe))
        return time.process_time() - start

    # As in test_shell: a square would be 16 times the time; the floor keeps the clock's grain out.
    assert any(cost(MAX_BLOB_BYTES) < 9 * max(cost(64 * KIB), 0.05) for _ in range(4))
