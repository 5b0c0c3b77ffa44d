"""The shapes of the answers. What a recipe's files say is not described again: it is read from the parser's dataclasses."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from recipes_app.formats.findings import Finding
from recipes_app.formats.metadata import SCHEMA_VERSION, RecipeMetadata
from recipes_app.formats.source_plan import SourcePlan
from recipes_app.models import Hold, Recipe, Revision, SuiteBranch
from recipes_app.services.catalogue import build_plans
from recipes_app.services.catalogue.summaries import COLUMNS, Column, meaning_of
from recipes_app.services.catalogue.votes import popularity
from recipes_app.services.gates import confirmations
from recipes_app.services.ownership.model_class import ModelClass

from ..framework.fields import CloneField, DataclassField, LinkField
from ..framework.lists import ListSerializer
from .lint_reports import LintSummarySerializer
from .ownership import ModelClassSerializer, PendingRequestSerializer
from .trust import TrustSerializer

_FIELDS: dict[type, type[serializers.Field[Any, Any, Any, Any]]] = {
    str: serializers.CharField, bool: serializers.BooleanField, int: serializers.IntegerField,
    datetime: serializers.DateTimeField,
}  # fmt: skip


def column_field(column: Column) -> serializers.Field[Any, Any, Any, Any]:
    """Return the field of a column that is given out as it is."""
    options: dict[str, Any] = {"default": None, "allow_null": True} if column.nullable else {}
    if column.column:
        options["source"] = column.path.replace("__", ".")
    if column.meaning:
        options["help_text"] = column.meaning
    return _FIELDS[column.kind](**options)


class RecipeSummarySerializer(serializers.Serializer[Any]):
    """A recipe in a list: what its current revision says, in short, and who keeps it."""

    quarantined = serializers.SerializerMethodField(help_text=meaning_of("quarantined"))
    popularity = serializers.SerializerMethodField(help_text=meaning_of("popularity"))
    url = LinkField("api:recipe", "name", help_text="This recipe in the API.")
    page = LinkField("recipe", "name", help_text="The recipe's page.")

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """Return the fields: those of the table of columns, and those that are declared."""
        declared = super().get_fields()
        columns = {each.name: column_field(each) for each in COLUMNS if each.name not in declared}
        return {**{each.name: declared.get(each.name) or columns[each.name] for each in COLUMNS}, **declared}

    def get_quarantined(self, recipe: Recipe) -> bool:
        """Return whether the recipe is quarantined."""
        return recipe.quarantined_at is not None

    def get_popularity(self, recipe: Recipe) -> float:
        """Return the popularity at this moment."""
        return popularity(recipe.vote_weight)


class BranchSerializer(serializers.Serializer[SuiteBranch]):
    """A branch of the repository: `main`, or `debian/SUITE`."""

    name = serializers.CharField()
    commit = serializers.CharField(source="revision.commit")
    version = serializers.CharField(source="revision.version")


def review_status(recipe: Recipe) -> str:
    """Return what stands between the newest push of a recipe of `catalogue.get_recipe` and those who build."""
    if recipe.quarantined_at is not None:
        return "quarantined"
    return "held" if getattr(recipe, "has_held_revision", False) else "published"


def metadata_json(revision: Revision) -> dict[str, Any]:
    """Return what the revision says as JSON of the present schema; a row of an older one is read and written anew."""
    stored: dict[str, Any] = revision.metadata
    return stored if stored.get("schema") == SCHEMA_VERSION else RecipeMetadata.from_json(stored).to_json()


def plan_json(revision: Revision | None) -> dict[str, Any] | None:
    """Return the source plan of a revision's default variant as JSON; None where its files fit no source package. One query."""
    plan = build_plans.default_plan(revision) if revision else None
    return plan.to_json() if plan else None


class _WithLintSummary(serializers.Serializer[Any]):
    """The part that a recipe and a revision share. The context holds `lint_summary`, what `quick.lint_summary` returns."""

    lint_summary = serializers.SerializerMethodField()

    @extend_schema_field(LintSummarySerializer(allow_null=True))
    def get_lint_summary(self, _: object) -> dict[str, Any] | None:
        """Return the summary that the view fetched."""
        summary: dict[str, Any] | None = self.context["lint_summary"]
        return summary


