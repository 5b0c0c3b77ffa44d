from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from kombu import Connection

from recipes_app.limits import LINT_VISIBILITY_SECONDS
from recipes_app.lint.protocol.broker import broker_settings, filesystem_broker


def test_a_message_goes_through_and_is_gone(tmp_path: Path) -> None:
    url, options = filesystem_broker(tmp_path)
    with Connection(url, transport_options=options) as connection:
        # kombu remembers bindings for the whole process, whatever the folder: a name that no other test has.
        queue = connection.SimpleQueue(tmp_path.name)
        queue.put({"job": 1})
        message = queue.get(timeout=2)
        assert message.payload == {"job": 1}
        message.ack()
        queue.close()
    assert list((tmp_path / "messages").iterdir()) == []


def test_a_message_that_is_not_whole_is_not_taken(tmp_path: Path) -> None:
    url, options = filesystem_broker(tmp_path)
    (tmp_path / "messages" / f".1_x.{tmp_path.name}.msg.unfinished").write_text('{"half":')
    with Connection(url, transport_options=options) as connection:
        queue = connection.SimpleQueue(tmp_path.name)
        with pytest.raises(queue.Empty):
            queue.get(timeout=0.5)
        queue.close()


def test_the_environment_names_the_broker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BROKER_URL", raising=False)
    monkeypatch.setenv("PORTAL_DATA", str(tmp_path))
    url, options = filesystem_broker(tmp_path / "broker")
    assert broker_settings() == {"broker_url": url, "broker_transport_options": options}
    monkeypatch.setenv("BROKER_URL", "redis://example.org")
    found = broker_settings()
    redis: Any = found["broker_transport_options"]
    assert found["broker_url"] == "redis://example.org"
    assert redis["visibility_timeout"] == LINT_VISIBILITY_SECONDS
    assert redis["max_retries"] == 1
    # What a runner has taken is not where the portal's workers keep theirs.
    assert redis["unacked_key"].startswith("lint.")


def test_a_runner_without_a_broker_says_what_to_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BROKER_URL", raising=False)
    monkeypatch.delenv("PORTAL_DATA", raising=False)
    with pytest.raises(RuntimeError, match="set BROKER_URL, or PORTAL_DATA"):
        broker_settings()
