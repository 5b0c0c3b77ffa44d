"""Checks of the Model and Dataset paragraphs: the facts that a class is computed from, and what weights can do when loaded."""

from __future__ import annotations

import re
from collections.abc import Iterator

from recipes_app.formats.findings import Severity
from recipes_app.formats.manifest import PATH
from recipes_app.formats.metadata import Model, RecipeMetadata

from ..base import About, Family, Place, check, check_metadata, gettext_noop
from ..examples import DUR, SHA256
from ..recipe import CheckedRecipe

WEIGHTS = f"""
Fetch: tiny.safetensors
URL: https://example.org/tiny-1.0.safetensors
SHA256: {SHA256[::-1]}
Size: 4711
Role: component
Wrap: weights
License: CC0-1.0
"""
MODEL = """
Model: tiny
Files: tiny.safetensors
Weights-License: CC0-1.0
Training-Program: https://example.org/tiny-train
Training-Program-License: MIT
Training-Program-Completeness: complete
Inference-Program: https://example.org/tiny-run
Reproducibility: numerical
Critical-Use: no
Claimed-Class: free

Dataset: words
For-Model: tiny
Access: anonymous
License: CC0-1.0
URL: https://example.org/words
"""
_DERIVED = MODEL.replace("Weights-License: CC0-1.0", "Base-Model: big")
_HEADER = DUR.replace("Category: source", "Category: model")
_LICENCES = {"debian/copyright": "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n\nFiles: *\n"
             "Copyright: 2026 Ada Lovelace\nLicense: Expat\n\nFiles: weights/*\nCopyright: 2026 Ada Lovelace\n"
             "License: CC0-1.0\n\nLicense: Expat\n As in the source.\n\nLicense: CC0-1.0\n As in the source.\n"}  # fmt: skip
# Python's pickle runs what it is told to at loading; these suffixes and formats are pickles, or zip files with one inside.
_PICKLES = re.compile(r"\.(?:pkl|pickle|pt|pth|ckpt|joblib|dill|mar|nemo)(?:\.[a-z0-9]+)?$|^pytorch_model.*\.bin$")
_PICKLE_FORMATS = frozenset({"pickle", "pytorch", "torch", "pt", "pth", "ckpt", "joblib", "dill", "torchscript"})
_FACTS = {
    "weights_licence": "Weights-License",
    "training_program": "Training-Program",
    "reproducibility": "Reproducibility",
    "inference_program": "Inference-Program",
}


def model_example(model: str = MODEL, weights: str = WEIGHTS) -> dict[str, str]:
    """Return the example's manifest with a model."""
    return {"debian/dur": _HEADER + weights + model, **_LICENCES}


_GOOD = model_example()


@check_metadata(
    About(
        id="DUR601",
        severity=Severity.WARNING,
        family=Family.MODEL,
        title=gettext_noop("Facts about a model are missing"),
        explanation=gettext_noop(
            "A model's class is computed from its facts: the licence of the weights, the program that trained it, the data. "
            "What is not said counts as unknown, and unknown never upgrades. Saying `none` or `not-attempted` is an answer, "
            "silence is not."
        ),
        remedy=gettext_noop("add the fields; write none, unknown or not-attempted where that is the truth"),
        failing=model_example(MODEL.replace("Reproducibility: numerical\n", "")),
        mending=_GOOD,
    )
)
def facts_are_complete(_recipe: CheckedRecipe, metadata: RecipeMetadata) -> Iterator[Place]:
    """Look for the fields that the class or its reader needs, and for a dataset."""
    for model in metadata.models:
        missing = [name for attribute, name in _FACTS.items() if not getattr(model, attribute)]
        if model.base_model and "Weights-License" in missing:
            # DUR607 says it, with its own reason.
            missing.remove("Weights-License")
        if model.training_program not in {"", "none"} and not model.training_program_licence:
            missing.append("Training-Program-License")
        if missing:
            yield Place(PATH, model.line, f"{model.name} does not say {', '.join(missing)}")
        if not model.datasets:
            yield Place(PATH, model.line, f"{model.name} names no Dataset")


