"""Moves old logs into archives by the rules of each organisation, where an operator has set a folder for them: on one
node at a time, one archive in a look, and never while somebody waits for an answer."""

import asyncio
import logging
from typing import TYPE_CHECKING, Final

from protocol.rules.retention import Retention
from server.eraser import MAY_NOT, eraser_of
from storage.archives import folder
from storage.archives.choosing import Choosing, Old
from storage.archives.dropping import Dropper
from storage.archives.faults import BadArchive
from storage.archives.forms import load_form
from storage.archives.moving import MOST, Mover
from storage.archives.names import Form
from storage.audit import BY_RULE
from storage.database import Database
from storage.errors import NotAllowed

if TYPE_CHECKING:
    from pathlib import Path

    from server.node import Node

log = logging.getLogger(__name__)

_WAIT_S: Final = 0.1


class Archivist:
    """Every node has one; the one whose name comes first is at work."""

    def __init__(self, node: "Node", where: "Path | None", form: Form) -> None:
        self._node = node
        self._folder = where
        self._form = form
        if where is not None:
            load_form(form)
        self._choosing = Choosing(node.database)
        self._rules = node.retention
        self._after: dict[str, Old] = {}
        """The last attempt that was looked at, by organisation: what can't go does not hold up what comes after it."""

    async def look(self) -> None:
        """Makes an archive where there is something for it, and deletes one that is old enough."""
        node, where = self._node, self._folder
        if where is None or min(await node.nodes.living(), default=node.name) != node.name:
            return
        rules = await self._rules.in_force()
        # `prune` of the housekeeping says so.
        if not rules or await node.ages.look(node.clock.now_ms()) is not None:
            return
        try:
            async with eraser_of(node.settings, node.database) as database:
                with folder.locked(where):
                    await self._work(database, where, rules)
        except folder.InUse:
            # A command is at work there.
            return
        except NotAllowed:
            log.error("Old logs stay: %s", MAY_NOT)
        except BadArchive as error:
            log.error("Old logs stay: %s", error)
        except OSError as error:
            log.error("Old logs cannot be archived in %s: %s", where, error.strerror)

    async def _work(self, database: Database, where: "Path", rules: dict[str, Retention]) -> None:
        now_ms = self._node.clock.now_ms()
        mover, dropper = Mover(database, where, BY_RULE, self._form), Dropper(database, where, BY_RULE)
        for moved in await mover.finish_all(None, now_ms, self._calm):
            for name, why in moved.unreadable.items():
                log.error("The archive %s can't be finished, and stays as it is: %s", name, why)
        await dropper.finish()
        for org_id, rule in sorted(rules.items()):
            before_ms, made_before_ms = rule.archive_before_ms(now_ms), rule.drop_before_ms(now_ms)
            if before_ms is not None and await self._archive(mover, org_id, before_ms, now_ms):
                return
            if made_before_ms is not None:
                for name in await dropper.drop(org_id, made_before_ms, now_ms, 1):
                    log.info("The archive %s was deleted, as its organisation's rule says", name)
                    return

    async def _archive(self, mover: Mover, org_id: str, before_ms: int, now_ms: int) -> bool:
        """Whether there was something to move."""
        chosen = await self._choosing.old(org_id, before_ms, MOST, self._after.get(org_id))
        if not chosen:
            # From the beginning again, the next time.
            self._after.pop(org_id, None)
            return False
        await self._calm()
        lacking = [one.attempt_id for one in chosen if one.lacks_course]
        if lacking:
            await self._node.course_keeper.fold(lacking)
        moved, self._after[org_id] = await mover.move(org_id, chosen, before_ms, now_ms, self._calm)
        if moved is None:
            return False
        for attempt_id, why in moved.left.items():
            log.warning("Attempt %s: its log stays out of the archive (%s)", attempt_id, why)
        if moved.archive is not None:
            log.info("%d logs went into the archive %s", moved.attempts, moved.archive)
        return True

    async def _calm(self) -> None:
        """Returns when nobody waits for an answer."""
        journal = self._node.journal
        while journal.queued + journal.untold > 0 or self._node.capacity.busy:  # noqa: ASYNC110 (nobody tells)
            await asyncio.sleep(_WAIT_S)
