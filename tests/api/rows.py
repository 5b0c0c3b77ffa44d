"""Catalogue rows for the API's tests: written as publishing writes them, without git, which other rooms test."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import timedelta
from typing import Any

from django.utils import timezone

from recipes_app.formats.metadata import (
    BinaryPackage,
    ChangelogEntry,
    LicenceTag,
    Person,
    RecipeMetadata,
    Relation,
    RelationTerm,
)
from recipes_app.models import LintHint, LintJob, LintState, LintTag, Recipe, Revision, SuiteBranch, User
from recipes_app.services.publishing.projection import project_current
from tests.factories import make_recipe

ADA = Person("Ada Lovelace", "ada@example.org")
LIBC = Relation((RelationTerm("libc6", operator=">=", version="2.36"),), "libc6 (>= 2.36)")


def metadata(name: str, version: str = "1.0-1", **changes: Any) -> RecipeMetadata:
    """Return what a small recipe says."""
    package = BinaryPackage(
        name=name,
        architectures=("any",),
        section="utils",
        priority="optional",
        multi_arch="",
        essential=False,
        synopsis=f"friendly {name}",
        description="A program that greets.",
        package_type="deb",
        build_profiles="",
        relations={"Depends": (LIBC,)},
    )
    said = RecipeMetadata(
        source=name,
        version=version,
        maintainer=ADA,
        binaries=(package,),
        changelog=ChangelogEntry(version, ("unstable",), "medium", ADA, "2023-01-02T10:00:00+00:00", "  * A release."),
        section="utils",
        homepage=f"https://example.org/{name}",
        licences=(LicenceTag("Expat", "MIT", "dfsg-free", "copyright"),),
        licence_class="dfsg-free",
        redistribution="permitted",
    )
    return replace(said, **changes)


def add_revision(recipe: Recipe, version: str = "1.0-1", **changes: Any) -> Revision:
    """Return a new revision at the tip of `main`; the recipe's columns follow it."""
    number = recipe.revisions.count()
    revision = Revision.objects.create(
        recipe=recipe,
        commit=hashlib.sha1(f"{recipe.name} {number}".encode(), usedforsecurity=False).hexdigest(),
        version=version,
        pushed_at=timezone.now() - timedelta(days=1) + timedelta(minutes=number),
        pusher=recipe.maintainer,
        pusher_name=recipe.submitter_name,
        metadata=metadata(recipe.name, version, **changes).to_json(),
    )
    SuiteBranch.objects.update_or_create(recipe=recipe, name="main", defaults={"revision": revision})
    recipe.current = revision
    recipe.updated_at = revision.pushed_at
    recipe.save()
    project_current(recipe)
    return revision


def add_recipe(name: str = "hello-dur", maintainer: User | None = None, version: str = "1.0-1", **changes: Any) -> Recipe:
    """Return a recipe with one revision."""
    recipe = make_recipe(name, maintainer)
    add_revision(recipe, version, **changes)
    return recipe


def add_report(revision: Revision, *hints: dict[str, Any], state: LintState = LintState.FAILED) -> LintJob:
    """Return a finished lint job with `hints`, whose tag `no-manual-page` is explained."""
    job = LintJob.objects.create(
        revision=revision, state=state, tool="lintian", tool_version="2.116.3", profile="debian/main", attempts=1
    )
    LintHint.objects.bulk_create(LintHint(job=job, position=position, **hint) for position, hint in enumerate(hints))
    LintTag.objects.get_or_create(
        tool="lintian",
        tool_version="2.116.3",
        tag="no-manual-page",
        defaults={"severity": "warning", "explanation": "<p>Write one.</p>", "see_also": ["policy 12.1"]},
    )
    return job
