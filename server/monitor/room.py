"""A room: the candidates and the watchers of one test. Only the newest row of each attempt is sent, all in one
batch."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Set
from typing import Final, Protocol

from msgspec.structs import replace

from protocol import codec
from protocol.attempt.model import ENDED
from protocol.attempt.view import row as row_of
from protocol.attempt.view import without_marks
from protocol.marks import mark
from protocol.messages.monitor import Roster, Row, Rows
from protocol.rules.scope import WHOLE, TokenScope
from server.attempts.live import LiveAttempt
from server.clock import Clock
from server.monitor.board import Board
from server.relay import Relay, Unsubscribe
from server.relay.frames import Ask, Batch, ask_channel, encode, read_ask, read_batch, rows_channel
from storage.errors import StorageUnavailable
from storage.sharing import outcome_of

log = logging.getLogger(__name__)

ALIVE_EVERY_MS: Final = 2_000
WATCHED_FOR_MS: Final = 10_000
"""A node with watchers says so every `ALIVE_EVERY_MS`. Nodes that have heard none for so long tell no rows: the last
watcher has left, or her node has died."""
ROSTER_PART: Final = 500
"""Rows in one roster message: about 150 KB."""
FRESH_EVERY_MS: Final = 9_000
"""How often a watched room is compared with the database. This finds attempts that no node holds, and false rows of a
node."""
FRESH_LARGE_MS: Final = 30_000
_LARGE: Final = 2_000
"""The interval for a room with more rows: reading a thousand rows takes some 25 ms."""


class Watcher(Protocol):
    """An instructor's connection."""

    def send(self, data: bytes) -> None:
        """Queues a message."""
        ...


