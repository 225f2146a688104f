"""The version that all nodes speak, as this node knows it. A newer kind or field is written only once it has risen."""

import logging
from collections.abc import Callable

from protocol.since import SPEAKS
from storage.fleet import FleetTable, Member, Outdated, Spoken

log = logging.getLogger(__name__)


class Fleet:
    """`version` is at most a few seconds behind the database's. `on_outdated` is called once, if this node was taken
    for dead and the others speak by now what it does not: it must stop."""

    def __init__(self, table: FleetTable, name: str, *, alone: bool, on_outdated: Callable[[], None]) -> None:
        self.version = 1
        self.newest = SPEAKS
        """The most that a living node speaks."""
        self.outdated = False
        self._table = table
        self._member = Member(name, SPEAKS, alone)
        self._on_outdated = on_outdated

    async def join(self) -> None:
        """Before the node serves. Raises `Outdated`."""
        self._note(await self._table.join(self._member))

    async def beat(self) -> None:
        """Gives a sign of life, and learns what the fleet speaks."""
        try:
            self._note(await self._table.beat(self._member))
        except Outdated as error:
            if not self.outdated:
                self.outdated = True
                log.error("This node stops: %s", error)
                self._on_outdated()

    async def leave(self) -> None:
        """The node has stopped in order."""
        await self._table.leave(self._member.name)

    def _note(self, spoken: Spoken) -> None:
        version, self.newest = spoken
        if version > self.version:
            log.info("The servers speak version %d of the log and the wire", version)
        self.version = max(self.version, version)
