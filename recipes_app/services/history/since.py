"""What changed since the version that somebody built: which revision that was, and what happened from there to now."""

from __future__ import annotations

from dataclasses import dataclass

from debian.debian_support import Version

from recipes_app.formats import changelog
from recipes_app.formats.metadata import RecipeMetadata
from recipes_app.formats.model_policy import worst_model_class
from recipes_app.formats.names import version_fault
from recipes_app.limits import EVENTS_SHOWN, MAX_CHANGELOG_ENTRIES
from recipes_app.models import Recipe, Revision
from recipes_app.repos import browse
from recipes_app.repos.objects import ObjectError
from recipes_app.repos.push_rules import MAIN_BRANCH
from recipes_app.repos.store import store

from ..audit import log_reading
from ..audit.log_reading import LogLine
from ..core.event_kinds import EventKind

# Lines of the log that say into whose hands a recipe came, or what a moderator ruled about its class.
_TOLD = (
    EventKind.RECIPE_RENAMED,
    EventKind.RECIPE_MERGED,
    EventKind.OWNER_DISOWNED,
    EventKind.OWNER_PROMOTED,
    EventKind.OWNER_ADOPTED,
    EventKind.OWNER_TRANSFERRED,
    EventKind.OWNER_ORPHANED,
    EventKind.CO_MAINTAINER_JOINED,
    EventKind.CO_MAINTAINER_LEFT,
    EventKind.MODEL_RULED,
    EventKind.MODEL_RULING_ENDED,
)


@dataclass(frozen=True)
class NamedVersion:
    """The revision that stands for a version. `fault` says what is wrong with the version; `versions` are those there are.

    `is_exact`: the revision has that very version. `is_older`: it is not the current one, so that there is something to show.
    """

    revision: Revision | None
    is_exact: bool = False
    is_older: bool = False
    fault: str = ""
    versions: tuple[str, ...] = ()


@dataclass(frozen=True)
class ClassChange:
    """A class that differs: its field as `labels` names it, and both values."""

    field: str
    old: str
    new: str


@dataclass(frozen=True)
class Story:
    """What happened between two revisions. `has_more_entries`: the changelog has more than is shown."""

    entries: tuple[changelog.PastEntry, ...]
    has_more_entries: bool
    classes: tuple[ClassChange, ...]
    log: tuple[LogLine, ...]


def find(recipe: Recipe, version: str) -> NamedVersion:
    """Return the published revision of the main branch that has `version`, or the newest not above it. Two queries at most.

    Versions are ordered as dpkg orders them (Debian Policy 5.6.12); of one version the last push counts, but of the current one
    the first, since its content may be another now. A commit's id means that commit. Empty asks for nothing.
    """
    rows = recipe.revisions.filter(branch=MAIN_BRANCH, review=Revision.Review.PUBLISHED).order_by("-pushed_at", "-id")
    kept = list(rows.values_list("pk", "version", "commit"))
    published, commits = [(pk, each) for pk, each, _ in kept], {commit: pk for pk, _, commit in kept}
    versions = tuple(dict.fromkeys(each for _, each in published))
    if not version:
        return NamedVersion(None, versions=versions)
    if version in commits:
        return _found(recipe, commits[version], versions, is_exact=True)
    if fault := version_fault(version):
        return NamedVersion(None, fault=fault, versions=versions)
    wanted = Version(version)
    # max takes the first of equals: the last push.
    fitting = [(pk, Version(each)) for pk, each in published if Version(each) <= wanted]
    if not fitting:
        return NamedVersion(None, versions=versions)
    pk, nearest = max(fitting, key=lambda row: row[1])
    if pk == recipe.current_id:
        pk = [each for each, said in fitting if said == nearest][-1]
    return _found(recipe, pk, versions, is_exact=nearest == wanted)


def _found(recipe: Recipe, pk: int, versions: tuple[str, ...], *, is_exact: bool) -> NamedVersion:
    revision = recipe.revisions.defer("findings").get(pk=pk)
    revision.recipe = recipe
    return NamedVersion(revision, is_exact=is_exact, is_older=pk != recipe.current_id, versions=versions)


def story(recipe: Recipe, old: Revision, new: Revision) -> Story:
    """Return what the changelog, the classes and the log say of the time from `old`'s push to now. One query."""
    try:
        text = browse.read_file(store().public(recipe.storage_name), new.commit, changelog.PATH)
    except (browse.PathMissing, ObjectError):
        text = b""
    entries = changelog.entries_since(text, old.version, MAX_CHANGELOG_ENTRIES + 1)
    log = log_reading.since(recipe, old.pushed_at, _TOLD, EVENTS_SHOWN)
    shown = tuple(entries[:MAX_CHANGELOG_ENTRIES])
    return Story(shown, len(entries) > len(shown), tuple(_class_changes(old.data, new.data)), tuple(log))


def _class_changes(old: RecipeMetadata, new: RecipeMetadata) -> list[ClassChange]:
    pairs = [
        ("licence", old.licence_class, new.licence_class),
        ("redistribution", old.redistribution, new.redistribution),
        ("model", _model_class(old), _model_class(new)),
    ]
    return [ClassChange(field, before, after) for field, before, after in pairs if before != after]


def _model_class(metadata: RecipeMetadata) -> str:
    return worst_model_class(model.computed.value for model in metadata.models)
