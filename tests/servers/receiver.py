"""A server that receives webhooks on loopback, over plain HTTP or TLS, and answers as a test wishes."""

from __future__ import annotations

import datetime
import ipaddress
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

Answer = Callable[[BaseHTTPRequestHandler], None]


def says(status: int, body: bytes = b"", **headers: str) -> Answer:
    """Return an answer of one piece."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(body)

    return answer


@dataclass
class Receiver:
    """The server: what has come, header and body, and how it answers: the answers in turn, the last one for ever."""

    url: str = ""
    answers: list[Answer] = field(default_factory=lambda: [says(204)])
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    # Handlers that hang wait for it, so that none outlives its test.
    over: threading.Event = field(default_factory=threading.Event)
    trust: ssl.SSLContext | None = None

    def take(self, handler: BaseHTTPRequestHandler) -> None:
        """Keep a request and answer it."""
        body = handler.rfile.read(int(handler.headers["Content-Length"]))
        self.got.append(({name.lower(): value for name, value in handler.headers.items()}, body))
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        answer(handler)


def _serve(receiver: Receiver, tls: ssl.SSLContext | None = None) -> Iterator[Receiver]:
    class Handler(BaseHTTPRequestHandler):
        """Hands everything on."""

        def do_POST(self) -> None:
            receiver.take(self)

        def log_message(self, *_arguments: Any) -> None:
            """Say nothing: pytest's output is no server's log."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    receiver.url = f"{'https' if tls else 'http'}://127.0.0.1:{server.server_address[1]}/in"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield receiver
    receiver.over.set()
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def receiver(settings: Any) -> Iterator[Receiver]:
    """A receiver over plain HTTP, in a network that the operator allows."""
    settings.WEBHOOK_NETWORKS = ["127.0.0.0/8"]
    yield from _serve(Receiver())


@pytest.fixture
def tls_receiver(settings: Any, tmp_path: Path) -> Iterator[Receiver]:
    """A receiver over TLS, whose certificate only the context `trust` accepts."""
    settings.WEBHOOK_NETWORKS = ["127.0.0.0/8"]
    certificate = _certificate(tmp_path)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate)
    yield from _serve(Receiver(trust=ssl.create_default_context(cafile=str(certificate))), tls)


def _certificate(folder: Path) -> Path:
    """Return the file of a new key and its own certificate for 127.0.0.1."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "receiver")])
    now = datetime.datetime.now(datetime.UTC)
    alternative = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    certificate = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1)).add_extension(alternative, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True).sign(key, hashes.SHA256())
    )  # fmt: skip
    path = folder / "receiver.pem"
    plain = serialization.NoEncryption()
    pem = serialization.Encoding.PEM
    path.write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain) + certificate.public_bytes(serialization.Encoding.PEM)
    )
    return path
