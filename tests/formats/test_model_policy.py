"""Classes of models: each condition of the ML-Policy and of OSAID 1.0 that does not hold, and what a base model passes on."""

from __future__ import annotations

import pytest

from recipes_app.formats.findings import Severity
from recipes_app.formats.metadata import Model

from .helpers import SHA256, identifiers, metadata_of, parse_dur, the_finding

FETCH = f"Fetch: m.safetensors\nURL: https://example.org/m\nSHA256: {SHA256}\nSize: 5\nAcceptance: risk-toxiccandy"
MODEL = """
Model: tiny
Files: m.safetensors
Weights-License: Apache-2.0
Training-Program: https://example.org/train
Training-Program-License: MIT
Training-Program-Completeness: complete
Inference-Program: libtiny
"""
DATASET = """
Dataset: corpus
For-Model: tiny
Access: anonymous
License: CC0-1.0
URL: https://example.org/corpus
"""


def the_model(*paragraphs: str) -> Model:
    (model,) = metadata_of(parse_dur(FETCH, *paragraphs)).models
    return model


def test_a_model_whose_every_condition_holds_is_free_and_says_why() -> None:
    model = the_model(MODEL, DATASET)
    assert (model.computed.value, model.osaid.value) == ("free", "compliant")
    assert model.computed.reasons == (
        "The weights, every dataset and the complete training program are free, and anyone can get the datasets.",
    )
    assert len(model.osaid.reasons) == 3


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("Access: anonymous", "Access: registration", "An anonymous user cannot get the dataset corpus (access: registration)."),
        ("Access: anonymous", "Access: private", "An anonymous user cannot get the dataset corpus (access: private)."),
        ("Access: anonymous", "Access: unknown", "Whether an anonymous user can get the dataset corpus is unknown."),
        ("Access: anonymous\n", "", "Whether an anonymous user can get the dataset corpus is unknown."),
        ("CC0-1.0", "CC-BY-NC-4.0", "The dataset corpus is not DFSG-free."),
        ("License: CC0-1.0\n", "", "The licence of the dataset corpus is unknown."),
        ("Completeness: complete", "Completeness: partial", "The training program's completeness is: partial."),
        ("Training-Program-Completeness: complete\n", "", "The training program's completeness is: unknown."),
        ("Training-Program: https://example.org/train", "Training-Program: none", "There is no training program."),
        ("Training-Program: https://example.org/train\n", "", "There is no training program."),
        ("Program-License: MIT", "Program-License: proprietary", "The training program's licence proprietary is not free."),
        ("Training-Program-License: MIT\n", "", "The training program's licence is not known to be free."),
    ],
)
def test_each_condition_that_fails_or_is_unknown_makes_toxic_candy(old: str, new: str, reason: str) -> None:
    verdict = the_model(MODEL.replace(old, new), DATASET.replace(old, new)).computed
    assert verdict.value == "toxic-candy"
    assert verdict.reasons == (reason,)


def test_a_model_without_any_dataset_is_toxic_candy() -> None:
    verdict = the_model(MODEL).computed
    assert verdict.value == "toxic-candy"
    assert verdict.reasons == ("No dataset is named, so that nobody knows what the model was trained with.",)


@pytest.mark.parametrize(
    ("licence", "reason"),
    [
        ("Weights-License: creativeml-openrail-m\n", "is not DFSG-free."),
        ("Weights-License: LicenseRef-acme\n", "is not known to be DFSG-free, and unknown never upgrades."),
        ("", "The weights' licence is not stated, and unknown never upgrades."),
    ],
)
def test_weights_that_are_not_known_to_be_free_make_a_model_non_free(licence: str, reason: str) -> None:
    verdict = the_model(MODEL.replace("Weights-License: Apache-2.0\n", licence), DATASET).computed
    assert verdict.value == "non-free"
    assert verdict.reasons[0].endswith(reason)


def test_a_model_inherits_the_worst_class_of_its_bases_whatever_the_order() -> None:
    derived = MODEL.replace("Model: tiny", "Model: derived\nBase-Model: middle")
    middle = MODEL.replace("Model: tiny", "Model: middle\nBase-Model: tiny, other")
    bad = "Model: other\nWeights-License: CC-BY-NC-4.0"
    data = [DATASET.replace("tiny", name) for name in ("derived", "middle", "tiny")]
    models = {model.name: model for model in metadata_of(parse_dur(FETCH, derived, middle, MODEL, bad, *data)).models}
    assert {name: model.computed.value for name, model in models.items()} == {
        "derived": "non-free", "middle": "non-free", "tiny": "free", "other": "non-free",
    }  # fmt: skip
    assert "The base model middle is of class non-free" in models["derived"].computed.reasons[0]


