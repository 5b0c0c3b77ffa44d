"""The base of bookworm that trial builds run in, made once for all tests of a session; and servers to fetch from."""

from __future__ import annotations

import datetime
import ipaddress
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from recipes_app.lint.build import bases
from recipes_app.lint.build.build_room import FOLDER
from recipes_app.lint.build.fetching import Fetcher
from tests.lint.building import none_mounted
from tests.lint.serving import Server, serve


@pytest.fixture
def base(bases_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[bases.Base]:
    """The base of bookworm; no build leaves a mount behind or changes it."""
    monkeypatch.setenv(bases.FOLDER_VARIABLE, str(bases_folder))
    found = bases.current("bookworm")
    yield found
    none_mounted()
    assert list(FOLDER.iterdir()) == []
    assert not (found.root / "build").exists()


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Key and certificate of `localhost`, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1)).not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    path = tmp_path_factory.mktemp("tls") / "localhost.pem"
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path


@pytest.fixture
def server(certificate: Path) -> Iterator[Server]:
    """A server with TLS."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    yield from serve(context)


@pytest.fixture
def mirror() -> Iterator[Server]:
    """An index or mirror of the operator's own, without TLS and on a private address."""
    yield from serve(None)


@pytest.fixture
def fetcher(tmp_path: Path, certificate: Path) -> Fetcher:
    """A fetcher for which 127.0.0.1, and no other address, is public."""
    context = ssl.create_default_context(cafile=str(certificate))
    return Fetcher(tmp_path, is_allowed=lambda each: each == ipaddress.ip_address("127.0.0.1"), tls=context)
