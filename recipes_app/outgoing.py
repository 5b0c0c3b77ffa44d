"""Requests to addresses that other people wrote: only to the Internet, and only to the very address that was looked at.

A URL of a recipe or of a webhook is hostile input: it may name a machine behind the firewall, and so may the answer of a name
server, a second time that it is asked. So a name is resolved once, every address of it must be allowed, the connection goes to
the one that was looked at, and the certificate is checked by the host's name. No redirect is followed here. No Django.
"""

from __future__ import annotations

import contextlib
import ipaddress
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from http.client import HTTPException
from urllib.parse import SplitResult, urlsplit

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.util.ssl_match_hostname import CertificateError

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

# RFC 6052: behind a NAT64 gateway, an IPv4 address stands in the last four bytes.
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
# IANA's registry: global unicast addresses are given out of this block alone. Python's own table calls the rest global, too, and
# does not know the newer block for documentation (RFC 9637).
_GLOBAL_UNICAST = ipaddress.IPv6Network("2000::/3")
_DOCUMENTATION = ipaddress.IPv6Network("3fff::/20")


class NotAllowed(Exception):
    """The host is at an address that must not be reached from here; the text says which."""


def is_public(address: Address) -> bool:
    """Whether an address is one that the whole Internet reaches, and so no machine of the operator's own.

    An IPv6 address that stands for IPv4 ones (mapped, 6to4, Teredo, NAT64) is as public as those are.
    """
    if isinstance(address, ipaddress.IPv6Address):
        inner = _embedded(address)
        if inner:
            return all(is_public(each) for each in inner)
        if address not in _GLOBAL_UNICAST or address in _DOCUMENTATION:
            return False
    return address.is_global and not address.is_multicast


def _embedded(address: ipaddress.IPv6Address) -> list[ipaddress.IPv4Address]:
    """Return the IPv4 addresses that `address` leads to."""
    if address in _NAT64:
        return [ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)]
    teredo = address.teredo or ()
    return [each for each in (address.ipv4_mapped, address.sixtofour, *teredo) if each is not None]


def resolve(host: str, port: int, is_allowed: Callable[[Address], bool] = is_public) -> str:
    """Return an address of `host`, all of which are allowed. Raises NotAllowed, and OSError where the name leads nowhere."""
    try:
        found = [str(entry[4][0]) for entry in socket.getaddrinfo(host, port, proto=socket.IPPROTO_TCP)]
    except UnicodeError as error:
        raise OSError(f"{host[:80]!r} is no name of a host") from error
    for each in found:
        if not is_allowed(ipaddress.ip_address(each.partition("%")[0])):
            raise NotAllowed(f"{host} is at {each}, which is no public address")
    return found[0]


@dataclass(frozen=True)
class Patience:
    """How long a server is waited for: for its connection, for the next bytes of its answer, and for all of it."""

    connect_seconds: float
    read_seconds: float
    wall_seconds: float


@contextlib.contextmanager
def request(
    method: str,
    url: str,
    address: str,
    patience: Patience,
    headers: Mapping[str, str],
    *,
    body: bytes | None = None,
    tls: ssl.SSLContext | None = None,
) -> Iterator[urllib3.BaseHTTPResponse]:
    """Yield the answer of the server that `url` names at `address`, its body not read; a redirect is an answer like any other.

    The connection is cut at the end of `patience`, however slowly bytes still come. Raises urllib3's HTTPError and OSError, also
    while the caller reads.
    """
    parts = urlsplit(url)
    connection = _connection(parts, address, patience, tls)
    guard = threading.Timer(patience.wall_seconds, _cut, [connection])
    guard.daemon = True
    guard.start()
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        try:
            connection.connect()
            connection.timeout = patience.read_seconds
            connection.request(method, target, body=body, headers={**headers, "Host": parts.netloc}, preload_content=False)
            response = connection.getresponse()
        except (CertificateError, ssl.SSLError) as error:
            raise urllib3.exceptions.SSLError(str(error)) from error
        except HTTPException as error:
            raise urllib3.exceptions.ProtocolError(f"no answer in HTTP: {type(error).__name__}") from error
        yield response
    finally:
        guard.cancel()
        connection.close()


def _connection(parts: SplitResult, address: str, patience: Patience, tls: ssl.SSLContext | None) -> HTTPConnection:
    if parts.scheme != "https":
        return HTTPConnection(address, parts.port or 80, timeout=patience.connect_seconds)
    return HTTPSConnection(
        address,
        parts.port or 443,
        timeout=patience.connect_seconds,
        server_hostname=parts.hostname,
        assert_hostname=parts.hostname,
        ssl_context=tls or ssl.create_default_context(),
        cert_reqs="CERT_REQUIRED",
    )


def _cut(connection: HTTPConnection) -> None:
    """End the connection under whoever waits for it; the socket's own call, since TLS would say goodbye first."""
    if connection.sock is not None:
        with contextlib.suppress(OSError):
            socket.socket.shutdown(connection.sock, socket.SHUT_RDWR)
