"""What the acts take: the shape of each body. Whether the words make sense is for the services to say."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from recipes_app.formats.vocabulary import ModelVerdict
from recipes_app.limits import MAX_CO_MAINTAINERS, MAX_NAME_LENGTH, MAX_PAGE_SIZE
from recipes_app.lint.protocol.stages import Stage
from recipes_app.models import (
    CoRole,
    Flag,
    MailTime,
    NameRule,
    Notification,
    OwnershipRequest,
    Rank,
    Report,
    Staging,
    TrialBuilds,
)
from recipes_app.services.gates.gate_table import Incident
from recipes_app.services.notifications.webhooks import EVENTS
from recipes_app.services.ownership.ownership import MAX_KEYWORDS

from ..framework.parameters import BoundedDictField, BoundedListField, StrictSerializer, StringField

# Far above what the services take: their refusals name the limit, and no body is megabytes of one member.
_LONGEST = 20_000
_NAME = 39


def _words(meaning: str, *, required: bool = True) -> StringField:
    """Return the field of a text of people. Empty ones are refused by the services, with what to write."""
    options: dict[str, Any] = {} if required else {"required": False, "default": ""}
    return StringField(max_length=_LONGEST, allow_blank=True, trim_whitespace=False, help_text=meaning, **options)


class MutedBody(StrictSerializer):
    """What a follower does not want to hear of."""

    muted = BoundedListField(
        child=StringField(max_length=20), max_length=len(Notification.Kind), required=False,
        help_text=f"Kinds of notification: {', '.join(Notification.Kind.values)}.",
    )  # fmt: skip


class CommentBody(StrictSerializer):
    """A new comment."""

    text = _words("Markdown.")
    parent = serializers.IntegerField(  # type: ignore[assignment] # DRF takes declared fields off the class
        required=False, allow_null=True, default=None, help_text="The comment that it answers."
    )
    follow = serializers.BooleanField(required=False, default=False, help_text="Hear of what follows.")


class TextBody(StrictSerializer):
    """Words."""

    text = _words("What is to be said.")


class FlagBody(StrictSerializer):
    """A new flag."""

    kind = serializers.ChoiceField(choices=Flag.Kind.choices)
    text = _words("What is wrong.")
    evidence = _words("Where one can see it.", required=False)
    subject = StringField(
        max_length=200,
        allow_blank=True,
        required=False,
        default="",
        help_text="The model or the file, for licence and toxic-candy.",
    )
    proposed_class = StringField(
        max_length=20, allow_blank=True, required=False, default="", help_text="The class that is right."
    )


class DecisionBody(StrictSerializer):
    """The end of a flag."""

    resolved = serializers.BooleanField(help_text="true: resolved; false: rejected.")
    decision = _words("Why.")


class ReasonBody(StrictSerializer):
    """A reason, for the log."""

    reason = _words("Why: it stands in the log.")


class UsernameBody(StrictSerializer):
    """An account."""

    username = StringField(max_length=_NAME)


class InvitationBody(UsernameBody):
    """An invitation to co-maintain."""

    role = serializers.ChoiceField(choices=CoRole.choices, default=CoRole.PUSH.value)
    position = serializers.IntegerField(
        required=False, allow_null=True, default=None, min_value=0, max_value=MAX_CO_MAINTAINERS,
        help_text="The place in the order of succession; null: the end.",
    )  # fmt: skip


class RoleBody(StrictSerializer):
    """A co-maintainer's role."""

    role = serializers.ChoiceField(choices=CoRole.choices)


class OrderBody(StrictSerializer):
    """The order of succession."""

    usernames = BoundedListField(child=StringField(max_length=_NAME), max_length=MAX_CO_MAINTAINERS)


class WebhookBody(StrictSerializer):
    """A new webhook."""

    url = StringField(max_length=_LONGEST, allow_blank=True, trim_whitespace=False, help_text="https, without credentials.")
    events = BoundedListField(
        child=StringField(max_length=40), max_length=2 * len(EVENTS), help_text=f"What it is to hear of: {', '.join(EVENTS)}."
    )


class KeywordsBody(StrictSerializer):
    """All keywords that are set here."""

    keywords = BoundedListField(child=StringField(max_length=80), max_length=10 * MAX_KEYWORDS)


class TrialBuildsBody(StrictSerializer):
    """Whether the revisions of a recipe are built."""

    choice = serializers.ChoiceField(choices=TrialBuilds.choices)


class NameBody(StrictSerializer):
    """A name of a recipe."""

    name = StringField(max_length=MAX_NAME_LENGTH)


