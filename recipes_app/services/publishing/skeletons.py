"""A recipe by questions: the answers become the first files, which are judged before anything is stored and enter as a push."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from django.utils import timezone
from django.utils.translation import gettext as _

from recipes_app.formats.addresses import fetch_address_fault, is_https
from recipes_app.formats.findings import Finding, Severity
from recipes_app.formats.names import is_package_name, version_fault
from recipes_app.formats.recipe import parse_recipe
from recipes_app.formats.skeleton import EXECUTABLE, TARBALL_SUFFIXES, Answers, answer_behind, is_tarball, skeleton
from recipes_app.lint.checks.registry import run_checks
from recipes_app.lint.recipe_checks import context_of
from recipes_app.models import User
from recipes_app.repos.drafts import Draft, NewFile

from ..catalogue.names import check_new_name
from ..core.errors import Refused
from ..core.permissions import Action, require
from .submitting import Submitted, submit, target_of
from .uploads import FindingsRefused


@dataclass(frozen=True)
class Examined:
    """The files that the answers make, and all that stands against them.

    `faults` says what is wrong with an answer itself, by its name. `findings` are those of the parser and of the recipe checks,
    each with the name of the answer that it goes back to, or an empty one.
    """

    files: Mapping[str, bytes]
    faults: Mapping[str, str]
    findings: tuple[tuple[str, Finding], ...]

    @property
    def is_good(self) -> bool:
        """Whether a push of these files would be taken, and lint have no error of the portal's own."""
        return not self.faults and all(finding.severity is not Severity.ERROR for _answer, finding in self.findings)


def examine(user: User, answers: Answers) -> Examined:
    """Return what `answers` make, and everything that is to be said about it at once. Nothing is stored.

    Raises PermissionDenied.
    """
    require(Action.CREATE_RECIPE, user)
    files = skeleton(_readable(answers), timezone.now())
    findings = [*parse_recipe(files).findings, *run_checks(files, context_of({}, {EXECUTABLE}))]
    faults = _faults(answers)
    # What the parser says, a check may say again in the same words.
    once = {(each.path, each.line, each.message): each for each in reversed(findings)}
    placed = ((answer_behind(each, files), each) for each in reversed(once.values()))
    # Where an answer itself is wrong, what follows from it in the files says the same once more.
    said = tuple((answer, each) for answer, each in placed if answer not in faults or each.severity is not Severity.ERROR)
    return Examined(files, faults, said)


def _readable(answers: Answers) -> Answers:
    """Return `answers` with stand-ins for a name and a version that would hide from a parser what is wrong behind them."""
    name = answers.name if is_package_name(answers.name) else "name"
    return replace(answers, name=name, version="0" if version_fault(f"{answers.version}-1") else answers.version)


def _faults(answers: Answers) -> dict[str, str]:
    """Return what is wrong with single answers, by name, in words about the question and not about a file."""
    faults = {}
    try:
        check_new_name(answers.name)
    except Refused as error:
        faults["name"] = str(error)
    if fault := version_fault(f"{answers.version}-1"):
        faults["version"] = fault
    if fault := fetch_address_fault(answers.source_url):
        faults["source_url"] = fault
    elif not is_tarball(answers.source_url):
        said = _("This is no address of a tarball (%(suffixes)s). For models, wheels and git, write debian/dur and upload it.")
        faults["source_url"] = said % {"suffixes": ", ".join(TARBALL_SUFFIXES)}
    if answers.homepage and not is_https(answers.homepage):
        faults["homepage"] = _("Give an address that begins with https://")
    return faults


def submit_skeleton(user: User, answers: Answers) -> Submitted:
    """Make the recipe that `answers` describe, as `user`'s first push of it.

    Raises PermissionDenied, FindingsRefused where `examine` finds anything in its way, and what `submitting.submit` raises.
    """
    examined = examine(user, answers)
    if not examined.is_good:
        raise FindingsRefused([finding for _answer, finding in examined.findings])
    files = {path: NewFile(content, path == EXECUTABLE) for path, content in examined.files.items()}
    message = f"{answers.name} {answers.version}-1\n\nThe first files, made from answers on the site."
    return submit(target_of(user, answers.name), Draft(message, files), parent="")
