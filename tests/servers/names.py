"""A name server on this machine that answers what a test says, over real UDP."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import dns.message
import dns.rcode
import dns.resolver
import dns.rrset

# Records by name and type, such as ("example.org.", "MX"): "10 mail.example.org."; an empty text: the name is there without any.
Zone = dict[tuple[str, str], str]


@contextmanager
def name_server(zone: Zone, failure: int = 0) -> Iterator[dns.resolver.Resolver]:
    """Answer from `zone`, else NXDOMAIN, or everything with the code `failure`; yield a resolver that asks here."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as door:
        door.bind(("127.0.0.1", 0))
        thread = threading.Thread(target=_serve, args=(door, zone, failure), daemon=True)
        thread.start()
        resolver = dns.resolver.Resolver(configure=False)
        resolver.nameservers, resolver.port = ["127.0.0.1"], door.getsockname()[1]
        yield resolver
        # An empty datagram ends it.
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
            other.sendto(b"", door.getsockname())
        thread.join()


def _serve(door: socket.socket, zone: Zone, failure: int) -> None:
    while True:
        data, client = door.recvfrom(4096)
        if not data:
            return
        query = dns.message.from_wire(data)
        door.sendto(_answer(query, zone, failure).to_wire(), client)


def _answer(query: dns.message.Message, zone: Zone, failure: int) -> dns.message.Message:
    answer, asked = dns.message.make_response(query), query.question[0]
    name, kind = asked.name.to_text().lower(), dns.rdatatype.to_text(asked.rdtype)
    if failure:
        answer.set_rcode(failure)
    elif record := zone.get((name, kind)):
        answer.answer.append(dns.rrset.from_text(name, 60, "IN", kind, record))
    elif not any(known == name for known, _kind in zone):
        answer.set_rcode(dns.rcode.NXDOMAIN)
    return answer