ASKED = [(kind.value, kind.label) for kind in OwnershipRequest.Kind if kind != OwnershipRequest.Kind.ADOPTION]


class RequestBody(StrictSerializer):
    """A new request; adoption has an address of its own."""

    kind = serializers.ChoiceField(choices=ASKED)
    text = _words("Why.")
    target = StringField(
        max_length=MAX_NAME_LENGTH, allow_blank=True, required=False, default="", help_text="The recipe to merge into."
    )


class AcceptBody(StrictSerializer):
    """A moderator's word on a request."""

    accept = serializers.BooleanField()
    reason = _words("Why: both sides read it.")


class ReviewBody(StrictSerializer):
    """A reviewer's word on a held revision."""

    release = serializers.BooleanField(help_text="true: it becomes current; false: it is rejected for good.")
    decision = _words("What was looked at.")


class RulingBody(StrictSerializer):
    """A moderator's word on a model's class."""

    model = StringField(max_length=200)
    value = StringField(max_length=20, help_text=f"One of {', '.join(ModelVerdict)}.")
    reason = _words("Why.")


class ModelBody(StrictSerializer):
    """A model of the recipe."""

    model = StringField(max_length=200)


class ReportBody(StrictSerializer):
    """A report to the moderators, about one of the three."""

    kind = serializers.ChoiceField(choices=Report.Kind.choices)
    text = _words("What was seen, and where.")
    recipe = StringField(max_length=MAX_NAME_LENGTH, allow_blank=True, required=False, default="")
    comment = serializers.IntegerField(required=False, allow_null=True, default=None)
    account = StringField(max_length=_NAME, allow_blank=True, required=False, default="")


class UpholdBody(StrictSerializer):
    """A moderator's word on a report."""

    uphold = serializers.BooleanField()
    decision = _words("What was found: the reporter is told.")


class RollBackBody(ReasonBody):
    """What of an account is rolled back."""

    since = serializers.DateTimeField(help_text="Everything pushed from this time on.")


class RankBody(StrictSerializer):
    """What the site trusts an account with."""

    rank = serializers.ChoiceField(choices=Rank.choices)


class NameRuleBody(StrictSerializer):
    """A rule for new names."""

    pattern = StringField(max_length=MAX_NAME_LENGTH, allow_blank=True, help_text="Shell-style: `linux-image-*`.")
    effect = serializers.ChoiceField(choices=NameRule.Effect.choices)
    reason = _words("Who is refused reads it.")


class NewsBody(StrictSerializer):
    """News for everybody."""

    title = StringField(max_length=_LONGEST, allow_blank=True)
    text = _words("Markdown.")


class SwitchBody(StrictSerializer):
    """How a switch is to stand."""

    off = serializers.BooleanField()
    message = StringField(max_length=300, allow_blank=True, required=False, default="", help_text="What people read meanwhile.")


class IncidentBody(StrictSerializer):
    """The incident level, and what every page says of it."""

    level = serializers.ChoiceField(choices=[(each.value, each.value) for each in Incident])
    words = StringField(max_length=500, allow_blank=True, required=False, default="", help_text="Needed unless it is normal.")


class StagingBody(StrictSerializer):
    """Whether what a token pushes waits for the team."""

    choice = serializers.ChoiceField(choices=Staging.choices)


class ReadBody(StrictSerializer):
    """Which notifications were read; without `ids`, all."""

    ids = BoundedListField(child=serializers.IntegerField(), max_length=MAX_PAGE_SIZE, required=False)


class ProfileBody(StrictSerializer):
    """What is to change of one's profile."""

    about = StringField(max_length=_LONGEST, allow_blank=True, trim_whitespace=False, required=False)
    homepage = StringField(max_length=400, allow_blank=True, required=False)
    openpgp_fingerprint = StringField(max_length=100, allow_blank=True, required=False, help_text="40 hexadecimal digits.")
    language = StringField(max_length=20, allow_blank=True, required=False)
    time_zone = StringField(max_length=80, allow_blank=True, required=False)


class MailBody(StrictSerializer):
    """When one wants mail of which kind."""

    choices = BoundedDictField(
        child=serializers.ChoiceField(choices=MailTime.choices),
        names=Notification.Kind.values,
        max_length=len(Notification.Kind),
        help_text=f"By kind: {', '.join(Notification.Kind.values)}.",
    )


class RelintBody(StrictSerializer):
    """Which stage is run again for all."""

    stage = StringField(max_length=40, help_text=f"{Stage.RECIPE_CHECKS} or {Stage.SOURCE_LINT}.")
