"""The shapes of what lint says: the numbers in a recipe's answer, a revision's report with its stages and hints."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from recipes_app.lint.protocol.report import counts
from recipes_app.models import LintHint, LintJob, LintState
from recipes_app.services.lint.reading import HintChanges, TrendPoint, facets
from recipes_app.services.lint.reports import ExplainedHint, RevisionLint

from .builds import BuildInstallsSerializer, LightRowSerializer, StepSerializer

# What a revision's lint as a whole can be. A cancelled stage shows as `error` there: it has no verdict, and `error` says why.
LINT_STATES = [choice for choice in LintState.choices if choice[0] != LintState.CANCELLED]


class LintSummarySerializer(serializers.Serializer[Any]):
    """How lint ended, in numbers. Overridden hints are not counted. The object is what `quick.lint_summary` returns."""

    state = serializers.ChoiceField(choices=LINT_STATES)
    tool = serializers.CharField(help_text="The source lint's; empty before it is done.")
    tool_version = serializers.CharField()
    counts = serializers.DictField(child=serializers.IntegerField(), help_text="Hints by severity.")
    url = serializers.URLField(help_text="The whole report.")


class PointerSerializer(serializers.Serializer[Any]):
    """The place that a hint is about."""

    path = serializers.CharField()
    line = serializers.IntegerField(allow_null=True)


class HintSerializer(serializers.Serializer[ExplainedHint]):
    """One hint of a lint report, with what its tool says about the tag."""

    severity = serializers.CharField(source="hint.severity", help_text="error, warning, info, pedantic or classification.")
    tag = serializers.CharField(source="hint.tag")
    package = serializers.CharField(source="hint.package", help_text="The package that the hint is about.")
    context = serializers.CharField(  # type: ignore[assignment] # DRF takes declared fields off the class
        source="hint.context", help_text="What the tool found, in its own words."
    )
    pointer = serializers.SerializerMethodField(help_text="Where; null: the tool gave no place.")
    origin = serializers.CharField(
        source="hint.origin", help_text="Who says so: lintian, shellcheck, or recipe-checks: the portal's own."
    )
    stage = serializers.CharField(help_text="The stage that found it.")
    experimental = serializers.BooleanField(source="hint.experimental")
    overridden = serializers.BooleanField(
        source="hint.overridden", help_text="Whether the recipe overrides it; then it does not count."
    )
    justification = serializers.CharField(source="hint.justification", help_text="The override's comment.")
    counts = serializers.SerializerMethodField(help_text="Whether a verdict may be taken from it.")
    reason = serializers.CharField(source="hint.reason", help_text="Why the site's profile does not count it; empty: it does.")
    explanation = serializers.CharField(source="explanation_html", help_text="HTML, cleaned; empty: the tag is not known.")
    see_also = serializers.ListField(child=serializers.CharField())

    def get_counts(self, explained: ExplainedHint) -> bool:
        """Return whether the hint counts."""
        return counts(explained.hint)

    @extend_schema_field(PointerSerializer(allow_null=True))
    def get_pointer(self, explained: ExplainedHint) -> dict[str, Any] | None:
        """Return the place, or None."""
        hint = explained.hint
        return {"path": hint.path, "line": hint.line} if hint.path else None


class ChangedHintSerializer(serializers.Serializer[LintHint]):
    """A hint that came or went."""

    severity = serializers.CharField()
    tag = serializers.CharField()
    package = serializers.CharField()
    context = serializers.CharField()  # type: ignore[assignment] # DRF takes declared fields off the class
    path = serializers.CharField()


class LintChangesSerializer(serializers.Serializer[HintChanges]):
    """What came and went since the last revision that the same tool, version, mode and profile looked at."""

    since = serializers.CharField(source="before.revision.commit", help_text="That revision's commit.")
    version = serializers.CharField(source="before.revision.version")
    new = ChangedHintSerializer(many=True)
    gone = ChangedHintSerializer(many=True)


class TrendPointSerializer(serializers.Serializer[TrendPoint]):
    """How many hints of each severity counted at one revision."""

    version = serializers.CharField()
    commit = serializers.CharField()
    counts = serializers.DictField(child=serializers.IntegerField(), help_text="Hints that count, by severity.")


class StageSerializer(serializers.Serializer[LintJob]):
    """The job of one stage that stands."""

    id = serializers.IntegerField(source="pk", help_text="What `lint/ID/retry/` and `lint/ID/cancel/` take.")
    stage = serializers.CharField(help_text="recipe-checks, source-lint or trial-build.")
    suite = serializers.CharField(help_text="The Debian suite that it was built for; empty: the stage is the same for all.")
    mode = serializers.CharField(help_text="recipe-only, full or built: how much of the source the tool saw.")
    sandbox = serializers.CharField(help_text="namespaces or confined: the level of the runner's sandbox; empty: not known.")
    state = serializers.ChoiceField(choices=LintState.choices, help_text="cancelled: no verdict is wanted; `error` says why.")
    tool = serializers.CharField()
    tool_version = serializers.CharField()
    profile = serializers.CharField()
    error = serializers.CharField()
    attempts = serializers.IntegerField()
    queued_at = serializers.DateTimeField()
    started_at = serializers.DateTimeField(allow_null=True)
    finished_at = serializers.DateTimeField(allow_null=True)
    duration_ms = serializers.IntegerField(allow_null=True)
    steps = StepSerializer(many=True, help_text="A trial build's: how each of them ended, in their order.")


class LintReportSerializer(serializers.Serializer[RevisionLint]):
    """What lint says of a revision: the worst state of its stages, the source lint's facts, all stages, all hints.

    The context holds `hints`, `history`, which is the source lint's, `lights` and `installs`.
    """

    state = serializers.ChoiceField(
        choices=LINT_STATES,
        help_text="passed and failed are verdicts; error: one is missing, and `error` says why. A cancelled stage is an error.",
    )
    stage = serializers.CharField(source="main.stage", help_text="The stage that this and what follows is about.")
    mode = serializers.CharField(source="main.mode", help_text="recipe-only, full or built: how much of the source the tool saw.")
    sandbox = serializers.CharField(
        source="main.sandbox", help_text="namespaces or confined: the level of the runner's sandbox; empty: not known."
    )
    tool = serializers.CharField(source="main.tool")
    tool_version = serializers.CharField(source="main.tool_version")
    profile = serializers.CharField(source="main.profile")
    error = serializers.CharField(help_text="The reasons of all stages, one a line.")
    attempts = serializers.IntegerField(source="main.attempts")
    queued_at = serializers.DateTimeField(source="main.queued_at")
    started_at = serializers.DateTimeField(source="main.started_at", allow_null=True)
    finished_at = serializers.DateTimeField(source="main.finished_at", allow_null=True)
    duration_ms = serializers.IntegerField(source="main.duration_ms", allow_null=True)
    stages = StageSerializer(source="jobs", many=True)
    lights = serializers.SerializerMethodField(help_text="By suite: checks, lint, build, install; whether reproducible.")
    installs = serializers.SerializerMethodField(help_text="What a trial build's packages install; null: nobody has built it.")
    unconfirmed = StageSerializer(
        many=True, help_text="Newer re-lints whose two runs did not agree: `stages` stand, `error` says why."
    )
    facets = serializers.SerializerMethodField(help_text="Source format, patch system, debhelper's level, …; by tag.")
    changes = serializers.SerializerMethodField(help_text="New and gone hints; null: there is nothing to compare with.")
    trend = serializers.SerializerMethodField(help_text="Counts of comparable revisions, oldest first; empty: no verdict.")
    hints = serializers.SerializerMethodField(help_text="Those of all stages, in the order of the stages and their reports.")

    @extend_schema_field(LightRowSerializer(many=True))
    def get_lights(self, _: RevisionLint) -> Any:
        """Return the lights of each suite."""
        return LightRowSerializer(self.context["lights"], many=True).data

    @extend_schema_field(BuildInstallsSerializer(allow_null=True))
    def get_installs(self, _: RevisionLint) -> Any:
        """Return what the packages install, or None."""
        installs = self.context["installs"]
        return BuildInstallsSerializer(installs).data if installs else None

    @extend_schema_field(HintSerializer(many=True))
    def get_hints(self, _: RevisionLint) -> Any:
        """Return the hints that the view fetched."""
        return HintSerializer(self.context["hints"], many=True).data

    @extend_schema_field(serializers.DictField(child=serializers.ListField(child=serializers.CharField())))
    def get_facets(self, _: RevisionLint) -> Any:
        """Return what the tool says of how the package is made, by tag."""
        return facets(each.hint for each in self.context["hints"])

    @extend_schema_field(LintChangesSerializer(allow_null=True))
    def get_changes(self, _: RevisionLint) -> Any:
        """Return what came and went; None where there is nothing to compare with."""
        changes = self.context["history"].changes
        return LintChangesSerializer(changes).data if changes else None

    @extend_schema_field(TrendPointSerializer(many=True))
    def get_trend(self, _: RevisionLint) -> Any:
        """Return the counts of the revisions up to this one, oldest first."""
        return TrendPointSerializer(self.context["history"].points, many=True).data
