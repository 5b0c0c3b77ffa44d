"""What changed for the worse about licences, models, redistribution and provenance: classes that people choose a recipe by."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from .copyright import PATH as COPYRIGHT_PATH
from .effect_kinds import Change, Effect, Side
from .effect_sources import pairs
from .manifest import PATH
from .metadata import Fetch, RecipeMetadata
from .vocabulary import Authorship, LicenceClass, ModelVerdict, Osaid, Redistribution


def class_changes(old: Side | None, new: Side) -> Iterator[Change]:
    """Yield what is weaker than before.

    A first revision is held against the best classes; of what is unknown in it nothing is said, since nobody promised anything.
    """
    past, present = old.metadata if old else None, new.metadata
    if what := _worse("licence class", tuple(LicenceClass), past.licence_class if past else None, present.licence_class):
        yield Change(Effect.CLASS, _where(new), None, what)
    if present.models:
        line = present.models[0].line
        # A recipe that had no model promised nothing about one.
        if what := _worse(
            "class of the model", tuple(ModelVerdict), (past.model_class if past else "") or None, present.model_class
        ):
            yield Change(Effect.CLASS, PATH, line, what)
        if (
            past is not None
            and past.models
            and (what := _worse("OSAID verdict", tuple(Osaid), past.osaid_class, present.osaid_class))
        ):
            yield Change(Effect.CLASS, PATH, line, what)
    if what := _worse("redistribution", tuple(Redistribution), past.redistribution if past else None, present.redistribution):
        yield Change(Effect.CLASS, PATH, None, what)
    if past is not None:
        yield from _provenance(past, present)
        yield from _fetched(past, present)


def _where(side: Side) -> str:
    return COPYRIGHT_PATH if any(tag.origin == "copyright" for tag in side.metadata.licences) else PATH


def _worse(name: str, order: Sequence[str], old: str | None, new: str) -> str:
    """Return a sentence where `new` stands behind `old` in `order`, from the best to the worst; empty otherwise.

    Where nothing was before (`old` None), `new` is said where it is neither the best nor unknown.
    """
    if new not in order or (old is not None and old not in order):
        return ""
    if old is None:
        return f"The {name} is {new}." if new not in {order[0], "unknown"} else ""
    return f"The {name} is {new}, and was {old} before." if order.index(new) > order.index(old) else ""


def _provenance(old: RecipeMetadata, new: RecipeMetadata) -> Iterator[Change]:
    """Yield that the packaging was written in another way, or that this is no longer said."""
    if old.provenance and not new.provenance:
        yield Change(Effect.CLASS, PATH, None, f"How the packaging was written is no longer said; it was {old.provenance}.")
    elif what := _worse("provenance", tuple(Authorship), old.provenance or Authorship.HUMAN, new.provenance):
        yield Change(Effect.CLASS, PATH, None, what)


def _fetched(old: RecipeMetadata, new: RecipeMetadata) -> Iterator[Change]:
    """Yield for each file a weaker licence, another text to be accepted, or no acceptance any more."""
    for before, fetch in pairs(old, new):
        name = f"licence of {fetch.filename}"
        if what := _worse(name, tuple(LicenceClass), before.licence_class if before else None, fetch.licence_class):
            yield Change(Effect.CLASS, PATH, fetch.line, what)
        if before is not None:
            yield from _acceptance(before, fetch)


def _acceptance(before: Fetch, after: Fetch) -> Iterator[Change]:
    if before.acceptance != after.acceptance:
        what = f"What is to be accepted for {after.filename} changed from {before.acceptance} to {after.acceptance}."
        yield Change(Effect.CLASS, PATH, after.line, what)
    elif (before.licence_sha256, before.licence_file) != (after.licence_sha256, after.licence_file):
        yield Change(Effect.CLASS, PATH, after.line, f"The text of the licence of {after.filename} is another one than before.")
