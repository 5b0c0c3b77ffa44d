"""The shapes of what trial builds say: their steps, the lights of each suite, and what the packages install."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from recipes_app.formats.package_effects import Kind
from recipes_app.lint.protocol.build_report import StepName, StepState
from recipes_app.services.builds.build_effects import Installed
from recipes_app.services.builds.lights import NAMES, SuiteLights

LIGHT_STATES = [(state, state) for state in ("none", "queued", "running", "passed", "failed", "error", "cancelled", "skipped")]
STEP_STATES = [(state.value, state.value) for state in StepState]
EFFECT_KINDS = [(kind.value, kind.value) for kind in Kind]


class StepSerializer(serializers.Serializer[Any]):
    """One step of a trial build."""

    name = serializers.ChoiceField(choices=[(name.value, name.value) for name in StepName])
    state = serializers.ChoiceField(choices=STEP_STATES, help_text="skipped: it was not done, and `line` says why.")
    duration_ms = serializers.IntegerField()
    line = serializers.CharField(help_text="What is to be said of it, in a line.")
    details = serializers.ListField(child=serializers.CharField(), help_text="Each test, or each file that differs.")


class LightSerializer(serializers.Serializer[Any]):
    """How one thing stands for a suite."""

    name = serializers.ChoiceField(choices=[(name, name) for name in NAMES])
    state = serializers.ChoiceField(choices=LIGHT_STATES, help_text="none: nobody tries.")
    line = serializers.CharField()
    duration_ms = serializers.IntegerField()


class LightRowSerializer(serializers.Serializer[SuiteLights]):
    """The lights of one suite."""

    suite = serializers.CharField()
    lights = LightSerializer(many=True)
    reproducible = serializers.ChoiceField(
        choices=[("yes", "yes"), ("no", "no"), ("", "not known")],
        help_text="Whether two builds of the commit gave the same bytes; empty: not known.",
    )
    differing = serializers.SerializerMethodField(help_text="The files that differ between two builds, the first of them.")

    def get_differing(self, row: SuiteLights) -> list[str]:
        """Return what the comparison names."""
        return list(row.rebuild["details"]) if row.reproducible == "no" and row.rebuild else []


class EffectSerializer(serializers.Serializer[Any]):
    """One fact about what a package installs."""

    kind = serializers.ChoiceField(choices=EFFECT_KINDS)
    package = serializers.CharField(help_text="Empty: seen in the installed system, whatever package did it.")
    what = serializers.CharField(help_text="The path, the script, the relation, …")
    value = serializers.CharField(help_text="What may change about it: a mode, a checksum, a relation with its version.")


class ChangedBuildEffectSerializer(serializers.Serializer[Any]):
    """A fact whose value is another one than before."""

    before = EffectSerializer()
    after = EffectSerializer()


class EffectChangesSerializer(serializers.Serializer[Any]):
    """What came, went and changed since the last revision that was built for the suite."""

    since = serializers.CharField(source="before.commit", help_text="That revision's commit.")
    version = serializers.CharField(source="before.version")
    added = EffectSerializer(source="changes.added", many=True)
    removed = EffectSerializer(source="changes.removed", many=True)
    changed = ChangedBuildEffectSerializer(source="changes.changed", many=True)


class BuiltPackageSerializer(serializers.Serializer[Any]):
    """A binary package that was built."""

    name = serializers.CharField()
    version = serializers.CharField()
    architecture = serializers.CharField()


class BuildInstallsSerializer(serializers.Serializer[Installed]):
    """What the packages of a trial build install."""

    suite = serializers.CharField()
    nothing_as_root = serializers.BooleanField(
        source="effects.brings_nothing_as_root", help_text="Nothing of them runs, or is obeyed, with root's rights."
    )
    is_cut = serializers.BooleanField(source="effects.is_cut", help_text="There was more than is kept.")
    packages = BuiltPackageSerializer(source="effects.packages", many=True)
    effects = EffectSerializer(source="effects.effects", many=True)
    changes = serializers.SerializerMethodField(help_text="null: there is no earlier build to compare with.")

    @extend_schema_field(EffectChangesSerializer(allow_null=True))
    def get_changes(self, installed: Installed) -> dict[str, Any] | None:
        """Return the difference, or None."""
        return dict(EffectChangesSerializer(installed).data) if installed.before else None
