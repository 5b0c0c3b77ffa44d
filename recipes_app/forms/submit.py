"""Forms that submit recipes: what was chosen and typed, checked for shape. What a recipe may hold, the rules of a push say."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from recipes_app.formats.vocabulary import Authorship

from ..formats.licence_texts import LICENCE_TEXTS
from ..formats.skeleton import OTHER_LICENCE, Answers
from ..limits import MAX_LICENCE_TEXT_LENGTH, MAX_NAME_LENGTH, MAX_TEXT_LENGTH, MAX_UPLOAD_BYTES, MAX_UPLOAD_FILES, MIB

_MESSAGE_HELP = _("What changed, for the history. Empty: the version says it.")


class _SeveralFiles(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Several files at once, as Django's documentation has it; cleaned to a mapping of name to content."""

    widget = _SeveralFiles

    def clean(self, data: Any, initial: Any = None) -> dict[str, bytes]:
        """Return the files by name. Raises ValidationError where they are none, too many, too large, or two of one name."""
        chosen: list[UploadedFile[Any]] = [super(FilesField, self).clean(each, initial) for each in data or [None]]
        if len(chosen) > MAX_UPLOAD_FILES:
            raise forms.ValidationError(_("Choose at most %(number)d files."), params={"number": MAX_UPLOAD_FILES})
        if sum(each.size or 0 for each in chosen) > MAX_UPLOAD_BYTES:
            raise forms.ValidationError(
                _("The files have more than %(limit)d MiB. Upstream's tarball is not needed: leave it out."),
                params={"limit": MAX_UPLOAD_BYTES // MIB},
            )
        files = {each.name or "": each.read() for each in chosen}
        if len(files) != len(chosen):
            raise forms.ValidationError(_("Two of the files have the same name."))
        return files


class UploadForm(forms.Form):
    """Packaging from files: a new recipe, or the next revision of one."""

    packaging = FilesField(
        label=_("Files"),
        help_text=_(
            "A tarball of debian/ (.tar.gz, .tar.xz, .tar.zst), or a .dsc together with its .debian.tar file. "
            "Only debian/ is taken; upstream's source is never stored here."
        ),
    )
    revises = forms.BooleanField(label=_("These files are the next revision of a recipe that is here already"), required=False)
    message = forms.CharField(
        label=_("Commit message"), required=False, max_length=MAX_TEXT_LENGTH, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_MESSAGE_HELP,
    )  # fmt: skip
    base = forms.RegexField(regex=r"\A[0-9a-f]{40}\Z", required=False, widget=forms.HiddenInput)


class EditForm(forms.Form):
    """One file's text."""

    text = forms.CharField(
        label=_("Content"), required=False, strip=False,
        widget=forms.Textarea(attrs={"rows": 24, "class": "source", "spellcheck": "false", "wrap": "off", "autocomplete": "off"}),
    )  # fmt: skip
    message = forms.CharField(
        label=_("Commit message"), required=False, max_length=MAX_TEXT_LENGTH,
        help_text=_("What changed, for the history and for an entry in debian/changelog. Empty: the file's name says it."),
    )  # fmt: skip


_LATEST_SUITES = ("bookworm", "trixie", "forky")
_BUILD_SYSTEMS = {
    "autoconf": _("configure and make (autoconf)"),
    "makefile": _("a Makefile alone"),
    "cmake": "CMake",
    "meson": "Meson",
    "pybuild": _("Python (pyproject.toml or setup.py)"),
    "perl": _("Perl (Makefile.PL)"),
    "none": _("none: files are copied as they are"),
}
_PROVENANCES = [
    (Authorship.HUMAN.value, _("by a human")),
    (Authorship.AI_ASSISTED.value, _("with a machine's help")),
    (Authorship.AI_GENERATED.value, _("by a machine")),
]

_GROUPS = (
    (_("The program"), ("name", "version", "synopsis", "description", "homepage")),
    (_("Its source, and how it is built"), ("source_url", "sha256", "size", "build_system", "architecture", "suites")),
    (_("Its licence"), ("licence", "licence_name", "licence_text", "holders")),
    (_("You"), ("maintainer", "email", "provenance")),
)


class QuestionsForm(forms.Form):
    """The questions that a recipe's first files are made from. A field is called as `formats.skeleton.Answers` calls it."""

    name = forms.CharField(
        label=_("Name of the source package"), max_length=MAX_NAME_LENGTH,
        widget=forms.TextInput(attrs={"autocapitalize": "none", "spellcheck": "false", "autocomplete": "off"}),
        help_text=_("Lower-case letters, digits, +, - and . (Debian Policy 5.6.1). A Python module: python-NAME."),
    )  # fmt: skip
    version = forms.CharField(
        label=_("Upstream's version"), max_length=60, help_text=_("Of the release that you package, for example 1.4.2.")
    )
    synopsis = forms.CharField(
        label=_("What it is, in one line"), max_length=80,
        help_text=_("Without the name and without a full stop: “viewer for lunar maps”."),
    )  # fmt: skip
    description = forms.CharField(
        label=_("What it does, and for whom"), max_length=MAX_TEXT_LENGTH, widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("An empty line begins a new paragraph."),
    )  # fmt: skip
    homepage = forms.CharField(
        label=_("Home page"), required=False, max_length=200, widget=forms.URLInput, help_text=_("May be left empty.")
    )
    source_url = forms.CharField(
        label=_("Address of upstream's tarball"), max_length=500, widget=forms.URLInput,
        help_text=_("Whoever builds the recipe fetches it from there. It is never fetched or kept here."),
    )  # fmt: skip
    sha256 = forms.CharField(
        label=_("SHA-256 of it"), max_length=64, help_text=_("The first word that this prints: sha256sum FILE")
    )
    size = forms.CharField(label=_("Size in bytes"), max_length=15, help_text=_("What this prints: stat -c %s FILE"))
    build_system = forms.ChoiceField(label=_("How upstream builds it"), choices=list(_BUILD_SYSTEMS.items()))
    architecture = forms.ChoiceField(
        label=_("What is built"), widget=forms.RadioSelect, initial="any",
        choices=[("any", _("programs for one processor (any)")), ("all", _("the same for all: scripts, data (all)"))],
    )  # fmt: skip
    licence = forms.ChoiceField(
        label=_("Licence of the program"),
        choices=[*((spdx, spdx) for spdx in LICENCE_TEXTS), (OTHER_LICENCE, _("another one, whose text I give below"))],
    )
    licence_name = forms.CharField(
        label=_("Name of the other licence"), required=False, max_length=100,
        help_text=_("Only where the list has it not: its SPDX identifier, or LicenseRef- and a name of your own."),
    )  # fmt: skip
    licence_text = forms.CharField(
        label=_("Text of the other licence"), required=False, max_length=MAX_LICENCE_TEXT_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3}), help_text=_("The whole of it, word by word."),
    )  # fmt: skip
    holders = forms.CharField(
        label=_("Who holds the copyright"), max_length=MAX_TEXT_LENGTH, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Years and name, a line each: 2019-2024 Ada Lovelace"),
    )  # fmt: skip
    suites = forms.MultipleChoiceField(
        label=_("Debian suites that it is meant for"), required=False, choices=[(each, each) for each in _LATEST_SUITES],
        widget=forms.CheckboxSelectMultiple, help_text=_("Tick none where it does not matter."),
    )  # fmt: skip
    maintainer = forms.CharField(label=_("Your name as its maintainer"), max_length=80)
    email = forms.EmailField(
        label=_("Your address as its maintainer"), help_text=_("Name and address stand in debian/control, for everybody.")
    )
    provenance = forms.ChoiceField(label=_("These answers are given"), choices=_PROVENANCES, initial=Authorship.HUMAN.value)

    def clean(self) -> dict[str, Any]:
        """Ask for name and text of a licence that is not in the list."""
        typed: dict[str, Any] = super().clean() or self.cleaned_data
        if typed.get("licence") == OTHER_LICENCE:
            for field in ("licence_name", "licence_text"):
                if not typed.get(field):
                    self.add_error(field, _("Give it, or choose a licence from the list above."))
        return typed

    def groups(self) -> list[tuple[Any, list[forms.BoundField]]]:
        """Return the questions in the parts of the page, each with its heading."""
        return [(heading, [self[name] for name in names]) for heading, names in _GROUPS]

    def answers(self) -> Answers:
        """Return the answers of a valid form."""
        return Answers(**{**self.cleaned_data, "suites": tuple(self.cleaned_data["suites"])})
