"""Recipes from uploaded files, and single files that are edited in the browser. Both end in `submitting.submit`."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass

from django.utils import timezone
from django.utils.translation import gettext as _

from recipes_app.deadline import NoPlace, WorkFailed, run_bounded
from recipes_app.formats import changelog
from recipes_app.formats.findings import Finding, Severity
from recipes_app.formats.recipe import ParsedRecipe
from recipes_app.limits import MAX_BLOB_BYTES, UPLOAD_CPU_SECONDS, UPLOAD_MEMORY_BYTES, UPLOAD_WAIT_SECONDS, UPLOAD_WALL_SECONDS
from recipes_app.models import Revision, User
from recipes_app.repos import browse
from recipes_app.repos.drafts import Draft, NewFile
from recipes_app.repos.push_rules import MAIN_BRANCH
from recipes_app.repos.source_uploads import read_recipe
from recipes_app.repos.store import store
from recipes_app.repos.tarballs import Packaging, TarballRefused

from ..core.errors import Refused
from .git_access import PushTarget
from .submitting import Submitted, submit, target_of, tip_of

logger = logging.getLogger(__name__)


class FindingsRefused(Refused):
    """The recipe was read and has errors; `findings` are all that was found, warnings too."""

    def __init__(self, findings: list[Finding]) -> None:
        super().__init__(_("The recipe has errors; nothing was stored."), code="findings")
        self.findings = findings


@dataclass(frozen=True)
class Upload:
    """What a form of the upload says. `base` is the commit that the revision is meant to follow; empty where it says none."""

    files: Mapping[str, bytes]
    message: str = ""
    revises: bool = False
    base: str = ""


def submit_upload(user: User, upload: Upload) -> Submitted:
    """Make a recipe, or a new revision of one, of uploaded files: its debian/ becomes theirs, what lies beside it stays.

    The recipe is the one that debian/control names. Raises PermissionDenied, FindingsRefused, PushRefused, and Refused at the
    field that is wrong: `packaging`, or `revises` where the recipe is there already or is not.
    """
    packaging, parsed = _read(upload.files)
    findings = [*packaging.findings, *parsed.findings]
    if parsed.metadata is None or any(each.severity is Severity.ERROR for each in findings):
        raise FindingsRefused(findings)
    name, version = parsed.metadata.source, parsed.metadata.version
    target = target_of(user, name)
    tip = tip_of(target)
    if tip and not upload.revises:
        message = _("%(name)s is here already: tick this if your files are its next revision.")
        raise Refused(message % {"name": name}, field="revises", code="exists")
    if upload.revises and not tip:
        message = _("There is no recipe %(name)s yet: leave this empty to create it.")
        raise Refused(message % {"name": name}, field="revises", code="new")
    draft = Draft(upload.message or f"{name} {version}", packaging.files, ("debian",) if tip else ())
    return submit(target, draft, parent=upload.base or tip)


def _read(files: Mapping[str, bytes]) -> tuple[Packaging, ParsedRecipe]:
    """Return what the files hold and say, read in a process that ends in time. Raises Refused at the field `packaging`."""
    try:
        return run_bounded(
            read_recipe, dict(files), wall_seconds=UPLOAD_WALL_SECONDS, cpu_seconds=UPLOAD_CPU_SECONDS,
            memory_bytes=UPLOAD_MEMORY_BYTES, wait_seconds=UPLOAD_WAIT_SECONDS,
        )  # fmt: skip
    except TarballRefused as error:
        raise Refused(str(error), field="packaging", code="bad-upload") from error
    except NoPlace as error:
        raise Refused(_("Others are sending files now, and all places are taken: try again in a minute."), code="busy") from error
    except WorkFailed as error:
        logger.warning("an upload could not be read: %s", error)
        message = _("The files could not be read in the time and memory that an upload has: send debian/ alone, packed anew.")
        raise Refused(message, field="packaging", code="too-much-work") from error


@dataclass(frozen=True)
class EditedFile:
    """A file as the browser shows it for editing."""

    text: str
    is_executable: bool


def file_to_edit(user: User, revision: Revision, path: str) -> EditedFile:
    """Return the file `path` of `revision`, for one who may push.

    Raises PermissionDenied, PathMissing, and Refused for what a text field would not give back as it was.
    """
    target_of(user, revision.recipe.name)
    found = browse.look(store().intake(revision.recipe.storage_name), revision.commit, path)
    if not isinstance(found, browse.File):
        raise browse.PathMissing(f"{path} is a folder")
    if found.content is None:
        raise Refused(_("This file is too large to be edited here: clone the recipe."), code="not-text")
    try:
        text = found.content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Refused(_("This file is not UTF-8, and cannot be edited here: clone the recipe."), code="not-text") from error
    if "\r" in text or "\0" in text:
        raise Refused(_("A browser would change this file's line ends or zero bytes: clone the recipe."), code="not-text")
    return EditedFile(text, found.is_executable)


def newer_than(revision: Revision, path: str) -> str:
    """Return main's tip where the file `path` is another there than in `revision`, or gone; empty where it is the same.

    So an edit conflicts with a push only where both are about the same file, as a rebase would have it.
    """
    repository = store().intake(revision.recipe.storage_name)
    tip = store().branches(revision.recipe.storage_name).get(MAIN_BRANCH, "")
    if tip == revision.commit:
        return ""
    try:
        here, there = (browse.look(repository, commit, path) for commit in (revision.commit, tip))
    except browse.PathMissing:
        return tip
    return "" if here == there and revision.branch == MAIN_BRANCH else tip


def submit_edit(user: User, revision: Revision, path: str, text: str, message: str) -> Submitted:
    """Commit `text` as the file `path` of `revision` upon the tip of main, where the file must be the same still.

    debian/changelog gets an entry with the next version and `message`, unless it is the file that is edited.

    A browser sends line ends as CR LF (HTML, form submission); they become LF. Raises what `file_to_edit` and `submit` raise,
    and FindingsRefused.
    """
    before = file_to_edit(user, revision, path)
    content = text.replace("\r\n", "\n").encode("utf-8")
    if len(content) > MAX_BLOB_BYTES:
        message = _("The file has %(size)d bytes; at most %(limit)d are taken.")
        raise Refused(message % {"size": len(content), "limit": MAX_BLOB_BYTES}, field="text", code="too-large")
    if content == before.text.encode("utf-8"):
        raise Refused(_("nothing changed: the files are as they are already"), code="unchanged")
    target = target_of(user, revision.recipe.name)
    parent = revision.commit if newer_than(revision, path) else tip_of(target)
    words = message or f"Change {path}"
    files = {path: NewFile(content, before.is_executable), **_entry(target, parent, path, words)}
    return submit(target, Draft(words, files), parent=parent)


def _entry(target: PushTarget, commit: str, path: str, words: str) -> dict[str, NewFile]:
    """Return the changelog of `commit` with an entry for the edit of another file; empty where it is the changelog itself.

    Without a higher version nobody who has the one before would hear of the edit, and main does not take it.
    """
    if path == changelog.PATH or not commit:
        return {}
    found = browse.look(store().intake(target.storage_name), commit, changelog.PATH)
    if not isinstance(found, browse.File) or found.content is None:
        return {}
    author = f"{target.user.username} <{target.user.username}@users.invalid>"
    written = changelog.with_entry(found.content, words, author, timezone.now())
    return {changelog.PATH: NewFile(written, found.is_executable)} if written else {}
