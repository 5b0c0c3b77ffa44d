"""What debian/dur adds to a recipe's page: files to fetch, models and their class, variants, terms."""

import pytest

from tests.views.pages import make_page

pytestmark = pytest.mark.django_db
SHA256 = "0123456789abcdef" * 4

MANIFEST = f"""\
Format: 1
Source: hello-dur
Category: model
Suites: bookworm
Keywords: greeting, model
Redistribution: binaries-forbidden
Provenance: ai-assisted

Fetch: weights.safetensors
URL: https://example.org/weights.safetensors
SHA256: {SHA256}
Size: 1048576
Role: component
Wrap: weights
License: Apache-2.0
License-Class: dfsg-free
Acceptance: risk-toxiccandy

Model: greeter
Files: weights.safetensors
Weights-License: Apache-2.0
Training-Program: none
Training-Program-Completeness: none
Claimed-Class: toxic-candy

Dataset: greetings
For-Model: greeter
Access: private
License: LicenseRef-unknown
License-Class: unknown

Variant: native
Profiles: pkg.hello-dur.native
Flags: -march=native -O3
Portability: build-host
"""


@pytest.fixture
def page(client):
    make_page(**{"debian/dur": MANIFEST})
    return client.get("/recipes/hello-dur/").content.decode()


@pytest.mark.parametrize(
    "said",
    [
        "weights.safetensors", SHA256, "1.0", "risk to be accepted", "ToxicCandy model.", "greeter", "Dataset greetings",
        "private", "pkg.hello-dur.native", "build-host", "ai-assisted", "bookworm", "keep what you build", "OSAID 1.0: not open",
    ],
)  # fmt: skip
def test_page_shows_what_the_manifest_says(page, said):
    assert said in page


def test_reasons_of_the_class_are_given(client):
    recipe = make_page(**{"debian/dur": MANIFEST})
    page = client.get("/recipes/hello-dur/").content.decode()
    reasons = recipe.current.data.models[0].computed.reasons
    assert reasons
    assert all(reason in page for reason in reasons)


def test_fetched_file_is_checked_before_the_build(page):
    downloaded = page.index(f"get weights.safetensors 1048576 {SHA256} https://example.org/weights.safetensors")
    assert (
        downloaded
        < page.index("wrapped weights hello-dur_1.0.orig-weights.tar.gz weights.safetensors")
        < page.index("source_package")
    )


def test_variant_has_its_build_command(page):
    assert "DEB_CFLAGS_APPEND=&#x27;-march=native -O3&#x27;" in page
    assert "--build-profiles=pkg.hello-dur.native" in page
    assert "Variant native, version 1.0-1+cdur1.native." in page


def test_acceptance_is_asked_for_before_the_download(page):
    assert "before anything is downloaded" in page
    assert page.index("accept_risk greeter toxic-candy") < page.index("get weights.safetensors")


def test_files_that_fit_no_source_package_have_no_steps(client):
    make_page(**{"debian/dur": MANIFEST.replace("Role: component\nWrap: weights\n", "")})
    page = client.get("/recipes/hello-dur/").content.decode()
    assert "fit no source package" in page
    assert "data-block" not in page
