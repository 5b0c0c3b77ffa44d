"""Forms: what a person typed, checked for shape. What he may do is asked in the services."""

from __future__ import annotations

from datetime import datetime, timedelta

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ..limits import MAX_NAME_LENGTH
from ..models import Recipe, Scope
from ..services.catalogue.names import resolve

_LIFETIMES = [("30", _("30 days")), ("90", _("90 days")), ("365", _("a year")), ("", _("no end"))]


class TokenForm(forms.Form):
    """A new token: its name, what it may be used for, and how long."""

    name = forms.CharField(
        label=_("Name"), max_length=80, help_text=_("Where you will use it, so that you know later which one to revoke.")
    )
    scopes_chosen = forms.MultipleChoiceField(
        label=_("May be used to"),
        choices=Scope.choices,
        initial=[Scope.READ, Scope.PUSH],
        widget=forms.CheckboxSelectMultiple,
        help_text=_("A token never does more than your account may. For git and CI, push is enough."),
    )
    lifetime = forms.ChoiceField(label=_("Valid for"), choices=_LIFETIMES, initial="90", required=False)
    recipe = forms.CharField(
        label=_("Only for the recipe"), max_length=MAX_NAME_LENGTH, required=False, help_text=_("Leave it empty for all of them.")
    )

    def clean_recipe(self) -> Recipe | None:
        """Return the recipe of this name. Raises ValidationError where there is none."""
        name = self.cleaned_data["recipe"].strip()
        if not name:
            return None
        try:
            return resolve(name)
        except Recipe.DoesNotExist:
            raise forms.ValidationError(_("There is no recipe of this name.")) from None

    @property
    def scopes(self) -> list[Scope]:
        """The scopes that were chosen, of a valid form."""
        return [Scope(value) for value in self.cleaned_data["scopes_chosen"]]

    @property
    def expires_at(self) -> datetime | None:
        """When the token ends, of a valid form; None for one that does not."""
        days = self.cleaned_data["lifetime"]
        return timezone.now() + timedelta(days=int(days)) if days else None
