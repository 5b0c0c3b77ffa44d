"""The fields of debian/dur: which paragraph has which, what each may say, and the nearest known one for what is unknown."""

from __future__ import annotations

from difflib import get_close_matches
from typing import NamedTuple

from .bounds import MAX_SUGGESTED_LENGTH
from .deb822 import Paragraph
from .report import Report, quoted
from .vocabulary import AcceptanceKind, Authorship, Category, LicenceClass, ModelVerdict, Redistribution


class FieldRule(NamedTuple):
    """Whether a field must be there, and the only values that it may have; none are named for free text."""

    choices: tuple[str, ...] = ()
    required: bool = False


FREE_TEXT = FieldRule()
REQUIRED = FieldRule(required=True)

HEADER = {
    "Format": FieldRule(("1",), required=True),
    "Source": REQUIRED,
    "Category": FieldRule(tuple(Category)),
    "Suites": FREE_TEXT,
    "Components": FREE_TEXT,
    "Keywords": FREE_TEXT,
    "Redistribution": FieldRule(tuple(each for each in Redistribution if each != Redistribution.UNKNOWN)),
    "Variant-Of": FREE_TEXT,
    "Provenance": FieldRule(tuple(Authorship)),
}
FETCH = {
    "Fetch": REQUIRED,
    "URL": REQUIRED,
    "SHA256": FREE_TEXT,
    "Size": FREE_TEXT,
    "Role": FieldRule(("orig", "component", "dsc", "extra")),
    "Wrap": FREE_TEXT,
    "Arch": FREE_TEXT,
    "License": FREE_TEXT,
    "License-Class": FieldRule(tuple(LicenceClass)),
    "License-URL": FREE_TEXT,
    "License-SHA256": FREE_TEXT,
    "License-File": FREE_TEXT,
    "Acceptance": FieldRule(tuple(AcceptanceKind)),
}
MODEL = {
    "Model": REQUIRED,
    "Files": FREE_TEXT,
    "Base-Model": FREE_TEXT,
    "Weights-License": FREE_TEXT,
    "Format": FREE_TEXT,
    "Training-Program": FREE_TEXT,
    "Training-Program-License": FREE_TEXT,
    "Training-Program-Completeness": FieldRule(("complete", "partial", "none", "unknown")),
    "Inference-Program": FREE_TEXT,
    "Reproducibility": FieldRule(("bitwise", "numerical", "not-attempted", "impossible")),
    "Critical-Use": FieldRule(("no", "authentication", "execution", "actuation")),
    "Claimed-Class": FieldRule(tuple(ModelVerdict)),
}
DATASET = {
    "Dataset": REQUIRED,
    "For-Model": REQUIRED,
    "Access": FieldRule(("anonymous", "registration", "private", "unknown")),
    "License": FREE_TEXT,
    "License-Class": FieldRule(tuple(LicenceClass)),
    "URL": FREE_TEXT,
    "Evidence": FREE_TEXT,
}
VARIANT = {
    "Variant": REQUIRED,
    "Default": FieldRule(("yes", "no")),
    "Profiles": FREE_TEXT,
    "Flags": FREE_TEXT,
    "Portability": FREE_TEXT,
    "Build-Depends-Extra": FREE_TEXT,
    "Requires-Hardware": FREE_TEXT,
    "License-Effect": FieldRule(("none", "nonfree")),
    "Benchmark": FREE_TEXT,
}
# The kinds of paragraph behind the header, by the field that makes a paragraph one of them.
KINDS = {"Fetch": FETCH, "Model": MODEL, "Dataset": DATASET, "Variant": VARIANT}


def check_fields(paragraph: Paragraph, rules: dict[str, FieldRule], report: Report) -> None:
    """Record an error for each unknown or empty field, each missing one and each value outside its choices."""
    names = {name.lower(): name for name in rules}
    for key, field in paragraph.fields.items():
        if key.startswith("x-"):
            continue
        if key not in names:
            _unknown_field(field.name, field.line, tuple(rules), report)
        elif not field.value:
            report.error("manifest-empty-field", field.line, f"{field.name} is empty", "give it a value or remove the field")
        elif (choices := rules[names[key]].choices) and field.value not in choices:
            message = f"{field.name}: {quoted(field.value)} was found, expected {' | '.join(choices)}"
            report.error("manifest-choice", field.line, message, "write one of these words, in lower case")
    for name, rule in rules.items():
        if rule.required and paragraph.get(name) is None:
            message = f"the paragraph has no {name}, which is required"
            report.error("manifest-missing-field", paragraph.line, message, f"add a line `{name}: …`")


def choice(paragraph: Paragraph, name: str, rules: dict[str, FieldRule], default: str) -> str:
    """Return the value of field `name` where it is one of its choices, and `default` otherwise."""
    value = paragraph.value(name)
    return value if value in rules[name].choices else default


def _unknown_field(name: str, line: int, known: tuple[str, ...], report: Report) -> None:
    """Record an unknown field, with the most similar known one; a similarity is looked for only while it will be shown."""
    close: list[str] = []
    if not report.full and len(name) <= MAX_SUGGESTED_LENGTH:
        by_lower = {each.lower(): each for each in known}
        close = [by_lower[each] for each in get_close_matches(name.lower(), by_lower, n=1, cutoff=0.6)]
    hint = f"did you mean {close[0]}?" if close else f"known here: {', '.join(known)}; a private field starts with X-"
    report.error("manifest-unknown-field", line, f"unknown field {quoted(name)}", hint)
