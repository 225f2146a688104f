"""What waits for a socket is bounded, and ends with one reason."""

import asyncio

import msgpack  # type: ignore[import-untyped]

from protocol import limits
from protocol.codes import Close
from server.sockets.outbound import Outbound


async def everything(outbound: Outbound) -> list[bytes | Close]:
    items: list[bytes | Close] = []
    while not items or not isinstance(items[-1], Close):
        item = await outbound.next()
        assert item is not None
        items.append(item)
    return items


async def test_messages_come_in_order_and_the_close_after_them() -> None:
    outbound = Outbound()
    outbound.send(b"1")
    outbound.send(b"2")
    outbound.close(Close.TRY_AGAIN, "later", 700)
    outbound.send(b"3")
    one, two, goodbye, close = await everything(outbound)
    assert (one, two, close) == (b"1", b"2", Close.TRY_AGAIN)
    assert isinstance(goodbye, bytes)
    assert msgpack.unpackb(goodbye) == {"t": "goodbye", "code": 4000, "detail": "later", "after_ms": 700}


async def test_the_first_reason_stays() -> None:
    outbound = Outbound()
    ends = []
    outbound.on_end = lambda: ends.append(outbound.closing)
    outbound.close(Close.SUPERSEDED)
    outbound.close(Close.INTERNAL)
    assert (await everything(outbound))[-1] == Close.SUPERSEDED
    assert ends == [Close.SUPERSEDED]


async def test_a_peer_that_takes_nothing_is_closed_by_count() -> None:
    outbound = Outbound()
    for _ in range(limits.OUTBOX_MESSAGES):
        outbound.send(b"x")
    assert outbound.closing is None
    outbound.send(b"x")
    assert await everything(outbound) == [Close.SLOW_CONSUMER], "what waited is let go of"


async def test_a_peer_that_takes_nothing_is_closed_by_bytes() -> None:
    outbound = Outbound()
    half = bytes(limits.OUTBOX_BYTES // 2)
    outbound.send(half)
    outbound.send(half)
    assert outbound.closing is None
    outbound.send(b"x")
    assert await everything(outbound) == [Close.SLOW_CONSUMER]


async def test_what_was_taken_counts_no_more() -> None:
    outbound = Outbound()
    for _ in range(10):
        outbound.send(bytes(limits.OUTBOX_BYTES))
        await outbound.next()
    assert outbound.closing is None


async def test_the_writer_waits_until_there_is_something() -> None:
    outbound = Outbound()
    waiting = asyncio.create_task(outbound.next())
    await asyncio.sleep(0)
    assert not waiting.done()
    outbound.send(b"now")
    assert await waiting == b"now"


async def test_a_peer_that_is_gone_gets_nothing() -> None:
    outbound = Outbound()
    outbound.send(b"x")
    outbound.abandon()
    assert await everything(outbound) == [Close.NORMAL]


async def test_whoever_takes_over_hears_what_is_to_be_written_at_once_and_never_that_of_an_end() -> None:
    outbound = Outbound()
    told: list[bool] = []
    outbound.hand_over(told.append)
    outbound.send(b"1", at_once=True)
    outbound.send(b"2")
    assert told == [False, True, False]
    for _ in range(limits.OUTBOX_MESSAGES):
        outbound.send(b"x", at_once=True)
    assert (outbound.take(), told[-1]) == (Close.SLOW_CONSUMER, False)