class RecipeSerializer(RecipeSummarySerializer, _WithLintSummary):
    """A recipe, with everything that its current revision says.

    The context holds `branches`, `models` (each a ModelClass), `pending_requests` and `trust`, too.
    """

    submitter = serializers.CharField(source="submitter_name", help_text="The account that pushed it first.")
    osaid_class = serializers.SerializerMethodField(help_text="The worst verdict of OSAID 1.0 on its models; empty: no model.")
    models = serializers.SerializerMethodField(help_text="Each model's class: computed, claimed, ruled.")
    maintainer_since = serializers.DateTimeField(allow_null=True)
    ownership_changed_at = serializers.DateTimeField(allow_null=True, help_text="null: never.")
    previous_maintainer = serializers.CharField(source="previous_maintainer_name", help_text="Empty: nobody.")
    pending_requests = serializers.SerializerMethodField(help_text="Open requests, adoptions with their waiting time among them.")
    quarantined_at = serializers.DateTimeField(allow_null=True)
    quarantine_reason = serializers.CharField()
    review_status = serializers.SerializerMethodField(
        help_text="published, quarantined or held: a revision waits for a reviewer; `head_commit` is the last reviewed one."
    )
    clone_url = CloneField(help_text="What `git clone` takes.")
    revisions = LinkField("api:revisions", "name", help_text="The recipe's history in the API.")
    head_commit = serializers.CharField(source="current.commit", default=None, allow_null=True)
    head_pushed_at = serializers.DateTimeField(source="current.pushed_at", default=None, allow_null=True)
    last_pusher = serializers.CharField(source="current.pusher_name", default=None, allow_null=True)
    trust = serializers.SerializerMethodField(help_text="What is known of the people behind it; null: nothing is published.")
    branches = serializers.SerializerMethodField()
    metadata = serializers.SerializerMethodField(help_text="What the files of `main` say; null: they could not be read.")
    source_plan = serializers.SerializerMethodField(
        help_text="From `head_commit` to packages, for the default variant: what is downloaded, how it becomes a source package, "
        "what is accepted, what is built. `schema` is the version of its form. null: the files fit no source package."
    )

    def get_osaid_class(self, recipe: Recipe) -> str:
        """Return the verdict of OSAID 1.0, or an empty string."""
        return str(recipe.current.metadata.get("osaid_class", "")) if recipe.current else ""

    def get_review_status(self, recipe: Recipe) -> str:
        """Return what stands between the newest push and those who build."""
        return review_status(recipe)

    @extend_schema_field(ModelClassSerializer(many=True))
    def get_models(self, _: Recipe) -> Any:
        """Return the classes that the view fetched."""
        said: list[ModelClass] = self.context["models"]
        return ModelClassSerializer(said, many=True).data

    @extend_schema_field(PendingRequestSerializer(many=True))
    def get_pending_requests(self, _: Recipe) -> Any:
        """Return the open requests that the view fetched."""
        return PendingRequestSerializer(self.context["pending_requests"], many=True).data

    @extend_schema_field(TrustSerializer(allow_null=True))
    def get_trust(self, _: Recipe) -> Any:
        """Return the facts that the view fetched."""
        facts = self.context["trust"]
        return TrustSerializer(facts).data if facts else None

    @extend_schema_field(BranchSerializer(many=True))
    def get_branches(self, _: Recipe) -> Any:
        """Return the branches that the view fetched."""
        return BranchSerializer(self.context["branches"], many=True).data

    @extend_schema_field(DataclassField(RecipeMetadata, allow_null=True))
    def get_metadata(self, recipe: Recipe) -> dict[str, Any] | None:
        """Return what the current revision says."""
        return metadata_json(recipe.current) if recipe.current else None

    @extend_schema_field(DataclassField(SourcePlan, allow_null=True))
    def get_source_plan(self, recipe: Recipe) -> dict[str, Any] | None:
        """Return how the current revision is built."""
        return plan_json(recipe.current)


class RevisionSummarySerializer(serializers.Serializer[Any]):
    """A revision in a recipe's history."""

    commit = serializers.CharField(help_text="The commit's id, 40 hexadecimal digits.")
    branch = serializers.CharField()
    version = serializers.CharField()
    pushed_at = serializers.DateTimeField()
    pusher = serializers.CharField(source="pusher_name", help_text="The account that pushed it.")
    review_status = serializers.CharField(source="review", help_text="published, held or quarantined.")
    url = LinkField("api:revision", "recipe.name", "commit", help_text="This revision in the API.")
    page = LinkField("revision", "recipe.name", "commit", help_text="The revision's page.")


class CameBySerializer(serializers.Serializer[Any]):
    """How a push came."""

    kind = serializers.CharField(help_text="ssh-key, token, recipe-token or site (a form); empty: not known.")
    credential = serializers.CharField(help_text="The key's fingerprint, or the token's first characters.")
    second_factor = serializers.BooleanField(help_text="Whether the account had a second factor then.")
    signature = serializers.CharField(help_text="Who signed the commit; empty: nobody.")


def _hold(revision: Revision) -> Hold | None:
    """Return the hold that was fetched with the revision; a row from elsewhere is asked."""
    return getattr(revision, "hold", None)


