"""A real OpenID Connect provider on loopback, and a portal that knows it."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.servers.oidc_site.prepare import CLIENT_ID, CLIENT_SECRET
from tests.servers.portal import ROOT, PortalServer, start_portal

_START_SECONDS = 30


@dataclass(frozen=True)
class TwoSites:
    """The portal, and the site whose accounts it takes."""

    portal: PortalServer
    provider_url: str


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError("the other site did not start")


def _environment(data: Path) -> dict[str, str]:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    ours = {key: value for key, value in os.environ.items() if not key.startswith("COV_")}
    return {
        **ours,
        "DJANGO_SETTINGS_MODULE": "tests.servers.oidc_site.settings",
        "OIDC_SITE_DATABASE": str(data / "other.sqlite3"),
        "OIDC_SITE_KEY": pem,
    }


@pytest.fixture(scope="module")
def two_sites() -> Iterator[TwoSites]:
    """The other site and a portal that is configured for it by its environment alone."""
    data = Path(tempfile.mkdtemp(prefix="portal-oidc-"))
    port, environment = _free_port(), _environment(data)
    provider_url = f"http://localhost:{port}"
    (data / "portal").mkdir()
    portal = start_portal(
        data / "portal", OIDC_NAME="Other Site", OIDC_SERVER_URL=provider_url, OIDC_CLIENT_ID=CLIENT_ID, OIDC_SECRET=CLIENT_SECRET
    )
    callback = f"{portal.url}/accounts/oidc/oidc/login/callback/"
    subprocess.run([sys.executable, "-m", "tests.servers.oidc_site.prepare", callback], cwd=ROOT, env=environment, check=True)
    command = [
        sys.executable, "-m", "gunicorn", "django.core.wsgi:get_wsgi_application()", "--bind", f"127.0.0.1:{port}",
        "--worker-class", "gthread", "--threads", "2", "--no-control-socket",
    ]  # fmt: skip
    with (data / "other.log").open("ab") as log:
        provider = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
    try:
        _wait_for(port)
        yield TwoSites(portal, provider_url)
    finally:
        provider.send_signal(signal.SIGTERM)
        provider.wait(_START_SECONDS)
        portal.stop()
        shutil.rmtree(data, ignore_errors=True)
