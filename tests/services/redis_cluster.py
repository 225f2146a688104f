"""A private Redis Cluster: three primaries, each with a third of the slots, on loopback."""

import os
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from loadtest.ports import free_port
from tests.services.certificate import make_certificate
from tests.services.patience import PATIENCE_S
from tests.services.redis import RedisServer

SHARDS: Final = 3
_SLOTS: Final = 16_384


class ClusterMember(RedisServer):
    """It keeps its node's name and what it knows of the others over a restart, and nothing else."""

    def __init__(self) -> None:
        super().__init__()
        # By default the port for the others is 10,000 higher, where outgoing connections may have it.
        self.bus_port = free_port()

    @property
    def node_id(self) -> str:
        return self.command("CLUSTER", "MYID")

    def info(self) -> dict[str, str]:
        """CLUSTER INFO."""
        return dict(line.split(":", 1) for line in self.command("CLUSTER", "INFO").splitlines())

    def slots(self) -> set[int]:
        """The slots that it has, as it sees it."""
        (line,) = [line for line in self.command("CLUSTER", "NODES").splitlines() if "myself" in line]
        mine: set[int] = set()
        for first, dash, last in (one.partition("-") for one in line.split()[8:]):
            if first.isdecimal():
                mine |= set(range(int(first), int(last if dash else first) + 1))
        return mine

    def meet(self, other: "ClusterMember") -> None:
        self.command("CLUSTER", "MEET", other.host, str(other.port), str(other.bus_port))

    def _argv(self) -> Sequence[str | os.PathLike[str]]:
        return [
            *super()._argv(),
            *("--cluster-enabled", "yes"),
            *("--cluster-port", str(self.bus_port)),
            *("--cluster-node-timeout", "1000"),
            *("--repl-diskless-sync-delay", "0"),
        ]


class LoneMember(ClusterMember):
    """A cluster of one: it has every slot, and speaks TLS too."""

    def __init__(self) -> None:
        super().__init__()
        self.tls_port = free_port()
        make_certificate(self.folder, [self.host])

    @property
    def certificate(self) -> Path:
        return self.folder / "pem"

    def start(self) -> None:
        super().start()
        if not self.slots():
            self.command("CLUSTER", "ADDSLOTSRANGE", "0", str(_SLOTS - 1))

    def _argv(self) -> Sequence[str | os.PathLike[str]]:
        return [
            *super()._argv(),
            *("--tls-port", str(self.tls_port)),
            *("--tls-cluster", "yes"),
            *("--tls-cert-file", str(self.certificate)),
            *("--tls-key-file", str(self.folder / "key")),
            *("--tls-ca-cert-file", str(self.certificate)),
            *("--tls-auth-clients", "no"),
        ]


class RedisCluster:
    """`members[i]` has the i-th third of the slots, until a test moves some. Leaving its context removes it all."""

    def __init__(self) -> None:
        self.members = [ClusterMember() for _ in range(SHARDS)]
        self._stack = ExitStack()

    @property
    def url(self) -> str:
        return f"redis+cluster://{','.join(f'{one.host}:{one.port}' for one in self.members)}"

    def start(self) -> None:
        """Starts those that do not run, and returns when everybody says that all is well."""
        for member in self.members:
            member.start()
        _settle(lambda: all(_is_well(member) for member in self.members))

    def add_replica(self, primary: ClusterMember) -> ClusterMember:
        """A further member, which takes over when `primary` is gone; returns when it could."""
        replica = self._stack.enter_context(ClusterMember())
        replica.start()
        replica.meet(primary)
        _settle(lambda: primary.node_id in replica.command("CLUSTER", "NODES"))
        _settle(lambda: replica.info()["cluster_size"] == str(SHARDS))
        replica.command("CLUSTER", "REPLICATE", primary.node_id)
        _settle(lambda: "master_link_status:up" in replica.command("INFO", "replication"))
        # A member votes for a replica only if it knows it as one.
        name = replica.node_id
        _settle(lambda: all(name in one.command("CLUSTER", "REPLICAS", primary.node_id) for one in self.members))
        return replica

    def move(self, slot: int, to: ClusterMember) -> None:
        """Gives an empty slot to another member, as an operator's tool does."""
        source = next(one for one in self.members if slot in one.slots())
        to.command("CLUSTER", "SETSLOT", str(slot), "IMPORTING", source.node_id)
        source.command("CLUSTER", "SETSLOT", str(slot), "MIGRATING", to.node_id)
        for member in (to, source, *(one for one in self.members if one not in (to, source))):
            member.command("CLUSTER", "SETSLOT", str(slot), "NODE", to.node_id)

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            for member in self.members:
                stack.enter_context(member)
                member.start()
            self._join()
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.__exit__(kind, error, trace)

    def _join(self) -> None:
        first, *others = self.members
        for number, member in enumerate(self.members):
            slots = number * _SLOTS // SHARDS, (number + 1) * _SLOTS // SHARDS - 1
            member.command("CLUSTER", "ADDSLOTSRANGE", *map(str, slots))
            member.command("CLUSTER", "SET-CONFIG-EPOCH", str(number + 1))
        for other in others:
            first.meet(other)
        self.start()


def _is_well(member: ClusterMember) -> bool:
    info = member.info()
    return info["cluster_state"] == "ok" and int(info["cluster_known_nodes"]) >= SHARDS


def _settle(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not is_so():
        assert time.monotonic() < deadline, "the cluster did not come to terms"
        time.sleep(0.05)
