"""The class of a recipe's models: computed from facts, overruled by a moderator until the facts change.

`formats.model_policy` computes; a ruling, with its reason, stands above it for as long as the digest of the model's facts is
the one that it was given for. A changed class is told to those who follow the recipe.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from recipes_app.formats.metadata import Model, RecipeMetadata
from recipes_app.formats.model_policy import worst_model_class
from recipes_app.formats.vocabulary import ModelVerdict
from recipes_app.models import ModelRuling, Notification, Recipe, User

from ..audit import audit
from ..audit.audit import EventKind
from ..core import texts
from ..core.errors import Refused
from ..core.permissions import Action, require
from ..notifications import notify
from .ownership import lock

# What is computed, or where it stands in the file, is no fact about the model.
_NOT_FACTS = ("computed", "osaid", "line", "claimed_class")


def facts_digest(model: Model) -> str:
    """Return a digest of the facts about `model`: it changes when one of them does, and only then."""
    facts = {key: value for key, value in asdict(model).items() if key not in _NOT_FACTS}
    for dataset in facts["datasets"]:
        dataset.pop("line")
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True)
class ModelClass:
    """All that is said about one model's class, side by side."""

    model: Model
    ruling: ModelRuling | None

    @property
    def effective(self) -> str:
        """The class that counts."""
        return self.ruling.value if self.ruling else self.model.computed.value


def classes_of(recipe: Recipe, metadata: RecipeMetadata) -> list[ModelClass]:
    """Return each model of `metadata` with the ruling in force, if any. One query, none where there is no model."""
    if not metadata.models:
        return []
    rulings = {ruling.model_name: ruling for ruling in ModelRuling.objects.filter(recipe=recipe, ended_at=None)}
    return [ModelClass(model, _in_force(rulings.get(model.name), model)) for model in metadata.models]


def _in_force(ruling: ModelRuling | None, model: Model) -> ModelRuling | None:
    return ruling if ruling is not None and ruling.facts_digest == facts_digest(model) else None


def effective_class(recipe: Recipe, metadata: RecipeMetadata) -> str:
    """Return the worst class of the recipe's models, rulings counted; empty where it has no model."""
    return worst_model_class([each.effective for each in classes_of(recipe, metadata)])


def rule(user: User, recipe: Recipe, model_name: str, value: str, reason: str) -> ModelRuling:
    """Overrule the computed class of a model. Raises PermissionDenied, Refused."""
    require(Action.RULE_MODEL, user, recipe)
    if value not in tuple(ModelVerdict):
        raise Refused(
            _("%(value)r is no class: use one of %(choices)s") % {"value": value, "choices": ", ".join(ModelVerdict)},
            field="value",
            code="bad-class",
        )
    words = texts.checked(reason, "reason", blank=_("give a reason: it is shown beside the computed class"))
    with transaction.atomic():
        locked = lock(recipe)
        models = {model.name: model for model in (locked.current.data.models if locked.current else ())}
        if model_name not in models:
            raise Refused(
                _("%(recipe)s has no model %(model_name)r: it has %(names)s")
                % {"recipe": recipe.name, "model_name": model_name, "names": ", ".join(models) or _("none")},
                field="model",
            )
        _end(locked, model_name, user, "a newer ruling")
        ruling = ModelRuling.objects.create(
            recipe=locked,
            model_name=model_name,
            value=value,
            reason=words,
            facts_digest=facts_digest(models[model_name]),
            ruled_by_name=user.username,
            ruled_at=timezone.now(),
        )
        facts = {"model": model_name, "class": value, "reason": words, "computed": models[model_name].computed.value}
        audit.record(EventKind.MODEL_RULED, user, recipe=locked, public=facts)
        refresh(locked, user)
    return ruling


def withdraw_ruling(user: User, recipe: Recipe, model_name: str) -> None:
    """End the ruling on a model, so that the computed class counts again. Raises PermissionDenied, Refused."""
    require(Action.RULE_MODEL, user, recipe)
    with transaction.atomic():
        locked = lock(recipe)
        if not _end(locked, model_name, user, "withdrawn"):
            raise Refused(_("there is no ruling on %(model_name)r") % {"model_name": model_name}, field="model", code="no-ruling")
        refresh(locked, user)


def _end(recipe: Recipe, model_name: str, actor: User | None, because: str) -> bool:
    ended = ModelRuling.objects.filter(recipe=recipe, model_name=model_name, ended_at=None).update(
        ended_at=timezone.now(), ended_because=because
    )
    if ended:
        facts = {"model": model_name, "because": because}
        audit.record(EventKind.MODEL_RULING_ENDED, actor, recipe=recipe, public=facts)
    return ended > 0


def refresh(recipe: Recipe, actor: User | None = None) -> None:
    """Write the class of the locked `recipe` from its current revision and its rulings; tell the followers where it changed.

    Rulings whose facts have changed, or whose model is gone, end here. Called when the current revision moves and after a ruling.
    """
    if recipe.current is None:
        return
    metadata = recipe.current.data
    digests = {model.name: facts_digest(model) for model in metadata.models}
    for ruling in ModelRuling.objects.filter(recipe=recipe, ended_at=None):
        if digests.get(ruling.model_name) != ruling.facts_digest:
            _end(recipe, ruling.model_name, None, "the facts changed")
    before, after = recipe.model_class, effective_class(recipe, metadata)
    recipe.model_class = after
    recipe.save(update_fields=["model_class"])
    # A recipe that begins with a class has not changed it; one that gains a model later has.
    if before != after and recipe.revisions.count() > 1:
        notify.notify_followers(
            Notification.Kind.MODEL_CLASS, recipe, actor=actor, url=recipe.get_absolute_url() + "#models",
            text=lambda: _("The model class of %(recipe)s changed from %(before)s to %(after)s.") % {
                "recipe": recipe.name, "before": before or _("no model"), "after": after or _("no model"),
            },
        )  # fmt: skip
