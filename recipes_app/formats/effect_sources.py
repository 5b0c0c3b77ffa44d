"""What changed about where upstream's bytes come from: Fetch paragraphs, debian/watch, components; and how a recipe is built."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from debian.debian_support import Version

from .deb822 import Paragraph, read_paragraphs
from .effect_kinds import Change, Effect, Side
from .manifest import PATH
from .metadata import Fetch, RecipeMetadata
from .origins import Origin, origin_of, same_address, stem_of
from .report import Report
from .watch import PATH as WATCH_PATH
from .watch import Watch, read_watch

_DIGITS = re.compile(r"[0-9]+")
_MAX_QUERIES = 20
# What a new version of the same file changes in a Fetch paragraph.
_PINS = frozenset({"fetch", "url", "sha256", "size"})
# Fields of a Fetch that say how the file is laid into the source tree, by their names in debian/dur.
_LAYING = {"Role": "role", "Wrap": "wrap", "Arch": "architectures"}
# Fields of the header that say nothing about a build. Redistribution and Provenance are classes, looked at elsewhere.
_OUTWARD = ("category", "suites", "keywords")


def source_changes(old: Side | None, new: Side) -> Iterator[Change]:
    """Yield the changes of debian/dur's Fetch paragraphs, header and variants. A missing `old` fetches nothing."""
    past = old.metadata if old else None
    yield from _fetch_changes(past, new.metadata)
    yield from _header_changes(past, new.metadata)
    yield from _variant_changes(past, new.metadata)
    yield from _model_changes(past, new.metadata)


def upstream_version(metadata: RecipeMetadata) -> str:
    """Return the version of upstream's release that a revision packages."""
    return Version(metadata.version).upstream_version or ""


def fetch_origin(fetch: Fetch, metadata: RecipeMetadata) -> Origin:
    """Return the origin of a file of the recipe."""
    return origin_of(fetch.url, upstream_version(metadata))


def pairs(old: RecipeMetadata | None, new: RecipeMetadata) -> list[tuple[Fetch | None, Fetch]]:
    """Return each file of `new` with the one of `old` that it takes the place of; None where it takes none's.

    That is the file of the same name, else one of the same role and the same name without its version.
    """
    left = {fetch.filename: fetch for fetch in old.fetches} if old else {}
    found: dict[str, Fetch] = {}
    for fetch in new.fetches:
        if fetch.filename in left:
            found[fetch.filename] = left.pop(fetch.filename)
    by_shape: dict[tuple[str, str], list[Fetch]] = {}
    for fetch in left.values():
        by_shape.setdefault((fetch.role, _shape(fetch, old)), []).append(fetch)
    for fetch in new.fetches:
        if fetch.filename not in found and (same := by_shape.get((fetch.role, _shape(fetch, new)))):
            found[fetch.filename] = same.pop(0)
    return [(found.get(fetch.filename), fetch) for fetch in new.fetches]


def _shape(fetch: Fetch, metadata: RecipeMetadata | None) -> str:
    """Return a file's name without its version, so that the next release's file is known again."""
    version = upstream_version(metadata) if metadata else ""
    name = fetch.filename.replace(version, "#") if version else fetch.filename
    return stem_of(name) + "." + _DIGITS.sub("#", name.rpartition("#")[2])


def _fetch_changes(old: RecipeMetadata | None, new: RecipeMetadata) -> Iterator[Change]:
    known: dict[str, list[tuple[Fetch, Origin]]] = {}
    for fetch in old.fetches if old else ():
        origin = fetch_origin(fetch, old) if old else origin_of(fetch.url)
        known.setdefault(origin.address, []).append((fetch, origin))
    projects = {origin.project for each in known.values() for _, origin in each}
    taken = set()
    for before, fetch in pairs(old, new):
        if before is not None:
            taken.add(before.filename)
        yield from _fetch_change(before, fetch, known, projects, (old, new))
        yield from _laying(before, fetch)
    for fetch in old.fetches if old else ():
        if fetch.filename not in taken:
            yield Change(Effect.BUILD, PATH, None, f"{fetch.filename} is no longer fetched.")


