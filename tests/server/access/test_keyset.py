"""The keys of an identity provider that freezes, lies, and changes its keys."""

import asyncio
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from jwt.algorithms import RSAAlgorithm

from server.access.keyset import FIRST_RETRY_S, OLD_MS, RETRY_S, STALE_MS, KeySet, KeysUnavailable, UnknownKey
from tests.server.conftest import StartServer
from tests.server.harness.clock import StillClock
from tests.server.harness.provider import RSA_KEY, signed
from tests.server.harness.running import HOUR_MS
from tests.services.patience import PATIENCE_S

PUBLIC = RSAAlgorithm.to_jwk(RSA_KEY.public_key(), as_dict=True)


def published(*kids: str) -> bytes:
    return json.dumps({"keys": [PUBLIC | {"kid": kid, "use": "sig", "alg": "RS256"} for kid in kids]}).encode()


class Provider(ThreadingHTTPServer):
    """Answers `status` with `body`; nothing at all while `frozen`, and for ever where it is `endless`."""

    daemon_threads = True

    def __init__(self) -> None:
        self.status = 200
        self.headers: dict[str, str] = {}
        self.body = published("a")
        self.endless = False
        self.go_on = threading.Event()
        self.go_on.set()
        self.asked: list[str] = []
        self.sent = 0
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                provider.asked.append(self.path)
                provider.go_on.wait()
                self.send_response(provider.status)
                for name, value in provider.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                try:
                    self.wfile.write(provider.body)
                    while provider.endless:
                        provider.sent += self.wfile.write(bytes(65_536))
                except OSError:
                    """Nobody wanted more."""

            def log_message(self, *_: Any) -> None:
                """Keeps silent."""

        super().__init__(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server_port}/keys"


@pytest.fixture
def provider() -> Iterator[Provider]:
    server = Provider()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield server
    server.endless = False
    server.go_on.set()
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def clock() -> StillClock:
    return StillClock()


@pytest.fixture
def keys(provider: Provider, clock: StillClock) -> KeySet:
    return KeySet(provider.url, clock)


async def until_asked(provider: Provider, times: int) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while len(provider.asked) < times:  # noqa: ASYNC110 (it is another thread that counts)
            await asyncio.sleep(0.01)


async def test_a_known_key_never_waits_for_a_frozen_provider(
    provider: Provider, keys: KeySet, clock: StillClock
) -> None:
    await keys.key("a")
    provider.go_on.clear()
    clock.advance(RETRY_S * 1000)
    junk = [asyncio.create_task(keys.key(f"junk-{n}")) for n in range(8)]
    await until_asked(provider, 2)
    known = keys.key("a")
    with pytest.raises(StopIteration) as done:
        known.send(None)
    assert done.value.value.key_id == "a", "in one step of the loop"
    outcomes = await asyncio.gather(*junk, return_exceptions=True)
    assert {type(outcome) for outcome in outcomes} == {KeysUnavailable}, "nobody can say"
    assert len(provider.asked) == 2, "one look for all of them"
    with pytest.raises(KeysUnavailable):
        await keys.key("junk-9")
    assert len(provider.asked) == 2, "and that it failed is remembered"


async def test_unknown_keys_lead_to_one_look_in_a_while(provider: Provider, keys: KeySet, clock: StillClock) -> None:
    for n in range(200):
        with pytest.raises(UnknownKey):
            await keys.key(f"junk-{n}")
    assert len(provider.asked) == 1
    clock.advance(RETRY_S * 1000)
    for n in range(200):
        with pytest.raises(UnknownKey):
            await keys.key(f"junk-{n}")
    assert len(provider.asked) == 2
    kinds: tuple[object, ...] = (None, 7, ["a"], {})
    for no_text in kinds:
        with pytest.raises(UnknownKey):
            await keys.key(no_text)


async def test_a_new_key_is_found_and_one_that_was_withdrawn_is_gone(
    provider: Provider, keys: KeySet, clock: StillClock
) -> None:
    await keys.key("a")
    provider.body = published("b")
    clock.advance(RETRY_S * 1000)
    assert (await keys.key("b")).key_id == "b"
    with pytest.raises(UnknownKey):
        await keys.key("a")


LIES: dict[str, dict[str, Any]] = {
    "an error": {"status": 503},
    "a redirect": {"status": 302, "headers": {"location": "/elsewhere"}},
    "a page": {"body": b"<!doctype html><title>Sign in</title>", "headers": {"content-type": "text/html"}},
    "no end": {"endless": True},
    "a bomb": {"body": b"\x1f\x8b" + bytes(1000), "headers": {"content-encoding": "gzip"}},
    "no keys": {"body": b'{"keys":[]}'},
    "other JSON": {"body": b'["keys"]'},
    "too deep": {"body": b'{"keys":' + b"[" * 100_000},
    "too many keys": {"body": published(*(f"k{n}" for n in range(65)))},
    "keys for something else": {"body": json.dumps({"keys": [PUBLIC | {"kid": "a", "use": "enc"}]}).encode()},
    "keys that are none": {"body": b'{"keys":[1,null,{"kty":"RSA","kid":"a","n":"AQAB"}]}'},
}


@pytest.mark.parametrize("lie", LIES)
async def test_a_provider_that_lies_changes_nothing(
    provider: Provider, keys: KeySet, clock: StillClock, lie: str
) -> None:
    for name, value in LIES[lie].items():
        setattr(provider, name, value)
    with pytest.raises(KeysUnavailable):
        await keys.key("a")
    assert "/elsewhere" not in provider.asked
    provider.endless = False
    assert provider.sent < 50_000_000, "what was on the wire, not what it would have sent"
    provider.status, provider.headers, provider.body = 200, {}, published("a")
    clock.advance(FIRST_RETRY_S * 1000)
    await keys.key("a")
    for name, value in LIES[lie].items():
        setattr(provider, name, value)
    clock.advance(RETRY_S * 1000)
    with pytest.raises(KeysUnavailable):
        await keys.key("b")
    assert (await keys.key("a")).key_id == "a", "what was known is served"


async def test_old_keys_are_served_for_a_day_and_said_to_be_old(
    provider: Provider, keys: KeySet, clock: StillClock, caplog: pytest.LogCaptureFixture
) -> None:
    await keys.key("a")
    provider.status = 500
    said: list[str] = []
    for passed_ms in (RETRY_S * 1000, OLD_MS, STALE_MS - OLD_MS - RETRY_S * 1000 - HOUR_MS):
        clock.advance(passed_ms)
        with pytest.raises(KeysUnavailable):
            await keys.key("b")
        said.append(caplog.records[-1].levelname)
        await keys.key("a")
    assert said == ["WARNING", "ERROR", "ERROR"]
    assert keys.failures == 3
    clock.advance(HOUR_MS + 1)
    with pytest.raises(KeysUnavailable):
        await keys.key("a")
    assert provider.url not in caplog.text


async def test_a_node_has_the_keys_before_anybody_comes(provider: Provider, start_server: StartServer) -> None:
    server = await start_server(jwks_url=provider.url)
    await until_asked(provider, 1)
    await server.make_test()
    token = signed(server.clock.now_ms() // 1000, RSA_KEY, "RS256", "a", role="service")
    assert (await server.call("GET", "/tests", token)).status == 200
    assert len(provider.asked) == 1
    metrics = (await server.ops("/metrics")).raw.decode()
    assert "pencilsdown_provider_keys_age_seconds" in metrics
