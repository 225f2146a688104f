"""Where a test says `links: once`, its link opens the attempt on one device, on every node and by both ways in."""

from typing import Any

import pytest

from protocol.attempt.model import Role
from protocol.codes import Close, Code
from protocol.rest.body import DEVICE_HEADER
from storage.errors import StorageUnavailable
from tests.server.conftest import Pair
from tests.server.harness.running import RunningServer

LAPTOP, TABLET, PHONE = (name * 8 for name in ("laptop", "tablet", "phones"))
GETS = ("status", "paper", "answers", "result")
ANSWER = {"n": 1, "question_id": "word", "value": "Euler", "position": None, "client_at_ms": 0}


async def bound(server: RunningServer, **rules: Any) -> str:
    """The path of an attempt that runs, and that nobody has opened yet."""
    await server.make_test("exam", links="once", **rules)
    path = f"/test-attempts/{await server.make_attempt(test_id='exam')}"
    (await server.call("POST", f"{path}/start", server.service, {})).ok()
    return path


async def resume(server: RunningServer, path: str, device: str, connect_n: int, takeover: bool = True) -> Any:
    body = {"device": device, "connect_n": connect_n, "takeover": takeover}
    return await server.call("POST", f"{path}/resume", server.token(), body)


async def hello(server: RunningServer, path: str, device: str, connect_n: int) -> tuple[Code, Close] | str:
    """How the socket answers: the connection that it gives, or its refusal."""
    async with await server.socket(f"/ws/attempts/{path.rpartition('/')[2]}") as socket:
        said = {
            "protocol": 1,
            "token": server.token(),
            "client": "page/1",
            "oldest_protocol": 1,
            "capabilities": [],
            "seen_seq": None,
            "seen_head": None,
        }
        await socket.send("hello", **said, device=device, connect_n=connect_n, takeover=True)
        message = await socket.next()
        if message["t"] == "welcome":
            return str(message["connection_id"])
        assert message["t"] == "refused"
        return Code(message["code"]), Close((await socket.end())[1])


async def look(server: RunningServer, path: str, device: str | None) -> set[str]:
    """What a candidate's calls are refused with; "" where one is not."""
    named: dict[str, Any] = {} if device is None else {DEVICE_HEADER: device}
    replies = [await server.call("GET", f"{path}/{what}", server.token(), **named) for what in GETS]
    replies.append(await server.call("PUT", f"{path}/heartbeat", server.token(), {"t0_ms": 1}, **named))
    return {"" if reply.status == 200 else reply.body["code"] for reply in replies}


async def allow(server: RunningServer, path: str, reason: str = "her laptop has broken") -> Any:
    return await server.call("POST", f"{path}/allow-device", server.instructor, {"reason": reason})


async def test_the_first_device_binds_the_link_on_every_node(deaf_pair: Pair) -> None:
    one, two = deaf_pair
    path = await bound(one)
    (await resume(one, path, LAPTOP, 1)).ok()
    for server in (two, one):
        assert (await resume(server, path, TABLET, 1)).code == Code.LINK_USED
        assert await hello(server, path, TABLET, 2) == (Code.LINK_USED, Close.LINK_USED)
    assert isinstance(await hello(two, path, LAPTOP, 2), str)
    assert (await allow(two, path)).ok()["seq"] > 0
    assert isinstance(await hello(one, path, TABLET, 3), str)
    for server in (two, one):
        assert (await resume(server, path, LAPTOP, 3)).code == Code.LINK_USED
        assert (await resume(server, path, PHONE, 1)).code == Code.LINK_USED
    (await resume(two, path, TABLET, 4)).ok()


