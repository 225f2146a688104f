"""A room of one test: rows from several nodes, conflated, and gaps that heal."""

import asyncio
from collections.abc import Callable
from typing import Any

import msgpack  # type: ignore[import-untyped]
import pytest
from msgspec.msgpack import decode

from protocol import limits
from protocol.messages.monitor import Row
from protocol.rules.scope import TokenScope
from server.ids import new_id
from server.monitor.board import SILENT_AFTER_MS
from server.monitor.room import (
    ALIVE_EVERY_MS,
    FRESH_EVERY_MS,
    ROSTER_PART,
    WATCHED_FOR_MS,
    Room,
    roster_parts,
    rows_parts,
)
from server.relay.frames import Ask, Batch, ask_channel, encode, rows_channel
from server.relay.local import LocalRelay
from storage.errors import StorageUnavailable
from tests.server.harness.clock import StillClock
from tests.server.monitor.rows import row


class SharedRelay(LocalRelay):
    """Two nodes in one process."""

    @property
    def shared(self) -> bool:
        return True


class Watcher:
    """Remembers what it was sent."""

    def __init__(self) -> None:
        self.messages: list[dict[str, Any]] = []

    def send(self, data: bytes) -> None:
        self.messages.append(msgpack.unpackb(data))

    def taken(self) -> list[dict[str, Any]]:
        """What has come since the last time."""
        messages, self.messages = self.messages, []
        return messages


class Raw:
    """Keeps what it was sent as it came."""

    def __init__(self) -> None:
        self.sent: list[bytes] = []

    def send(self, data: bytes) -> None:
        self.sent.append(data)


class Scene:
    """One node's room, and a relay over which another node's words come."""

    def __init__(self) -> None:
        self.clock = StillClock()
        self.relay = SharedRelay()
        self.rows: list[Row] = []
        self.read: Callable[[], Any] = self._read
        self.asked = 0
        self.batches: list[Batch] = []
        self.lives: list[Any] = []
        self.room = Room(
            "school",
            "t",
            node="here",
            clock=self.clock,
            relay=self.relay,
            read_rows=lambda: self.read(),  # noqa: PLW0108 (a test replaces it)
            live=lambda: self.lives,
        )

        def hear_ask(data: bytes) -> None:
            self.asked += decode(data, type=Ask).whole

        def hear_rows(data: bytes) -> None:
            batch = decode(data, type=Batch)
            if batch.node == "here":
                self.batches.append(batch)

        self.relay.subscribe(rows_channel("school", "t"), hear_rows)

        self.relay.subscribe(ask_channel("school", "t"), hear_ask)

    async def _read(self) -> list[Row]:
        return list(self.rows)

    async def flush_with_a_look(self) -> None:
        """A flush that makes a look due, and the one that shows what was found."""
        self.room.flush()
        assert self.room._look is not None
        await self.room._look
        self.room.flush()

    def watch_elsewhere(self, *, whole: bool) -> None:
        """A node with watchers speaks."""
        self.relay.publish(ask_channel("school", "t"), encode(Ask("there", whole)))

    def told(self) -> list[Batch]:
        """What this room has published since the last time."""
        batches, self.batches = self.batches, []
        return batches

    def say(self, number: int, *rows: Row, whole: bool = False, node: str = "there") -> None:
        self.relay.publish(rows_channel("school", "t"), encode(Batch(node, number, whole, list(rows))))


@pytest.fixture
def scene() -> Scene:
    return Scene()


async def joined(scene: Scene) -> Watcher:
    watcher = Watcher()
    await scene.room.join(watcher)
    scene.room.flush()
    return watcher


async def test_a_watcher_gets_the_whole_picture_and_then_changes(scene: Scene) -> None:
    scene.rows = [row("a"), row("b")]
    watcher = Watcher()
    await scene.room.join(watcher)
    (roster,) = watcher.taken()
    assert (roster["t"], [one["attempt_id"] for one in roster["rows"]]) == ("roster", ["a", "b"])
    scene.room.flush()
    watcher.taken()
    scene.say(1, row("a", seq=2, answered=1))
    scene.say(2, row("a", seq=3, answered=2))
    assert watcher.taken() == [], "not before the flush"
    scene.room.flush()
    (rows,) = watcher.taken()
    assert [(one["attempt_id"], one["answered"]) for one in rows["rows"]] == [("a", 2)]


