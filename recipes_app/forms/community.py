"""Forms of what people say and hear: comments, following, mail. The rules are the services'; these check the shape."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from ..limits import MAX_TEXT_LENGTH
from ..models import MailTime, Notification


class CommentForm(forms.Form):
    """A new comment, or an answer to the one that `parent` numbers."""

    text = forms.CharField(
        label=_("Your comment"),
        max_length=MAX_TEXT_LENGTH,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("Markdown. @name tells somebody; recipe:name, lintian:tag, #bug and a commit become links."),
    )
    follow = forms.BooleanField(label=_("Tell me what happens here"), required=False)
    parent = forms.IntegerField(required=False, widget=forms.HiddenInput)


class EditCommentForm(forms.Form):
    """The words of a comment."""

    text = forms.CharField(label=_("Your comment"), max_length=MAX_TEXT_LENGTH, widget=forms.Textarea(attrs={"rows": 8}))


class MutedForm(forms.Form):
    """What one does not want to hear about one recipe."""

    muted = forms.MultipleChoiceField(
        label=_("Not about this recipe"),
        choices=Notification.Kind.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("What is said to you in person still reaches your inbox, but no mail."),
    )


class MailChoicesForm(forms.Form):
    """For each kind of notification, when it is mailed."""

    def __init__(self, *args: Any, choices: Mapping[Notification.Kind, MailTime], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for kind, chosen in choices.items():
            self.fields[kind.value] = forms.ChoiceField(label=kind.label, choices=MailTime.choices, initial=chosen.value)

    @property
    def chosen(self) -> dict[Notification.Kind, MailTime]:
        """What was chosen, of a valid form."""
        return {Notification.Kind(kind): MailTime(how) for kind, how in self.cleaned_data.items()}
