"""A machine of its own: a namespace of processes and one of the network, on a bridge that can lose what is sent."""

import asyncio
import os
import signal
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final, TypeAlias

from loadtest.drill.process import Impossible, Process, StageError, find_program, run_program

Argv: TypeAlias = Sequence[str | os.PathLike[str]]

BRIDGE: Final = "databases"
GATEWAY: Final = "10.0.0.1"
"""The address of the drill itself, with the nodes, on the bridge."""
_SBIN: Final = (Path("/usr/sbin"), Path("/sbin"))
# The first process of a machine takes in whoever loses its parent, so that nobody is left behind as a zombie.
_INIT: Final = "sleep infinity & while :; do wait; done"
_TABLE: Final = f"{BRIDGE}-cut"
_RULES: Final = f"""
table bridge {_TABLE} {{}}
delete table bridge {_TABLE}
table bridge {_TABLE} {{
  set alone {{ type ipv4_addr; }}
  set parted {{ type ipv4_addr; }}
  chain forward {{
    type filter hook forward priority 0; policy accept;
    ip saddr @alone drop
    ip daddr @alone drop
    ip saddr @parted drop
    ip daddr @parted drop
  }}
  chain input {{ type filter hook input priority 0; policy accept; ip saddr @alone drop; }}
  chain output {{ type filter hook output priority 0; policy accept; ip daddr @alone drop; }}
}}
"""


class Bridge:
    """What the machines are connected to. In a network of the drill's own only."""

    def __init__(self) -> None:
        self._ip = find_program("ip", _SBIN)
        self._nft = find_program("nft", _SBIN)

    async def open(self) -> None:
        """Raises `Impossible` where the kernel has no bridges."""
        with suppress(StageError):
            await self.ip("link", "delete", BRIDGE)
        try:
            await self.ip("link", "add", BRIDGE, "type", "bridge")
            await self.ip("address", "add", f"{GATEWAY}/24", "dev", BRIDGE)
            await self.ip("link", "set", BRIDGE, "up")
            await self._rule(_RULES)
        except StageError as error:
            raise Impossible(f"no bridge between machines: {error}") from error

    async def close(self) -> None:
        with suppress(StageError):
            await self.ip("link", "delete", BRIDGE)

    async def cut(self, address: str, *, from_nodes: bool) -> None:
        """From now on nothing arrives that this machine sends to others or they to it; `from_nodes`: neither to nor
        from the nodes."""
        await self._rule(f"add element bridge {_TABLE} {'alone' if from_nodes else 'parted'} {{ {address} }}")

    async def heal(self) -> None:
        """What is sent arrives again, everywhere."""
        await self._rule(f"flush set bridge {_TABLE} alone\nflush set bridge {_TABLE} parted")

    async def ip(self, *arguments: str) -> str:
        return await run_program([self._ip, *arguments], Path.cwd())

    async def _rule(self, rules: str) -> None:
        await run_program([self._nft, rules], Path.cwd())


class Machine:
    """`kill` is a power cut. What it has written stays, and `start` runs all of its programs again."""

    def __init__(self, name: str, address: str, folder: Path, bridge: Bridge) -> None:
        self.name = name
        self.address = address
        self.folder = folder
        self._bridge = bridge
        self._programs: dict[str, tuple[Argv, Mapping[str, str]]] = {}
        self._init = Process(f"{name}-init", _apart(), folder)
        self._running: dict[str, Process] = {}

    def runs(self, name: str, argv: Argv, env: Mapping[str, str]) -> None:
        """From its next start on."""
        self._programs[name] = (argv, env)

    async def start(self) -> None:
        """Its programs may not be ready yet."""
        await self._init.start()
        inside = await self._first_process()
        port = f"to-{self.name}"
        with suppress(StageError):
            await self._bridge.ip("link", "delete", port)
        await self._bridge.ip("link", "add", port, "type", "veth", "peer", "name", "lan", "netns", str(inside))
        await self._bridge.ip("link", "set", port, "master", BRIDGE, "up")
        enter = self._enter(inside)
        for line in ("link set lo up", f"address add {self.address}/24 dev lan", "link set lan up"):
            await run_program([*enter, find_program("ip", _SBIN), *line.split()], self.folder)
        for name in self._programs:
            await self.start_program(name)

    async def start_program(self, name: str) -> None:
        """It may not be ready yet."""
        argv, env = self._programs[name]
        process = Process(f"{self.name}-{name}", [*self._enter(await self._first_process()), *argv], self.folder, env)
        await process.start()
        self._running[name] = process

    async def kill_program(self, name: str) -> None:
        """The machine goes on with all others."""
        await self._running.pop(name).close()

    def _enter(self, inside: int) -> Argv:
        return [find_program("nsenter"), "--target", str(inside), "--net", "--pid", "--mount", "--"]

    async def kill(self) -> None:
        """Every process of it ends at this moment, and its network with them."""
        await self._init.close()
        for process in self._running.values():
            await process.close()
        self._running.clear()

    def freeze(self) -> None:
        """Stops every process of it in the middle of what it does."""
        self._to_all(signal.SIGSTOP)

    def thaw(self) -> None:
        self._to_all(signal.SIGCONT)

    def _to_all(self, number: signal.Signals) -> None:
        network = os.readlink(f"/proc/{_child_of(self._init.pid)}/ns/net")
        for entry in Path("/proc").iterdir():
            with suppress(OSError):
                if entry.name.isdigit() and os.readlink(entry / "ns/net") == network:
                    os.kill(int(entry.name), number)

    async def _first_process(self) -> int:
        """Its id outside. Returns once it is in the namespaces."""
        for _ in range(200):
            with suppress(OSError, IndexError):
                child = _child_of(self._init.pid)
                if os.readlink(f"/proc/{child}/ns/net") != os.readlink("/proc/self/ns/net"):
                    return child
            await asyncio.sleep(0.02)
        raise Impossible(f"no namespace for {self.name}; see {self._init.log}")


def _apart() -> Argv:
    unshare: Argv = [find_program("unshare"), "--net", "--pid", "--fork", "--kill-child", "--mount-proc"]
    return [*unshare, find_program("bash"), "-c", _INIT]


def _child_of(pid: int) -> int:
    return int(Path(f"/proc/{pid}/task/{pid}/children").read_text().split()[0])
