from __future__ import annotations

import hashlib
import json

import pytest

from recipes_app.lint.protocol import profile
from recipes_app.lint.protocol.report import Hint, HintSeverity, Outcome, verdict
from recipes_app.lint.source.lintian import tag_facts

# The digest of the table at each version: who changes the table raises the version, or old and new reports would be compared.
DIGESTS = {1: "d4bc668a56c4b893"}


def test_a_changed_table_is_a_new_version() -> None:
    table = json.dumps(sorted(profile.NOT_COUNTED)).encode()
    assert hashlib.sha256(table).hexdigest()[:16] == DIGESTS[profile.VERSION]


@pytest.mark.parametrize("tag", sorted(profile.NOT_COUNTED))
def test_each_reason_is_a_sentence_that_a_page_can_show(tag: str) -> None:
    reason = profile.NOT_COUNTED[tag]
    assert reason.endswith(".")
    assert 20 < len(reason) <= 300


def test_tags_that_cannot_be_overridden_still_count() -> None:
    """lintian shows these always since they are grave: a profile that let one pass would be a hole."""
    assert not tag_facts().durable & profile.NOT_COUNTED.keys()


def test_a_listed_tag_is_shown_and_fails_nothing() -> None:
    hints = tuple(
        profile.apply_profile(
            [
                Hint(HintSeverity.ERROR, "no-human-maintainers", "src:hello"),
                Hint(HintSeverity.WARNING, "bad-homepage", "src:hello"),
            ]
        )
    )
    assert [bool(hint.reason) for hint in hints] == [True, False]
    assert verdict(hints) is Outcome.PASSED


def test_a_tag_that_is_not_listed_fails() -> None:
    hints = tuple(profile.apply_profile([Hint(HintSeverity.ERROR, "alien-tag", "src:hello")]))
    assert verdict(hints) is Outcome.FAILED