class RevisionSerializer(RevisionSummarySerializer, _WithLintSummary):
    """A revision, with everything that its files say and what the parser found in them."""

    recipe = serializers.CharField(source="recipe.name", help_text="The recipe's name.")
    hold_reasons = serializers.SerializerMethodField(help_text="Why it was held or delayed, word by word.")
    observed = serializers.SerializerMethodField(help_text="What gates that are only observed would have done; it holds nothing.")
    release_at = serializers.SerializerMethodField(help_text="When a delayed revision becomes current by itself; else null.")
    came_by = serializers.SerializerMethodField(help_text="How the push came.")
    confirmed_by = serializers.SerializerMethodField(
        help_text="Who besides the pusher confirms each file that it fetches: signature, registry, debian. Empty where one lacks."
    )
    findings = DataclassField(Finding, many=True, help_text="What the parser has to say of the files.")
    metadata = serializers.SerializerMethodField(help_text="What the revision's files say.")

    def get_hold_reasons(self, revision: Revision) -> list[str]:
        """Return the sentences of the gates that held the revision, released by now or not."""
        hold = _hold(revision)
        return list(hold.reasons) if hold else []

    def get_observed(self, revision: Revision) -> list[str]:
        """Return what the gates on trial say."""
        hold = _hold(revision)
        return list(hold.observed) if hold else []

    @extend_schema_field(serializers.DateTimeField(allow_null=True))
    def get_release_at(self, revision: Revision) -> datetime | None:
        """Return the end of a delay."""
        hold = _hold(revision)
        return hold.release_at if hold and hold.is_delayed else None

    @extend_schema_field(CameBySerializer(allow_null=True))
    def get_came_by(self, revision: Revision) -> dict[str, Any] | None:
        """Return the provenance; null where nothing is known."""
        return dict(CameBySerializer(revision.came_by).data) if revision.came_by else None

    def get_confirmed_by(self, revision: Revision) -> list[str]:
        """Return the witnesses. One query."""
        return list(confirmations.confirmed_by(revision))

    @extend_schema_field(DataclassField(RecipeMetadata))
    def get_metadata(self, revision: Revision) -> dict[str, Any]:
        """Return what the revision says."""
        return metadata_json(revision)


class RecipeListSerializer(ListSerializer):
    """A page of recipes."""

    total_is_exact = serializers.BooleanField(help_text="Whether `total` counts them all; if not, there are more.")
    corrected = serializers.CharField(
        allow_null=True, help_text="The query that was run instead, where nothing matched and a word seemed misspelt; else null."
    )
    results = RecipeSummarySerializer(many=True)


class RevisionListSerializer(ListSerializer):
    """A page of a recipe's history, newest first."""

    results = RevisionSummarySerializer(many=True)


class LookupSerializer(serializers.Serializer[Any]):
    """What a look-up found, in the order of the names asked for, each once."""

    found = RecipeSummarySerializer(many=True)
    unknown = serializers.ListField(child=serializers.CharField(), help_text="Names that no recipe has.")


class AlarmSerializer(serializers.Serializer[Any]):
    """The site's incident level, in short."""

    level = serializers.CharField(help_text="normal, raised or siege.")
    words = serializers.CharField(help_text="What every page shows; empty: it is normal.")


class RootSerializer(serializers.Serializer[Any]):
    """The API's addresses."""

    site = serializers.CharField(help_text="The site's name.")
    version = serializers.CharField()
    incident = AlarmSerializer()
    endpoints = serializers.DictField(child=serializers.CharField(), help_text="URI templates (RFC 6570) by what they give.")


class ProblemKindSerializer(serializers.Serializer[Any]):
    """A kind of problem."""

    code = serializers.CharField()
    status = serializers.IntegerField()
    title = serializers.CharField()
    meaning = serializers.CharField()


class FieldErrorSerializer(serializers.Serializer[Any]):
    """One thing that is wrong with one member or parameter."""

    field = serializers.CharField(allow_null=True, help_text="A path like `names.3`; null: the body as a whole.")
    detail = serializers.CharField()


class ProblemSerializer(serializers.Serializer[Any]):
    """A problem document (RFC 9457)."""

    type = serializers.URLField(help_text="The kind's address in the list of kinds.")
    title = serializers.CharField()
    status = serializers.IntegerField()
    code = serializers.CharField(help_text="Stable: programs may rely on it.")
    detail = serializers.CharField(help_text="What was found here, and what to do.")
    field = serializers.CharField(required=False, allow_null=True, help_text="The first wrong member or parameter.")
    reason = serializers.CharField(
        required=False, help_text="Why a rule refuses it: a stable word, with `refused` and `invalid-value`."
    )
    errors = FieldErrorSerializer(many=True, required=False)  # type: ignore[assignment] # DRF takes declared fields off the class
