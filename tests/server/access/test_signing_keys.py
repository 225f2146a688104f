"""Keys of our own come and go: the first one signs, those that are listed verify, and what is off the list is dead."""

import itertools
import json
from typing import Any

import jwt

from protocol.attempt.model import Role
from protocol.codes import Code
from protocol.errors import Refused
from server.access.tokens import Tokens
from server.settings import load_settings
from tests.server.conftest import SECRET, StartServer
from tests.server.harness.clock import MovableClock
from tests.server.harness.forged import sign
from tests.server.harness.running import HOUR_MS

OLD, NEW = "the old key of the tests: more than 32 bytes", "the new key of the tests: more than 32 bytes"


def tokens(keys: str, clock: MovableClock) -> Tokens:
    given = {"PENCILSDOWN_DATA": "/nonexistent", "PENCILSDOWN_TOKEN_SECRET": SECRET, "PENCILSDOWN_TOKEN_KEYS": keys}
    return Tokens(load_settings(given), clock)


def minted(keys: str, clock: MovableClock) -> str:
    return tokens(keys, clock).mint(Role.CANDIDATE, "ada", "school", lifetime_ms=HOUR_MS)


async def believed(keys: str, token: str, clock: MovableClock) -> bool:
    try:
        return (await tokens(keys, clock).verify(token)).actor.id == "ada"
    except Refused as refused:
        return refused.refusal.code is not Code.TOKEN_INVALID


STEPS = ["", f"secret,a:{OLD}", f"a:{OLD},secret", f"a:{OLD}", f"a:{OLD},b:{NEW}", f"b:{NEW},a:{OLD}", f"b:{NEW}"]
"""From the secret to one key and on to the next, as an operator goes, a step at a time."""


async def test_from_step_to_step_nobody_is_put_out() -> None:
    """While some nodes have the next settings and some not yet, each believes what the other signs."""
    clock = MovableClock()
    for before, after in itertools.pairwise(STEPS):
        assert await believed(after, minted(before, clock), clock), (before, after)
        assert await believed(before, minted(after, clock), clock), (before, after)


async def test_what_is_off_the_list_is_dead() -> None:
    clock = MovableClock()
    assert not await believed(f"a:{OLD}", minted("", clock), clock), "the secret itself"
    assert not await believed(f"b:{NEW}", minted(f"a:{OLD}", clock), clock)
    assert not await believed("", minted(f"a:{OLD}", clock), clock), "a key that was never there"


async def test_a_key_signs_in_its_own_name_alone() -> None:
    clock = MovableClock()
    kept = f"b:{NEW},a:{OLD},secret"
    claims = jwt.decode(minted("", clock), options={"verify_signature": False})
    for key, header, good in [
        (NEW, {"kid": "b"}, True),
        (OLD, {"kid": "b"}, False),
        (NEW, {"kid": "a"}, False),
        (NEW, {}, False),
        (SECRET, {}, True),
        (SECRET, {"kid": "a"}, False),
        (SECRET, {"kid": "a name of a service's own"}, True),
        (SECRET, {"kid": "secret"}, True),
        (NEW, {"kid": "a name of a service's own"}, False),
    ]:
        assert await believed(kept, jwt.encode(claims, key, "HS256", header), clock) is good, (key, header)
    for kid in (7, ["b"], {"b": 1}, None):
        text = json.dumps({"alg": "HS256", "kid": kid}).encode()
        assert not await believed(kept, sign(text, json.dumps(claims).encode(), NEW), clock), kid


async def test_the_usual_headers_are_read_in_the_short_way_whatever_their_order() -> None:
    clock = MovableClock()
    ours = tokens(f"b:{NEW},secret", clock)
    claims = jwt.decode(minted("", clock), options={"verify_signature": False})
    payload = json.dumps(claims).encode()
    for parts in itertools.permutations((("alg", "HS256"), ("typ", "JWT"), ("kid", "b"))):
        token = sign(json.dumps(dict(parts), separators=(",", ":")).encode(), payload, NEW)
        assert ours._plain_claims(token) == ("own b", claims)
    assert ours._plain_claims(ours.mint(Role.CANDIDATE, "ada", "school", lifetime_ms=HOUR_MS)) is not None


async def test_a_server_that_is_given_a_new_key_still_knows_who_is_there(start_server: StartServer) -> None:
    keys: dict[str, Any] = {"token_keys": (("b", NEW), ("secret", ""))}
    server = await start_server()
    await server.make_test()
    old = server.instructor
    await server.stop()
    server = await start_server(**keys)
    new = server.instructor
    assert jwt.get_unverified_header(new) == {"alg": "HS256", "typ": "JWT", "kid": "b"}
    for token in (old, new):
        assert (await server.call("GET", "/tests", token)).status == 200
    await server.stop()
    server = await start_server(token_keys=keys["token_keys"][:1])
    assert (await server.call("GET", "/tests", old)).code == Code.TOKEN_INVALID
    assert (await server.call("GET", "/tests", new)).status == 200
