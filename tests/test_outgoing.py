"""Requests to addresses that others wrote: which of them are public, and that every address of a name is looked at."""

from __future__ import annotations

import ipaddress
import socket

import pytest

from recipes_app import outgoing

INSIDE = (
    "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
    "255.255.255.255", "::1", "::", "fe80::1", "fc00::1", "ff02::1",
    "::ffff:127.0.0.1", "::ffff:10.0.0.1",  # mapped
    "2002:7f00:1::", "2002:a00:1::1",  # 6to4 of 127.0.0.1 and 10.0.0.1
    "2001:0:5ef5:79fb:0:0:f5ff:fffe",  # Teredo of a client at 10.0.0.1
    "2001:0:a00:1:0:0:f7f7:f7f7",  # Teredo with a server at 10.0.0.1
    "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe",  # NAT64 of 127.0.0.1 and 169.254.169.254
    "64:ff9b:1::1",  # NAT64 of a network's own
    "::127.0.0.1", "::ffff:0:127.0.0.1",  # IPv4-compatible, and translated (SIIT)
    "fec0::1", "5f00::1", "3fff::1", "4000::1",  # site-local, segment routing, documentation, not given out
)  # fmt: skip
OUTSIDE = ("8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808")


@pytest.mark.parametrize("address", INSIDE)
def test_no_address_of_somebodys_own_network_is_public(address):
    assert not outgoing.is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", OUTSIDE)
def test_addresses_of_the_internet_are_public(address):
    assert outgoing.is_public(ipaddress.ip_address(address))


def answers(monkeypatch, *addresses):
    """Let every name lead to `addresses`, as a hostile name server does."""
    found = [(socket.AF_INET6 if ":" in each else socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, 443)) for each in addresses]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_arguments, **_options: found)


def test_a_name_that_is_public_and_private_at_once_is_refused(monkeypatch):
    answers(monkeypatch, "8.8.8.8", "10.0.0.1")
    with pytest.raises(outgoing.NotAllowed, match=r"hooks\.example\.org is at 10\.0\.0\.1"):
        outgoing.resolve("hooks.example.org", 443)


def test_a_public_name_gives_the_address_that_was_looked_at(monkeypatch):
    answers(monkeypatch, "8.8.8.8", "2606:4700::1111")
    assert outgoing.resolve("hooks.example.org", 443) == "8.8.8.8"


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1", "2130706433", "0x7f.1", "fe80::1%lo"])
def test_every_spelling_of_this_machine_is_refused(host):
    with pytest.raises((outgoing.NotAllowed, OSError)):
        outgoing.resolve(host, 443)


def test_what_cannot_be_a_name_is_an_error_of_the_network():
    with pytest.raises(OSError, match="no name of a host"):
        outgoing.resolve("a" * 64 + ".example.org", 443)