async def test_many_rows_come_in_parts(scene: Scene) -> None:
    parts = [msgpack.unpackb(part) for part in roster_parts([row(str(n)) for n in range(ROSTER_PART + 1)])]
    assert [(part["part"], part["parts"], len(part["rows"])) for part in parts] == [(0, 2, ROSTER_PART), (1, 2, 1)]
    (empty,) = [msgpack.unpackb(part) for part in roster_parts([])]
    assert (empty["part"], empty["parts"], empty["rows"]) == (0, 1, [])


def test_whoever_comes_to_ten_thousand_is_not_too_slow_for_the_picture_and_what_follows_at_once() -> None:
    """She has all rows from the database, and then as the nodes tell them. A row had outgrown the limit, and whoever
    had not read some of it within a sixth of a second was cut off."""
    rows = [row(new_id(), seq=1_000, tick=1_800_000_000_000, user_id=f"candidate-{n}") for n in range(10_000)]
    waiting = sum(map(len, (*roster_parts(rows), *rows_parts(rows, 1_800_000_000_000))))
    assert 1.2 * waiting < limits.OUTBOX_BYTES


async def test_a_gap_has_everybody_tell_everything(scene: Scene) -> None:
    watcher = await joined(scene)
    asked = scene.asked
    assert asked == 1, "who joins asks"
    scene.say(1, row("a"))
    scene.say(2, row("b"))
    scene.room.flush()
    assert scene.asked == asked
    scene.say(4, row("a", seq=2))
    scene.room.flush()
    assert scene.asked == asked + 1
    scene.say(9, row("a", seq=2), row("b"), row("c"), whole=True)
    scene.room.flush()
    assert scene.asked == asked + 1, "a whole picture has no gap before it"
    assert {one["attempt_id"] for message in watcher.taken() for one in message["rows"]} == {"a", "b", "c"}


async def test_a_silent_node_is_shown_as_unknown(scene: Scene) -> None:
    watcher = await joined(scene)
    scene.say(1, row("a"))
    scene.room.flush()
    watcher.taken()
    scene.clock.advance(SILENT_AFTER_MS + 1)
    scene.room.flush()
    (rows,) = watcher.taken()
    assert [(one["attempt_id"], one["connection"]) for one in rows["rows"]] == [("a", "unknown")]


async def test_a_node_says_that_it_is_alive(scene: Scene) -> None:
    said: list[bytes] = []
    scene.relay.subscribe(rows_channel("school", "t"), said.append)
    scene.room.flush()
    before = len(said)
    scene.room.flush()
    assert len(said) == before
    scene.clock.advance(ALIVE_EVERY_MS)
    scene.room.flush()
    assert len(said) == before + 1


class Sitting:
    """A live attempt, as far as a room looks at it."""

    def __init__(self, one: Row) -> None:
        self.attempt_id = one.attempt_id
        self.row = one


