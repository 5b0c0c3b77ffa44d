"""What is found and in which order, through parser, index and engine. The engine is that of the database at hand."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from recipes_app.formats.metadata import LicenceTag, Model, Person
from recipes_app.models import User
from recipes_app.search.engine import search
from recipes_app.search.query import QueryError, parse_query
from tests.search.catalogue import EPOCH, add_recipe, binary, found, page, relations

pytestmark = pytest.mark.django_db


class TestOrder:
    def test_the_very_name_comes_first(self) -> None:
        add_recipe("ffmpeg-tools", row={"vote_weight": 9.0})
        add_recipe("ffmpeg")
        add_recipe("player", binary("player", "plays with ffmpeg"), row={"vote_weight": 99.0})
        assert found("ffmpeg") == ["ffmpeg", "ffmpeg-tools", "player"]

    def test_a_binary_packages_name_comes_second(self) -> None:
        add_recipe("htop-extra", row={"vote_weight": 9.0})
        add_recipe("monitors", binary("monitors"), binary("htop"))
        add_recipe("htop")
        assert found("htop") == ["htop", "monitors", "htop-extra"]

    def test_names_weigh_more_than_synopses_and_these_more_than_descriptions(self) -> None:
        add_recipe("aa", binary("aa", "tool", "An editor."), row={"vote_weight": 9.0})
        add_recipe("bb", binary("bb", "an editor"), row={"vote_weight": 5.0})
        add_recipe("cc-editor")
        assert found("editor") == ["cc-editor", "bb", "aa"]

    def test_equally_good_hits_come_by_popularity(self) -> None:
        for name, weight in (("aa", 1.0), ("bb", 3.0), ("cc", 2.0)):
            add_recipe(name, binary(name, "an editor"), row={"vote_weight": weight})
        assert found("editor") == ["bb", "cc", "aa"]

    def test_words_apart_are_meant_as_a_name_too(self) -> None:
        add_recipe("code-visual-studio")
        add_recipe("visual-studio-code")
        assert found("Visual Studio Code") == ["visual-studio-code", "code-visual-studio"]

    @pytest.mark.parametrize(
        ("sort", "names"),
        [
            ("name", ["aa", "bb", "cc"]),
            ("-name", ["cc", "bb", "aa"]),
            ("-updated", ["bb", "cc", "aa"]),
            ("updated", ["aa", "cc", "bb"]),
            ("-created", ["bb", "cc", "aa"]),
            ("-votes", ["cc", "aa", "bb"]),
            ("-popularity", ["aa", "cc", "bb"]),
        ],
    )
    def test_each_sort_key_orders(self, sort: str, names: list[str]) -> None:
        add_recipe("aa", row={"vote_count": 2, "vote_weight": 3.0})
        add_recipe("cc", row={"vote_count": 3, "vote_weight": 2.0})
        add_recipe("bb", row={"vote_count": 1, "vote_weight": 1.0})
        assert found("", sort) == names
        assert found("tool", sort) == names


class TestWords:
    def test_every_word_has_to_be_there(self) -> None:
        add_recipe("aa", binary("aa", "video editor"))
        add_recipe("bb", binary("bb", "text editor"))
        assert found("editor video") == ["aa"]

    def test_inflections_are_found(self) -> None:
        add_recipe("aa", binary("aa", "edits pictures"))
        assert found("editing picture") == ["aa"]

    def test_accents_and_case_do_not_matter(self) -> None:
        add_recipe("aa", binary("aa", "Éditeur für Grüße"))
        assert found("editeur FUR grusse") == ["aa"]

    def test_a_phrase_stands_together_and_in_order(self) -> None:
        add_recipe("aa", binary("aa", "video editor"))
        add_recipe("bb", binary("bb", "editor of video"))
        assert found('"video editor"') == ["aa"]

    def test_a_phrase_does_not_reach_from_one_text_into_the_next(self) -> None:
        add_recipe("video", binary("editor", "nonlinear cutting"), binary("zz", "tool"))
        assert found('"video editor"') == []
        assert found('"editor nonlinear"') == []
        assert found('"cutting tool"') == []

    def test_a_phrase_within_a_description_is_found(self) -> None:
        add_recipe("aa", binary("aa", "tool", "It cuts video by the frame.\n\nIt is quick."))
        assert found('"by the frame"') == ["aa"]

    def test_common_words_are_words(self) -> None:
        add_recipe("at", binary("at", "runs jobs later"))
        add_recipe("who-is-it")
        assert found("at") == ["at"]
        assert found("who") == ["who-is-it"]

    def test_a_negated_word_excludes(self) -> None:
        add_recipe("aa", binary("aa", "video editor"))
        add_recipe("bb", binary("bb", "text editor"))
        assert found("editor -video") == ["bb"]

    def test_a_negated_phrase_excludes(self) -> None:
        add_recipe("aa", binary("aa", "video editor"))
        add_recipe("bb", binary("bb", "editor of video"))
        assert found('video -"video editor"') == ["bb"]

    def test_negation_alone_is_a_search(self) -> None:
        add_recipe("aa", binary("aa", "video editor"))
        add_recipe("bb", binary("bb", "text editor"))
        assert found("-video") == ["bb"]

    def test_what_is_typed_of_a_name_finds_it(self) -> None:
        add_recipe("ffmpeg")
        add_recipe("codecs", binary("libavcodec60"))
        assert found("ffm") == ["ffmpeg"]
        assert found("libavc") == ["codecs"]

    def test_a_star_finds_longer_words(self) -> None:
        add_recipe("aa", binary("aa", "kubernetes cluster manager"))
        assert found("kuber*") == ["aa"]
        assert found("kubernetes*") == ["aa"]
        assert found("cluster-man*") == ["aa"]

    def test_signs_that_make_a_name_are_kept_apart(self) -> None:
        add_recipe("aa", binary("aa", "compiler for C++"))
        add_recipe("bb", binary("bb", "compiler for C"))
        assert found("c++") == ["aa"]
        assert found("c") == ["bb"]

    def test_a_recipe_is_found_by_what_it_provides(self) -> None:
        add_recipe("exim5", binary("exim5", relations=relations(Provides=["mail-transport-agent"])))
        assert found("mail-transport-agent") == ["exim5"]


class TestHostileTerms:
    """Fault 10 of aurweb: wildcards and syntax of the engine in a term."""

    @pytest.mark.parametrize("text", ["a%", "a_", "%a%", "a?"])
    def test_wildcards_of_like_are_data(self, text: str) -> None:
        add_recipe("ab")
        add_recipe("cd")
        assert found(text) == []

    @pytest.mark.parametrize(
        "text",
        [
            "aa OR bb", "aa NEAR bb", "aa & !bb", "aa | bb", "aa:* bb", "{names} : aa bb", "^aa bb", "aa) bb", "(aa bb",
            "aa'bb", "aa\\bb", "aa <-> bb", "aa\x00bb", "aa;drop bb", "aa AND NOT bb", "tags:bb aa",
        ],
    )  # fmt: skip
    def test_syntax_of_the_engines_is_data(self, text: str) -> None:
        add_recipe("aa")
        try:
            assert found(text) == []
        except QueryError as error:
            assert "no field" in str(error) or "no letter" in str(error)  # noqa: PT017 - either outcome is right, no third

    @settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(st.text(max_size=60), st.sampled_from(["", "name:", "maintainer:", "-depends:", "submitter:", "arch:"]))
    def test_any_text_is_searched_or_refused(self, text: str, field: str) -> None:
        try:
            query = parse_query(field + text)
        except QueryError:
            return
        assert page(query.text).total == 0

    @settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=40))
    def test_any_keyword_is_indexed_and_found_by_its_field(self, keyword: str) -> None:
        try:
            query = parse_query("", filters={"keyword": keyword})
        except QueryError:
            return
        recipe = add_recipe("aa", keywords=(keyword,))
        try:
            assert search(query).total == 1
        finally:
            recipe.delete()


class TestFields:
    def test_name_takes_the_whole_a_part_or_a_beginning(self) -> None:
        add_recipe("libfoo-bar")
        add_recipe("other", binary("other", "for libfoo-bar"))
        assert found("name:libfoo-bar") == found("name:bar") == found("name:libf*") == ["libfoo-bar"]

    def test_binary_takes_binary_packages_only(self) -> None:
        add_recipe("src", binary("libsrc1"), binary("src-doc"))
        assert found("binary:libsrc1") == found("binary:doc") == ["src"]
        assert found("binary:src1") == []

    def test_relations_are_exact(self) -> None:
        add_recipe(
            "aa",
            binary("aa", relations=relations(Depends=["libc6"], Recommends=["aspell"], Provides=["editor"])),
            relations=relations(**{"Build-Depends": ["cmake"]}),
        )
        for text in ("depends:libc6", "recommends:aspell", "provides:editor", "builddepends:cmake", "depends:lib*"):
            assert found(text) == ["aa"], text
        for text in ("depends:libc", "depends:cmake", "depends:aspell", "provides:libc6"):
            assert found(text) == [], text

    def test_substitution_variables_are_no_packages(self) -> None:
        add_recipe("aa", binary("aa", relations=relations(Depends=["${shlibs:Depends}"])))
        assert found("depends:shlibs") == found('depends:"${shlibs:Depends}"') == []

    def test_keyword_is_the_manifests_and_the_maintainers(self) -> None:
        add_recipe("aa", keywords=("video editing",), row={"extra_keywords": ["cutter"]})
        assert found('keyword:"Video Editing"') == found("keyword:cutter") == found("cutter") == ["aa"]

    def test_suite_is_the_manifests_or_else_the_changelogs(self) -> None:
        add_recipe("aa", suites=("bookworm", "trixie"))
        add_recipe("bb")
        assert found("suite:trixie") == ["aa"]
        assert found("suite:unstable") == ["bb"]

    @pytest.mark.parametrize(
        ("built_for", "asked", "hit"),
        [
            ("amd64", "amd64", True),
            ("any", "riscv64", True),
            ("linux-any", "amd64", True),
            ("linux-any", "hurd-i386", False),
            ("hurd-any", "hurd-i386", True),
            ("any-arm64", "arm64", True),
            ("all", "amd64", True),
            ("amd64", "arm64", False),
            ("amd64", "any", False),
        ],
    )
    def test_architecture_wildcards_cover_architectures(self, built_for: str, asked: str, *, hit: bool) -> None:
        add_recipe("aa", binary("aa", architectures=(built_for,)))
        assert found(f"arch:{asked}") == (["aa"] if hit else [])

    def test_licence_is_the_spdx_id_or_the_name_as_written(self) -> None:
        add_recipe("aa", licences=(LicenceTag("Expat", "MIT", "dfsg-free", "copyright"),))
        assert found("licence:mit") == found("license:Expat") == ["aa"]

    def test_maintainer_is_the_account_or_the_field_of_control(self) -> None:
        add_recipe("aa", row={"maintainer": User.objects.create_user("grace")})
        add_recipe("bb", maintainer=Person("Grace Hopper", "gh@example.org"))
        assert sorted(found("maintainer:grace")) == ["aa", "bb"]
        assert found("maintainer:gh@example.org") == found('maintainer:"Grace Hopper"') == ["bb"]
        assert found("-maintainer:hopper") == ["aa"]

    def test_uploader_is_of_control(self) -> None:
        add_recipe("aa", uploaders=(Person("Grace Hopper", "gh@example.org"),))
        assert found("uploader:hopper") == ["aa"]
        assert found("uploader:ada") == []

    @pytest.mark.parametrize(
        ("field", "column", "value", "other"),
        [
            ("class", "licence_class", "nonfree", "dfsg-free"),
            ("model", "model_class", "toxic-candy", "free"),
            ("lint", "lint_state", "failed", "passed"),
            ("category", "category", "model", "source"),
            ("redistribution", "redistribution", "forbidden", "permitted"),
            ("provenance", "provenance", "ai-generated", "human"),
            ("submitter", "submitter_name", "grace", "ada"),
        ],
    )
    def test_columns_are_filtered(self, field: str, column: str, value: str, other: str) -> None:
        add_recipe("aa", row={column: value})
        add_recipe("bb", row={column: other})
        assert found(f"{field}:{value}") == ["aa"]
        assert found(f"tool -{field}:{value}") == ["bb"]

    def test_a_models_name_is_text(self) -> None:
        add_recipe("aa", models=(Model("gpt-candy", 1),))
        assert found("gpt-candy") == ["aa"]

    def test_a_negated_tag_excludes(self) -> None:
        add_recipe("aa", suites=("bookworm",))
        add_recipe("bb", suites=("trixie",))
        assert found("tool -suite:trixie") == found("-suite:trixie") == ["aa"]

    def test_of_a_filters_values_any_will_do(self) -> None:
        for suite in ("bookworm", "trixie", "sid"):
            add_recipe(f"for-{suite}", suites=(suite,))
        names = [recipe.name for recipe in page("tool", filters={"suite": ["sid", "trixie"]}).hits]
        assert sorted(names) == ["for-sid", "for-trixie"]


class TestMisspellings:
    def test_a_misspelt_name_is_found_and_said(self) -> None:
        add_recipe("ffmpeg")
        corrected = page("ffmepg")
        assert [recipe.name for recipe in corrected.hits] == ["ffmpeg"]
        assert corrected.corrected is not None
        assert corrected.corrected.text == "ffmpeg"

    def test_a_misspelt_word_among_others_is_mended(self) -> None:
        add_recipe("aa", binary("aa", "video editor"))
        corrected = page("vidoe editor arch:amd64 -gui").corrected
        assert corrected is not None
        assert corrected.text == "video editor -gui arch:amd64"

    def test_a_binary_packages_name_is_mended(self) -> None:
        add_recipe("codecs", binary("libavcodec-dev"))
        assert found("libavcodce-dev") == ["codecs"]

    def test_where_something_matches_nothing_is_mended(self) -> None:
        add_recipe("ffmpeg")
        add_recipe("ffmepg-wrapper")
        assert found("ffmepg") == ["ffmepg-wrapper"]

    def test_quoted_words_are_meant_as_written(self) -> None:
        add_recipe("ffmpeg")
        assert page('"ffmepg"').hits == []

    def test_what_is_near_to_nothing_finds_nothing(self) -> None:
        add_recipe("ffmpeg")
        nothing = page("zzzzzzzz")
        assert (nothing.hits, nothing.total, nothing.corrected) == ([], 0, None)

    def test_a_correction_that_finds_nothing_is_not_proposed(self) -> None:
        add_recipe("ffmpeg", row={"licence_class": "nonfree"})
        assert page("ffmepg class:dfsg-free").corrected is None


class TestWhatIsListed:
    def test_a_deleted_recipe_is_not_found(self) -> None:
        add_recipe("aa", row={"deleted_at": EPOCH})
        assert found("aa") == found("") == []

    @pytest.mark.parametrize(
        ("text", "hits"),
        [
            ("", ["well"]),
            ("quarantined:yes", ["stopped"]),
            ("quarantined:any", ["stopped", "well"]),
            ("-quarantined:yes", ["well"]),
            ("-quarantined:no", ["stopped"]),
            ("quarantined:yes quarantined:no", []),
            ("tool", ["well"]),
            ("tool quarantined:any", ["stopped", "well"]),
        ],
    )
    def test_what_is_quarantined_is_found_where_it_is_asked_for(self, text: str, hits: list[str]) -> None:
        add_recipe("stopped", row={"quarantined_at": EPOCH})
        add_recipe("well")
        assert sorted(found(text)) == hits

    def test_values_of_a_filter_add_up(self) -> None:
        add_recipe("stopped", row={"quarantined_at": EPOCH})
        query = parse_query("", filters={"quarantined": ["yes", "no"]})
        assert [hit.name for hit in search(query).hits] == ["stopped"]
