"""Forms of flags, reports, ownership, requests and moderation: the shape of what is typed. The rules are the services'.

A field is called what the service calls it in a refusal, so that the refusal is said beside it.
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from recipes_app.formats.vocabulary import ModelVerdict

from ..limits import MAX_EVIDENCE_LENGTH, MAX_NAME_LENGTH, MAX_TEXT_LENGTH
from ..models import CoRole, Flag, NameRule, OwnershipRequest, QueueEntry, Rank, Report, Staging, TrialBuilds
from ..services.audit.audit import EventKind
from ..services.gates.gate_table import Incident

_USERNAME_LENGTH = 39


def _words(label: Any, *, rows: int = 4, help_text: Any = "", required: bool = True) -> forms.CharField:
    """Return a field for sentences."""
    widget = forms.Textarea(attrs={"rows": rows})
    return forms.CharField(label=label, max_length=MAX_TEXT_LENGTH, widget=widget, help_text=help_text, required=required)


class FlagForm(forms.Form):
    """A new flag. Model or file, and class, are asked for by the kinds that are about them."""

    kind = forms.ChoiceField(label=_("What is wrong"), choices=Flag.Kind.choices)
    text = _words(_("In your words"), help_text=_("What you saw, where, and in which version. Everybody can read it."))
    evidence = forms.CharField(
        label=_("Evidence"), required=False, max_length=MAX_EVIDENCE_LENGTH, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Addresses of releases, build logs, licences, papers."),
    )  # fmt: skip
    subject = forms.CharField(
        label=_("Model or file"),
        required=False,
        max_length=200,
        help_text=_("For a licence or a ToxicCandy flag: which one you mean."),
    )
    proposed_class = forms.ChoiceField(
        label=_("The class that you think right"),
        required=False,
        choices=[("", "—"), *((kind.label, [(each, each) for each in kind.classes]) for kind in Flag.Kind if kind.classes)],
        help_text=_("For a licence or a ToxicCandy flag."),
    )


class AnswerForm(forms.Form):
    """The maintainers' answer to a flag, or a maintainer's objection to a request."""

    text = _words(_("Your answer"))


class DecisionForm(forms.Form):
    """The words of a decision. Which way it goes is the button that was pressed."""

    decision = _words(_("Why"), help_text=_("Whom it is about reads it, and it stands in the public log."))


class PrivateDecisionForm(forms.Form):
    """The words of a decision on a report, which only the reporter and moderators read."""

    decision = _words(_("What you found"), help_text=_("The reporter is told; the public log says only how it ended."))


class ReasonForm(forms.Form):
    """A reason, for acts that have no other input."""

    reason = _words(_("Reason"), help_text=_("It stands in the public log."))


class ConfirmForm(forms.Form):
    """Nothing to type: the button is the word."""


class ReportForm(forms.Form):
    """A report to the moderators."""

    kind = forms.ChoiceField(label=_("What it is"), choices=Report.Kind.choices)
    text = _words(_("What you saw, and where"), rows=6, help_text=_("Only moderators read it."))


class MemberForm(forms.Form):
    """Somebody to invite, and as what."""

    username = forms.CharField(label=_("Account"), max_length=_USERNAME_LENGTH)
    role = forms.ChoiceField(
        label=_("Role"),
        choices=CoRole.choices,
        initial=CoRole.PUSH,
        help_text=_(
            "maintain: everything but giving the recipe away; push: new revisions; triage: answers flags and pins comments."
        ),
    )


class RoleForm(forms.Form):
    """Another role for a co-maintainer."""

    role = forms.ChoiceField(label=_("Role"), choices=CoRole.choices)


class HeirForm(forms.Form):
    """Whom a recipe is offered to."""

    username = forms.CharField(
        label=_("Account"), max_length=_USERNAME_LENGTH, help_text=_("It changes hands when this account accepts.")
    )


class OrderForm(forms.Form):
    """The order of succession, as names one after the other."""

    usernames = forms.CharField(
        label=_("Order of succession"),
        help_text=_("Names with spaces between them; the first one follows when the maintainer leaves."),
    )


class KeywordsForm(forms.Form):
    """Keywords beside those of debian/dur."""

    keywords = forms.CharField(label=_("Keywords"), required=False, help_text=_("Words with spaces between them."))


class StagingForm(forms.Form):
    """Whether what a token pushes waits for the team."""

    staging = forms.ChoiceField(
        label=_("Staging"),
        choices=Staging.choices,
        help_text=_(
            "What a token or CI pushes becomes current when a member of the team approves it here with the second factor."
        ),
    )


class TrialBuildsForm(forms.Form):
    """Whether the revisions of a recipe are built for trial."""

    choice = forms.ChoiceField(
        label=_("Trial builds"),
        choices=TrialBuilds.choices,
        help_text=_("A build shows whether the recipe builds on Debian; what it makes is looked at by lintian and destroyed."),
    )


class RequestForm(forms.Form):
    """A request about a recipe."""

    kind = forms.ChoiceField(label=_("What you ask for"), choices=OwnershipRequest.Kind.choices)
    target = forms.CharField(
        label=_("Merge into"), required=False, max_length=MAX_NAME_LENGTH, help_text=_("For a merge: the recipe that stays.")
    )
    text = _words(_("Why"))


class AccountActForm(forms.Form):
    """Bulk acts for an account: freeze it, and take out what it pushed since a time."""

    reason = _words(_("Reason"), help_text=_("It stands in the public log, in the banners, and the account is shown it."))
    freeze = forms.BooleanField(label=_("Freeze the account: it can only read"), required=False, initial=True)
    since = forms.DateTimeField(
        label=_("Roll back everything it pushed since (UTC)"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local", "step": "1"}, format="%Y-%m-%dT%H:%M:%S"),
        help_text=_("Leave it empty to roll nothing back. No revision is lost: each stays readable, marked as quarantined."),
    )


class RankForm(forms.Form):
    """What the site trusts an account with."""

    rank = forms.ChoiceField(label=_("Rank"), choices=Rank.choices)


class RevisionActForm(forms.Form):
    """A revision to quarantine or to release."""

    commit = forms.CharField(label=_("Commit"), min_length=40, max_length=40)
    reason = _words(_("Reason"), help_text=_("It stands in the public log."))


class RulingForm(forms.Form):
    """A moderator's word on a model's class."""

    model = forms.CharField(label=_("Model"), max_length=200)
    value = forms.ChoiceField(label=_("Class"), choices=[(each, each) for each in ModelVerdict])
    reason = _words(_("Reason"), help_text=_("It is shown beside the computed class, until the facts change."))


class WithdrawRulingForm(forms.Form):
    """The model whose ruling ends."""

    model = forms.CharField(label=_("Model"), max_length=200)


class RenameForm(forms.Form):
    """A recipe's new name."""

    name = forms.CharField(label=_("New name"), max_length=MAX_NAME_LENGTH, help_text=_("The old name leads on to it."))


