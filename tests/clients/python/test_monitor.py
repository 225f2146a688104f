import asyncio
from collections.abc import AsyncIterator

import pytest

from clients.python.errors import ConnectionEnded, Refused
from clients.python.monitor import Monitor
from protocol.codes import Close, Code, Retry
from protocol.messages.monitor import CommandDone, CommandRefused, Row, Rows
from protocol.messages.monitor import Roster as RosterPart
from protocol.messages.staff import ExtendAttempt, MessageAttempt
from tests.clients.python.peer import Line, Peer
from tests.clients.python.scene import NOW, monitor_welcome, row


@pytest.fixture
async def peer() -> AsyncIterator[Peer]:
    async with Peer.open() as peer:
        yield peer


async def welcomed(peer: Peer, *rows: Row) -> Line:
    line = await peer.line()
    await line.say(monitor_welcome(), RosterPart(0, 1, list(rows)))
    return line


async def test_shows_the_roster_and_follows_it(peer: Peer) -> None:
    changes: list[list[Row]] = []
    async with Monitor(peer.url, "test-1", "token", changed=changes.append, chance=lambda: 0.0) as monitor:
        line = await welcomed(peer, row("a"))
        assert line.path == "/ws/monitor/test-1"
        assert await monitor.roster() == {"a": row("a")}
        await line.say(Rows(NOW, [row("a", 2, answered=1)]))
        await monitor.until(lambda rows: rows["a"].answered == 1)
        assert changes == [[row("a")], [row("a", 2, answered=1)]]


async def test_a_roster_without_rows_is_a_roster(peer: Peer) -> None:
    async with Monitor(peer.url, "test-1", "token", chance=lambda: 0.0) as monitor:
        await welcomed(peer)
        assert not await monitor.roster()


async def test_a_command_is_answered(peer: Peer) -> None:
    async with Monitor(peer.url, "test-1", "token", chance=lambda: 0.0) as monitor:
        line = await welcomed(peer, row("a"))
        done = monitor.extend("a", add_ms=300_000, reason="fire alarm")
        asked = await line.hear_instructor()
        assert isinstance(asked, ExtendAttempt)
        answer = CommandDone(asked.command_id, "a", 9)
        await line.say(answer)
        assert await done == answer


async def test_a_command_may_be_refused(peer: Peer) -> None:
    async with Monitor(peer.url, "test-1", "token", chance=lambda: 0.0) as monitor:
        line = await welcomed(peer, row("a"))
        done = monitor.message("a", "Please speak up.")
        asked = await line.hear_instructor()
        assert isinstance(asked, MessageAttempt)
        await line.say(CommandRefused(asked.command_id, "a", Code.NOT_FOUND, "gone", Retry.NEVER))
        with pytest.raises(Refused, match="gone"):
            await done


async def test_a_command_survives_a_cut_under_its_id(peer: Peer) -> None:
    async with Monitor(peer.url, "test-1", "token", chance=lambda: 0.0) as monitor:
        line = await welcomed(peer, row("a"))
        await monitor.roster()
        done = monitor.pause("a", reason="fire alarm")
        asked = await line.hear_instructor()
        await line.cut()
        line = await welcomed(peer, row("a"))
        assert await line.hear_instructor() == asked
        assert not done.done()
        await line.say(CommandDone(getattr(asked, "command_id", ""), "a", 9))
        await done


async def test_the_end_is_told_to_whoever_waits(peer: Peer) -> None:
    async with Monitor(peer.url, "test-1", "token", chance=lambda: 0.0) as monitor:
        line = await welcomed(peer, row("a"))
        done = monitor.cancel("a", reason="a mistake")
        until = asyncio.ensure_future(monitor.until(lambda rows: "b" in rows))
        await line.hear_instructor()
        await line.close(Close.FORBIDDEN, "not yours")
        for waiting in (done, until):
            with pytest.raises(ConnectionEnded, match="not yours"):
                await waiting
        with pytest.raises(ConnectionEnded):
            monitor.pause("a")


async def test_a_failing_callback_harms_nothing(peer: Peer) -> None:
    def fails(_: list[Row]) -> None:
        raise RuntimeError("a mistake of the program")

    async with Monitor(peer.url, "test-1", "token", changed=fails, chance=lambda: 0.0) as monitor:
        await welcomed(peer, row("a"))
        assert await monitor.roster() == {"a": row("a")}
