"""A web server on loopback that behaves as it is told: right, wrong, short, endless, gone, elsewhere."""

from __future__ import annotations

import json
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar
from urllib.parse import urlsplit

RIGHT = b"what the recipe pins\n" * 200


@dataclass
class Site:
    """What the server gives: a way to behave for each path, `gone` for every other. `asked` are the paths in order."""

    ways: dict[str, str | bytes] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    url: str = ""
    # How many bytes of an endless answer went out.
    sent: int = 0


@contextmanager
def serve(site: Site, certificate: Path | None = None) -> Iterator[Site]:
    """Serve `site` on a free port, with TLS where a certificate is given; its `url` is set meanwhile."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"site": site}))
    server.daemon_threads = True
    scheme = "http"
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        scheme = "https"
    site.url = f"{scheme}://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def make_certificate(folder: Path) -> Path:
    """Make a key and a certificate for 127.0.0.1 in one file; a client trusts it that is given the same file."""
    path = folder / "certificate.pem"
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-noenc", "-days", "2"]
    names = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    subprocess.run([*command, *names, "-keyout", str(path), "-out", str(folder / "only.pem")], check=True, capture_output=True)
    path.write_bytes(path.read_bytes() + (folder / "only.pem").read_bytes())
    return path


class _Handler(BaseHTTPRequestHandler):
    """Answers by the ways of the site that it is made for."""

    site: ClassVar[Site]

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        self.site.asked.append(path)
        way = self.site.ways.get(path, "gone")
        if isinstance(way, bytes):
            self._whole(way)
        else:
            getattr(self, f"_{way}")()

    def _whole(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _right(self) -> None:
        self._whole(RIGHT)

    def _other(self) -> None:
        self._whole(RIGHT[::-1])

    def _longer(self) -> None:
        self._whole(RIGHT + b"x")

    def _nothing(self) -> None:
        self._whole(b"")

    def _short(self) -> None:
        """Promise everything, and hang up after a half."""
        self.send_response(200)
        self.send_header("Content-Length", str(len(RIGHT)))
        self.end_headers()
        self.wfile.write(RIGHT[: len(RIGHT) // 2])

    def _endless(self) -> None:
        self.send_response(200)
        self.end_headers()
        try:
            while True:
                self.site.sent += self.wfile.write(b"x" * 65_536)
        except OSError:
            return

    def _gone(self) -> None:
        self.send_error(404)

    def _local_file(self) -> None:
        """Send the client to a file of its own machine."""
        self.send_response(302)
        self.send_header("Location", "file:///etc/passwd")
        self.end_headers()

    def _index(self) -> None:
        """A project's page of a simple index (PEP 691), whose one file lies at a path of this server."""
        files = [{"filename": "thing-1.0.tar.gz", "url": f"{self.site.url}/files/thing-1.0.tar.gz", "hashes": {}}]
        self._whole(json.dumps({"meta": {"api-version": "1.0"}, "name": "thing", "files": files}).encode())

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name in the base class
        """Say nothing."""