def _fetch_change(
    before: Fetch | None,
    fetch: Fetch,
    known: Mapping[str, Sequence[tuple[Fetch, Origin]]],
    projects: set[str],
    sides: tuple[RecipeMetadata | None, RecipeMetadata],
) -> Iterator[Change]:
    """Yield what a file of the new revision says about its origin, the worst of it alone."""
    old, new = sides
    origin = fetch_origin(fetch, new)
    past = fetch_origin(before, old) if before is not None and old is not None else None
    if before is not None and (before.url, before.sha256, before.size) == (fetch.url, fetch.sha256, fetch.size):
        if before.filename != fetch.filename:
            yield Change(Effect.BUILD, PATH, fetch.line, f"{before.filename} is now called {fetch.filename}.")
        return
    what = _origin_fault(fetch, origin, past, projects) or _other_bytes(fetch, origin, known)
    if what:
        yield Change(Effect.ORIGIN, PATH, fetch.line, what)
    elif before is None:
        yield Change(Effect.BUILD, PATH, fetch.line, f"{fetch.filename} is fetched in addition, from {origin.project} as others.")
    else:
        yield Change(Effect.INERT, PATH, fetch.line, f"{fetch.filename}: another release of {origin.project}.")


def _origin_fault(fetch: Fetch, origin: Origin, past: Origin | None, projects: set[str]) -> str:
    """Return why a file's origin is another one than before, empty where it is not."""
    if origin.is_strangers:
        return f"{fetch.filename} comes from a place of {origin.project} where anybody can put files."
    if past is not None and past.project != origin.project:
        return f"{fetch.filename} comes from {origin.project}, and came from {past.project} before."
    if past is None and origin.project not in projects:
        return f"{fetch.filename} comes from {origin.project}, which nothing was fetched from before."
    if origin.is_commit:
        return f"{fetch.filename} is pinned by a commit of {origin.project}: a commit of anybody's fork has such an address too."
    return ""


def _other_bytes(fetch: Fetch, origin: Origin, known: Mapping[str, Sequence[tuple[Fetch, Origin]]]) -> str:
    """Return that an address gave other bytes before, empty where it did not."""
    candidates = known.get(origin.address, ())
    # More files of one address than anybody has: then the queries are not told apart, which says more and never less.
    exact = len(candidates) <= _MAX_QUERIES
    same = [before for before, past in candidates if not exact or same_address(origin, past)]
    if same and all(before.sha256 != fetch.sha256 for before in same):
        return f"The bytes of {fetch.filename} changed though its address did not ({origin.address})."
    return ""


def _laying(before: Fetch | None, fetch: Fetch) -> Iterator[Change]:
    """Yield changes of how a file is laid into the source tree."""
    if before is None:
        return
    changed = [name for name, attribute in _LAYING.items() if getattr(before, attribute) != getattr(fetch, attribute)]
    if changed:
        yield Change(
            Effect.BUILD, PATH, fetch.line, f"{fetch.filename} enters the source tree in another way ({', '.join(changed)})."
        )


def _header_changes(old: RecipeMetadata | None, new: RecipeMetadata) -> Iterator[Change]:
    past = old.components if old else ()
    if added := [name for name in new.components if name not in past]:
        yield Change(Effect.ORIGIN, PATH, None, f"The build takes packages from the archive's {' and '.join(added)}.")
    if new.variant_of and new.variant_of != (old.variant_of if old else ""):
        name = new.variant_of.removeprefix("debian:")
        yield Change(
            Effect.ROOT, PATH, None, f"The recipe is a variant of {name}: its packages may replace those of the archive."
        )
    if old is not None:
        for name in _OUTWARD:
            if getattr(old, name) != getattr(new, name):
                yield Change(Effect.INERT, PATH, None, f"{name.capitalize()} changed: the site's lists show it.")