class Room:
    """The room of one test on this node. `read_rows` gives all rows of the test from the database."""

    def __init__(
        self,
        org_id: str,
        test_id: str,
        *,
        node: str,
        clock: Clock,
        relay: Relay,
        read_rows: Callable[[], Awaitable[list[Row]]],
        live: Callable[[], Collection[LiveAttempt]],
    ) -> None:
        self._test_id = test_id
        self._rows_channel = rows_channel(org_id, test_id)
        self._ask_channel = ask_channel(org_id, test_id)
        self._node = node
        self._clock = clock
        self._relay = relay
        self._read_rows = read_rows
        self._live = live
        self._dirty: dict[str, LiveAttempt] = {}
        self._number = 0
        self._own: Batch | None = None
        """The batch that is being published, which is heard here at once. It is not decoded: its rows would have copies
        of ids and names that the attempts have already."""
        self._said_ms = 0
        self._fresh_ms = 0
        self._asked_ms = 0
        # Somebody may be watching already: a new room tells what it has until it knows better.
        self._watched_until_ms = clock.now_ms() + WATCHED_FOR_MS
        self._board: Board | None = None
        self._fresh_rows: dict[str, Row] = {}
        self._watchers: dict[Watcher, TokenScope] = {}
        """And what each may see."""
        self._without_marks: set[Watcher] = set()
        """Those who may not read results."""
        self._members: dict[TokenScope, frozenset[str]] = {}
        """Who is in the groups of each scope that names some."""
        self._without_picture: set[Watcher] = set()
        self._pictured = False
        """Whether somebody who came got a whole picture since the last flush."""
        self._joining = 0
        self._look: asyncio.Task[None] | None = None
        self._looked = False
        self._positions: dict[str, int] = {}
        self._ask = False
        self._answer = False
        self._stop_answering: Unsubscribe = relay.subscribe(self._ask_channel, self._hear_ask)
        self._stop_hearing: Unsubscribe | None = None

    @property
    def in_use(self) -> bool:
        """Whether anybody watches, or a row waits to be shown."""
        return bool(self._watchers or self._joining or self._dirty)

    def changed(self, live: LiveAttempt) -> None:
        """The attempt has changed: the next batch shows it."""
        self._dirty[live.attempt_id] = live

    async def join(
        self,
        watcher: Watcher,
        scope: TokenScope = WHOLE,
        members: frozenset[str] = frozenset(),
        *,
        marks: bool = True,
    ) -> None:
        """Sends the whole picture of what lies in `scope`, then changes, with `marks` or without them. While the
        database cannot be read, the rows that nodes know are sent as changes, and the whole picture follows later: it
        alone says which rows have gone. Of those who come between two flushes the first gets her picture at once, and
        all others theirs with the next flush, made once: when hundreds come back, answers would wait for each."""
        self._joining += 1
        try:
            if self._board is None:
                self._board = Board()
                self._stop_hearing = self._relay.subscribe(self._rows_channel, self._hear_batch)
                self.ask_again()
            if not self._looked:
                await outcome_of(asyncio.ensure_future(self.refresh()))
            self._watchers[watcher] = scope
            if not marks:
                self._without_marks.add(watcher)
            if scope.groups is not None:
                self._members[scope] = members
        finally:
            self._joining -= 1
            self._unwatch_if_empty()
        if self._looked and not self._pictured:
            self._pictured = True
            self._send_roster([watcher], self._board)
            return
        self._without_picture.add(watcher)
        if not self._looked:
            self._send_rows([watcher], self._board.rows)

    @property
    def grouped(self) -> list[TokenScope]:
        """The scopes of those who watch some groups alone."""
        return [scope for scope in dict.fromkeys(self._watchers.values()) if scope.groups is not None]

    def regroup(self, scope: TokenScope, members: frozenset[str]) -> None:
        """Who is in the groups of this scope now. Where that is news, its watchers get a whole picture: some rows have
        come, and others have gone."""
        if members == self._members.get(scope):
            return
        self._members[scope] = members
        if self._board is not None:
            concerned = [watcher for watcher, its in self._watchers.items() if its == scope]
            self._send_roster([one for one in concerned if one not in self._without_picture], self._board)

    def leave(self, watcher: Watcher) -> None:
        self._watchers.pop(watcher, None)
        self._without_marks.discard(watcher)
        self._without_picture.discard(watcher)
        self._unwatch_if_empty()

    def _unwatch_if_empty(self) -> None:
        if not self._watchers and not self._joining:
            self._unwatch()

    def ask_again(self) -> None:
        """Rows may have been missed, so the next flush asks all nodes for all their rows."""
        self._ask = True

    def behind(self, positions: dict[str, int]) -> list[str]:
        """Attempts whose row lags the log seen one check ago. Their node died before it showed them, and no node has
        them in memory: a live attempt is shown well before the next check. `positions`: the log's now."""
        before, self._positions = self._positions, positions
        rows = self._board.rows if self._board is not None else []
        return [row.attempt_id for row in rows if row.seq < before.get(row.attempt_id, 0)]

    @property
    def unsure(self) -> bool:
        """Whether a row says that nobody knows whether its candidate is connected."""
        return self._board is not None and bool(self._board.unknown)

    def give_up(self, living: Set[str]) -> None:
        """See `Board.give_up`."""
        if self._board is not None:
            self._show(self._board.give_up(self._clock.now_ms(), living))

    @property
    def is_watched(self) -> bool:
        """Whether somebody watches it here, so that it knows who is connected."""
        return self._looked and bool(self._watchers)

    @property
    def connections(self) -> dict[str, str]:
        """Attempt → how its candidate is connected, as far as this room knows."""
        return {row.attempt_id: row.connection for row in self._board.rows} if self._board is not None else {}

    def tell(self, data: bytes, scope: TokenScope) -> None:
        """Sends a message to those who may see all of the test that lies in `scope`."""
        for watcher, its in self._watchers.items():
            if its.reaches_all(self._test_id, scope):
                watcher.send(data)

    @property
    def shown(self) -> dict[str, int]:
        """The number of the record that each row shows."""
        return {row.attempt_id: row.seq for row in self._board.rows} if self._board is not None else {}

    def forget_ahead(self, shown: dict[str, int], positions: dict[str, int]) -> None:
        """Forgets rows whose records are not in the log. `shown` was taken before `positions` were read. A watcher
        keeps the newest row she has seen, so she is told first that the row has gone."""
        board = self._board
        ahead = [attempt_id for attempt_id, seq in shown.items() if seq > positions.get(attempt_id, 0)]
        if not ahead or board is None:
            return
        mark("room: a row ahead of the log")
        log.error("%d rows of a room are ahead of the log and are read again: a node sent false rows", len(ahead))
        board.forget(ahead)
        for attempt_id in ahead:
            self._fresh_rows.pop(attempt_id, None)
        self._send_roster(self._watchers.keys() - self._without_picture, board)
        self.ask_again()
        self.refresh()

    def flush(self) -> None:
        """Publishes this node's changed rows where somebody watches, and sends the watchers here all new rows. It never
        waits: a slow database must not stop a room."""
        now_ms = self._clock.now_ms()
        if self._board is not None and (self._ask or now_ms - self._asked_ms >= ALIVE_EVERY_MS):
            self._relay.publish(self._ask_channel, encode(Ask(self._node, self._ask)))
            self._ask = False
            self._asked_ms = now_ms
        if now_ms >= self._watched_until_ms:
            # Whoever comes to watch asks for all rows.
            self._dirty.clear()
        elif self._answer:
            self._answer = False
            self._publish([self._row(live) for live in self._live()], whole=True, now_ms=now_ms)
            self._dirty.clear()
        elif self._dirty or now_ms - self._said_ms >= ALIVE_EVERY_MS:
            dirty, self._dirty = self._dirty, {}
            self._publish([self._row(live) for live in dirty.values()], whole=False, now_ms=now_ms)
        if self._board is not None:
            if now_ms - self._fresh_ms >= self._fresh_every_ms(self._board):
                self.refresh()
            self._show(self._board.silence(now_ms))
        self._tell_watchers()

    def close(self) -> None:
        self._stop_answering()
        self._unwatch()
        if self._look is not None:
            self._look.cancel()

    def _unwatch(self) -> None:
        self._board = None
        self._looked = False
        self._positions = {}
        self._fresh_rows.clear()
        if self._stop_hearing is not None:
            self._stop_hearing()
            self._stop_hearing = None

    def _row(self, live: LiveAttempt) -> Row:
        presence = live.presence
        shown = row_of(
            live.committed,
            live.display_name,
            self._connection(live),
            presence.last_seen_ms,
            presence.tick,
            link_opens_once=live.terms.link_opens_once,
            waiting_room=live.sheet.admission.rules.waiting_room,
        )
        return shown if shown.branch_id == live.branch_id else replace(shown, branch_id=live.branch_id)

    def _connection(self, live: LiveAttempt) -> str:
        """The connection's state as this node knows it. A connection that only the log names may belong to another
        node, alive or dead; on a single node a crash has ended it. After the end of the attempt the log does not follow
        connections."""
        if live.presence.here:
            return "online"
        attempt = live.committed
        if attempt.connection_id is None or attempt.status in ENDED or not self._relay.shared:
            return "offline"
        return "unknown"

    def _publish(self, rows: list[Row], *, whole: bool, now_ms: int) -> None:
        self._number += 1
        self._said_ms = now_ms
        self._own = Batch(self._node, self._number, whole, rows)
        try:
            self._relay.publish(self._rows_channel, encode(self._own))
        finally:
            self._own = None

    def _hear_ask(self, data: bytes) -> None:
        frame = read_ask(data)
        if frame is None:
            return
        now_ms = self._clock.now_ms()
        # While nobody seemed to watch, nothing was told.
        self._answer |= frame.whole or now_ms >= self._watched_until_ms
        self._watched_until_ms = now_ms + WATCHED_FOR_MS

    def _hear_batch(self, data: bytes) -> None:
        board = self._board
        if board is None:
            return
        frame = self._own or read_batch(data)
        if frame is None:
            return
        if not board.count(frame.node, frame.number, self._clock.now_ms()) and not frame.whole:
            mark("room: a gap in what a node tells")
            self.ask_again()
        self._show(board.merge(frame.rows, frame.node))

    def refresh(self) -> "asyncio.Task[None]":
        """Reads the rows from the database, once for all callers who wait meanwhile."""
        if self._look is None or self._look.done():
            self._look = asyncio.create_task(self._read_all(), name="read the rows of a room")
        return self._look

    async def _read_all(self) -> None:
        self._fresh_ms = self._clock.now_ms()
        try:
            rows = await self._read_rows()
        except Exception as error:
            if isinstance(error, StorageUnavailable):
                log.warning("The rows of a room cannot be read (%s)", type(error).__name__)
            else:
                log.exception("Reading the rows of a room failed")
            # Tries again soon. Until then the rows of the nodes are shown.
            if self._board is not None:
                self._fresh_ms -= self._fresh_every_ms(self._board) - ALIVE_EVERY_MS
            return
        if self._board is not None:
            changed = self._board.merge(rows, None)
            if self._looked:
                self._show(changed)
            else:
                # What was there and what was read are in the pictures that everybody gets now.
                self._looked = True
                self._fresh_rows.clear()
                self._send_pictures(self._board)

    @staticmethod
    def _fresh_every_ms(board: Board) -> int:
        return FRESH_EVERY_MS if len(board.rows) <= _LARGE else FRESH_LARGE_MS

    def _show(self, rows: list[Row]) -> None:
        for row in rows:
            self._fresh_rows[row.attempt_id] = row

    def _send_pictures(self, board: Board) -> Set[Watcher]:
        """To all who have none yet, whom it returns."""
        waiting, self._without_picture = self._without_picture, set()
        self._send_roster(waiting, board)
        return waiting

    def _tell_watchers(self) -> None:
        self._pictured = False
        pictured: Set[Watcher] = frozenset()
        if self._board is not None and self._looked and self._without_picture:
            mark("room: a picture is made for several")
            pictured = self._send_pictures(self._board)
        if self._board is not None and self._board.moved:
            self._board.moved = False
            of_branches = [watcher for watcher, scope in self._watchers.items() if scope.branches is not None]
            self._send_roster([one for one in of_branches if one not in self._without_picture | pictured], self._board)
        if not self._fresh_rows or not self._watchers:
            return
        rows, self._fresh_rows = list(self._fresh_rows.values()), {}
        self._send_rows(self._watchers.keys() - pictured, rows)

    def _send_rows(self, watchers: Collection[Watcher], rows: list[Row]) -> None:
        now_ms = self._clock.now_ms()
        self._send(watchers, rows, lambda its: rows_parts(its, now_ms))

    def _send_roster(self, watchers: Collection[Watcher], board: Board) -> None:
        self._send(watchers, board.rows, roster_parts)

    def _send(
        self, watchers: Collection[Watcher], rows: list[Row], parts_of: Callable[[list[Row]], list[bytes]]
    ) -> None:
        """Sends each what it may see, made once for all who see the same."""
        made: dict[tuple[TokenScope, bool], list[bytes]] = {}
        for watcher in watchers:
            scope = self._watchers.get(watcher)
            if scope is None:
                continue
            marks = watcher not in self._without_marks
            parts = made.get((scope, marks))
            if parts is None:
                seen = self._in(scope, rows)
                parts = made[scope, marks] = parts_of(seen if marks else list(map(without_marks, seen)))
            for data in parts:
                watcher.send(data)

    def _in(self, scope: TokenScope, rows: list[Row]) -> list[Row]:
        if scope.has_all_of(self._test_id):
            return rows
        members = self._members.get(scope, frozenset())
        return [
            row
            for row in rows
            if (scope.groups is None or row.user_id in members)
            and (scope.branches is None or row.branch_id in scope.branches)
        ]


def rows_parts(rows: list[Row], now_ms: int) -> list[bytes]:
    """Changed rows, as messages."""
    return [codec.encode(Rows(now_ms, rows[start : start + ROSTER_PART])) for start in range(0, len(rows), ROSTER_PART)]


def roster_parts(rows: list[Row]) -> list[bytes]:
    """All rows, as messages."""
    parts = max(1, -(-len(rows) // ROSTER_PART))
    return [
        codec.encode(Roster(part, parts, rows[part * ROSTER_PART : (part + 1) * ROSTER_PART])) for part in range(parts)
    ]
