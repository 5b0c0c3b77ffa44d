"""The form of a webhook: the shape of what is typed. The rules are the services'."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from ..limits import MAX_WEBHOOK_URL
from ..services.notifications import webhooks


class WebhookForm(forms.Form):
    """A new webhook."""

    url = forms.CharField(
        label=_("Address"), max_length=MAX_WEBHOOK_URL, help_text=_("https, without a user name. Messages are POSTed there.")
    )
    events = forms.MultipleChoiceField(
        label=_("Tell it of"),
        choices=[(event, event) for event in webhooks.EVENTS],
        initial=[webhooks.PUBLISHED, webhooks.LINTED],
        widget=forms.CheckboxSelectMultiple,
        help_text=_("The last ones are the lines of the public log about this recipe."),
    )
