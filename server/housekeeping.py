"""What a node does by the clock."""

import logging
from typing import TYPE_CHECKING, Final

from server.ages import DO
from server.analysis.live import EVERY_S as ANALYTICS_EVERY_S
from server.attempts.newer import Outgrown
from server.heads.signed import of_audit
from server.health import LOOK_EVERY_S
from server.pacing.loop_lag import LoopLag
from server.pacing.loops import Loops
from server.pacing.pieces import pieces

if TYPE_CHECKING:
    from server.node import Node

log = logging.getLogger(__name__)

_POSITIONS_EVERY_S: Final = 3.0
_CATCH_UP_EVERY_S: Final = 3.0
"""The interval of the look for rows that lag the log. Two of them and a flush take less than ten seconds."""
_CLOCK_EVERY_S: Final = 10.0
_MOST_OFF_MS: Final = 1_000
"""A clock that is further off than this is logged: the machine was frozen, or the database's clock was set. The node
stays ready: if the database's clock was set, every node is off, and nobody would be served."""
_REVOCATIONS_EVERY_S: Final = 5.0
_AUDIT_OVERLAP_MS: Final = 60_000
"""An entry of an audit log is found although its transaction took so long."""
_ERASURES_EVERY_S: Final = 5.0
_KEYS_EVERY_S: Final = 3.0
_KEYS_USED_EVERY_S: Final = 60.0
_SCRUB_EVERY_S: Final = 60.0
_ARCHIVED_EVERY_S: Final = 60.0
_ARCHIVED_AFTER_MS: Final = 24 * 3600 * 1000
"""No log goes into an archive earlier than a day after the end."""
_SIGN_OF_LIFE_EVERY_S: Final = 5.0
_CONTACTS_EVERY_S: Final = 5.0
_TESTS_EVERY_S: Final = 3.0
_REGRADES_EVERY_S: Final = 1.0
_BULK_EVERY_S: Final = 0.5
_COURSES_EVERY_S: Final = 20.0
_COURIER_EVERY_S: Final = 1.0
_COUNT_EVERY_S: Final = 15.0
_DIGESTS_EVERY_S: Final = 300.0
_PEOPLE_EVERY_S: Final = 3.0
_ABSENT_EVERY_S: Final = 5.0
_ABSENCES_EVERY_S: Final = 5.0
_TIDY_EVERY_S: Final = 1.0
_PRUNE_EVERY_S: Final = 3600.0


