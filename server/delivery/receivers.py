"""Where webhooks may go: what an address on the web must look like, and which addresses of the network are refused.

The name is looked up when the webhook is sent, and the address that was found is checked then: what a name stands for
may change at any time.
"""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Final
from urllib.parse import urlsplit

MAX_URL_CHARS: Final = 2_000
Network = IPv4Network | IPv6Network
_NAT64: Final = IPv6Network("64:ff9b::/96")
_PLAIN: Final = frozenset(chr(code) for code in range(0x21, 0x7F))


def wrong_url(url: str, allowed: Sequence[Network]) -> str | None:
    """Why nothing can be sent there, as a sentence; None: as far as can be said without a look-up, it can."""
    if len(url) > MAX_URL_CHARS or not set(url) <= _PLAIN or "\\" in url:
        return f"The url must be plain ASCII without spaces, of {MAX_URL_CHARS} characters at most."
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        return "The url is none."
    if parts.scheme not in ("https", "http") or not host or port == 0:
        return "The url must begin with https:// and name a host."
    if parts.username is not None or parts.password is not None:
        return "The url must have no user name or password in it: who sends is told by the signature."
    if parts.fragment:
        return "The url must have no fragment (#)."
    if parts.scheme == "http" and not allowed:
        return "The url must begin with https://."
    try:
        address = ip_address(host)
    except ValueError:
        return None
    return None if may_reach(str(address), allowed, only_allowed=parts.scheme == "http") else REFUSED_ADDRESS


REFUSED_ADDRESS: Final = "The url leads into a network to which this server sends nothing."


def may_reach(address: str, allowed: Sequence[Network], *, only_allowed: bool = False) -> bool:
    """Whether webhooks may go to this IP address: it is one of the public Internet, or in a network that the operator
    has allowed (`only_allowed`: in one of those alone, since nothing is encrypted)."""
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    each = _all_of(found)
    if any(one in network for one in each for network in allowed if one.version == network.version):
        return True
    return not only_allowed and all(_is_public(one) for one in each)


def _is_public(address: IPv4Address | IPv6Address) -> bool:
    return address.is_global and not (
        address.is_multicast
        or address.is_reserved
        or address.is_unspecified
        or address.is_loopback
        or address.is_link_local
        or address.is_private
    )


def _all_of(address: IPv4Address | IPv6Address) -> list[IPv4Address | IPv6Address]:
    """The address, or the IPv4 address that it stands for: a gateway or the kernel would take it there."""
    if isinstance(address, IPv4Address):
        return [address]
    if address.ipv4_mapped is not None:
        return [address.ipv4_mapped]
    if address.sixtofour is not None:
        return [address, address.sixtofour]
    if address.teredo is not None:
        return [address, *address.teredo]
    if address in _NAT64:
        return [IPv4Address(int(address) & 0xFFFFFFFF)]
    return [address]
