"""Ranges of network addresses, from which a test may be started."""

from collections.abc import Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Range = IPv4Network | IPv6Network


@lru_cache(maxsize=1_024)
def read_range(text: str) -> Range:
    """A range like `192.0.2.0/24`, or one address. Raises `ValueError`."""
    return ip_network(text.strip())


def is_within(address: str, ranges: Sequence[str]) -> bool:
    """Whether the address lies in one of the ranges. One that can't be read lies in none."""
    found = _read_address(address)
    return found is not None and any(found in read_range(one) for one in ranges)


def _read_address(text: str) -> IPv4Address | IPv6Address | None:
    """IPv4 in the form that IPv6 sockets give it is IPv4."""
    try:
        found = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    mapped = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return mapped or found