class Housekeeping:
    """Periodic work of a node. `alone`: no other node shares the database."""

    def __init__(self, node: "Node", lag: LoopLag, *, alone: bool) -> None:
        self._node = node
        self._lag = lag
        self._alone = alone
        self._audited_ms = 0
        """From when on entries of audit logs are to be looked at for signed heads."""
        self._audited: dict[str, int] = {}
        """The last entry that has a signed head, of the audit logs that were found at the last look."""

    async def start(self, loops: Loops) -> None:
        """Starts all of it."""
        node = self._node
        sweep_s = node.settings.sweep_ms / 1000
        loops.every(LOOK_EVERY_S, node.health.look, "health")
        loops.every(sweep_s, node.sweeper.sweep, "sweep")
        loops.every(sweep_s, node.marker.sweep, "marking")
        loops.every(max(sweep_s, _ABSENT_EVERY_S), node.sweeper.find_absent, "absent")
        loops.every(_ABSENCES_EVERY_S, node.absences.look, "absences")
        loops.every(_REGRADES_EVERY_S, node.regrader.look, "regrades")
        loops.every(_BULK_EVERY_S, node.bulk.look, "acts on many attempts")
        loops.every(_COURSES_EVERY_S, node.course_keeper.look, "courses")
        loops.every(ANALYTICS_EVERY_S, node.live_analytics.look, "live analytics")
        loops.every(_COURIER_EVERY_S, node.courier.take_over, "events")
        loops.every(_COURIER_EVERY_S, node.courier.look, "deliveries")
        loops.every(_DIGESTS_EVERY_S, node.digests.look, "digests")
        loops.every(_COUNT_EVERY_S, node.courier.count, "counting deliveries")
        loops.every(_TIDY_EVERY_S, self.tidy, "tidy")
        loops.every(_TIDY_EVERY_S, node.snapshotter.take, "snapshots")
        loops.every(_TIDY_EVERY_S, node.addresses.keep, "addresses")
        loops.every(_TIDY_EVERY_S, self.tell_of_refused_devices, "refused devices")
        loops.every(_CONTACTS_EVERY_S, self.look_at_contacts, "contacts over REST")
        loops.every(_CATCH_UP_EVERY_S, node.rooms.catch_up, "catching up")
        loops.every(_SIGN_OF_LIFE_EVERY_S, node.fleet.beat, "sign of life")
        loops.every(_PRUNE_EVERY_S, self.prune, "pruning")
        loops.every(_TESTS_EVERY_S, node.following.look, "tests")
        loops.every(_PEOPLE_EVERY_S, node.granting.look, "people")
        loops.every(_PEOPLE_EVERY_S, node.rooms.follow_groups, "groups that are watched")
        # The command line may have erased somebody, beside an embedded database too.
        loops.every(_ERASURES_EVERY_S, node.erasures.learn, "erasures")
        loops.every(_KEYS_EVERY_S, self.learn_keys, "keys of services")
        loops.every(_KEYS_USED_EVERY_S, node.service_keys.keep_used, "when keys were used")
        loops.every(_ARCHIVED_EVERY_S, self.let_go_of_archived, "logs in archives")
        loops.every(_ARCHIVED_EVERY_S, node.archivist.look, "old logs")
        loops.every(_SCRUB_EVERY_S, node.erasures.scrub, "scrubbing")
        if not self._alone:
            loops.every(_REVOCATIONS_EVERY_S, node.withdrawing.learn, "revocations")
            loops.every(_POSITIONS_EVERY_S, node.registry.find_moved, "positions")
            loops.every(_CLOCK_EVERY_S, self.follow_clock, "clock")
        if node.heads is not None:
            await self.keep_heads()
            loops.every(node.settings.heads_ms / 1000, self.keep_heads, "heads")
        loops.run(node.rooms.run(), "rooms")
        loops.run(node.marker.run(), "marker")
        loops.run(self._lag.run(), "loop lag")
        if node.tokens.keys is not None:
            loops.run(node.tokens.keys.run(), "identity provider's keys")

    async def tidy(self) -> None:
        """Cleans up: silent connections, ended tokens, and attempts and rooms that nobody uses."""
        now_ms = self._node.clock.now_ms()
        self._node.chronicle.add_up()
        self._node.connections.look(now_ms)
        silent_ms = self._node.connections.silent_since_ms(now_ms)
        async for some in pieces(self._node.registry.all()):
            for live in some:
                presence = live.presence
                if not presence.sessions and presence.heard and (presence.last_seen_ms or 0) < silent_ms:
                    # She was connected over REST.
                    presence.fell_silent()
                    self._node.rooms.changed(live)
            for live in self._node.registry.idle(some):
                # Take a last snapshot before forgetting the attempt: progress and answers are stored with snapshots.
                if live.attempt_id in self._node.snapshotter:
                    self._node.snapshotter.hurry(live.attempt_id)
                else:
                    self._node.registry.forget(live)
        self._node.rooms.forget_empty()

    async def tell_of_refused_devices(self) -> None:
        await self._node.refused_devices.tell(self._node.clock.now_ms())

    async def bring_up(self, attempt_id: str) -> bool:
        """Brings the row of an attempt up to its log; false: it is not there, or was erased."""
        node = self._node
        try:
            live = await node.registry.get(attempt_id)
        except Outgrown:
            return True
        if live is None:
            return False
        # The snapshot brings the projection up to date for the next look.
        node.snapshotter.hurry(attempt_id)
        live.reload()
        await live.settle()
        node.rooms.changed(live)
        return True

    async def keep_heads(self) -> None:
        """Signs the newest heads of the logs, where a folder for them is set."""
        if self._node.heads is None:
            return
        now_ms = self._node.clock.now_ms()
        audits = await self._node.audit.heads(self._audited_ms)
        for org_id, seq, head in audits:
            if self._audited.get(org_id) != seq:
                self._node.heads.note(of_audit(org_id), seq, head)
        self._audited = {org_id: seq for org_id, seq, _ in audits}
        self._audited_ms = now_ms - _AUDIT_OVERLAP_MS
        try:
            await self._node.heads.keep(now_ms)
        except OSError as error:
            log.error(
                "The heads of the logs cannot be kept in %s: %s", self._node.settings.heads_folder, error.strerror
            )

    async def look_at_contacts(self) -> None:
        """Finds out who is connected over REST, on any node."""
        await self._node.contacts.look(self._node.clock.now_ms())

    async def let_go_of_archived(self) -> None:
        """Has attempts read again whose logs have gone into an archive, by whomever: somebody may still look at one."""
        before_ms = self._node.clock.now_ms() - _ARCHIVED_AFTER_MS
        over = (one for one in self._node.registry.all() if (one.committed.ended_at_ms or before_ms) < before_ms)
        for card in await self._node.attempts.identities([one.attempt_id for one in over]):
            live = self._node.registry.at_hand(card.attempt_id)
            if card.archived_at_ms is not None and live is not None:
                live.reload()

    async def learn_keys(self) -> None:
        """Learns what others did to keys of services, and ends connections of those that were withdrawn or
        replaced."""
        await self._node.service_keys.refresh()
        self._node.connections.end_revoked(self._node.service_keys.is_revoked)

    async def prune(self) -> None:
        """Deletes what nobody needs any more, if the clock is good to tell that by."""
        now_ms = self._node.clock.now_ms()
        why = await self._node.ages.look(now_ms)
        if why is not None:
            log.error("%s. %s.", why, DO)
            return
        await self._node.staff_commands.prune(now_ms)
        await self._node.keyed_calls.prune(now_ms)
        await self._node.events.prune(now_ms)
        await self._node.thinner.look(now_ms)
        await self._node.outbox.prune(now_ms)
        await self._node.captured_pictures.prune(now_ms)
        await self._node.service_keys.prune()
        await self._node.nodes.prune()
        await self._node.withdrawn.prune(alone=self._alone)

    async def follow_clock(self) -> None:
        """Follows the clock of a shared database."""
        await self._node.clock.follow(self._node.database.now_ms, first=False)
        if self._node.clock.off_ms > _MOST_OFF_MS:
            log.error("This node's clock is %.1f s off the database's", self._node.clock.off_ms / 1000)
