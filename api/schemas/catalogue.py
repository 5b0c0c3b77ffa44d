"""The shapes of what is read across recipes: binary packages, relations, keywords, suggestions, upgrades, users, statistics."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from recipes_app.models import Rank, User
from recipes_app.services.catalogue.binaries import Offer
from recipes_app.services.catalogue.summaries import WATCHED

from ..framework.fields import LinkField
from ..framework.lists import ListSerializer


class OfferSerializer(serializers.Serializer[Any]):
    """A binary package that bears or provides the name, and what has to be built for it."""

    package = serializers.CharField(source="package.name", help_text="The binary package.")
    synopsis = serializers.CharField(source="package.synopsis")
    architectures = serializers.ListField(source="package.architectures", child=serializers.CharField())
    suites = serializers.ListField(child=serializers.CharField(), help_text="What the recipe is for.")
    provides = serializers.ListField(
        child=serializers.CharField(), help_text="The relations by which it provides the name; empty where it bears it."
    )
    recipe = serializers.CharField(source="package.recipe.name")
    quarantined = serializers.SerializerMethodField(help_text="Whether the recipe is held back: nobody can clone it.")
    branch = serializers.SerializerMethodField(help_text="What to build: the suite's own branch where there is one, else main.")
    version = serializers.SerializerMethodField()
    commit = serializers.SerializerMethodField()
    recipe_url = LinkField("api:recipe", "package.recipe.name")

    def get_quarantined(self, offer: Offer) -> bool:
        """Return whether the recipe is quarantined."""
        return offer.package.recipe.quarantined_at is not None

    def get_branch(self, offer: Offer) -> str:
        """Return the branch's name."""
        return offer.tip.name if offer.tip else "main"

    def get_version(self, offer: Offer) -> str:
        """Return the version at that branch's tip."""
        return offer.tip.revision.version if offer.tip else offer.package.recipe.version

    def get_commit(self, offer: Offer) -> str | None:
        """Return the commit at that branch's tip."""
        current = offer.package.recipe.current
        return offer.tip.revision.commit if offer.tip else current.commit if current else None


class OfferListSerializer(ListSerializer):
    """A page of binary packages, oldest first. They are not counted."""

    results = OfferSerializer(many=True)


class ReverseRelationSerializer(serializers.Serializer[Any]):
    """Another recipe's relation to a binary package."""

    recipe = serializers.CharField(source="recipe.name", help_text="Whose relation it is.")
    package = serializers.CharField(source="binary", help_text="Its binary package; empty: the source package's relation.")
    kind = serializers.CharField(help_text="Depends, Build-Depends, …")
    target = serializers.CharField(help_text="The binary package that is related to.")
    text = serializers.CharField(help_text="The relation as written.")
    recipe_url = LinkField("api:recipe", "recipe.name")


class ReverseRelationListSerializer(ListSerializer):
    """A page of relations, newest first."""

    results = ReverseRelationSerializer(many=True)


class KeywordSerializer(serializers.Serializer[Any]):
    """A keyword, and how many recipes have it."""

    keyword = serializers.CharField()
    recipes = serializers.IntegerField()


class KeywordListSerializer(ListSerializer):
    """A page of keywords, by alphabet. They are not counted."""

    results = KeywordSerializer(many=True)


class SuggestionSerializer(serializers.Serializer[Any]):
    """A name that may be meant."""

    name = serializers.CharField()
    recipe = serializers.CharField(help_text="The recipe of that name, or the one that builds the binary package of that name.")
    synopsis = serializers.CharField()


class SuggestionsSerializer(serializers.Serializer[Any]):
    """What may be meant, the likeliest first."""

    query = serializers.CharField()
    suggestions = SuggestionSerializer(many=True)


class ChangeSerializer(serializers.Serializer[Any]):
    """A class that was another one at the installed version."""

    field = serializers.ChoiceField(choices=WATCHED)
    then = serializers.JSONField()
    now = serializers.JSONField()


class InstalledSerializer(serializers.Serializer[Any]):
    """An installed package beside its recipe."""

    name = serializers.CharField(help_text="As it was asked for.")
    recipe = serializers.CharField(source="recipe.name", help_text="The recipe that it means.")
    installed = serializers.CharField(source="version")
    available = serializers.CharField(source="recipe.version")
    commit = serializers.CharField(source="recipe.current.commit", default=None, allow_null=True)
    maintainer = serializers.CharField(source="recipe.maintainer.username", default=None, allow_null=True)
    previous_maintainer = serializers.CharField(source="recipe.previous_maintainer_name")
    ownership_changed_at = serializers.DateTimeField(source="recipe.ownership_changed_at", allow_null=True)
    since = serializers.DateTimeField(
        allow_null=True, help_text="When the installed version was pushed; null: this recipe never had it, or no more."
    )
    owner_changed = serializers.BooleanField(allow_null=True, help_text="Whether the maintainer changed since; null: not known.")
    changes = ChangeSerializer(many=True, help_text="Classes that changed since.")
    review_status = serializers.CharField(help_text="published, quarantined or held: a newer revision waits for a reviewer.")
    quarantine_reason = serializers.CharField(source="recipe.quarantine_reason")
    held_versions = serializers.ListField(child=serializers.CharField(), help_text="Versions that wait for a reviewer.")
    installed_status = serializers.CharField(
        source="state",
        help_text="What became of the installed revision: published, held, rejected, quarantined; empty: not known.",
    )
    recipe_url = LinkField("api:recipe", "recipe.name")


class UpgradesSerializer(serializers.Serializer[Any]):
    """What is newer, in Debian's order of versions; and what is quarantined, newer or not."""

    upgrades = InstalledSerializer(source="newer", many=True)
    quarantined = InstalledSerializer(many=True)
    withdrawn = InstalledSerializer(many=True, help_text="What is installed is held, rejected or quarantined by now.")
    changed = InstalledSerializer(
        many=True, help_text="The installed version has other content now: give commits to know for sure."
    )
    owner_changed = InstalledSerializer(many=True, help_text="Nothing is newer, and another account maintains it since.")
    current = serializers.ListField(child=serializers.CharField(), help_text="Names of which nothing newer is there.")
    unknown = serializers.ListField(child=serializers.CharField(), help_text="Names that no recipe and no binary package has.")


class UserSerializer(serializers.Serializer[Any]):
    """What an account tells the public of itself."""

    username = serializers.CharField()
    rank = serializers.ChoiceField(choices=Rank.choices)
    about = serializers.CharField()
    homepage = serializers.CharField()
    openpgp_fingerprint = serializers.CharField()
    joined_at = serializers.DateTimeField(source="date_joined")
    frozen = serializers.SerializerMethodField(help_text="Whether moderators froze it: it writes nothing.")
    recipe_count = serializers.IntegerField(help_text="How many recipes it maintains.")
    recipes = LinkField("api:user_recipes", "username", help_text="Those recipes in the API.")
    page = LinkField("user", "username", help_text="The account's page.")

    def get_frozen(self, user: User) -> bool:
        """Return whether the account is frozen."""
        return user.frozen_at is not None


class StatisticsSerializer(serializers.Serializer[Any]):
    """How much there is. Counts may be some minutes old."""

    recipes = serializers.IntegerField()
    maintainers = serializers.IntegerField()
    orphans = serializers.IntegerField()
    revisions = serializers.IntegerField()
    by = serializers.DictField(
        child=serializers.DictField(child=serializers.IntegerField()),
        help_text="Recipes by category, class and the like; an empty value: none, or not said.",
    )
