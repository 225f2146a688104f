"""The asyncio shell, against a peer that does what a real server rarely does; test_real_server has the rest."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from clients.python import link as link_module
from clients.python.client import Callbacks, Client
from clients.python.errors import ConnectionEnded, Refused
from protocol import limits
from protocol.codes import REFUSALS, Close, Code
from protocol.messages.candidate import StaffMessage, StatePush, TimeWarning
from protocol.messages.connection import Goodbye, RefusedOp
from protocol.messages.operations import Answer, Flag, Progress, Receipt, Start, Submit
from tests.clients.python.peer import Peer
from tests.clients.python.scene import NOW, acked, state, welcome


@pytest.fixture
async def peer() -> AsyncIterator[Peer]:
    async with Peer.open() as peer:
        yield peer


def make_client(peer: Peer, **options: Any) -> Client:
    """Comes back at once: its jitter is always nothing."""
    return Client(peer.url, "attempt 1/ä", "token-1", chance=lambda: 0.0, **options)


async def test_says_who_it_is_and_where_it_goes(peer: Peer) -> None:
    async with make_client(peer):
        line = await peer.line()
        assert line.path == "/ws/attempts/attempt%201%2F%C3%A4"
        assert line.hello.token == "token-1"
        assert line.hello.protocol == limits.PROTOCOL_VERSION


async def test_operations_are_numbered_in_the_order_of_asking_and_acknowledged_together(peer: Peer) -> None:
    async with make_client(peer) as client:
        line = await peer.line()
        await line.say(welcome(last_n=4))
        asked = [
            client.start(),
            client.answer("q1", ["a", "b"]),
            client.flag("q1", True),
            client.progress(2),
            client.receipt("m1", seen=True),
        ]
        heard = [await line.hear() for _ in asked]
        assert [type(message) for message in heard] == [Start, Answer, Flag, Progress, Receipt]
        assert [getattr(message, "n", None) for message in heard] == [5, 6, 7, 8, 9]
        ack = acked(9, 12)
        await line.say(ack)
        assert await asyncio.gather(*asked) == [ack] * 5


async def test_a_cut_is_survived(peer: Peer) -> None:
    async with make_client(peer) as client:
        line = await peer.line()
        await line.say(welcome())
        await client.welcomed()
        first = client.answer("q1", "a")
        sent = await line.hear()
        await line.cut()
        second = client.answer("q2", "b")
        line = await peer.line()
        await line.say(welcome(last_n=1))
        assert await line.hear() == sent
        later = await line.hear()
        assert isinstance(later, Answer)
        assert (later.n, later.question_id) == (2, "q2")
        await line.say(acked(2, 5))
        await asyncio.gather(first, second)
        assert client.connections == 2
        assert client.unsettled == 0


async def test_a_server_that_is_not_there_yet_is_waited_for() -> None:
    async with Peer.open() as gone:
        pass
    async with make_client(gone) as client:
        welcomed = asyncio.ensure_future(client.welcomed())
        async with Peer.open(gone.port) as peer:
            await (await peer.line()).say(welcome())
            await welcomed


async def test_a_refusal_is_raised_where_it_belongs(peer: Peer) -> None:
    async with make_client(peer) as client:
        line = await peer.line()
        await line.say(welcome())
        asked = client.answer("nonsense", "a")
        await line.hear()
        rule = REFUSALS[Code.UNKNOWN_QUESTION]
        await line.say(RefusedOp(1, Code.UNKNOWN_QUESTION, rule.sentence, rule.retry))
        with pytest.raises(Refused) as raised:
            await asked
        assert raised.value.code == Code.UNKNOWN_QUESTION
        assert not raised.value.may_repeat


async def test_submit_gives_the_state_of_the_ended_attempt(peer: Peer) -> None:
    async with make_client(peer) as client:
        line = await peer.line()
        await line.say(welcome())
        submitted = client.submit()
        assert isinstance(await line.hear(), Submit)
        await line.say(acked(1, 5), StatePush(NOW, state("submitted")))
        assert (await submitted).reference == "ABCD-1234"
        assert client.state == state("submitted")


async def test_pushes_come_to_their_callbacks_and_a_failing_one_harms_nothing(peer: Peer) -> None:
    told: list[object] = []

    def fails(_: object) -> None:
        raise RuntimeError("a mistake of the program")

    callbacks = Callbacks(
        welcome=fails,
        state=told.append,
        warning=told.append,
        message=told.append,
        goodbye=told.append,
        unreadable=told.append,
    )
    async with make_client(peer, callbacks=callbacks) as client:
        line = await peer.line()
        pushes = [
            StatePush(NOW, state("paused")),
            TimeWarning(60_000, NOW, "test", None),
            StaffMessage("m1", "Please speak up.", NOW),
            RefusedOp(None, Code.MALFORMED, "", "never"),
        ]
        await line.say(welcome(), *pushes)
        receipt = await line.hear()
        assert isinstance(receipt, Receipt)
        assert (receipt.message_id, receipt.seen) == ("m1", False)
        asked = client.answer("q1", "a")
        await line.hear()
        await line.say(acked(2, 5))
        await asked
        assert told == pushes


async def test_goodbye_is_told_and_followed(peer: Peer) -> None:
    told: list[Goodbye] = []
    async with make_client(peer, callbacks=Callbacks(goodbye=told.append)) as client:
        line = await peer.line()
        goodbye = Goodbye(Close.TRY_AGAIN, "restarting", 1)
        await line.say(welcome(), goodbye)
        await line.close(Close.TRY_AGAIN)
        line = await peer.line()
        await line.say(welcome())
        asked = client.answer("q1", "a")
        await line.hear()
        await line.say(acked(1, 5))
        await asked
        assert client.connections == 2
        assert told == [goodbye]


async def test_a_close_that_says_so_is_the_end(peer: Peer) -> None:
    ended: list[ConnectionEnded] = []
    async with make_client(peer, callbacks=Callbacks(ended=ended.append)) as client:
        line = await peer.line()
        await line.say(welcome())
        asked = client.answer("q1", "a")
        await line.hear()
        await line.close(Close.SUPERSEDED, "opened elsewhere")
        with pytest.raises(ConnectionEnded, match="opened elsewhere") as raised:
            await asked
        assert raised.value.code == Close.SUPERSEDED
        with pytest.raises(ConnectionEnded):
            client.answer("q2", "b")
        assert len(ended) == 1


async def test_an_expired_token_is_renewed(peer: Peer) -> None:
    fresh = iter(("token-2", "token-3"))

    async def renew() -> str:
        return next(fresh)

    async with make_client(peer, renew=renew) as client:
        line = await peer.line()
        await line.say(welcome())
        await client.welcomed()
        asked = client.answer("q1", "a")
        await line.hear()
        await line.close(Close.TOKEN_EXPIRED)
        line = await peer.line()
        assert line.hello.token == "token-2"
        await line.say(welcome())
        await line.hear()
        await line.say(acked(1, 5))
        await asked


async def test_a_failed_renewal_is_tried_again(peer: Peer) -> None:
    tries = 0

    async def renew() -> str:
        nonlocal tries
        tries += 1
        if tries == 1:
            raise OSError("the identity provider is down")
        return "token-2"

    async with make_client(peer, renew=renew):
        line = await peer.line()
        await line.close(Close.TOKEN_EXPIRED)
        assert (await peer.line()).hello.token == "token-2"


async def test_an_expired_token_without_a_fresh_one_is_the_end(peer: Peer) -> None:
    async with make_client(peer) as client:
        line = await peer.line()
        await line.close(Close.TOKEN_EXPIRED)
        with pytest.raises(ConnectionEnded):
            await client.welcomed()


async def test_a_message_that_is_none_closes_the_connection_and_not_the_client(peer: Peer) -> None:
    async with make_client(peer) as client:
        line = await peer.line()
        await line.say_bytes(b"\xc1")
        assert await line.closed() == 1002
        line = await peer.line()
        await line.say(welcome())
        await client.welcomed()


async def test_a_text_message_is_none(peer: Peer) -> None:
    async with make_client(peer):
        line = await peer.line()
        await line.say_text("hello")
        assert await line.closed() == 1002


async def test_silence_is_broken_off(peer: Peer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(link_module, "WELCOME_TIMEOUT_MS", 1)
    async with make_client(peer):
        line = await peer.line()
        assert await line.closed() == Close.HEARTBEAT_LOST
        await peer.line()


async def test_closing_tells_whoever_waits(peer: Peer) -> None:
    client = make_client(peer)
    client.open()
    line = await peer.line()
    await line.say(welcome())
    await client.welcomed()
    asked = client.answer("q1", "a")
    await client.close()
    assert await line.closed() == Close.NORMAL
    with pytest.raises(ConnectionEnded):
        await asked


async def test_a_cancelled_wait_takes_nothing_back(peer: Peer) -> None:
    async with make_client(peer) as client:
        line = await peer.line()
        await line.say(welcome())
        given_up = client.answer("q1", "a")
        given_up.cancel()
        kept = client.answer("q2", "b")
        assert [getattr(await line.hear(), "n", None) for _ in range(2)] == [1, 2]
        await line.say(acked(2, 5))
        await kept


async def test_the_servers_clock_is_known_after_the_welcome(peer: Peer) -> None:
    async with make_client(peer) as client:
        assert client.server_now_ms() is None
        line = await peer.line()
        await line.say(welcome(now_ms=NOW))
        await client.welcomed()
        server_now_ms = client.server_now_ms()
        assert server_now_ms is not None
        assert abs(server_now_ms - NOW) < 60_000


@pytest.mark.parametrize(
    "value",
    ["x" * (limits.MAX_ANSWER_CHARS + 1), ["x"] * (limits.MAX_ANSWER_OPTIONS + 1), ["x" * (limits.MAX_ID_CHARS + 1)]],
)
async def test_what_would_end_the_connection_is_not_sent(peer: Peer, value: str | list[str]) -> None:
    async with make_client(peer) as client:
        with pytest.raises(Refused):
            client.answer("q1", value)
        with pytest.raises(UnicodeEncodeError):
            client.answer("q1", "\ud800")
        assert client.unsettled == 0


@pytest.mark.parametrize("url", ["127.0.0.1:8000", "ftp://host", "http://", ""])
def test_an_address_that_is_none_is_named(url: str) -> None:
    with pytest.raises(ValueError, match="no web address"):
        Client(url, "a", "t")
