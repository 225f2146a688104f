"""All rooms of a node: what is looked at again and again costs what has changed, and not what is there."""

import gc
import sys
from collections.abc import AsyncIterator, Callable, Collection
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from msgspec.structs import replace

from server.monitor.rooms import Rooms
from server.relay.local import LocalRelay
from tests.server.attempts.bench import Writer, writer
from tests.server.harness.clock import MovableClock
from tests.server.harness.exam import ORG, TEST


def lines_of(work: Callable[[], object]) -> int:
    """How many lines of Python `work` executes."""
    lines = 0

    def trace(frame: FrameType, event: str, arg: Any) -> Any:
        nonlocal lines
        lines += event == "line"
        return trace

    before = sys.gettrace()
    # What a collection runs (finalizers, hooks of others) is no part of the work.
    gc.disable()
    sys.settrace(trace)
    try:
        work()
    finally:
        sys.settrace(before)
        gc.enable()
    return lines


@pytest.fixture
async def one(tmp_path: Path, migrated_database: Path) -> AsyncIterator[Writer]:
    file = tmp_path / "log.sqlite3"
    file.write_bytes(migrated_database.read_bytes())
    async with writer(file, MovableClock()) as opened:
        yield opened


class Nobody:
    """A watcher who reads nothing."""

    def send(self, data: bytes) -> None:
        """Not kept."""


async def bring_up(attempt_id: str) -> bool:
    """Nothing is behind."""
    return True


async def nobody_lives() -> frozenset[str]:
    return frozenset()


async def nobody_is_in(org_id: str, groups: Collection[str]) -> frozenset[str]:
    return frozenset()


def rooms_of(one: Writer) -> Rooms:
    return Rooms(
        node="here",
        clock=one.clock,
        relay=LocalRelay(),
        store=one.store,
        flush_ms=20,
        live=one.registry.of_test,
        bring_up=bring_up,
        living=nobody_lives,
        members=nobody_is_in,
    )


async def test_a_room_stays_as_long_as_somebody_sits_in_it(one: Writer) -> None:
    live = await one.make()
    rooms = rooms_of(one)
    rooms.changed(live)
    rooms.flush()
    rooms.forget_empty()
    assert len(rooms._rooms) == 1
    assert list(one.registry.of_test(*next(iter(rooms._rooms)))) == [live]
    one.registry.forget(live)
    rooms.forget_empty()
    assert not rooms._rooms


async def test_looking_for_empty_rooms_costs_as_much_with_many_attempts_as_with_few(one: Writer) -> None:
    live = await one.make()
    rooms = rooms_of(one)
    rooms.changed(live)
    rooms.flush()
    few = lines_of(rooms.forget_empty)
    identity = live.committed.identity
    for number in range(100):
        other = replace(live.committed, identity=replace(identity, attempt_id=f"{number}"))
        await one.registry._enliven(other, "Somebody")
    assert lines_of(rooms.forget_empty) == few


async def test_rows_of_this_node_share_the_texts_of_its_attempts(one: Writer) -> None:
    """Ids and names of ten thousand rows would else be in memory twice."""
    rooms = rooms_of(one)
    room = await rooms.join(ORG, TEST, Nobody())
    live = await one.make()
    rooms.changed(live)
    rooms.flush()
    assert room._board is not None
    (row,) = room._board.rows
    assert row.attempt_id is live.attempt_id
    assert row.user_id is live.committed.identity.user_id
    assert row.name is live.display_name
