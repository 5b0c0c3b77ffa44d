"""Forms that submit recipes: what was chosen and typed, checked for shape. What a recipe may hold, the rules of a push say."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from .limits import MAX_TEXT_LENGTH, MAX_UPLOAD_BYTES, MAX_UPLOAD_FILES, MIB

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
    message = forms.CharField(label=_("Commit message"), required=False, max_length=MAX_TEXT_LENGTH, help_text=_MESSAGE_HELP)
