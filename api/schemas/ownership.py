"""The shapes of who looks after a recipe: its team, invitations, requests; and of its models' classes."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from recipes_app.formats.metadata import Verdict
from recipes_app.models import CoRole, OwnershipRequest, Staging, TrialBuilds
from recipes_app.services.ownership.model_class import ModelClass

from ..framework.fields import DataclassField, LinkField
from ..framework.lists import ListSerializer


class CoMaintainerSerializer(serializers.Serializer[Any]):
    """A co-maintainer."""

    username = serializers.CharField(source="user.username")
    role = serializers.ChoiceField(choices=CoRole.choices)
    since = serializers.DateTimeField()


class InvitationSerializer(serializers.Serializer[Any]):
    """An offer to co-maintain, or, with the role `transfer`, to take over."""

    recipe = serializers.CharField(source="recipe.name")
    username = serializers.CharField(source="user.username")
    role = serializers.CharField(help_text="maintain, push, triage or transfer.")
    invited_by = serializers.CharField(source="invited_by_name")
    expires_at = serializers.DateTimeField()


class TeamSerializer(serializers.Serializer[Any]):
    """Who looks after a recipe, and who did before. Invitations are shown to who may invite, and to the invited."""

    name = serializers.CharField(source="recipe.name")
    maintainer = serializers.CharField(source="recipe.maintainer.username", default=None, allow_null=True)
    maintainer_since = serializers.DateTimeField(source="recipe.maintainer_since", allow_null=True)
    ownership_changed_at = serializers.DateTimeField(source="recipe.ownership_changed_at", allow_null=True)
    previous_maintainer = serializers.CharField(source="recipe.previous_maintainer_name")
    co_maintainers = CoMaintainerSerializer(many=True, help_text="In the order of succession.")
    invitations = InvitationSerializer(many=True)


class KeywordsSerializer(serializers.Serializer[Any]):
    """The keywords that are set on the site, beside those of debian/dur."""

    keywords = serializers.ListField(child=serializers.CharField())


class TrialBuildsSerializer(serializers.Serializer[Any]):
    """Whether the revisions of a recipe are built for trial."""

    choice = serializers.ChoiceField(choices=TrialBuilds.choices, help_text="default: as the site does it for the maintainer.")
    wanted = serializers.BooleanField(help_text="What the choice comes to now.")
    suites = serializers.ListField(child=serializers.CharField(), help_text="The suites that this site builds for.")


class StagingSerializer(serializers.Serializer[Any]):
    """Whether what a token pushes waits until a member of the team approves it on the site."""

    choice = serializers.ChoiceField(choices=Staging.choices, help_text="default: from a large reach on.")
    in_force = serializers.BooleanField(help_text="What the choice comes to now.")


class PendingRequestSerializer(serializers.Serializer[Any]):
    """An open request, as the recipe tells of it."""

    id = serializers.IntegerField(source="pk")
    kind = serializers.ChoiceField(choices=OwnershipRequest.Kind.choices)
    requester = serializers.CharField(source="requester_name")
    created_at = serializers.DateTimeField()
    waits_until = serializers.DateTimeField(allow_null=True, help_text="Not accepted before this, so that people can object.")


class RequestSerializer(PendingRequestSerializer):
    """A request to delete, orphan, merge or adopt a recipe."""

    recipe = serializers.CharField(source="recipe_name")
    target = serializers.CharField(source="target_name", help_text="What a merge leads to.")
    state = serializers.ChoiceField(choices=OwnershipRequest.State.choices)
    text = serializers.CharField()
    decision = serializers.CharField(help_text="Why it was decided so; while it is open, the maintainers' objection.")
    decided_by = serializers.CharField(source="decided_by_name", help_text="Empty: nobody yet, or a rule.")
    decided_at = serializers.DateTimeField(allow_null=True)
    url = LinkField("api:request", "pk", help_text="This request in the API.")


class RequestListSerializer(ListSerializer):
    """A page of requests, newest first."""

    results = RequestSerializer(many=True)


class RulingSerializer(serializers.Serializer[Any]):
    """A moderator's word on a model's class."""

    model = serializers.CharField(source="model_name")
    value = serializers.CharField(help_text="free, toxic-candy or non-free.")
    reason = serializers.CharField()
    ruled_by = serializers.CharField(source="ruled_by_name")
    ruled_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True, help_text="null: it is in force.")
    ended_because = serializers.CharField()


class RulingListSerializer(ListSerializer):
    """A page of a recipe's rulings, newest first."""

    results = RulingSerializer(many=True)


class ModelClassSerializer(serializers.Serializer[Any]):
    """All that is said about one model's class, side by side."""

    name = serializers.CharField(source="model.name")
    effective = serializers.CharField(help_text="The class that counts: the ruling's, else the computed one.")
    computed = serializers.SerializerMethodField(help_text="What follows from the facts, with the reasons.")
    claimed = serializers.CharField(source="model.claimed_class", help_text="What the maintainer claims; empty: nothing.")
    osaid = serializers.SerializerMethodField(help_text="The verdict of the Open Source AI Definition 1.0.")
    ruling = RulingSerializer(allow_null=True)

    @extend_schema_field(DataclassField(Verdict))
    def get_computed(self, said: ModelClass) -> dict[str, Any]:
        """Return the verdict of ML-Policy's rules."""
        return {"value": said.model.computed.value, "reasons": list(said.model.computed.reasons)}

    @extend_schema_field(DataclassField(Verdict))
    def get_osaid(self, said: ModelClass) -> dict[str, Any]:
        """Return the verdict of OSAID."""
        return {"value": said.model.osaid.value, "reasons": list(said.model.osaid.reasons)}


class StandingSerializer(serializers.Serializer[Any]):
    """How a recipe stands after a moderator's act."""

    name = serializers.CharField()
    maintainer = serializers.CharField(source="maintainer.username", default=None, allow_null=True)
    quarantined_at = serializers.DateTimeField(allow_null=True)
    quarantine_reason = serializers.CharField()
    deleted_at = serializers.DateTimeField(allow_null=True)
    model_class = serializers.CharField()