@pytest.fixture
def sitting(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> Sitting:
    """Somebody sits in the room."""
    monkeypatch.setattr(scene.room, "_row", lambda live: live.row)
    live = Sitting(row("a", seq=1))
    scene.lives.append(live)
    return live


def change(scene: Scene, sitting: Sitting, seq: int) -> None:
    sitting.row = row("a", seq=seq)
    scene.room.changed(sitting)  # type: ignore[arg-type]
    scene.room.flush()


def seqs(batches: list[Batch]) -> list[tuple[bool, list[int]]]:
    return [(batch.whole, [one.seq for one in batch.rows]) for batch in batches]


def who(messages: list[dict[str, Any]]) -> list[tuple[str, list[str]]]:
    return [(message["t"], [row["attempt_id"] for row in message["rows"]]) for message in messages]


async def test_each_watcher_is_shown_her_branches_alone(scene: Scene) -> None:
    scene.rows = [row("a", branch_id="north"), row("b", branch_id="south"), row("c")]
    limits: dict[str, list[str] | None] = {
        "all": None,
        "north": ["north"],
        "both": ["north", "south"],
        "west": ["west"],
    }
    watchers = {name: Watcher() for name in limits}
    for name, branches in limits.items():
        scope = TokenScope(branches=None if branches is None else frozenset(branches))
        await scene.room.join(watchers[name], scope)
        scene.room.flush()
    assert {name: who(watcher.taken()) for name, watcher in watchers.items()} == {
        "all": [("roster", ["a", "b", "c"])],
        "north": [("roster", ["a"])],
        "both": [("roster", ["a", "b"])],
        "west": [("roster", [])],
    }
    scene.room.flush()
    for watcher in watchers.values():
        watcher.taken()
    scene.say(1, row("b", 2, branch_id="south"), row("c", 2))
    scene.room.flush()
    assert {name: who(watcher.taken()) for name, watcher in watchers.items()} == {
        "all": [("rows", ["b", "c"])],
        "north": [],
        "both": [("rows", ["b"])],
        "west": [],
    }
    # A false row of the south is taken back.
    scene.room.forget_ahead({"b": 2}, {"b": 1})
    assert who(watchers["north"].taken()) == [("roster", ["a"])]
    assert who(watchers["both"].taken()) == [("roster", ["a"])]


async def test_a_whole_picture_is_made_once_for_all_who_come_between_two_flushes(scene: Scene) -> None:
    """When hundreds of monitors come back at once, acknowledgements wait for each picture of ten thousand."""
    scene.rows = [row("a"), row("b")]
    first, second, third = Raw(), Raw(), Raw()
    for watcher in (first, second, third):
        await scene.room.join(watcher)
    assert [len(one.sent) for one in (first, second, third)] == [1, 0, 0], "whoever comes alone does not wait"
    scene.say(1, row("a", 2))
    scene.room.flush()
    assert [len(one.sent) for one in (first, second, third)] == [2, 1, 1], "a picture has what has changed"
    assert second.sent[0] is third.sent[0]
    assert [one["seq"] for one in msgpack.unpackb(second.sent[0])["rows"]] == [2, 1]
    await scene.room.join(late := Raw())
    assert len(late.sent) == 1


async def test_where_nobody_watches_no_rows_are_told(scene: Scene, sitting: Sitting) -> None:
    change(scene, sitting, 2)
    assert seqs(scene.told()) == [(False, [2])], "somebody may be watching already"
    scene.clock.advance(WATCHED_FOR_MS)
    for seq in (3, 4):
        change(scene, sitting, seq)
        scene.clock.advance(ALIVE_EVERY_MS)
    assert scene.told() == []
    assert not scene.room.in_use, "and nothing is kept for later"


@pytest.mark.parametrize("whole", [True, False])
async def test_who_comes_to_watch_anywhere_gets_all_and_then_each_change(
    scene: Scene, sitting: Sitting, whole: bool
) -> None:
    """Her first word may be lost; then it is the second one that is heard."""
    scene.clock.advance(WATCHED_FOR_MS)
    change(scene, sitting, 2)
    scene.watch_elsewhere(whole=whole)
    scene.room.flush()
    assert seqs(scene.told()) == [(True, [2])]
    change(scene, sitting, 3)
    scene.clock.advance(WATCHED_FOR_MS - 5_000)
    scene.watch_elsewhere(whole=False)
    scene.clock.advance(WATCHED_FOR_MS - 5_000)
    change(scene, sitting, 4)
    assert seqs(scene.told()) == [(False, [3]), (False, [4])], "who goes on watching is told what changes"


async def test_when_the_watchers_node_dies_rows_are_told_no_longer(scene: Scene, sitting: Sitting) -> None:
    scene.watch_elsewhere(whole=True)
    scene.room.flush()
    scene.told()
    scene.clock.advance(WATCHED_FOR_MS)
    change(scene, sitting, 2)
    assert scene.told() == []
    scene.watch_elsewhere(whole=True)
    scene.room.flush()
    assert seqs(scene.told()) == [(True, [2])]


async def test_a_room_that_is_watched_says_so_again_and_again(scene: Scene) -> None:
    words: list[Ask] = []
    scene.relay.subscribe(ask_channel("school", "t"), lambda data: words.append(decode(data, type=Ask)))
    watcher = await joined(scene)
    for _ in range(3):
        scene.clock.advance(ALIVE_EVERY_MS)
        scene.room.flush()
    assert [word.whole for word in words] == [True, False, False, False]
    scene.room.leave(watcher)
    scene.clock.advance(ALIVE_EVERY_MS)
    scene.room.flush()
    assert len(words) == 4


async def test_a_watched_room_is_compared_with_the_database(scene: Scene) -> None:
    watcher = await joined(scene)
    scene.rows = [row("late")]
    scene.room.flush()
    assert watcher.taken()[-1]["t"] == "roster"
    scene.clock.advance(FRESH_EVERY_MS)
    await scene.flush_with_a_look()
    assert [one["attempt_id"] for one in watcher.taken()[-1]["rows"]] == ["late"]


async def test_a_database_that_is_away_keeps_nobody_out(scene: Scene) -> None:
    async def fail() -> list[Row]:
        raise StorageUnavailable("gone")

    scene.read = fail
    first = await joined(scene)
    assert first.taken() == [], "nobody knows what the test's attempts are"
    scene.say(1, row("a"))
    scene.room.flush()
    second = await joined(scene)
    for watcher in (first, second):
        (rows,) = watcher.taken()
        assert (rows["t"], [one["attempt_id"] for one in rows["rows"]]) == ("rows", ["a"])
    third = await joined(scene)
    scene.room.leave(third)
    third.taken()
    scene.read = scene._read
    scene.rows = [row("late")]
    scene.clock.advance(ALIVE_EVERY_MS)
    await scene.flush_with_a_look()
    for watcher in (first, second):
        roster = watcher.taken()[0]
        assert roster["t"] == "roster", "tried again soon"
        assert [one["attempt_id"] for one in roster["rows"]] == ["a", "late"]
    assert third.taken() == []
    scene.clock.advance(FRESH_EVERY_MS)
    await scene.flush_with_a_look()
    assert "roster" not in [message["t"] for message in first.taken()], "the whole picture comes once"


async def test_a_slow_database_does_not_stop_the_room(scene: Scene) -> None:
    watcher = await joined(scene)
    gate, looks = asyncio.Event(), 0

    async def slow() -> list[Row]:
        nonlocal looks
        looks += 1
        await gate.wait()
        return [row("late")]

    scene.read = slow
    scene.clock.advance(FRESH_EVERY_MS)
    for number in (1, 2):
        scene.say(number, row("a", seq=number))
        scene.room.flush()
        await asyncio.sleep(0)
        assert [(one["attempt_id"], one["seq"]) for one in watcher.taken()[-1]["rows"]] == [("a", number)]
        scene.clock.advance(FRESH_EVERY_MS)
    assert looks == 1, "one look at a time"
    gate.set()
    await scene.flush_with_a_look()
    assert "late" in [one["attempt_id"] for one in watcher.taken()[-1]["rows"]]


async def test_a_look_that_fails_in_an_unknown_way_is_told_and_tried_again(
    scene: Scene, caplog: pytest.LogCaptureFixture
) -> None:
    async def fail() -> list[Row]:
        raise ValueError("a bug")

    scene.read = fail
    watcher = await joined(scene)
    assert "Reading the rows of a room failed" in caplog.text
    scene.read = scene._read
    scene.rows = [row("late")]
    scene.clock.advance(ALIVE_EVERY_MS)
    await scene.flush_with_a_look()
    assert [one["attempt_id"] for one in watcher.taken()[-1]["rows"]] == ["late"]


async def test_who_leaves_while_joining_leaves_nothing_behind(scene: Scene) -> None:
    async def stuck() -> list[Row]:
        await asyncio.Event().wait()
        return []

    scene.read = stuck
    joining = asyncio.create_task(scene.room.join(Watcher()))
    await asyncio.sleep(0)
    assert scene.room.in_use
    joining.cancel()
    await asyncio.gather(joining, return_exceptions=True)
    assert not scene.room.in_use


async def test_who_joins_while_another_joins_and_leaves(scene: Scene) -> None:
    gate = asyncio.Event()
    scene.rows = [row("a")]

    async def slowly() -> list[Row]:
        await gate.wait()
        return list(scene.rows)

    scene.read = slowly
    first, second = Watcher(), Watcher()
    joining = asyncio.create_task(scene.room.join(first))
    await asyncio.sleep(0)
    gone = asyncio.create_task(scene.room.join(second))
    await asyncio.sleep(0)
    scene.say(1, row("b"))
    scene.room.flush()
    assert first.taken() == [], "nothing before the whole picture"
    gone.cancel()
    await asyncio.gather(gone, return_exceptions=True)
    gate.set()
    await joining
    assert [one["attempt_id"] for one in first.taken()[0]["rows"]] == ["b", "a"]
    assert second.taken() == []


async def test_the_first_who_joins_gives_up_and_the_second_gets_the_whole_picture(scene: Scene) -> None:
    scene.rows = [row("a")]
    real, stuck = scene.read, asyncio.Event()

    async def never() -> list[Row]:
        await stuck.wait()
        return []

    scene.read = never
    first, second = Watcher(), Watcher()
    joining = [asyncio.create_task(scene.room.join(watcher)) for watcher in (first, second)]
    await asyncio.sleep(0)
    scene.read = real
    joining[0].cancel()
    await joining[1]
    (roster,) = second.taken()
    assert [one["attempt_id"] for one in roster["rows"]] == ["a"]
    await asyncio.gather(joining[0], return_exceptions=True)


async def test_who_has_left_is_told_nothing(scene: Scene) -> None:
    watcher = await joined(scene)
    scene.room.leave(watcher)
    watcher.taken()
    scene.say(1, row("a"))
    scene.room.flush()
    assert watcher.taken() == []
    assert not scene.room.in_use


async def test_a_row_that_stays_behind_the_log_is_found_at_the_second_look(scene: Scene) -> None:
    scene.rows = [row("a", seq=5), row("b", seq=7)]
    await joined(scene)
    assert scene.room.shown == {"a": 5, "b": 7}
    assert scene.room.behind({"a": 5, "b": 9}) == [], "it may be on its way"
    assert scene.room.behind({"a": 6, "b": 9}) == ["b"]
    scene.say(1, row("b", seq=9))
    assert scene.room.behind({"a": 6, "b": 9}) == ["a"]


def test_nobody_watches_and_nothing_is_behind(scene: Scene) -> None:
    assert scene.room.shown == {}
    assert scene.room.behind({}) == []


async def test_a_row_ahead_of_the_log_goes_and_the_true_one_comes(scene: Scene) -> None:
    scene.rows = [row("a", seq=5, answered=2), row("b", seq=7)]
    watcher = await joined(scene)
    scene.say(1, row("a", seq=900, tick=10**9, status="completed"), row("ghost", seq=3), node="liar")
    scene.room.flush()
    watcher.taken()
    shown = scene.room.shown
    assert shown == {"a": 900, "b": 7, "ghost": 3}
    scene.say(1, row("b", seq=8), node="there")
    scene.room.forget_ahead(shown, {"a": 5, "b": 7})
    gone, *_ = watcher.taken()
    assert (gone["t"], gone["parts"], [one["attempt_id"] for one in gone["rows"]]) == ("roster", 1, ["b"])
    assert scene.room._look is not None
    await scene.room._look
    asked = scene.asked
    scene.room.flush()
    assert scene.asked == asked + 1, "and every node is asked what it has"
    (rows,) = watcher.taken()
    assert {one["attempt_id"]: (one["seq"], one["answered"]) for one in rows["rows"]} == {"a": (5, 2), "b": (8, 0)}
    scene.room.forget_ahead(scene.room.shown, {"a": 5, "b": 8})
    assert watcher.taken() == [], "where nothing is ahead nothing is told"