@check(
    About(
        id="DUR602",
        severity=Severity.ERROR,
        family=Family.MODEL,
        title=gettext_noop("A model names a file, a base or a dataset that is not there"),
        explanation=gettext_noop(
            "Files of a model are names of Fetch paragraphs, and For-Model of a dataset is the name of a Model. Where the name "
            "is not found, the weights are not fetched, or a class is computed without the data that it depends on."
        ),
        remedy=gettext_noop("correct the name, or add the paragraph that it names"),
        failing=model_example(MODEL.replace("Files: tiny.safetensors", "Files: small.safetensors")),
        mending=_GOOD,
    )
)
def names_are_defined(recipe: CheckedRecipe) -> Iterator[Place]:
    """Tell what the parser says of names."""
    for finding in recipe.parser_findings("manifest-unknown-file", "manifest-unknown-model", "manifest-base-model"):
        yield Place(finding.path, finding.line, finding.message)


@check(
    About(
        id="DUR603",
        severity=Severity.WARNING,
        family=Family.MODEL,
        title=gettext_noop("The claimed class of a model is not the computed one"),
        explanation=gettext_noop(
            "The class follows from the facts by the ML-Policy of Debian's deep learning team; pages and search show the "
            "computed one. A claim that differs from it says that a fact is missing, or that the claim is wrong."
        ),
        remedy=gettext_noop("read the sentences that led to the computed class, and correct the facts or the claim"),
        failing=model_example(MODEL.replace("Claimed-Class: free", "Claimed-Class: non-free")),
        mending=_GOOD,
    )
)
def claims_are_true(recipe: CheckedRecipe) -> Iterator[Place]:
    """Tell what the parser says of Claimed-Class, with its reasons."""
    for finding in recipe.parser_findings("manifest-claimed-class"):
        yield Place(finding.path, finding.line, f"{finding.message}: {finding.remedy}" if finding.remedy else finding.message)


@check(
    About(
        id="DUR604",
        severity=Severity.WARNING,
        family=Family.MODEL,
        title=gettext_noop("A ToxicCandy model is fetched without asking the user"),
        explanation=gettext_noop(
            "Nobody can rebuild a model of the class toxic-candy or look into what it was trained with, so nobody can say what "
            "it was taught to do. Its user is asked to take that risk before the weights are fetched."
        ),
        remedy=gettext_noop("add Acceptance: risk-toxiccandy to the Fetch of its weights"),
        failing=model_example(MODEL.replace("Access: anonymous", "Access: private").replace("Class: free", "Class: toxic-candy")),
        mending=model_example(
            MODEL.replace("Access: anonymous", "Access: private").replace("Class: free", "Class: toxic-candy"),
            WEIGHTS + "Acceptance: risk-toxiccandy\n",
        ),
    )
)
def risk_is_asked(recipe: CheckedRecipe) -> Iterator[Place]:
    """Tell what the parser says of the risk."""
    for finding in recipe.parser_findings("manifest-risk"):
        yield Place(finding.path, finding.line, finding.message)


@check(
    About(
        id="DUR605",
        severity=Severity.WARNING,
        family=Family.MODEL,
        title=gettext_noop("A model that nobody can check decides over something critical"),
        explanation=gettext_noop(
            "Critical-Use says that the model logs users in, runs commands or moves things. A model whose training nobody can "
            "repeat may answer one hidden input in a way that its makers chose; in such a place that is a back door."
        ),
        remedy=gettext_noop("say so at the top of the README, and ask whether a free model or an ordinary program can do it"),
        failing=model_example(
            MODEL.replace("Critical-Use: no", "Critical-Use: authentication")
            .replace("Access: anonymous", "Access: private")
            .replace("Class: free", "Class: toxic-candy"),
            WEIGHTS + "Acceptance: risk-toxiccandy\n",
        ),
        mending=model_example(MODEL.replace("Critical-Use: no", "Critical-Use: authentication")),
    )
)
def critical_use_is_free(recipe: CheckedRecipe) -> Iterator[Place]:
    """Tell what the parser says of Critical-Use."""
    for finding in recipe.parser_findings("manifest-critical-use"):
        yield Place(finding.path, finding.line, finding.message)


