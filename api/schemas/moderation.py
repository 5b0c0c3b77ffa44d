"""The shapes of the moderators' work: queue, held revisions, accounts, name rules, switches; and of the public log."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from recipes_app.models import NameRule, QueueEntry, Rank, Switch
from recipes_app.services.gates.gate_table import Incident

from ..framework.fields import LinkField
from ..framework.lists import ListSerializer
from .recipes import RevisionSummarySerializer


class QueueEntrySerializer(serializers.Serializer[Any]):
    """One thing that waits for a moderator or reviewer."""

    id = serializers.IntegerField(source="pk")
    kind = serializers.ChoiceField(choices=QueueEntry.Kind.choices)
    subject = serializers.IntegerField(source="subject_id", help_text="The number of the flag, request, hold or report.")
    recipe = serializers.CharField(source="recipe.name", default=None, allow_null=True)
    account = serializers.CharField(source="account.username", default=None, allow_null=True)
    summary = serializers.CharField()
    created_at = serializers.DateTimeField()
    claimed_by = serializers.CharField(source="claimed_by.username", default=None, allow_null=True)
    claimed_at = serializers.DateTimeField(allow_null=True)
    closed_at = serializers.DateTimeField(allow_null=True)


class QueueSerializer(ListSerializer):
    """A page of the queue, oldest first."""

    waiting = serializers.DictField(child=serializers.IntegerField(), help_text="How many wait, by kind.")
    results = QueueEntrySerializer(many=True)


class HeldRevisionSerializer(RevisionSummarySerializer):
    """A revision that waits, or waited, for a reviewer, and why, word by word."""

    recipe = serializers.CharField(source="recipe.name")
    reasons = serializers.ListField(source="hold.reasons", child=serializers.CharField())
    observed = serializers.ListField(
        source="hold.observed", child=serializers.CharField(), help_text="What gates on trial say; it holds nothing."
    )
    gates = serializers.ListField(
        source="hold.gates",
        child=serializers.CharField(),
        help_text="The ids of the gates that hold or delay it (docs/gates.md).",
    )
    release_at = serializers.DateTimeField(
        source="hold.release_at", allow_null=True, help_text="When it becomes current by itself; null: it waits for a person."
    )
    approved_by = serializers.CharField(source="hold.approved_by_name", help_text="Who of the team approved what a token pushed.")
    decision = serializers.CharField(source="hold.decision")
    decided_by = serializers.CharField(source="hold.decided_by_name")
    decided_at = serializers.DateTimeField(source="hold.decided_at", allow_null=True)


class PurgedSerializer(serializers.Serializer[Any]):
    """What was removed for good."""

    commits = serializers.ListField(child=serializers.CharField(), help_text="The revision, and those pushed on top of it.")


class HeldRevisionListSerializer(ListSerializer):
    """A page of held revisions, newest first."""

    results = HeldRevisionSerializer(many=True)


class AccountSerializer(serializers.Serializer[Any]):
    """An account, as moderators act on it."""

    username = serializers.CharField()
    rank = serializers.ChoiceField(choices=Rank.choices)
    frozen_at = serializers.DateTimeField(allow_null=True)
    frozen_reason = serializers.CharField()


class RolledBackSerializer(serializers.Serializer[Any]):
    """What a roll-back did."""

    revisions = serializers.IntegerField(help_text="Revisions that were taken out.")
    recipes = serializers.ListField(child=serializers.CharField(), help_text="Recipes that stand at an older revision.")
    quarantined = serializers.ListField(child=serializers.CharField(), help_text="Recipes with no other revision.")


class NameRuleSerializer(serializers.Serializer[Any]):
    """A rule for new names."""

    id = serializers.IntegerField(source="pk", allow_null=True, help_text="null: it is removed.")
    pattern = serializers.CharField()
    effect = serializers.ChoiceField(choices=NameRule.Effect.choices)
    reason = serializers.CharField()
    created_by = serializers.CharField(source="created_by_name")
    created_at = serializers.DateTimeField()


class NameRuleListSerializer(ListSerializer):
    """A page of name rules, newest first."""

    results = NameRuleSerializer(many=True)


class NewsSerializer(serializers.Serializer[Any]):
    """What a moderator tells everybody, on the first page."""

    id = serializers.IntegerField(source="pk")
    title = serializers.CharField()
    text = serializers.CharField(help_text="Markdown.")
    html = serializers.CharField(help_text="The text as cleaned HTML.")
    author = serializers.CharField(source="author_name")
    published_at = serializers.DateTimeField()
    withdrawn_at = serializers.DateTimeField(allow_null=True, help_text="null: it stands.")


class NewsListSerializer(ListSerializer):
    """A page of news, newest first."""

    results = NewsSerializer(many=True)


class SwitchSerializer(serializers.Serializer[Any]):
    """A switch."""

    name = serializers.ChoiceField(choices=Switch.Name.choices)
    off = serializers.BooleanField()
    message = serializers.CharField()
    changed_by = serializers.CharField(source="changed_by_name")
    changed_at = serializers.DateTimeField(allow_null=True, help_text="null: it was never turned.")
    url = LinkField("api:switch", "name", help_text="Where it is turned.")


class IncidentSerializer(serializers.Serializer[Any]):
    """The incident level of the whole site."""

    level = serializers.ChoiceField(choices=[(each.value, each.value) for each in Incident])
    words = serializers.CharField(help_text="What every page shows.")
    changed_by = serializers.CharField(source="changed_by_name", help_text="Empty: it was never changed.")
    changed_at = serializers.DateTimeField(allow_null=True)


class LogLineSerializer(serializers.Serializer[Any]):
    """A line of the public log. Its `hash` covers the line before it."""

    id = serializers.IntegerField()
    at = serializers.DateTimeField()
    kind = serializers.CharField(help_text="A typed name: `recipe.quarantined`, `owner.adopted`, …")
    actor = serializers.CharField(source="actor_name", help_text="Who did it; empty: a rule of the site.")
    recipe = serializers.CharField(source="recipe_name")
    account = serializers.CharField(source="account_name", help_text="Whom it was done to.")
    public = serializers.DictField(child=serializers.JSONField(), help_text="The facts.")
    private = serializers.DictField(child=serializers.JSONField(), allow_null=True, help_text="For moderators; null: not yours.")
    previous_hash = serializers.CharField()
    hash = serializers.CharField()


class LogSerializer(ListSerializer):
    """A page of the log, newest first. It is not counted."""

    results = LogLineSerializer(many=True)


class DoneSerializer(serializers.Serializer[Any]):
    """That it is done, where nothing is left to show."""

    done = serializers.BooleanField()