def _variant_changes(old: RecipeMetadata | None, new: RecipeMetadata) -> Iterator[Change]:
    """Yield the variants whose profiles, flags or dependencies are others than before: they change what is compiled."""
    before = {each.name: replace(each, line=0) for each in old.variants} if old else {}
    for variant in new.variants:
        past = before.pop(variant.name, None)
        if past != replace(variant, line=0):
            what = "is new" if past is None else "changed"
            yield Change(
                Effect.BUILD,
                PATH,
                variant.line,
                f"The variant {variant.name} {what}: its profiles, flags and packages are used in the build.",
            )
    for name in before:
        yield Change(Effect.BUILD, PATH, None, f"The variant {name} is gone.")


def _model_changes(old: RecipeMetadata | None, new: RecipeMetadata) -> Iterator[Change]:
    """Yield that facts about models changed; what they make of the class is looked at elsewhere."""
    if old is None:
        return
    facts = [
        tuple(replace(model, line=0, datasets=tuple(replace(each, line=0) for each in model.datasets)) for model in side.models)
        for side in (old, new)
    ]
    if facts[0] != facts[1]:
        yield Change(Effect.INERT, PATH, None, "Facts about the models changed: pages show them.")


def unread_fields_changed(old: bytes, new: bytes) -> bool:
    """Return whether two manifests differ in anything but comments, blanks and what a new version changes in a Fetch."""
    return _fields(old) != _fields(new)


def _fields(manifest: bytes) -> list[dict[str, str]]:
    paragraphs = read_paragraphs(manifest.decode("utf-8", "replace"), Report(PATH))
    return [_without_pins(paragraph) for paragraph in paragraphs]


def _without_pins(paragraph: Paragraph) -> dict[str, str]:
    is_fetch = paragraph.get("Fetch") is not None
    is_model = paragraph.get("Model") is not None
    found = {}
    for name, field in paragraph.fields.items():
        if is_fetch and name in _PINS:
            continue
        # A model names the files that it is made of, and these bear the version.
        found[name] = _DIGITS.sub("#", field.value) if is_model and name == "files" else field.value
    return found


def is_next_release(before: Fetch, after: Fetch, old: RecipeMetadata, new: RecipeMetadata) -> bool:
    """Return whether `after` is the same file, or another version's: name and address differ by version and numbers alone."""
    if (before.filename, before.url, before.sha256, before.size) == (after.filename, after.url, after.sha256, after.size):
        return True
    past, present = fetch_origin(before, old), fetch_origin(after, new)
    if past.project != present.project or present.is_commit or present.is_strangers:
        return False
    versions = upstream_version(old), upstream_version(new)
    shapes = [
        [_numbers(text, version) for text in (fetch.filename, fetch.url)]
        for fetch, version in zip((before, after), versions, strict=True)
    ]
    return shapes[0] == shapes[1]


def _numbers(text: str, version: str) -> str:
    """Return `text` with the version, and then every number, as a sign."""
    return _DIGITS.sub("#", text.replace(version, "#") if version else text)


def watch_changes(old: bytes, new: bytes) -> Iterator[Change]:
    """Yield the changes of debian/watch: which project is watched, whether its signature is asked for, which program is run."""
    before, after = read_watch(old), read_watch(new)
    projects = {_watched(each) for each in before}
    others = [each for each in after if _watched(each) not in projects]
    for each in others:
        yield Change(Effect.ORIGIN, WATCH_PATH, each.line, f"New versions are looked for at {_watched(each)[:200]}.")
    if any(_signatures(before)) and _signatures(before) != _signatures(after):
        line = after[0].line if after else None
        yield Change(Effect.ORIGIN, WATCH_PATH, line, "debian/watch asks for upstream's signature in another way than before.")
    programs = {each.action for each in before}
    for each in after:
        if each.action and each.action not in programs and each.action not in {"debian", "uupdate"}:
            yield Change(Effect.BUILD, WATCH_PATH, each.line, f"uscan runs {each.action[:80]} for each new version.")
    if not others:
        yield Change(Effect.INERT, WATCH_PATH, None, "debian/watch changed: only uscan reads it, on the maintainer's machine.")


def _watched(watch: Watch) -> str:
    return origin_of(watch.address).project if "://" in watch.address else watch.address


def _signatures(watches: Sequence[Watch]) -> list[dict[str, str]]:
    return [each.signature for each in watches]
