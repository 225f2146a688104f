"""A network of the drill's own: a namespace with nothing but its loopback, in which packets are lost for real.

A packet that is dropped here is told to nobody. Both kernels send it again and wait longer each time, as they do when a
cable is cut; a proxy that falls silent cannot do that, since the kernel beside it still acknowledges. So that one node
can be cut off and the others not, everything has one address for each node that uses it.
"""

import asyncio
import ctypes
import fcntl
import re
import shutil
import socket
import struct
from collections.abc import Sequence
from pathlib import Path
from typing import Final, Self

from loadtest.drill.process import HOST, Impossible, run_program

DATABASE, RELAY, NODE, BALANCER = 1, 2, 3, 4
"""What is reached at the addresses 127.0.DATABASE.n and so on, by or at node n."""

_NEW_NETWORK: Final = 0x4000_0000
_GET_FLAGS, _SET_FLAGS, _UP = 0x8913, 0x8914, 1
_FLAGS: Final = "16sh14x"
_SBIN: Final = (Path("/usr/sbin"), Path("/sbin"))
_TABLE: Final = "drill"
# At the input: there a packet has left its sender, who cannot know that it does not arrive.
_RULES: Final = f"""
table inet {_TABLE} {{
  counter lost {{}}
  set deaf {{ type ipv4_addr; }}
  set mute {{ type ipv4_addr; }}
  set lossy {{ type ipv4_addr; }}
  chain input {{
    type filter hook input priority 0; policy accept;
    ip daddr @deaf counter name lost drop
    ip saddr @mute counter name lost drop
    ip daddr @lossy numgen random mod 100 < 20 counter name lost drop
    ip saddr @lossy numgen random mod 100 < 20 counter name lost drop
  }}
}}
"""
_LOST: Final = re.compile(r"packets (\d+)")


def address_of(what: int, node: str) -> str:
    """The address at which `node` (`node-1`, …) reaches `DATABASE` or `RELAY`, or at which it is reached (`NODE`)."""
    return f"127.0.{what}.{int(node.rpartition('-')[2])}"


class Namespace:
    """See above. Whatever this process starts after `enter` lives in it."""

    def __init__(self, nft: Path, ss: Path) -> None:
        self._nft = nft
        self._ss = ss
        self._broken: dict[str, tuple[list[str], int]] = {}

    @classmethod
    def enter(cls) -> Self:
        """Moves this process into a new one, before it has any thread or socket. Raises `Impossible`, and changes
        nothing then."""
        nft, ss = _program("nft", "nftables"), _program("ss", "iproute2")
        unshare = getattr(ctypes.CDLL(None, use_errno=True), "unshare", None)
        if unshare is None or unshare(_NEW_NETWORK) != 0:
            raise Impossible("a network of its own needs root")
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
            flags = fcntl.ioctl(any_socket, _GET_FLAGS, struct.pack(_FLAGS, b"lo", 0))
            fcntl.ioctl(any_socket, _SET_FLAGS, struct.pack(_FLAGS, b"lo", struct.unpack(_FLAGS, flags)[1] | _UP))
        return cls(nft, ss)

    async def open(self) -> None:
        """Raises `StageError` where the kernel does not take the rules."""
        await self._rule(_RULES)

    def hosts(self, what: int, nodes: Sequence[str]) -> list[str]:
        """Where something must listen that everybody reaches at an address of their own."""
        return [HOST, *(address_of(what, node) for node in nodes)]

    async def cut(self, address: str, *, only_answers: bool = False) -> None:
        """From now on nothing arrives that is sent to or from there; with `only_answers` nothing sent from there."""
        await self._lose(address, ["mute"] if only_answers else ["deaf", "mute"])

    async def lose_some(self, address: str) -> None:
        """From now on every fifth packet to and from there is lost."""
        await self._lose(address, ["lossy"])

    async def heal(self, address: str) -> int:
        """What is sent to and from there arrives again. How many packets were lost meanwhile, all over the network."""
        sets, lost_before = self._broken.pop(address)
        await self._rule("".join(f"delete element inet {_TABLE} {name} {{ {address} }}\n" for name in sets))
        return await self._lost() - lost_before

    async def _lose(self, address: str, sets: list[str]) -> None:
        self._broken[address] = sets, await self._lost()
        await self._rule("".join(f"add element inet {_TABLE} {name} {{ {address} }}\n" for name in sets))

    async def _lost(self) -> int:
        found = _LOST.search(await self._rule(f"list counter inet {_TABLE} lost"))
        return int(found[1]) if found else 0

    async def abandon(self, address: str) -> None:
        """Whoever is connected to that address gives up waiting, as their kernel does in the end. Its kernel is not
        told while it is cut off."""
        await run_program([self._ss, "--kill", "dst", address], Path.cwd())

    async def balance(self, port: int, targets: Sequence[tuple[str, int]]) -> str:
        """The kernel's own load balancer, on that port; its address. Each connection goes to the next of `targets`,
        which costs this process neither time nor sockets."""
        address = f"127.0.{BALANCER}.1"
        ways = ", ".join(f"{number} : {host} . {its_port}" for number, (host, its_port) in enumerate(targets))
        await self._rule(
            f"table ip {_TABLE}-balancer {{}}\ndelete table ip {_TABLE}-balancer\n"
            f"table ip {_TABLE}-balancer {{\n"
            "  chain output {\n"
            "    type nat hook output priority -100; policy accept;\n"
            f"    ip daddr {address} tcp dport {port} dnat ip to numgen inc mod {len(targets)} map {{ {ways} }}\n"
            "  }\n}\n"
        )
        return f"http://{address}:{port}"

    async def _rule(self, rules: str) -> str:
        child = await asyncio.create_subprocess_exec(
            self._nft,
            "-f",
            "-",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        output, _ = await child.communicate(rules.encode())
        if child.returncode != 0:
            raise Impossible(f"nft says: {output.decode('utf-8', 'replace').strip()}")
        return output.decode("utf-8", "replace")


def _program(name: str, package: str) -> Path:
    found = shutil.which(name) or next((str(folder / name) for folder in _SBIN if (folder / name).is_file()), None)
    if found is None:
        raise Impossible(f"{name} is not installed (on Debian: apt-get install {package})")
    return Path(found)
