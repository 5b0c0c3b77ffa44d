"""The source plan: what is downloaded, how it is named, where it is laid, and what is built."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from itertools import pairwise

import pytest

from recipes_app.formats.metadata import (
    BinaryPackage,
    ChangelogEntry,
    Fetch,
    Model,
    Person,
    RecipeMetadata,
    Relation,
    RelationTerm,
    Variant,
    Verdict,
)
from recipes_app.formats.source_plan import Member, NeededRecipe, PlanError, SourcePlan, Tarball, source_plan, suffix_of

ADA = Person("Ada", "ada@example.org")
SHA256 = "ab" * 32
COMMIT = "c" * 40


def relations(*names: str) -> tuple[Relation, ...]:
    return tuple(Relation((RelationTerm(name),), name) for name in names)


def binary(name: str, **values: object) -> BinaryPackage:
    empty = BinaryPackage(name, ("any",), "utils", "optional", "", False, "", "", "", "", {})
    return replace(empty, **values)


def metadata(**values: object) -> RecipeMetadata:
    given = {
        "source": "hello", "version": "1:1.0-1", "source_format": "3.0 (quilt)", "binaries": (binary("hello"),),
        "maintainer": ADA, "redistribution": "permitted",
        "changelog": ChangelogEntry("1:1.0-1", ("unstable",), "low", ADA, None, ""), **values,
    }  # fmt: skip
    return RecipeMetadata(**given)


def fetch(filename: str = "hello_1.0.orig.tar.xz", url: str = "https://example.org/hello.tar.xz", **values: object) -> Fetch:
    return Fetch(filename, url, 1, **{"sha256": SHA256, "size": 1, **values})


def plan(**values: object) -> SourcePlan:
    return source_plan(metadata(**values), commit=COMMIT)


class TestTarballs:
    def test_orig_tarball_gets_the_name_that_dpkg_source_knows(self) -> None:
        assert plan(fetches=(fetch("v1.0.tar.gz"),)).tarballs == (Tarball("hello_1.0.orig.tar.gz", "", "v1.0.tar.gz"),)

    def test_tgz_is_a_gzip_tarball(self) -> None:
        assert plan(fetches=(fetch("hello.tgz"),)).tarballs[0].filename == "hello_1.0.orig.tar.gz"

    def test_recipe_without_upstream_tarball_has_an_empty_one(self) -> None:
        assert plan().tarballs == (Tarball("hello_1.0.orig.tar.gz", ""),)

    def test_component_is_unpacked_into_the_folder_of_its_name(self) -> None:
        component = fetch("hello_1.0.orig-data.tar.xz", role="component")
        assert plan(fetches=(component,)).tarballs[1] == Tarball("hello_1.0.orig-data.tar.xz", "data", component.filename)

    def test_bare_files_of_one_wrap_are_one_component(self) -> None:
        files = (fetch("a.whl", role="component", wrap="wheel"), fetch("b.whl", role="component", wrap="wheel/more"))
        members = (Member("a.whl", "a.whl"), Member("more/b.whl", "b.whl"))
        assert plan(fetches=files).tarballs[1] == Tarball("hello_1.0.orig-wheel.tar.gz", "wheel", members=members)

    @pytest.mark.parametrize("name", ["upstream", "hello_1.0.orig.tar.xz"])
    def test_git_source_becomes_a_tarball(self, name: str) -> None:
        git = fetch(name, f"git+https://example.org/x.git#commit={COMMIT}", sha256="", size=None)
        found = plan(fetches=(git,))
        assert found.downloads[0].filename == (name if "." in name else f"{name}.tar.gz")
        assert found.tarballs[0].download == found.downloads[0].filename

    def test_native_package_has_none_and_its_files_lie_beside_the_tree(self) -> None:
        found = plan(version="1.0", source_format="3.0 (native)", fetches=(fetch("blob.bin"),))
        assert (found.native, found.tarballs, found.extras) == (True, (), ("blob.bin",))

    def test_extra_file_lies_beside_the_tree(self) -> None:
        assert plan(fetches=(fetch("blob.bin", role="extra"),)).extras == ("blob.bin",)

    @pytest.mark.parametrize(
        ("fetches", "words"),
        [
            ((fetch("a.tar.gz"), fetch("b.tar.gz")), "a.tar.gz, b.tar.gz have the Role orig"),
            ((fetch("model.safetensors"),), "model.safetensors is no tarball"),
            ((fetch("a.whl", wrap="data"),), "a.whl has a Wrap, and is no component"),
            ((fetch("a.tar.gz", role="component", wrap="debian"),), "'debian' is no name of a component"),
            ((fetch("a.tar.gz", role="component", wrap="a b/c"),), "'a b' is no name of a component"),
        ],
    )
    def test_files_that_fit_no_source_package_are_told(self, fetches: tuple[Fetch, ...], words: str) -> None:
        with pytest.raises(PlanError, match=words):
            plan(fetches=fetches)


class TestVariants:
    VARIANTS = (
        Variant("plain", 1),
        Variant("cuda", 2, default=True, profiles=("pkg.hello.cuda",), build_depends_extra=relations("nvidia-cuda-toolkit")),
        Variant("x86-64-v3", 3, flags="-march=x86-64-v3", portability="isa:x86-64-v3"),
    )

    def test_default_variant_is_the_one_that_is_built(self) -> None:
        found = plan(variants=self.VARIANTS)
        assert (found.variant, found.profiles) == ("cuda", ("pkg.hello.cuda",))
        assert found.build_depends_extra == ("nvidia-cuda-toolkit",)

    def test_first_variant_is_built_where_none_is_the_default(self) -> None:
        assert plan(variants=(self.VARIANTS[0], self.VARIANTS[2])).variant == "plain"

    def test_chosen_variant_has_its_flags_fields_and_version(self) -> None:
        found = source_plan(metadata(variants=self.VARIANTS), variant="x86-64-v3", commit=COMMIT)
        assert (found.version, found.flags) == ("1:1.0-1+cdur1.x86.64.v3", "-march=x86-64-v3")
        assert found.fields == {
            "Dur-Recipe": f"hello {COMMIT}", "Dur-Variant": "x86-64-v3", "Dur-Portability": "isa:x86-64-v3",
        }  # fmt: skip

    def test_no_two_variants_have_the_same_version(self) -> None:
        versions = [source_plan(metadata(variants=self.VARIANTS), variant=each.name).version for each in self.VARIANTS]
        assert len(set(versions)) == len(versions)

    def test_versions_sort_as_dpkg_does(self) -> None:
        native = Variant("native", 1)
        order = ["1.0-1", "1.0-1" + suffix_of(None), "1.0-1" + suffix_of(native), "1.0-1+deb13u1", "1.0-2" + suffix_of(None)]
        for lower, higher in pairwise(order):
            assert subprocess.run(["dpkg", "--compare-versions", lower, "lt", higher], check=False).returncode == 0

    def test_unknown_variant_is_told_with_those_that_there_are(self) -> None:
        with pytest.raises(PlanError, match="no variant fast; choose one of: plain, cuda, x86-64-v3"):
            source_plan(metadata(variants=self.VARIANTS), variant="fast")

    def test_packages_are_those_that_the_profiles_leave(self) -> None:
        packages = (
            binary("hello"), binary("hello-cuda", build_profiles="<pkg.hello.cuda>"),
            binary("hello-plain", build_profiles="<!pkg.hello.cuda>"), binary("hello-udeb", package_type="udeb"),
        )  # fmt: skip
        assert plan(variants=self.VARIANTS, binaries=packages).packages == ("hello", "hello-cuda")

    def test_restriction_that_must_not_be_passed_on_is_in_the_package(self) -> None:
        assert plan(redistribution="forbidden").fields == {"Dur-Recipe": f"hello {COMMIT}", "Dur-Redistribution": "forbidden"}


class TestAcceptances:
    def test_licence_is_asked_with_the_text_of_the_recipe(self) -> None:
        values = {"acceptance": "explicit", "licence": "X", "licence_sha256": SHA256, "licence_url": "https://example.org/eula"}
        (asked,) = plan(fetches=(fetch(licence_file="debian/licences/x", **values),)).acceptances
        assert (asked.kind, asked.sha256, asked.text_file, asked.text_url) == ("licence", SHA256, "debian/licences/x", "")
        (asked,) = plan(fetches=(fetch(**values),)).acceptances
        assert (asked.text_file, asked.text_url) == ("", "https://example.org/eula")

    def test_risk_of_a_model_is_asked_with_the_facts(self) -> None:
        verdict = Verdict("toxic-candy", ("The dataset is private.",))
        (asked,) = plan(models=(Model("m", 1, computed=verdict, critical_use="execution"),)).acceptances
        assert (asked.kind, asked.subject, asked.name) == ("risk", "m", "toxic-candy")
        assert asked.facts == ("The dataset is private.", "it is meant for execution")

    def test_free_model_asks_nothing(self) -> None:
        assert plan(models=(Model("m", 1, computed=Verdict("free")),)).acceptances == ()


class TestNeededRecipes:
    def test_recipes_are_found_by_what_the_build_and_the_packages_need(self) -> None:
        needs = {"Build-Depends": relations("debhelper", "libgreeting-dev")}
        packages = (binary("hello", relations={"Depends": relations("libgreeting1", "libc6"), "Suggests": relations("cards")}),)
        providers = {"libgreeting-dev": "libgreeting", "libgreeting1": "libgreeting", "cards": "cards", "hello": "hello"}
        found = source_plan(metadata(relations=needs, binaries=packages), providers=providers)
        assert found.recipes == (NeededRecipe("libgreeting", ("libgreeting-dev", "libgreeting1"), to_build=True, to_run=True),)


class TestJson:
    def test_plan_is_read_as_it_was_written(self) -> None:
        values = {"fetches": (fetch("a.whl", role="component", wrap="w"),), "variants": TestVariants.VARIANTS}
        whole = source_plan(metadata(**values), commit=COMMIT, providers={"nvidia-cuda-toolkit": "cuda"})
        assert SourcePlan.from_json(whole.to_json()) == whole

    @pytest.mark.parametrize("schema", [2, 0, "1", None])
    def test_plan_of_another_schema_is_refused(self, schema: object) -> None:
        with pytest.raises(PlanError, match=r"the plan has the schema .*, and this program reads 1 to 1: upgrade it"):
            SourcePlan.from_json(plan().to_json() | {"schema": schema})
