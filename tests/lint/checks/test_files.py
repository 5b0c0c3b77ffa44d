"""Checks of files and models: the cases beside the examples."""

import pytest

from recipes_app.limits import MAX_SCRIPT_LINE
from recipes_app.lint.checks.base import EXAMPLE_DAY, CheckContext
from recipes_app.lint.checks.examples import CONTROL, DUR, RULES
from recipes_app.lint.checks.rules.models import MODEL, WEIGHTS, model_example
from tests.lint.checks.helpers import found

KEY = "-----BEGIN OPENSSH PRIVATE KEY-----\n" + "b3BlbnNzaC1rZXktdjEAAAAABG5vbmU" * 4


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("debian/logo.png", b"no picture"),
        ("debian/a.gif", b"\x89PNG\r\n\x1a\n"),
        ("debian/README.md", b"#!/bin/sh\n"),
        ("debian/hello-dur.service", b"#!/usr/bin/python3\n"),
        ("debian/x.conf", b"a\n\0\n"),
    ],
)
def test_a_content_that_its_name_does_not_tell_is_found(path, content):
    assert len(found({path: content}, "DUR901")) == 1


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("debian/logo.PNG", b"\x89PNG\r\n\x1a\n"),
        ("debian/empty.png", b""),
        ("debian/tests/timer", b"#!/bin/sh\n"),
        ("debian/x.sh", b"#!/bin/sh\n"),
        ("debian/patches/x.patch", b"Author: A\n\0"),
    ],
)
def test_a_content_that_fits_is_not(path, content):
    assert found({path: content}, "DUR901") == []


def test_what_git_does_not_say_is_not_judged():
    assert found({"debian/hello-dur.docs": "README\n"}, "DUR902", CheckContext(now=EXAMPLE_DAY)) == []


@pytest.mark.parametrize(
    "path",
    ["debian/rules~", "debian/.rules.swp", "#x#", "debian/a.orig", "debian/a.rej", "debian/.DS_Store", "debian/x.substvars",
     "debian/hello-dur.postinst.debhelper", "debian/.debhelper/generated/x", ".pc/applied-patches"],
)  # fmt: skip
def test_left_overs_are_found(path):
    assert len(found({path: "x\n"}, "DUR903")) == 1


@pytest.mark.parametrize("path", ["debian/patches/x.orig", "debian/original", "debian/core-utils.install", "debian/backup.sh"])
def test_names_that_only_look_so_are_not(path):
    assert found({path: "x\n"}, "DUR903") == []


@pytest.mark.parametrize(
    ("path", "rules", "number"),
    [
        ("debian/hello-dru.postinst", RULES, 1),
        ("debian/hello-dur.extra.service", RULES, 0),
        ("debian/libhello@VERSION@.install", RULES, 0),
        ("debian/hello-dru.install", RULES + "\n# hello-dru.install is made into another\n", 0),
        ("debian/install", RULES, 0),
        ("debian/extra/hello-dru.install", RULES, 0),
        ("debian/hello-dru.c", RULES, 0),
    ],
)
def test_a_file_for_no_package_is_found_unless_something_names_it(path, rules, number):
    assert len(found({path: "x\n", "debian/rules": rules}, "DUR904")) == number


@pytest.mark.parametrize("path", ["README.rst", "LICENSE", ".gitignore", ".gitlab-ci.yml", "CHANGELOG.md"])
def test_what_may_stand_beside_debian_is_known(path):
    assert found({path: "x\n"}, "DUR905") == []


@pytest.mark.parametrize(
    ("path", "near"),
    [
        ("debian/changlog", "debian/changelog"),
        ("debian/source/lintian-override", "debian/source/lintian-overrides"),
        ("debian/test/control", "debian/tests/"),
        ("debian/patchs/x.patch", "debian/patches/"),
    ],
)
def test_a_misspelt_name_is_found_with_the_right_one(path, near):
    assert [near in finding.message for finding in found({path: "x\n"}, "DUR906")] == [True]