async def test_the_token_alone_opens_nothing(deaf_pair: Pair) -> None:
    one, two = deaf_pair
    path = await bound(one)
    for device in (None, LAPTOP):
        assert await look(one, path, device) == {Code.LINK_USED}, "it is bound to nobody yet"
    came = (await resume(one, path, LAPTOP, 1)).ok()
    for server in (two, one):
        for device in (None, "", TABLET):
            assert await look(server, path, device) == {Code.LINK_USED}
        assert Code.LINK_USED not in await look(server, path, LAPTOP)
    body = {"connection_id": came["connection_id"], "answers": [ANSWER]}
    assert (await two.call("POST", f"{path}/answers", one.token(), body)).code == Code.LINK_USED
    named: dict[str, Any] = {DEVICE_HEADER: LAPTOP}
    assert (await two.call("POST", f"{path}/answers", one.token(), body, **named)).ok()["acked"] == [1]
    (await allow(one, path)).ok()
    (await resume(one, path, TABLET, 1)).ok()
    for server in (two, one):
        assert await look(server, path, LAPTOP) == {Code.LINK_USED}, "the link has left this device"
    (await one.call("POST", f"{path}/end", one.instructor, {"reason": "x"})).ok()
    for server in (two, one):
        for device in (None, LAPTOP):
            assert await look(server, path, device) == {Code.LINK_USED}, "after the end as before"


async def test_a_new_token_does_not_unbind(server: RunningServer) -> None:
    path = await bound(server)
    (await resume(server, path, LAPTOP, 1)).ok()
    again = await server.call("POST", "/test-attempts", server.service, {"test_id": "exam", "user_id": "ada"})
    assert not again.ok()["created"]
    body = {"device": TABLET, "connect_n": 1, "takeover": True}
    reply = await server.call("POST", f"{path}/resume", again.body["token"], body)
    assert reply.code == Code.LINK_USED
    assert "invigilator" in reply.body["detail"]


async def test_staff_and_services_need_no_device(server: RunningServer) -> None:
    path = await bound(server)
    (await resume(server, path, LAPTOP, 1)).ok()
    for token in (server.service, server.token(Role.INSTRUCTOR, "grace")):
        for what in ("status", "paper", "answers"):
            (await server.call("GET", f"{path}/{what}", token)).ok()


async def test_a_name_that_can_be_guessed_binds_nothing(server: RunningServer) -> None:
    path = await bound(server)
    assert (await resume(server, path, "laptop", 1)).code == Code.OUT_OF_RANGE
    assert (await hello(server, path, "laptop", 2))[0] == Code.OUT_OF_RANGE
    (await resume(server, path, LAPTOP, 1)).ok()


@pytest.mark.parametrize("reason", ["", " "])
async def test_allowing_a_device_is_kept_with_its_reason(server: RunningServer, reason: str) -> None:
    path = await bound(server)
    (await resume(server, path, LAPTOP, 1)).ok()
    assert (await allow(server, path, reason)).code == Code.REASON_REQUIRED
    (await allow(server, path, "her laptop has broken")).ok()
    last = (await server.call("GET", f"{path}/log", server.service)).ok()["entries"][-1]
    assert (last["kind"], last["by"], last["fact"]["reason"]) == ("device_allowed", "grace", "her laptop has broken")


async def test_other_systems_are_told_of_a_refused_device(
    server: RunningServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Found by the simulation, seed 9006: it was never told while the database was away."""
    node, path = server.node, await bound(server)
    (await resume(server, path, LAPTOP, 1)).ok()

    async def away(*_: Any) -> None:
        raise StorageUnavailable("away")

    with monkeypatch.context() as outage:
        outage.setattr(node.events, "tell", away)
        for device in (TABLET, PHONE):
            assert (await resume(server, path, device, 1)).code == Code.LINK_USED
        with pytest.raises(StorageUnavailable):
            await node.housekeeping.tell_of_refused_devices()
    await node.housekeeping.tell_of_refused_devices()
    await node.courier.take_over()
    events = (await server.call("GET", "/events", server.service)).ok()["events"]
    [told] = [one["data"] for one in events if one["type"] == "security.device_refused"]
    assert path.endswith(told["attempt_id"])
    assert told["address"] == "127.0.0.1"
