"""Events reach a real receiver, signed and in order; one that is down, redirects or lies harms nobody else."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web
from jsonschema import Draft202012Validator
from standardwebhooks import Webhook, WebhookVerificationError

from protocol.events import schemas
from server.delivery import courier as courier_module
from tests.server.conftest import StartServer
from tests.server.harness.clock import MovableClock
from tests.server.harness.running import RunningServer
from tests.services.patience import PATIENCE_S

LOOPBACK = "127.0.0.0/8"


class Receiver:
    """An HTTP server that notes what it gets; `answer` decides what it says."""

    def __init__(self) -> None:
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.status = 204
        self.headers: dict[str, str] = {}
        self.waits: asyncio.Event | None = None

    async def take(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        self.got.append(({k.lower(): v for k, v in request.headers.items()}, body))
        if self.waits is not None:
            await self.waits.wait()
        return web.Response(status=self.status, headers=self.headers)

    @property
    def topics(self) -> list[str]:
        return [json.loads(body)["type"] for _, body in self.got]


@pytest.fixture
async def receiver() -> AsyncIterator[tuple[Receiver, str]]:
    made = Receiver()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", made.take)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    yield made, f"http://127.0.0.1:{port}/hook"
    await runner.cleanup()


async def until(server: RunningServer, is_so: Any) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not is_so():
            await server.node.courier.take_over()
            await server.node.courier.look()
            await asyncio.sleep(0.01)


def is_signed(secret: str, headers: dict[str, str], body: bytes) -> bool:
    """As a receiver verifies it, by the public library."""
    try:
        assert Webhook(secret).verify(body, headers) == json.loads(body)
    except WebhookVerificationError:
        return False
    return True


async def subscribe(server: RunningServer, url: str, *topics: str) -> tuple[str, str]:
    body = {"kind": "webhook", "target": url, "topics": list(topics) or ["attempt.*"]}
    made = (await server.call("POST", "/subscriptions", server.service, body)).ok()
    return made["subscription"]["subscription_id"], made["secret"]


async def test_events_arrive_signed_and_in_order(start_server: StartServer, receiver: tuple[Receiver, str]) -> None:
    hook, url = receiver
    server = await start_server(clock=MovableClock(), webhook_networks=LOOPBACK)
    await server.make_test()
    subscription_id, secret = await subscribe(server, url)
    attempt_id = await server.started()
    await until(server, lambda: len(hook.got) == 2)
    assert hook.topics == ["attempt.created", "attempt.started"]
    assert [headers["webhook-id"] for headers, _ in hook.got] == [f"{attempt_id}:1", f"{attempt_id}:2"]
    assert all(is_signed(secret, headers, body) for headers, body in hook.got)
    assert not is_signed(f"whsec_{'0' * 43}=", *hook.got[0])
    fits = Draft202012Validator(schemas.document())
    for _, body in hook.got:
        fits.validate(json.loads(body))
    # The new secret signs, and the old one for a while.
    new = (await server.call("POST", f"/subscriptions/{subscription_id}/secret", server.service, {})).ok()["secret"]
    (await server.call("POST", f"/test-attempts/{attempt_id}/pause", server.instructor, {})).ok()
    await until(server, lambda: len(hook.got) == 3)
    assert all(is_signed(one, *hook.got[-1]) for one in (secret, new))
    shown = await server.call("GET", "/subscriptions", server.service)
    assert not any(one.encode() in shown.raw for one in (secret, new))


async def test_whoever_is_refused_waits_and_410_switches_off(
    start_server: StartServer, receiver: tuple[Receiver, str]
) -> None:
    hook, url = receiver
    server = await start_server(clock=MovableClock(), webhook_networks=LOOPBACK)
    await server.make_test()
    hook.status, hook.headers = 302, {"location": "http://127.0.0.1:1/elsewhere"}
    subscription_id, _ = await subscribe(server, url)
    await server.started()
    await until(server, lambda: len(hook.got) == 1)
    await until(server, lambda: not server.node.courier._rounds)
    listed = (await server.call("GET", "/deliveries?state=waiting", server.service)).ok()["deliveries"]
    assert {one["status"] for one in listed} == {302, None}, "the second one waits for the first"
    hook.status = 410
    server.pass_time(10_000)
    await until(server, lambda: len(hook.got) == 2)
    await until(server, lambda: not server.node.courier._rounds)
    shown = (await server.call("GET", f"/subscriptions/{subscription_id}", server.service)).ok()
    assert (shown["enabled"], shown["why_off"]) == (False, "gone")
    dead = (await server.call("GET", "/deliveries?state=dead", server.service)).ok()["deliveries"]
    assert len(dead) == 1
    replayed = await server.call("POST", f"/subscriptions/{subscription_id}/replay", server.service, {})
    assert replayed.ok() == {"replayed": 1}


async def test_what_is_not_asked_for_any_more_is_not_sent(
    start_server: StartServer, receiver: tuple[Receiver, str]
) -> None:
    hook, url = receiver
    server = await start_server(clock=MovableClock(), webhook_networks=LOOPBACK)
    await server.make_test()
    hook.status = 503
    subscription_id, _ = await subscribe(server, url)
    await server.started()
    await until(server, lambda: len(hook.got) == 1 and not server.node.courier._rounds)
    await change(server, subscription_id, url, topics=["attempt.started"])
    hook.status = 204
    server.pass_time(10_000)
    await until(server, lambda: hook.topics[1:] == ["attempt.started"] and not server.node.courier._rounds)
    left = (await server.call("GET", "/deliveries?state=waiting", server.service)).ok()["deliveries"]
    assert left == []


async def test_a_round_that_is_under_way_hears_of_a_change(
    start_server: StartServer, receiver: tuple[Receiver, str]
) -> None:
    hook, url = receiver
    server = await start_server(clock=MovableClock(), webhook_networks=LOOPBACK)
    await server.make_test()
    subscription_id, _ = await subscribe(server, url)
    attempt_id = await server.started()
    hook.waits = asyncio.Event()
    await until(server, lambda: len(hook.got) == 1)
    await change(server, subscription_id, url, enabled=False)
    hook.waits.set()
    await until(server, lambda: not server.node.courier._rounds)
    assert hook.topics == ["attempt.created"], "the next one of the lane was due"
    await change(server, subscription_id, url)
    (await server.call("POST", f"/test-attempts/{attempt_id}/pause", server.instructor, {})).ok()
    await until(server, lambda: hook.topics == ["attempt.created", "attempt.started", "attempt.paused"])


async def change(server: RunningServer, subscription_id: str, url: str, **given: Any) -> None:
    body = {"target": url, "topics": ["attempt.*"], "description": "", "enabled": True} | given
    (await server.call("PUT", f"/subscriptions/{subscription_id}", server.service, body)).ok()


async def test_addresses_of_the_machine_are_refused(start_server: StartServer) -> None:
    server = await start_server()
    for url in ("https://127.0.0.1/x", "https://169.254.169.254/x", "https://[::ffff:10.0.0.1]/", "http://a.example/"):
        body = {"kind": "webhook", "target": url, "topics": ["*"]}
        assert (await server.call("POST", "/subscriptions", server.service, body)).code == "invalid_subscription", url


async def test_the_feed_continues_behind_its_cursor(server: RunningServer) -> None:
    await server.started()
    async with asyncio.timeout(PATIENCE_S):
        while True:
            page = (await server.call("GET", "/events?topic=attempt.*", server.service)).ok()
            if len(page["events"]) == 2:
                break
            await server.node.courier.take_over()
    behind = await server.call("GET", f"/events?topic=attempt.*&after={page['next']}", server.service)
    assert behind.ok()["events"] == []
    assert (await server.call("GET", f"/events?after={page['next']}", server.service)).code == "wrong_cursor"


async def test_events_wait_until_a_rush_has_passed(server: RunningServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(courier_module, "_REST_S", 0.01)
    monkeypatch.setattr(courier_module, "_MOST_RESTS", 1_000_000)
    monkeypatch.setattr(courier_module, "_RUSH", -1)
    await server.started()
    taking = asyncio.create_task(server.node.courier.take_over())
    assert (await server.call("GET", "/events", server.service)).ok()["events"] == []
    assert not taking.done()
    monkeypatch.setattr(courier_module, "_RUSH", 1_000)
    await taking
    assert (await server.call("GET", "/events", server.service)).ok()["events"] != []


async def test_a_node_has_its_clients_before_it_serves(start_server: StartServer) -> None:
    """To import them takes some tenths of a second, in which no answer would be acknowledged."""
    server = await start_server(clock=MovableClock(), webhook_networks=LOOPBACK)
    assert server.node.courier.webhooks is None, "who tells nobody needs none"
    await subscribe(server, "http://127.0.0.1:9/hook")
    await server.stop()
    again = await start_server(clock=MovableClock(), webhook_networks=LOOPBACK)
    assert again.node.courier.webhooks is not None


async def test_a_warning_of_the_time_and_what_staff_do_beside_the_clock_are_told(
    start_server: StartServer, receiver: tuple[Receiver, str]
) -> None:
    hook, url = receiver
    server = await start_server(clock=MovableClock(), webhook_networks=LOOPBACK)
    await server.make_test(duration_ms=400_000, warnings_ms=[300_000], links="once")
    _, secret = await subscribe(
        server, url, "attempt.warned", "attempt.messaged", "attempt.device_allowed", "presence.*"
    )
    attempt_id = await server.started()
    path = f"/test-attempts/{attempt_id}"
    (await server.call("POST", f"{path}/messages", server.instructor, {"text": "Five more minutes."})).ok()
    (await server.call("POST", f"{path}/allow-device", server.instructor, {"reason": "broken"})).ok()
    await server.advance(100_000)
    await until(server, lambda: len(hook.got) == 3)
    assert hook.topics == ["attempt.messaged", "attempt.device_allowed", "attempt.warned"]
    fits = Draft202012Validator(schemas.document())
    for headers, body in hook.got:
        assert is_signed(secret, headers, body)
        fits.validate(json.loads(body))
    assert b"Five more minutes" not in hook.got[0][1]
    assert json.loads(hook.got[2][1])["data"]["left_ms"] == 300_000


async def test_how_attempts_stand_is_told_to_those_who_ask_and_once_by_two_nodes(
    start_server: StartServer,
    migrated_postgres_url: str,
    receiver: tuple[Receiver, str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    hook, url = receiver
    given = {"database_url": migrated_postgres_url, "webhook_networks": LOOPBACK}
    one, two = await start_server(**given), await start_server(**given)
    for server in (one, two):
        await server.node._loops.stop()
    await one.make_test()
    ada, bob = await one.started("ada"), await one.started("bob")
    (await one.call("POST", f"/test-attempts/{bob}/pause", one.instructor, {})).ok()
    await one.node.live_analytics.look()
    _, secret = await subscribe(one, url, "progress.analytics")

    async def look() -> list[dict[str, Any]]:
        for server in (one, two):
            await server.node.live_analytics.look()
        page = (await one.call("GET", "/events?topic=progress.analytics", one.service)).ok()
        return [event["data"] for event in page["events"]]

    assert sorted((event["user_id"], event["answered"]) for event in await look()) == [("ada", 0), ("bob", 0)]
    for server in (one, two):
        server.pass_time(31_000)
    answer = {"n": 1, "question_id": "single", "value": "b", "client_at_ms": 0}
    (await one.call("POST", f"/test-attempts/{ada}/answers", one.service, {"answers": [answer]})).ok()
    told = await look()
    assert [(event["user_id"], event["answered"], event["attempts"]) for event in told[2:]] == [("ada", 1, 2)]
    # The node that was at work is gone: the other one tells nothing twice.
    for server in (one, two):
        monkeypatch.setattr(server.node.live_analytics, "_name", "")
        monkeypatch.setattr(server.node.nodes, "living", nobody)
    assert await look() == told
    await until(one, lambda: len(hook.got) == 3)
    assert hook.topics == ["progress.analytics"] * 3
    fits = Draft202012Validator(schemas.document())
    for headers, body in hook.got:
        assert is_signed(secret, headers, body)
        fits.validate(json.loads(body))
    # Before the database goes.
    await asyncio.gather(one.stop(), two.stop())


async def nobody() -> frozenset[str]:
    return frozenset()