def test_a_base_model_outside_the_recipe_is_unknown_and_so_not_free() -> None:
    verdict = the_model(MODEL.replace("Model: tiny", "Model: tiny\nBase-Model: acme/large-7b"), DATASET).computed
    assert verdict.value == "toxic-candy"
    assert verdict.reasons == (
        "The base model acme/large-7b is not described in this recipe, so that its data and program are unknown.",
    )


def test_a_loop_of_base_models_ends_with_the_worst_of_it() -> None:
    first = MODEL.replace("Model: tiny", "Model: tiny\nBase-Model: second")
    second = "Model: second\nBase-Model: tiny\nWeights-License: CC-BY-NC-4.0"
    models = metadata_of(parse_dur(FETCH, first, second, DATASET)).models
    assert [model.computed.value for model in models] == ["non-free", "non-free"]


def test_a_model_of_itself_is_an_error() -> None:
    parsed = parse_dur(FETCH, MODEL.replace("Model: tiny", "Model: tiny\nBase-Model: tiny"))
    assert the_finding(parsed, "manifest-base-model").severity is Severity.ERROR


def test_the_recipe_has_the_worst_class_and_must_be_accepted() -> None:
    data = metadata_of(parse_dur(FETCH, MODEL, DATASET, MODEL.replace("tiny", "blind")))
    assert (data.model_class, data.osaid_class, data.category) == ("toxic-candy", "unknown", "model")
    assert data.needs_acceptance


@pytest.mark.parametrize(
    ("old", "new", "value"),
    [
        ("URL: https://example.org/corpus\n", "", "not-compliant"),
        ("URL: https://example.org/corpus\n", "Evidence: the paper's appendix B\n", "compliant"),
        ("Completeness: complete", "Completeness: partial", "not-compliant"),
        ("Program-License: MIT", "Program-License: proprietary", "not-compliant"),
        ("Inference-Program: libtiny\n", "", "unknown"),
        ("Apache-2.0", "CC-BY-NC-4.0", "not-compliant"),
        ("Apache-2.0", "LicenseRef-acme", "unknown"),
        ("Access: anonymous", "Access: private", "compliant"),
    ],
)
def test_osaid_looks_at_data_information_code_and_parameters(old: str, new: str, value: str) -> None:
    assert the_model(MODEL.replace(old, new), DATASET.replace(old, new)).osaid.value == value


def test_a_claim_against_the_facts_is_a_warning_that_says_why() -> None:
    finding = the_finding(parse_dur(FETCH, MODEL + "Claimed-Class: free\n"), "manifest-claimed-class")
    assert (finding.severity, finding.line) == (Severity.WARNING, 10)
    assert "No dataset is named" in finding.remedy


def test_a_claim_that_holds_says_nothing() -> None:
    assert identifiers(parse_dur(FETCH + "\nRole: component\nWrap: m", MODEL + "Claimed-Class: toxic-candy\n")) == set()


def test_toxic_candy_without_a_question_to_the_user_is_a_warning() -> None:
    parsed = parse_dur(FETCH.replace("Acceptance: risk-toxiccandy", "Role: extra"), MODEL)
    assert the_finding(parsed, "manifest-risk").severity is Severity.WARNING


def test_critical_use_of_what_nobody_can_check_is_a_warning() -> None:
    assert "manifest-critical-use" in identifiers(parse_dur(FETCH, MODEL + "Critical-Use: authentication\n"))


@pytest.mark.parametrize(
    ("paragraphs", "identifier", "line"),
    [
        ([MODEL.replace("m.safetensors", "gone.bin")], "manifest-unknown-file", 11),
        ([MODEL, DATASET.replace("For-Model: tiny", "For-Model: tny")], "manifest-unknown-model", 19),
        ([MODEL, DATASET.replace("For-Model: tiny\n", "")], "manifest-missing-field", 18),
        ([MODEL, MODEL], "manifest-duplicate", 18),
        ([MODEL.replace("Model: tiny", "Model: a b")], "manifest-model-name", 10),
        ([MODEL.replace("Model: tiny", "Model: tiny\nBase-Model: ../x")], "manifest-model-name", 11),
        ([MODEL.replace("https://example.org/train", "ftp://x")], "manifest-url", 13),
        ([MODEL, DATASET.replace("anonymous", "public")], "manifest-choice", 20),
        ([MODEL + "Reproducibility: yes\n"], "manifest-choice", 17),
        ([MODEL + "Critical-Use: maybe\n"], "manifest-choice", 17),
        ([MODEL + "Claimed-Class: toxic\n"], "manifest-choice", 17),
    ],
)
def test_broken_models_and_datasets_are_errors_with_their_line(paragraphs: list[str], identifier: str, line: int) -> None:
    finding = the_finding(parse_dur(FETCH, *paragraphs), identifier)
    assert (finding.severity, finding.path, finding.line) == (Severity.ERROR, "debian/dur", line)
