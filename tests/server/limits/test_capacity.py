"""Beyond its capacity a node puts newcomers off, and serves whoever sits an exam."""

import pytest

from protocol import limits
from protocol.codes import Close, Code
from protocol.errors import Refused
from server.limits.capacity import RESERVED_FILES, Capacity, open_files
from server.metrics.histogram import Histogram
from server.metrics.tally import Tally
from server.pacing.loop_lag import LoopLag
from tests.server.conftest import StartServer
from tests.server.harness.exam import TEST
from tests.server.harness.running import RunningServer
from tests.server.harness.waiting import eventually


def capacity(most: int = 2, queued: int = 0) -> Capacity:
    return Capacity(most, LoopLag(Histogram((1,))), lambda: queued, Tally())


def test_places_are_kept_while_newcomers_are_on_their_way() -> None:
    room = capacity(2)
    with room.entering():
        room.seat("a")
    with room.entering(), pytest.raises(Refused, match="overloaded"):
        room.check()
    room.check()
    room.seat("b")
    with pytest.raises(Refused, match="overloaded"), room.entering():
        pytest.fail("there was no place")
    room.unseat("a")
    room.check()


def test_a_place_is_free_again_when_a_newcomer_does_not_make_it() -> None:
    room = capacity(1)
    with pytest.raises(LookupError), room.entering():
        raise LookupError
    room.check()


def test_a_long_queue_is_an_overload() -> None:
    assert not capacity(queued=10_000).overloaded
    assert capacity(queued=10_001).overloaded


def test_a_late_loop_is_an_overload_until_it_has_caught_up() -> None:
    lag = LoopLag(Histogram((1,)))
    room = Capacity(5, lag, lambda: 0, Tally())
    lag.average_s = 0.6
    assert room.overloaded
    lag.average_s = 0.4
    assert not room.overloaded


def test_without_a_setting_the_open_files_are_the_limit() -> None:
    assert capacity(0).most == max(1, open_files() - RESERVED_FILES)


@pytest.fixture
async def full(start_server: StartServer) -> RunningServer:
    """A server with one place."""
    server = await start_server(max_seats=1)
    await server.make_test()
    return server


def is_spread(after_ms: int) -> bool:
    return limits.RECONNECT_BASE_MS <= after_ms < limits.RECONNECT_BASE_MS + limits.RECONNECT_CAP_MS


async def test_a_newcomer_is_told_on_the_socket_to_come_back_later(full: RunningServer) -> None:
    first, second = await full.make_attempt("ada"), await full.make_attempt("bob")
    async with await full.sit(first, "ada"):
        async with await full.socket(f"/ws/attempts/{second}") as socket:
            await socket.hello(full.token(user="bob"))
            rest, code = await socket.end()
        assert [message["t"] for message in rest] == ["refused", "goodbye"]
        assert (rest[0]["code"], rest[0]["retry"], code) == ("overloaded", "later", Close.TRY_AGAIN)
        assert is_spread(rest[1]["after_ms"])
    await eventually(lambda: full.node.capacity.sitting == 0)
    async with await full.sit(second, "bob"):
        assert full.node.capacity.sitting == 1


async def test_whoever_sits_an_exam_is_served_beyond_capacity(full: RunningServer) -> None:
    first, second, third = await full.make_attempt("ada"), await full.started("bob"), await full.started("eve")
    (await full.call("POST", f"/test-attempts/{third}/pause", full.instructor, {"reason": "r"})).ok()
    async with (
        await full.sit(first, "ada") as ada,
        await full.sit(second, "bob") as bob,
        await full.sit(third, "eve"),
    ):
        assert full.node.capacity.sitting == 3
        await bob.send("answer", n=1, question_id="single", value="a", client_at_ms=0)
        await bob.until("ack", n=1)
        await ada.send("start", n=1, client_at_ms=0)  # she has her place, so she may begin
        await ada.until("ack", n=1)


@pytest.mark.parametrize("full_by", ["seats", "queue", "lag"])
async def test_rest_puts_newcomers_off_with_a_time_to_come_back(
    full: RunningServer, monkeypatch: pytest.MonkeyPatch, full_by: str
) -> None:
    ada, bob, eve = await full.make_attempt("ada"), await full.make_attempt("bob"), await full.started("eve")
    if full_by == "queue":
        monkeypatch.setattr(full.node.capacity, "_queued", lambda: 10_001)
    elif full_by == "lag":
        monkeypatch.setattr(full.node.capacity, "_lag", type("Late", (), {"average_s": 1.0}))
    else:
        full.node.capacity.seat("somebody")
    put_off = [
        await full.call("POST", "/test-attempts", full.service, {"test_id": TEST, "user_id": "new"}),
        await full.call("POST", f"/test-attempts/{ada}/start", full.service, {}),
        await full.call("POST", f"/test-attempts/{bob}/resume", full.token(user="bob"), full.arrival()),
    ]
    for reply in put_off:
        assert (reply.status, reply.code) == (503, Code.OVERLOADED)
        assert (
            1 <= int(reply.headers["retry-after"]) <= (limits.RECONNECT_BASE_MS + limits.RECONNECT_CAP_MS) // 1000 + 1
        )
    assert full.node.tally.put_off == len(put_off)
    answers = {"answers": [{"n": 1, "question_id": "single", "value": "a", "client_at_ms": 0}]}
    token = full.token(user="eve")
    assert (await full.act("POST", f"/test-attempts/{eve}/answers", token, answers)).ok()["acked"] == [1]
    (await full.call("POST", f"/test-attempts/{eve}/resume", token, full.arrival())).ok()
    (await full.call("POST", "/test-attempts", full.service, {"test_id": TEST, "user_id": "eve"})).ok()
    (await full.act("POST", f"/test-attempts/{eve}/complete", token, {"n": 2, "client_at_ms": 0})).ok()
