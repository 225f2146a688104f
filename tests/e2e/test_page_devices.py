"""Two devices of one candidate: the attempt goes from one to the other by an act of hers, and by nothing else."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any, Final

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Request, WebSocket, expect
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from clients.python.errors import Refused
from clients.python.rest import Rest
from clients.python.shell import socket_url
from protocol.attempt.facts import Connected
from protocol.codes import Close
from tests.e2e.deployment import Organisation, Server, Tenant
from tests.e2e.exams import Seat, seat, short_texts
from tests.e2e.pages import STORED, Sit, sit_link
from tests.e2e.proxy import Proxy

_WAYS: Final = {"live": True, "rest": False}
"""How a page is connected, and whether its proxy knows WebSockets."""


@pytest_asyncio.fixture(loop_scope="session")
async def service(tenant: Tenant) -> AsyncIterator[Rest]:
    async with tenant.service(tenant.node) as service:
        await service.put_test("exam", short_texts(2))
        yield service


@pytest.fixture(params=["live", pytest.param("rest", marks=pytest.mark.long)])
def way(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest_asyncio.fixture(loop_scope="session")
async def proxy(tenant: Tenant, way: str) -> AsyncIterator[Proxy]:
    async with Proxy(tenant.node.port, upgrades=_WAYS[way]) as proxy:
        yield proxy


async def test_taking_over_is_an_act_of_a_person(
    tenant: Tenant, service: Rest, proxy: Proxy, way: str, chromium: Browser
) -> None:
    one = await seat(service, "exam", "ada")
    laptop = await Sit.open(chromium, sit_link(proxy.url, one))
    await laptop.connection(way)
    await laptop.start()
    await laptop.give("on the laptop")
    await laptop.save_state("saved")

    # She opens the link on another device: the first one says so, and stays away.
    tablet = await Sit.open(chromium, sit_link(proxy.url, one))
    await tablet.connection(way)
    await tablet.is_given("on the laptop")
    await expect(laptop.part("disconnected")).to_contain_text("In use somewhere else")
    for nudge in ("offline", "online", "visibilitychange"):
        await laptop.page.evaluate(
            "name => (name === 'visibilitychange' ? document : window).dispatchEvent(new Event(name))", nudge
        )
    await tablet.give("on the tablet")
    await tablet.save_state("saved")
    assert await _devices(tenant, one) == ["laptop", "tablet"]

    # A page that loads anew is not an act either: a browser restores its tabs by itself.
    await laptop.page.reload()
    await expect(laptop.part("disconnected")).to_contain_text("In use somewhere else")
    await tablet.give("on the tablet, still")
    await tablet.save_state("saved")
    assert await _devices(tenant, one) == ["laptop", "tablet"]

    await laptop.part("use-here").click()
    await laptop.connection(way)
    await laptop.is_given("on the tablet, still")
    await expect(tablet.part("disconnected")).to_contain_text("In use somewhere else")
    await laptop.give("on the laptop again")
    await laptop.save_state("saved")
    assert await _devices(tenant, one) == ["laptop", "tablet", "laptop"]
    _, attempt = await tenant.log(one.attempt_id)
    assert attempt.answers["q1"].value == "on the laptop again"
    assert [*laptop.errors, *tablet.errors] == []


@pytest.mark.parametrize("way", ["live"], indirect=True)
async def test_a_device_that_comes_out_of_a_dead_spot_asks(
    tenant: Tenant, service: Rest, proxy: Proxy, chromium: Browser
) -> None:
    one = await seat(service, "exam", "ada")
    phone = await Sit.open(chromium, sit_link(proxy.url, one))
    await phone.start()
    await phone.give("before the dead spot")
    await phone.save_state("saved")
    await proxy.cut()
    await phone.connection("waiting")
    await phone.give("in the dead spot")
    await phone.save_state("kept")
    laptop = await Sit.open(chromium, sit_link(tenant.node.url, one))
    await laptop.is_given("before the dead spot")
    await laptop.give("on the laptop")
    await laptop.save_state("saved")

    proxy.heal()
    await expect(phone.part("disconnected")).to_contain_text("In use somewhere else")
    await laptop.connection("live")
    await phone.part("use-here").click()
    # Neither answer is lost: she decides.
    await phone.is_given("in the dead spot")
    await phone.save_state("refused")
    await phone.part("use-mine").click()
    await phone.save_state("saved")
    _, attempt = await tenant.log(one.attempt_id)
    assert attempt.answers["q1"].value == "in the dead spot"
    assert [*phone.errors, *laptop.errors] == []


@pytest.mark.parametrize("way", ["live"], indirect=True)
async def test_what_a_device_could_not_send_before_another_one_handed_in_is_shown_until_she_has_seen_it(
    tenant: Tenant, service: Rest, proxy: Proxy, chromium: Browser
) -> None:
    one = await seat(service, "exam", "ada")
    context = await chromium.new_context()
    phone = await Sit.open(context, sit_link(proxy.url, one))
    await phone.start()
    await phone.give("first")
    await phone.save_state("saved")
    await proxy.cut()
    await phone.connection("waiting")
    await phone.give("never sent")
    await phone.save_state("kept")
    await phone.go_to(1)
    await phone.give("nor this")
    await phone.save_state("kept")
    laptop = await Sit.open(chromium, sit_link(tenant.node.url, one))
    await laptop.is_given("first")
    await laptop.give("handed in")
    await laptop.save_state("saved")
    await laptop.hand_in()

    proxy.heal()
    await phone.outcome("completed")
    for _ in range(2):
        await expect(phone.part("lost-answers")).to_contain_text("never sent")
        await expect(phone.part("lost-answers")).to_contain_text("nor this")
        await phone.page.reload()
    await phone.part("lost-seen").click()
    await expect(phone.part("lost-answers")).to_have_count(0)
    await phone.page.wait_for_function(f"async () => !(await ({STORED})()).includes('nor this')")
    stored = await phone.page.evaluate(STORED)
    for trace in ("never sent", one.token, one.attempt_id):
        assert trace not in stored
    _, attempt = await tenant.log(one.attempt_id)
    assert {key: answer.value for key, answer in attempt.answers.items()} == {"q1": "handed in"}
    assert [*phone.errors, *laptop.errors] == []


@pytest.mark.parametrize("way", ["live"], indirect=True)
async def test_a_late_hello_of_the_same_page_never_wins(
    tenant: Tenant, service: Rest, proxy: Proxy, chromium: Browser
) -> None:
    one = await seat(service, "exam", "ada")
    sit = await Sit.open(chromium, sit_link(proxy.url, one))
    hellos: list[bytes] = []
    sit.page.on("websocket", lambda socket: _note_hello(socket, hellos))
    await sit.start()
    await sit.page.reload()
    await sit.connection("live")
    await proxy.cut()
    await sit.connection("waiting")
    proxy.heal()
    await sit.connection("live")
    assert len(hellos) >= 2

    # What the network had held back arrives after all, in whatever order.
    for hello in reversed(hellos):
        assert await _say(tenant.node, one, hello) == Close.SUPERSEDED
    await sit.give("typed meanwhile")
    await sit.save_state("saved")
    await sit.connection("live")
    assert await sit.part("disconnected").count() == 0
    _, attempt = await tenant.log(one.attempt_id)
    assert attempt.answers["q1"].value == "typed meanwhile"
    assert sit.errors == []


@pytest.mark.parametrize("way", ["rest"], indirect=True)
async def test_a_late_call_of_the_same_page_never_wins(
    tenant: Tenant, service: Rest, proxy: Proxy, chromium: Browser
) -> None:
    one = await seat(service, "exam", "ada")
    sit = await Sit.open(chromium, sit_link(proxy.url, one))
    calls: list[dict[str, Any]] = []
    sit.page.on("request", lambda request: _note_resume(request, calls))
    await sit.connection("rest")
    await sit.start()
    await sit.page.reload()
    await sit.connection("rest")
    async with tenant.node.rest(one.token) as late:
        for body in reversed(calls):
            with pytest.raises(Refused) as refused:
                await late.come_back(one.attempt_id, device=body["device"], connect_n=body["connect_n"], takeover=True)
            assert refused.value.code == "superseded"
    await sit.give("typed meanwhile")
    await sit.save_state("saved")
    assert sit.errors == []


def _note_hello(socket: WebSocket, hellos: list[bytes]) -> None:
    sent: list[bytes] = []

    def note(payload: str | bytes) -> None:
        if not sent and isinstance(payload, bytes):
            hellos.append(payload)
        sent.append(b"")

    socket.on("framesent", note)


def _note_resume(request: Request, calls: list[dict[str, Any]]) -> None:
    if request.url.endswith("/resume"):
        calls.append(json.loads(request.post_data or ""))


async def _say(node: Server, one: Seat, hello: bytes) -> int | None:
    """The code that the server closes a connection with that begins so."""
    url = socket_url(node.url, f"/ws/attempts/{one.attempt_id}")
    async with connect(url, compression=None, proxy=None) as socket:
        await socket.send(hello)
        async with asyncio.timeout(30):
            try:
                while True:
                    await socket.recv()
            except ConnectionClosed:
                return socket.close_code


async def _devices(org: Organisation, one: Seat) -> list[str]:
    """The devices that had the attempt, one after the other."""
    records, _ = await org.log(one.attempt_id)
    known: list[str] = []
    had: list[str] = []
    for record in records:
        if isinstance(fact := record.entry.fact, Connected):
            if fact.device not in known:
                known.append(fact.device)
            name = ("laptop", "tablet")[known.index(fact.device)]
            if had[-1:] != [name]:
                had.append(name)
    return had
