"""What the checks know of the archive is worked out as apt would install, from indexes as Debian writes them."""

import pytest

from devtools.archive_facts import Suite, common_weights, component_lines, heavy, read_package
from recipes_app.lint.checks.archive_facts import COMPONENTS_FILE, WEIGHTS_FILE, components, weights

INDEX = {
    "main": """\
Package: base
Priority: required
Installed-Size: 500000

Package: task-xfce-desktop
Installed-Size: 10
Depends: desktop
Recommends: viewer

Package: desktop
Installed-Size: 300000

Package: viewer
Installed-Size: 300000

Package: small
Installed-Size: 100
Pre-Depends: base (>= 1) [amd64]
Depends: absent | large:any (>= 2), viewer
Recommends: huge, app
Provides: tiny (= 1), name-of-both

Package: large
Installed-Size: 200000
Depends: virtual

Package: provider
Installed-Size: 50000
Provides: virtual

Package: huge
Installed-Size: 900000
Description: a body that names Depends
 Depends: small

Package: app
Installed-Size: 10
Depends: desktop
""",
    "contrib": "Package: installer\nInstalled-Size: 1\nDepends: driver, small\n\nPackage: name-of-both\nInstalled-Size: 1\n",
    "non-free": "Package: driver\nInstalled-Size: 1\n",
    "non-free-firmware": "Package: blob\nInstalled-Size: 1\n",
}


@pytest.fixture
def suite():
    found = Suite()
    for component, text in INDEX.items():
        for paragraph in text.split("\n\n"):
            found.add(read_package(paragraph, component))
    return found


def test_a_closure_takes_the_first_alternative_that_is_there_and_a_provider(suite):
    assert suite.closure(["small"], {"base", "viewer"}) == {"small", "large", "provider"}
    assert suite.closure(["small"], {"base", "viewer"}, recommends=True) >= {"huge", "app", "desktop"}


def test_what_a_desktop_has_weighs_nothing(suite):
    found = heavy(suite)
    assert found["small"] == (100 + 200_000 + 50_000) * 1024 // 10**6
    assert (found["app"], found["viewer"], found["provider"]) == (0, 0, 0)


def test_the_lower_weight_counts_and_a_package_that_is_light_somewhere_has_none(suite):
    two = [{"huge": 900, "small": 200}, {"huge": 800, "small": 0}]
    assert common_weights(two, [suite]) == {"huge": 800}


def test_a_package_that_nobody_names_is_listed_only_where_it_is_very_heavy(suite):
    assert common_weights([{"provider": 300, "base-2": 1500}], [suite]) == {"base-2": 1500}


def test_components_are_those_of_all_that_has_to_be_installed(suite):
    assert sorted(component_lines("trixie", suite)) == ["driver trixie non-free\n", "installer trixie contrib non-free\n"]


def test_an_empty_paragraph_is_no_package():
    assert read_package("", "main") is None


def test_the_tables_in_the_checkout_can_be_read():
    assert len(weights()) == sum(not line.startswith("#") for line in WEIGHTS_FILE.read_text().splitlines()) > 1_000
    assert min(weights().values()) > 100
    rows = [line.split() for line in COMPONENTS_FILE.read_text().splitlines() if not line.startswith("#")]
    assert {suite for _, suite, *_ in rows} == {"bookworm", "trixie"}
    assert all(components(name, (suite,)) == tuple(needed) for name, suite, *needed in rows)