@pytest.mark.parametrize("path", ["debian/hello.c", "debian/docs.txt", "debian/README.md", "debian/local/x", "debian/clean.sh"])
def test_a_name_of_ones_own_is_not(path):
    assert found({path: "x\n"}, "DUR906") == []


@pytest.mark.parametrize("secret", [KEY, "ghp_" + "a1" * 18, "AKIA" + "A1" * 8, "glpat-" + "a1" * 10])
def test_a_secret_is_found_and_not_repeated(secret):
    findings = found({"debian/notes": f"x\n{secret}\n"}, "DUR907")
    assert [finding.line for finding in findings] == [2]
    assert secret[10:30] not in findings[0].message


def test_a_key_that_is_meant_to_be_known_is_no_secret():
    assert found({"debian/boot-snakeoil.key": KEY}, "DUR907") == []


@pytest.mark.parametrize("text", ["-----BEGIN PUBLIC KEY-----", "a PRIVATE KEY----- is meant", "ghp_short", "AKIAmixed123"])
def test_what_only_looks_like_a_secret_is_not(text):
    assert found({"debian/notes": f"{text}\n"}, "DUR907") == []


@pytest.mark.parametrize(("length", "number"), [(MAX_SCRIPT_LINE, 0), (MAX_SCRIPT_LINE + 1, 1)])
def test_a_long_line_is_found_past_the_limit(length, number):
    assert len(found({"debian/postinst": f"#!/bin/sh\n#{'x' * (length - 1)}\n"}, "DUR909")) == number


def test_a_long_line_of_data_is_no_scripts():
    assert found({"debian/data.json": "x" * 5000}, "DUR909") == []


@pytest.mark.parametrize("path", [".envrc", ".vscode/tasks.json", "debian/.gdbinit", ".idea/workspace.xml", "debian/.npmrc"])
def test_what_starts_itself_is_found(path):
    assert len(found({path: "x\n"}, "DUR910")) == 1


@pytest.mark.parametrize(
    ("name", "number"),
    [("m.pt", 1), ("m.PTH", 1), ("m.ckpt.gz", 1), ("pytorch_model-1.bin", 1), ("m.gguf", 0), ("m.onnx", 0)],
)
def test_weights_that_can_run_are_known_by_name(name, number):
    files = model_example(MODEL.replace("tiny.safetensors", name), WEIGHTS.replace("tiny.safetensors", name))
    assert len(found(files, "DUR606")) == number


def test_no_training_program_is_an_answer():
    model = MODEL.replace("https://example.org/tiny-train\nTraining-Program-License: MIT", "none")
    assert found(model_example(model), "DUR601") == []


def test_every_missing_fact_is_named():
    model = "\nModel: tiny\nFiles: tiny.safetensors\n"
    messages = [finding.message for finding in found(model_example(model), "DUR601")]
    assert messages == [
        "tiny does not say Weights-License, Training-Program, Reproducibility, Inference-Program",
        "tiny names no Dataset",
    ]


@pytest.mark.parametrize(
    ("category", "extra", "number"),
    [("variant", "", 1), ("variant", "\nVariant: fast\nFlags: -O3\n", 0), ("trick", "", 0), ("data", "", 0), ("repack", "", 0)],
)
def test_a_category_is_held_against_the_paragraphs(category, extra, number):
    dur = DUR.replace("Category: source", f"Category: {category}") + extra
    assert len(found({"debian/dur": dur}, "DUR118")) == number


def test_a_profile_that_the_control_file_asks_for_changes_something():
    files = {
        "debian/dur": DUR + "\nVariant: small\nProfiles: pkg.hello-dur.small\n",
        "debian/control": CONTROL + "Build-Profiles: <pkg.hello-dur.small>\n",
    }
    assert found(files, "DUR117") == []
