"""Whom a token is believed, and whom not."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jwt
import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from protocol.attempt.model import Role
from protocol.codes import Code
from protocol.errors import Refused
from server.principal import Principal
from server.settings import Settings
from server.tokens import Tokens
from tests.server.conftest import SECRET
from tests.server.harness.clock import MovableClock
from tests.server.harness.forged import foreign_tokens, forge
from tests.server.harness.provider import EC_KEY, ISSUER, RSA_KEY, Provider
from tests.server.harness.provider import signed as provider_signed
from tests.server.harness.running import HOUR_MS, RunningServer

STRANGER = rsa.generate_private_key(65537, 2048)


@pytest.fixture
def provider() -> Iterator[Provider]:
    with Provider().running() as running:
        yield running


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock()


def tokens(clock: MovableClock, **given: Any) -> Tokens:
    return Tokens(Settings(data=Path("/nonexistent"), token_secret=SECRET, **given), clock)


def signed(clock: MovableClock, key: Any, algorithm: str, kid: str | None, **claims: Any) -> str:
    return provider_signed(clock.now_ms() // 1000, key, algorithm, kid, **claims)


async def code_of(tokens: Tokens, token: str) -> Code:
    with pytest.raises(Refused) as refused:
        await tokens.verify(token)
    return refused.value.refusal.code


# Our own


async def test_what_we_mint_we_believe(clock: MovableClock) -> None:
    ours = tokens(clock)
    token = ours.mint(
        Role.INSTRUCTOR,
        "grace",
        "school",
        lifetime_ms=HOUR_MS,
        branch_id="north",
        name="Grace",
        attempt_id="a",
        test_id="t",
    )
    principal = await ours.verify(token)
    expires_at_ms = (clock.now_ms() // 1000 + 3600) * 1000
    assert abs(principal.expires_at_ms - expires_at_ms) <= 1_000
    assert principal.token_id
    assert principal.issued_at_ms is not None
    assert abs(principal.issued_at_ms - clock.now_ms()) <= 1_000
    assert msgspec.structs.replace(principal, expires_at_ms=0, token_id=None, issued_at_ms=None) == Principal(
        principal.actor, "school", "north", "Grace", "a", "t", 0
    )
    assert (principal.role, principal.actor.id) == (Role.INSTRUCTOR, "grace")


async def test_a_token_ends_by_the_servers_clock(clock: MovableClock) -> None:
    ours = tokens(clock)
    token = ours.mint(Role.CANDIDATE, "ada", "school", lifetime_ms=10_000)
    await ours.verify(token)
    clock.advance(10_000)
    assert await code_of(ours, token) == Code.TOKEN_EXPIRED


async def test_no_token(clock: MovableClock) -> None:
    assert await code_of(tokens(clock), "") == Code.TOKEN_MISSING


async def test_every_foreign_token(server: RunningServer) -> None:
    for kind, token in foreign_tokens(server).items():
        assert await code_of(server.node.tokens, token) == Code.TOKEN_INVALID, kind
    await server.node.tokens.verify(forge(server)), "the forge makes good ones too"


async def test_another_audience_can_be_set(clock: MovableClock, server: RunningServer) -> None:
    other = tokens(clock, token_audience="exams")
    assert await code_of(other, forge(server)) == Code.TOKEN_INVALID
    await other.verify(forge(server, aud=["x", "exams"]))


async def test_the_type_of_an_access_token_passes(server: RunningServer) -> None:
    await server.node.tokens.verify(forge(server, header={"typ": "at+jwt"}))


# A key set


async def test_tokens_under_the_providers_keys(clock: MovableClock, provider: Provider) -> None:
    both = tokens(clock, jwks_url=provider.url)
    for token in (signed(clock, RSA_KEY, "RS256", "r"), signed(clock, EC_KEY, "ES256", "e")):
        assert (await both.verify(token)).actor.id == "ada"
    await both.verify(both.mint(Role.CANDIDATE, "bob", "school", lifetime_ms=1_000))
    assert provider.fetched == 1, "the key set is kept"


async def test_without_a_key_set_nothing_but_our_own_passes(clock: MovableClock) -> None:
    assert await code_of(tokens(clock), signed(clock, RSA_KEY, "RS256", "r")) == Code.TOKEN_INVALID


async def test_wrong_keys(clock: MovableClock, provider: Provider) -> None:
    both = tokens(clock, jwks_url=provider.url)
    public = RSA_KEY.public_key()
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    confused = jwt.PyJWS().encode(b"{}", "x" * 32, "HS256", {"kid": "r"})
    for kind, token in {
        "a stranger's key": signed(clock, STRANGER, "RS256", "r"),
        "an unknown key": signed(clock, RSA_KEY, "RS256", "unknown"),
        "no key named": signed(clock, RSA_KEY, "RS256", None),
        "a key of another kind": signed(clock, EC_KEY, "ES256", "r"),
        "a key of another kind, too": signed(clock, RSA_KEY, "RS256", "e"),
        "a symmetric key of the set": signed(clock, b"secret" * 8, "HS256", "o"),
        "a symmetric key as a public one": signed(clock, RSA_KEY, "RS256", "o"),
        "a body that is nothing": confused,
        "another audience": signed(clock, RSA_KEY, "RS256", "r", aud="other"),
        "the public key as a secret": forge_with(pem, clock),
    }.items():
        assert await code_of(both, token) == Code.TOKEN_INVALID, kind


def forge_with(secret: str, clock: MovableClock) -> str:
    """HS256 under a public key, which PyJWT itself refuses to make."""

    class Anyone:
        clock: MovableClock

    anyone = Anyone()
    anyone.clock = clock
    return forge(anyone, secret=secret)  # type: ignore[arg-type]


async def test_an_expired_token_of_the_provider(clock: MovableClock, provider: Provider) -> None:
    both = tokens(clock, jwks_url=provider.url)
    assert await code_of(both, signed(clock, RSA_KEY, "RS256", "r", exp=1)) == Code.TOKEN_EXPIRED


async def test_the_issuer_counts_where_it_is_set(clock: MovableClock, provider: Provider) -> None:
    strict = tokens(clock, jwks_url=provider.url, token_issuer=ISSUER)
    await strict.verify(signed(clock, RSA_KEY, "RS256", "r"))
    assert await code_of(strict, signed(clock, RSA_KEY, "RS256", "r", iss="https://evil.example")) == Code.TOKEN_INVALID
    assert await code_of(strict, signed(clock, RSA_KEY, "RS256", "r", iss="")) == Code.TOKEN_INVALID
    await strict.verify(strict.mint(Role.CANDIDATE, "ada", "school", lifetime_ms=1_000)), "our own need none"


async def test_a_provider_that_is_away_is_not_the_tokens_fault(clock: MovableClock, provider: Provider) -> None:
    both = tokens(clock, jwks_url=provider.url)
    token = signed(clock, RSA_KEY, "RS256", "r")
    provider.status = 500
    assert await code_of(both, token) == Code.OVERLOADED
    provider.status = 200
    await both.verify(token)


async def test_unknown_keys_do_not_make_us_ask_the_provider_each_time(clock: MovableClock, provider: Provider) -> None:
    both = tokens(clock, jwks_url=provider.url)
    forged = [signed(clock, STRANGER, "RS256", f"unknown-{n}") for n in range(20)]
    assert set(await asyncio.gather(*(code_of(both, token) for token in forged))) == {Code.TOKEN_INVALID}
    assert provider.fetched <= 2
