"""The source plan of a revision: what its files say, its commit, and the recipes of this site that it depends on."""

from __future__ import annotations

from collections.abc import Mapping

from recipes_app.formats.metadata import RecipeMetadata, Relation
from recipes_app.formats.source_plan import PlanError, SourcePlan, source_plan
from recipes_app.models import Revision

from . import catalogue


def plan_of(revision: Revision, variant: str | None = None, *, providers: Mapping[str, str] | None = None) -> SourcePlan:
    """Return the plan of `revision` for `variant`, or for its default variant.

    `providers` is what `catalogue.sources_of` returned for its related names; without it, one query. Raises PlanError.
    """
    metadata = revision.data
    if providers is None:
        providers = catalogue.sources_of(related_names(metadata))
    return source_plan(metadata, variant=variant, commit=revision.commit, providers=providers)


def default_plan(revision: Revision) -> SourcePlan | None:
    """Return the plan of the default variant of `revision`; None where its files fit no source package. One query."""
    try:
        return plan_of(revision)
    except PlanError:
        return None


def related_names(metadata: RecipeMetadata) -> set[str]:
    """Return the names of all packages that a recipe relates to, in any field and in any variant."""
    fields: list[tuple[Relation, ...]] = list(metadata.relations.values())
    for package in metadata.binaries:
        fields.extend(package.relations.values())
    fields.extend(variant.build_depends_extra for variant in metadata.variants)
    return {term.name for field in fields for relation in field for term in relation.alternatives}
