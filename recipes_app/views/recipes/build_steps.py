"""From a recipe to an installed package: the blocks to paste that a page shows, for each variant."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from recipes_app.formats import build_steps
from recipes_app.formats.metadata import Variant
from recipes_app.formats.source_plan import PlanError, SourcePlan, default_variant
from recipes_app.models import Revision
from recipes_app.services.catalogue import build_plans

# What is pasted to get from nothing to an installed package.
_IN_ORDER = ("get", "build", "install")


@dataclass(frozen=True)
class Build:
    """How one variant is built: its plan, and the blocks by their kind. `variant` is None for a recipe that has none."""

    variant: Variant | None
    plan: SourcePlan
    blocks: Mapping[str, str]

    @property
    def at_once(self) -> str:
        """All blocks as one to paste, which stops at the first line that fails."""
        return " &&\n".join(self.blocks[kind] for kind in _IN_ORDER)


def clone_address(name: str) -> str:
    """Return the address that git clones the recipe `name` from."""
    return f"{settings.PORTAL_URL}/git/{name}.git"


def builds_of(revision: Revision, providers: Mapping[str, str] | None = None) -> Sequence[Build]:
    """Return how each variant of `revision` is built, the default one first; empty where its files fit no source package.

    A push of such files is refused; revisions from before that rule may have them. At most one query.
    """
    metadata = revision.data
    default = default_variant(metadata.variants)
    variants = [default, *(each for each in metadata.variants if each is not default)]
    try:
        return [_build(revision, each, providers) for each in variants]
    except PlanError:
        return []


@require_safe
def functions(request: HttpRequest) -> HttpResponse:
    """Give the shell functions that the blocks call; each block checks their SHA-256."""
    return HttpResponse(build_steps.library(), content_type="text/x-shellscript; charset=utf-8")


def _build(revision: Revision, variant: Variant | None, providers: Mapping[str, str] | None) -> Build:
    plan = build_plans.plan_of(revision, variant.name if variant else None, providers=providers)
    site = build_steps.Site(settings.PORTAL_URL, clone_address(plan.recipe))
    return Build(variant, plan, {block.kind: block.text for block in build_steps.blocks(plan, site)})
