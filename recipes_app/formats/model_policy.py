"""The class of a machine-learning model, computed from the facts of debian/dur.

Sources: the Debian deep learning team's ML-Policy (free, ToxicCandy and non-free models) and the Open Source AI Definition
1.0 (data information, code, parameters). Unknown never upgrades, and a model inherits the worst class of its base models.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from .metadata import Dataset, Model, Verdict
from .vocabulary import LicenceClass, ModelVerdict, Osaid

_NO_PROGRAM = {"", "none"}


def worst_model_class(classes: Iterable[str]) -> str:
    """Return the worst of `classes`; empty where there is no model."""
    return max(classes, key=tuple[str, ...](ModelVerdict).index, default="")


def worst_osaid(values: Iterable[str]) -> str:
    """Return the worst of OSAID verdicts; empty where there is no model."""
    return max(values, key=tuple[str, ...](Osaid).index, default="")


def classify(models: Sequence[Model], program_classes: Mapping[str, str]) -> tuple[Model, ...]:
    """Return `models` with both verdicts. `program_classes` gives the class of each Training-Program-License by its text.

    Base models are followed whatever their order, and in a loop each takes the worst class of the loop.
    """
    own = {
        model.name: _own_verdict(model, program_classes.get(model.training_program_licence, LicenceClass.UNKNOWN))
        for model in models
    }
    final = _inherit(models, {name: verdict.value for name, verdict in own.items()})
    return tuple(
        replace(
            model,
            computed=Verdict(
                final[model.name], (*own[model.name].reasons, *_base_reasons(model, final)) or (_ALL_CONDITIONS_HOLD,)
            ),
            osaid=_osaid(model, program_classes.get(model.training_program_licence, LicenceClass.UNKNOWN)),
        )
        for model in models
    )


_ALL_CONDITIONS_HOLD = "The weights, every dataset and the complete training program are free, and anyone can get the datasets."


def _own_verdict(model: Model, program_class: str) -> Verdict:
    """Return the class from the model's own facts, with a sentence for each condition that does not hold."""
    weights = _weights_reason(model)
    others = [*_dataset_reasons(model.datasets), *_program_reasons(model, program_class)]
    value = ModelVerdict.NON_FREE if weights else ModelVerdict.TOXIC_CANDY if others else ModelVerdict.FREE
    return Verdict(value, tuple([weights, *others] if weights else others))


def _weights_reason(model: Model) -> str:
    if model.weights_licence_class == LicenceClass.DFSG_FREE:
        return ""
    if not model.weights_licence:
        return "The weights' licence is not stated, and unknown never upgrades."
    if model.weights_licence_class == LicenceClass.UNKNOWN:
        return f"The weights' licence {model.weights_licence} is not known to be DFSG-free, and unknown never upgrades."
    return f"The weights' licence {model.weights_licence} is not DFSG-free."


def _dataset_reasons(datasets: Sequence[Dataset]) -> list[str]:
    if not datasets:
        return ["No dataset is named, so that nobody knows what the model was trained with."]
    reasons = []
    for dataset in datasets:
        if dataset.licence_class == LicenceClass.UNKNOWN:
            reasons.append(f"The licence of the dataset {dataset.name} is unknown.")
        elif dataset.licence_class != LicenceClass.DFSG_FREE:
            reasons.append(f"The dataset {dataset.name} is not DFSG-free.")
        if dataset.access == "unknown":
            reasons.append(f"Whether an anonymous user can get the dataset {dataset.name} is unknown.")
        elif dataset.access != "anonymous":
            reasons.append(f"An anonymous user cannot get the dataset {dataset.name} (access: {dataset.access}).")
    return reasons


def _program_reasons(model: Model, program_class: str) -> list[str]:
    if model.training_program.lower() in _NO_PROGRAM:
        return ["There is no training program."]
    reasons = []
    if model.training_program_completeness != "complete":
        reasons.append(f"The training program's completeness is: {model.training_program_completeness}.")
    if program_class == LicenceClass.UNKNOWN:
        reasons.append("The training program's licence is not known to be free.")
    elif program_class != LicenceClass.DFSG_FREE:
        reasons.append(f"The training program's licence {model.training_program_licence} is not free.")
    return reasons


def base_models(model: Model) -> tuple[str, ...]:
    """Return the names in Base-Model, separated by commas or blanks."""
    return tuple(model.base_model.replace(",", " ").split())


def _inherit(models: Sequence[Model], own: Mapping[str, str]) -> dict[str, str]:
    """Return each model's class after its bases'. A class can only fall, twice at most, so that this ends in any loop."""
    final = dict(own)
    derived: dict[str, list[str]] = {}
    for model in models:
        for base in base_models(model):
            derived.setdefault(base, []).append(model.name)
            if base not in own:
                # Described nowhere in the recipe: its data and program are unknown.
                final[model.name] = worst_model_class((final[model.name], ModelVerdict.TOXIC_CANDY))
    waiting = deque(final)
    while waiting:
        base = waiting.popleft()
        for name in derived.get(base, ()):
            fallen = worst_model_class((final[name], final[base]))
            if fallen != final[name]:
                final[name] = fallen
                waiting.append(name)
    return final


def _base_reasons(model: Model, final: Mapping[str, str]) -> list[str]:
    reasons = []
    for base in base_models(model):
        if base not in final:
            reasons.append(f"The base model {base} is not described in this recipe, so that its data and program are unknown.")
        elif final[base] != ModelVerdict.FREE:
            reasons.append(
                f"The base model {base} is of class {final[base]}, and a model inherits the worst class of its base models."
            )
    return reasons


def _osaid(model: Model, program_class: str) -> Verdict:
    """Return the verdict by the three elements of OSAID 1.0; Debian's class stands in for "OSI-approved terms"."""
    elements = (_data_information(model), _code(model, program_class), _parameters(model))
    return Verdict(worst_osaid(value for value, _ in elements), tuple(reason for _, reason in elements))


def _data_information(model: Model) -> tuple[str, str]:
    if not model.datasets:
        return Osaid.UNKNOWN, "Data information: no dataset is described."
    silent = [dataset.name for dataset in model.datasets if not dataset.url and not dataset.evidence]
    if silent:
        return Osaid.NOT_COMPLIANT, f"Data information: nothing says where {', '.join(silent)} comes from or how it was made."
    return Osaid.COMPLIANT, "Data information: every dataset has a source or a description."


def _code(model: Model, program_class: str) -> tuple[str, str]:
    if model.training_program.lower() in _NO_PROGRAM or model.training_program_completeness in {"partial", "none"}:
        return Osaid.NOT_COMPLIANT, "Code: the complete program that trained the model is not there."
    if program_class not in {LicenceClass.DFSG_FREE, LicenceClass.UNKNOWN}:
        return Osaid.NOT_COMPLIANT, "Code: the training program is not under a free licence."
    if program_class == LicenceClass.UNKNOWN or model.training_program_completeness == "unknown" or not model.inference_program:
        return Osaid.UNKNOWN, "Code: the training program's licence or completeness, or the inference program, is not known."
    return Osaid.COMPLIANT, "Code: the programs that train and run the model are there, complete and free."


def _parameters(model: Model) -> tuple[str, str]:
    if model.weights_licence_class == LicenceClass.DFSG_FREE:
        return Osaid.COMPLIANT, "Parameters: the weights are under a free licence."
    if model.weights_licence_class == LicenceClass.UNKNOWN:
        return Osaid.UNKNOWN, "Parameters: the weights' licence is not known."
    return Osaid.NOT_COMPLIANT, "Parameters: the weights are not under a free licence."
