"""Addresses: which of them a program that outsiders send to addresses may call."""

from __future__ import annotations

import socket
from collections.abc import Iterable, Iterator
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)
from typing import Any

Network = IPv4Network | IPv6Network
Address = IPv4Address | IPv6Address

# Public by their number, private by their use: clouds answer with credentials there.
_METADATA = tuple(ip_network(network) for network in ("168.63.129.16/32", "192.0.0.0/24"))
# IPv6 ranges that carry an IPv4 address in their last four bytes, whoever translates it.
_CARRIES_V4 = tuple(ip_network(one) for one in ("::/96", "64:ff9b::/96", "64:ff9b:1::/48"))


def may_call(address: str, allow: Iterable[Network] = (), *, public: bool = True) -> bool:
    """Whether an address, in digits, is in a network of `allow` or on the open internet.

    An IPv6 address that stands for an IPv4 one is as private as that one.
    """
    try:
        given = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    meant = list(_meant(given))
    if any(one in network for network in allow for one in meant):
        return True
    return public and all(_is_global(one) for one in meant)


def _is_global(address: Address) -> bool:
    return (
        address.is_global
        and not address.is_multicast
        and not (isinstance(address, IPv6Address) and address.is_site_local)
        and not any(address in network for network in _METADATA)
    )


def _meant(address: Address) -> Iterator[Address]:
    """The address a packet would reach, and every address it might be translated to."""
    if isinstance(address, IPv4Address):
        yield address
        return
    inner = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
    if any(address in network for network in _CARRIES_V4) and int(address) > 1:
        inner.append(IPv4Address(int(address) & 0xFFFFFFFF))
    found = [one for one in inner if one is not None]
    if address.ipv4_mapped is None:  # a mapped one reaches the IPv4 address and nothing else
        yield address
    yield from found


class NotAllowed(OSError):
    """The address is not one the hub may call; every one of them reads the same."""

    def __init__(self) -> None:
        super().__init__("not a public address")


def guarded_socket(
    info: tuple[int, int, int, str, tuple[Any, ...]],
    allow: Iterable[Network] = (),
    *,
    public: bool = True,
) -> socket.socket:
    """A socket for an address that is about to be used, or NotAllowed.

    Asked with the very address of the connection: what a name resolved to before, or how the
    address was spelt, does not count. Without `public` only the networks of `allow` will do.
    """
    family, kind, protocol, _, where = info
    if not may_call(str(where[0]), allow, public=public):
        raise NotAllowed
    return socket.socket(family, kind, protocol)