class NameRuleForm(forms.Form):
    """A rule for the names of new recipes."""

    pattern = forms.CharField(label=_("Pattern"), max_length=MAX_NAME_LENGTH, help_text=_("Shell-style: linux-image-*"))
    effect = forms.ChoiceField(label=_("What happens"), choices=NameRule.Effect.choices)
    reason = forms.CharField(label=_("Reason"), max_length=300, help_text=_("Who is refused reads it."))


class NewsForm(forms.Form):
    """What everybody is told on the first page."""

    title = forms.CharField(label=_("Title"), max_length=120)
    text = forms.CharField(label=_("Text"), max_length=4000, widget=forms.Textarea(attrs={"rows": 6}), help_text=_("Markdown."))


class SwitchForm(forms.Form):
    """What people read while something is off."""

    message = forms.CharField(label=_("Message"), required=False, max_length=300, help_text=_("Empty: the usual words."))


class IncidentForm(forms.Form):
    """The site's incident level, and what every page says of it."""

    level = forms.ChoiceField(label=_("Level"), choices=[(each.value, each.value) for each in Incident])
    words = forms.CharField(
        label=_("Words"),
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Every page shows them, and the public log keeps them: what happened, and what people should do."),
    )


class QueueFilterForm(forms.Form):
    """What to see of the queue."""

    kind = forms.ChoiceField(label=_("Kind"), required=False, choices=[("", _("all")), *QueueEntry.Kind.choices])
    recipe = forms.CharField(label=_("Recipe"), required=False, max_length=MAX_NAME_LENGTH)
    account = forms.CharField(label=_("Account"), required=False, max_length=_USERNAME_LENGTH)
    mine = forms.BooleanField(label=_("claimed by me"), required=False)


class LogFilterForm(forms.Form):
    """What to see of the log."""

    kind = forms.ChoiceField(
        label=_("Kind"), required=False, choices=[("", _("all")), *((each.value, each.value) for each in EventKind)]
    )
    recipe = forms.CharField(label=_("Recipe"), required=False, max_length=MAX_NAME_LENGTH)
    account = forms.CharField(label=_("Account"), required=False, max_length=_USERNAME_LENGTH)
