"""The broker that needs no server: messages as files. Portal and runner take it from here, so that they mean the same folders.

No Django: the runner configures itself from the environment alone.
"""

from __future__ import annotations

import json
import os
import time
import uuid
from pathlib import Path
from typing import Any

from kombu.transport import TRANSPORT_ALIASES, filesystem

from recipes_app.limits import BROKER_SECONDS, LINT_VISIBILITY_SECONDS

_SCHEME = "recipe-files"
# Where runners put what they have to say. In production no Celery worker reads it (tasks/runner_reports.py).
REPORTS_QUEUE = "reports"
# Redis keeps what was taken and is not finished; a runner's is apart, since it must not see that of the portal.
_RUNNERS_UNACKED = {
    "unacked_key": "lint.unacked", "unacked_index_key": "lint.unacked.index", "unacked_mutex_key": "lint.unacked.mutex",
}  # fmt: skip


class Channel(filesystem.Channel):
    """kombu's channel, but that a message appears under its name only when it is whole.

    kombu writes it in place, and a worker that looks at that moment reads half a message and ends.
    """

    def _put(self, queue: str, payload: dict[str, Any], **_: Any) -> None:  # type: ignore[override]  # classes in the stubs differ
        """Write `payload` as the newest message of `queue`."""
        folder = Path(self.data_folder_out)
        name = f"{round(time.monotonic() * 1000)}_{uuid.uuid4()}.{queue}.msg"
        # What follows the first dot is the queue's name to kombu: this one belongs to none.
        unfinished = folder / f".{name}.unfinished"
        unfinished.write_text(json.dumps(payload), encoding="utf-8")
        unfinished.rename(folder / name)


class Transport(filesystem.Transport):
    """kombu's filesystem transport with the channel above."""

    Channel = Channel


def filesystem_broker(folder: Path) -> tuple[str, dict[str, object]]:
    """Return broker URL and transport options of the broker whose messages lie in `folder`; makes its folders.

    A message that was taken and not finished is forgotten by this transport; the sweep of lint jobs repairs that.
    """
    messages, control = folder / "messages", folder / "control"
    for each in (messages, control):
        each.mkdir(mode=0o700, parents=True, exist_ok=True)
    TRANSPORT_ALIASES[_SCHEME] = f"{__name__}:Transport"
    options: dict[str, object] = {
        "data_folder_in": str(messages),
        "data_folder_out": str(messages),
        "control_folder": str(control),
        "polling_interval": 0.2,
    }
    # kombu warns of a URL without a host; nobody connects to it.
    return f"{_SCHEME}://localhost//", options


def bounded_options(url: str) -> dict[str, object]:
    """Return the transport options with which nobody waits for the broker at `url` for longer than BROKER_SECONDS a try.

    Without `max_retries`, kombu looks for a broker that is away until it is back.
    """
    options: dict[str, object] = {"max_retries": 1, "interval_start": 0, "interval_step": 0.2, "interval_max": 0.2}
    if url.startswith("redis"):
        timeouts = {"socket_connect_timeout": BROKER_SECONDS, "socket_timeout": BROKER_SECONDS}
        return options | timeouts | {"visibility_timeout": LINT_VISIBILITY_SECONDS}
    if url.startswith(("amqp", "pyamqp")):
        return options | {"connect_timeout": BROKER_SECONDS, "write_timeout": BROKER_SECONDS}
    return options


def broker_settings() -> dict[str, object]:
    """Return Celery's broker settings from the environment: BROKER_URL, or PORTAL_DATA for files on this machine.

    Raises RuntimeError where neither is set.
    """
    if url := os.environ.get("BROKER_URL"):
        return {"broker_url": url, "broker_transport_options": bounded_options(url) | _RUNNERS_UNACKED}
    if data := os.environ.get("PORTAL_DATA"):
        url, options = filesystem_broker(Path(data).resolve() / "broker")
        return {"broker_url": url, "broker_transport_options": options}
    raise RuntimeError("the lint runner does not know its broker: set BROKER_URL, or PORTAL_DATA to the portal's data folder")
