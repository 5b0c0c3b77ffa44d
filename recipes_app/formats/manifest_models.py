"""The Model and Dataset paragraphs of debian/dur: facts, from which `model_policy` computes the classes."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import replace

from .addresses import is_https
from .deb822 import Paragraph
from .licences import read_licence
from .manifest_fetch import licence_class
from .manifest_fields import DATASET, MODEL, choice
from .metadata import Dataset, Model
from .model_policy import base_models, classify
from .report import Report, quoted
from .vocabulary import LicenceClass, ModelVerdict

# As model hubs name them: owner/name.
_MODEL_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]*(/[A-Za-z0-9][A-Za-z0-9._+-]*)?")
_MAX_MODEL_NAME = 128


def read_models(
    models: Sequence[Paragraph], datasets: Sequence[Paragraph], filenames: Collection[str], report: Report
) -> tuple[Model, ...]:
    """Return the models with their datasets and computed classes; `filenames` are those that Fetch paragraphs define."""
    found: dict[str, Model] = {}
    for paragraph in models:
        model = _read_model(paragraph, filenames, report)
        if model is None:
            continue
        if model.name in found:
            message = f"Model {model.name} was found a second time, the first stands in line {found[model.name].line}"
            report.error("manifest-duplicate", model.line, message, "rename or remove one of the two")
            continue
        found[model.name] = model
    by_model: dict[str, list[Dataset]] = {}
    for paragraph in datasets:
        dataset = _read_dataset(paragraph, found, report)
        if dataset is not None:
            by_model.setdefault(dataset.for_model, []).append(dataset)
    complete = [replace(model, datasets=tuple(by_model.get(model.name, ()))) for model in found.values()]
    texts = {model.training_program_licence for model in complete}
    classified = classify(complete, {text: read_licence(text).licence_class for text in texts if text})
    for model in classified:
        _compare_claim(model, report)
    return classified


def _read_model(paragraph: Paragraph, filenames: Collection[str], report: Report) -> Model | None:
    name = paragraph.value("Model")
    if not _is_name(name):
        _report_name("Model", name, paragraph, report)
        return None
    weights = paragraph.value("Weights-License")
    licence = read_licence(weights) if weights else None
    return Model(
        name=name,
        line=paragraph.line_of("Model"),
        files=_files(paragraph, filenames, report),
        base_model=_base_model(paragraph, name, report),
        weights_licence=licence.spdx if licence else "",
        weights_licence_class=licence.licence_class if licence else LicenceClass.UNKNOWN,
        format=paragraph.value("Format"),
        training_program=_program(paragraph, "Training-Program", report),
        training_program_licence=paragraph.value("Training-Program-License"),
        training_program_completeness=choice(paragraph, "Training-Program-Completeness", MODEL, "unknown"),
        inference_program=paragraph.value("Inference-Program"),
        reproducibility=choice(paragraph, "Reproducibility", MODEL, ""),
        critical_use=choice(paragraph, "Critical-Use", MODEL, "no"),
        claimed_class=choice(paragraph, "Claimed-Class", MODEL, ""),
    )


def _is_name(name: str) -> bool:
    return len(name) <= _MAX_MODEL_NAME and _MODEL_NAME.fullmatch(name) is not None


def _report_name(field: str, name: str, paragraph: Paragraph, report: Report) -> None:
    message = f"{field}: {quoted(name)} was found, expected a name of letters, digits and . _ + -, or owner/name"
    report.error("manifest-model-name", paragraph.line_of(field), message, "name the model as its makers do")


def _files(paragraph: Paragraph, filenames: Collection[str], report: Report) -> tuple[str, ...]:
    """Return the file names in Files that a Fetch defines; any other is an error."""
    names = tuple(paragraph.value("Files").replace(",", " ").split())
    for name in names:
        if name not in filenames:
            message = f"Files: {quoted(name)} was found, but no Fetch paragraph defines it"
            report.error("manifest-unknown-file", paragraph.line_of("Files"), message, "add a Fetch of that name, or correct it")
    return tuple(name for name in names if name in filenames)


def _base_model(paragraph: Paragraph, name: str, report: Report) -> str:
    text = " ".join(paragraph.value("Base-Model").split())
    for base in text.replace(",", " ").split():
        if base == name:
            message = f"Base-Model: {name} was found, which is the model itself"
            report.error("manifest-base-model", paragraph.line_of("Base-Model"), message, "name the model it was made from")
        elif not _is_name(base):
            _report_name("Base-Model", base, paragraph, report)
    return text


def _program(paragraph: Paragraph, name: str, report: Report) -> str:
    """Return the address of a program, or `none`."""
    value = paragraph.value(name)
    if value in {"", "none"} or is_https(value):
        return value
    message = f"{name}: {quoted(value)} was found, expected an https address or none"
    report.error("manifest-url", paragraph.line_of(name), message, "point at the program's source")
    return ""


def _read_dataset(paragraph: Paragraph, models: Collection[str], report: Report) -> Dataset | None:
    """Return a dataset, or None with an error where it belongs to no model of the recipe."""
    name, model = paragraph.value("Dataset"), paragraph.value("For-Model")
    if model not in models:
        if model:
            message = f"For-Model: {quoted(model)} was found, but no Model paragraph defines it"
            report.error("manifest-unknown-model", paragraph.line_of("For-Model"), message, "correct the name, or add the Model")
        return None
    return Dataset(
        name=" ".join(name.split()),
        for_model=model,
        line=paragraph.line_of("Dataset"),
        access=choice(paragraph, "Access", DATASET, "unknown"),
        licence=read_licence(paragraph.value("License")).spdx if paragraph.value("License") else "",
        licence_class=licence_class(paragraph, "License", report),
        url=_program(paragraph, "URL", report).removeprefix("none"),
        evidence=paragraph.value("Evidence"),
    )


def _compare_claim(model: Model, report: Report) -> None:
    """Record where the claimed class is not the computed one, and what stands outside the recipe."""
    if model.claimed_class and model.claimed_class != model.computed.value:
        message = f"Claimed-Class of {model.name} is {model.claimed_class}, computed from the facts: {model.computed.value}"
        report.warning("manifest-claimed-class", model.line, message, " ".join(model.computed.reasons)[:400])
    if model.critical_use != "no" and model.computed.value != ModelVerdict.FREE:
        message = f"{model.name} is meant for {model.critical_use} and is of class {model.computed.value}"
        report.warning(
            "manifest-critical-use", model.line, message, "nobody can check what it was trained to do; say so in the README"
        )
    bases = base_models(model)
    if bases and not model.weights_licence:
        message = f"{model.name} is made from {quoted(model.base_model)} and states no Weights-License"
        report.warning("manifest-weights-licence", model.line, message, "the base model's licence may bind it: state it")