@check_metadata(
    About(
        id="DUR606",
        severity=Severity.WARNING,
        family=Family.MODEL,
        title=gettext_noop("Weights come in a format that can run code when loaded"),
        explanation=gettext_noop(
            "Pickle, and with it most files that end in .pt, .pth, .ckpt, .pkl or .joblib, is a program that rebuilds objects: "
            "loading it runs whatever its maker put in. safetensors, GGUF and ONNX hold numbers and a description only."
        ),
        remedy=gettext_noop("fetch the same weights as safetensors, GGUF or ONNX, or convert them and say how in the README"),
        failing=model_example(MODEL.replace("tiny.safetensors", "tiny.pt"), WEIGHTS.replace("tiny.safetensors", "tiny.pt")),
        mending=_GOOD,
    )
)
def weights_are_data(_recipe: CheckedRecipe, metadata: RecipeMetadata) -> Iterator[Place]:
    """Look at the stated Format and at the names of the files."""
    for model in metadata.models:
        pickled = [name for name in model.files if _PICKLES.search(name.lower())]
        if pickled:
            yield Place(PATH, model.line, f"{model.name} is loaded from {', '.join(pickled)}")
        elif model.format.lower() in _PICKLE_FORMATS:
            yield Place(PATH, model.line, f"{model.name} has the format {model.format}")


@check(
    About(
        id="DUR607",
        severity=Severity.WARNING,
        family=Family.MODEL,
        title=gettext_noop("A model made from another one states no licence of its weights"),
        explanation=gettext_noop(
            "Weights that were trained further, merged or quantised are a work derived from their base model, whose licence "
            "goes on to bind them. Without Weights-License nobody knows whether that was looked at."
        ),
        remedy=gettext_noop("read the base model's licence and state Weights-License"),
        failing=model_example(_DERIVED.replace("Claimed-Class: free", "Claimed-Class: non-free")),
        mending=model_example(
            _DERIVED.replace("Base-Model", "Weights-License: CC0-1.0\nBase-Model").replace("Class: free", "Class: toxic-candy"),
            WEIGHTS + "Acceptance: risk-toxiccandy\n",
        ),
    )
)
def derived_weights_have_licences(recipe: CheckedRecipe) -> Iterator[Place]:
    """Tell what the parser says of base models."""
    for finding in recipe.parser_findings("manifest-weights-licence"):
        yield Place(finding.path, finding.line, finding.message)


@check_metadata(
    About(
        id="DUR608",
        severity=Severity.INFO,
        family=Family.MODEL,
        title=gettext_noop("Nothing says where a dataset can be looked at"),
        explanation=gettext_noop(
            "A dataset with neither URL nor Evidence is a name. The Open Source AI Definition asks for so much information on "
            "the data that a skilled person could build an equal system, and a reader needs a place to start from."
        ),
        remedy=gettext_noop("add URL, or Evidence with the paper, the model card or the file that describes the data"),
        failing=model_example(MODEL.replace("URL: https://example.org/words\n", "")),
        mending=_GOOD,
    )
)
def datasets_have_sources(_recipe: CheckedRecipe, metadata: RecipeMetadata) -> Iterator[Place]:
    """Look for URL or Evidence of every dataset."""
    for model in metadata.models:
        yield from _silent_datasets(model)


def _silent_datasets(model: Model) -> Iterator[Place]:
    for dataset in model.datasets:
        if not dataset.url and not dataset.evidence:
            yield Place(PATH, dataset.line, f"the dataset {dataset.name} of {model.name} has neither URL nor Evidence")
