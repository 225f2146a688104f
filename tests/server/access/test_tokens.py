"""Whom a token is believed, and whom not."""

import asyncio
import hmac
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import jwt
import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.algorithms import ECAlgorithm, RSAAlgorithm
from jwt.utils import base64url_encode

from protocol.attempt.model import Role
from protocol.codes import Code
from protocol.errors import Refused
from protocol.rules.scope import TokenScope
from server.access.keyset import FIRST_RETRY_S, RETRY_S
from server.access.principal import Principal
from server.access.signing_keys import SigningKey
from server.access.tokens import Tokens
from server.settings import Settings
from tests.server.conftest import SECRET
from tests.server.harness.clock import MovableClock, StillClock
from tests.server.harness.forged import FOREIGN, forge, sign
from tests.server.harness.provider import EC_KEY, ISSUER, RSA_KEY, Provider
from tests.server.harness.provider import signed as provider_signed
from tests.server.harness.running import HOUR_MS

OWN = SigningKey(None, b"").source
STRANGER = rsa.generate_private_key(65537, 2048)


@pytest.fixture
def provider() -> Iterator[Provider]:
    with Provider().running() as running:
        yield running


@pytest.fixture
def clock() -> MovableClock:
    return StillClock()


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
        branches=["north"],
        name="Grace",
        attempt_id="a",
        tests=["t"],
    )
    principal = await ours.verify(token)
    expires_at_ms = (clock.now_ms() // 1000 + 3600) * 1000
    assert abs(principal.expires_at_ms - expires_at_ms) <= 1_000
    assert principal.token_id
    assert principal.issued_at_ms is not None
    assert abs(principal.issued_at_ms - clock.now_ms()) <= 1_000
    assert msgspec.structs.replace(principal, expires_at_ms=0, token_id=None, issued_at_ms=None) == Principal(
        principal.actor, "school", "north", "Grace", "a", TokenScope(frozenset({"north"}), frozenset({"t"})), 0
    )
    assert (principal.role, principal.actor.id) == (Role.INSTRUCTOR, "grace")


async def test_the_short_way_to_a_token_says_what_pyjwt_says(clock: MovableClock) -> None:
    """A token of another form, or whose signature, payload or audience is not right, takes the long way."""
    ours = tokens(clock)
    token = ours.mint(Role.CANDIDATE, "ada", "school", lifetime_ms=HOUR_MS, name="Ada Ünal")
    said = jwt.decode(
        token, SECRET, ["HS256"], audience="pencilsdown", options={"verify_iat": False, "verify_exp": False}
    )
    assert ours._plain_claims(token) == (OWN, said)
    for payload in (said, said | {"name": "a" * 5}, said | {"name": "ab" * 7}):
        plain = jwt.encode(payload, SECRET, algorithm="HS256")
        assert ours._plain_claims(plain) == (OWN, payload), "whatever the length of its parts"
    head, _, signature = token.rpartition(".")
    assert all(
        ours._plain_claims(other) is None
        for other in (
            f"{head}.{signature[:-1]}",
            f"{head}.{signature}=",
            f"{head[:-1]}.{signature}",
            f"{head}x.{signature}",
            head,
            "",
            jwt.encode(said | {"aud": "others"}, SECRET, algorithm="HS256"),
            jwt.encode(said | {"aud": ["pencilsdown"]}, SECRET, algorithm="HS256"),
            jwt.encode(said, SECRET, algorithm="HS256", headers={"kid": "1"}),
            jwt.encode(said, SECRET, algorithm="HS384"),
            jwt.encode(said, "another secret of thirty-two bytes", algorithm="HS256"),
            jwt.PyJWS().encode(b"[]", SECRET, algorithm="HS256"),
            jwt.PyJWS().encode(b"no JSON", SECRET, algorithm="HS256"),
            jwt.PyJWS().encode(b"[" * 3_000, SECRET, algorithm="HS256"),
        )
    )


@pytest.mark.parametrize("stray", [" ", "\n", "!", ".", ".x", "="])
async def test_a_payload_that_is_no_base64_is_none_although_it_is_signed(clock: MovableClock, stray: str) -> None:
    """Python passes over what is no base64: PyJWT refuses it, and so must the short way."""
    ours = tokens(clock)
    heads = (ours.mint(Role.CANDIDATE, "a" * n, "school", lifetime_ms=HOUR_MS).rpartition(".")[0] for n in range(1, 13))
    # Where `=` is the padding that is left out, PyJWT takes it for that.
    head = next(head for head in heads if len(head.partition(".")[2]) % 4 != 3) + stray
    signature = base64url_encode(hmac.digest(SECRET.encode(), head.encode(), "sha256")).decode()
    assert ours._plain_claims(f"{head}.{signature}") is None
    assert await code_of(ours, f"{head}.{signature}") == Code.TOKEN_INVALID


async def test_a_token_ends_by_the_servers_clock(clock: MovableClock) -> None:
    ours = tokens(clock)
    token = ours.mint(Role.CANDIDATE, "ada", "school", lifetime_ms=10_000)
    await ours.verify(token)
    clock.advance(10_000)
    assert await code_of(ours, token) == Code.TOKEN_EXPIRED


@pytest.mark.parametrize("claim", ["nbf", "iat"])
async def test_the_clock_of_whoever_made_a_token_may_be_a_minute_ahead(clock: MovableClock, claim: str) -> None:
    at_s = clock.now_ms() // 1000
    claims: dict[str, Any] = {claim: at_s + 60}
    assert (await tokens(clock).verify(forge(At(clock), **claims))).actor.id == "ada"
    claims[claim] = at_s + 62
    token = forge(At(clock), **claims)
    with pytest.raises(Refused, match=f"`{claim}` lies in the future"):
        await tokens(clock).verify(token)
    clock.advance(2_000)
    await tokens(clock).verify(token)


async def test_no_token(clock: MovableClock) -> None:
    assert await code_of(tokens(clock), "") == Code.TOKEN_MISSING


class At(NamedTuple):
    """Whoever forges needs to know the time."""

    clock: MovableClock


@pytest.mark.parametrize("kind", FOREIGN)
async def test_a_foreign_token(clock: MovableClock, kind: str) -> None:
    assert await code_of(tokens(clock), FOREIGN[kind](At(clock))) == Code.TOKEN_INVALID


@pytest.mark.parametrize("made", ["at a known instant", "at no known instant"])
async def test_a_token_may_end_366_days_after_it_was_made_and_not_a_second_later(
    clock: MovableClock, made: str
) -> None:
    now_s = clock.now_ms() // 1000
    claims: dict[str, Any] = {"iat": now_s - 86_400 if made == "at a known instant" else None}
    last = (claims["iat"] or now_s) + 366 * 86_400
    await tokens(clock).verify(forge(At(clock), exp=last, **claims))
    with pytest.raises(Refused, match="366 days"):
        await tokens(clock).verify(forge(At(clock), exp=last + 1, **claims))


async def test_the_forge_makes_good_ones_too(clock: MovableClock) -> None:
    assert (await tokens(clock).verify(forge(At(clock)))).actor.id == "ada"


async def test_another_audience_can_be_set(clock: MovableClock) -> None:
    other = tokens(clock, token_audience="exams")
    assert await code_of(other, forge(At(clock))) == Code.TOKEN_INVALID
    await other.verify(forge(At(clock), aud=["x", "exams"]))


async def test_the_type_of_an_access_token_passes(clock: MovableClock) -> None:
    await tokens(clock).verify(forge(At(clock), header={"typ": "at+jwt"}))


ODDLY_WRITTEN: dict[str, dict[str, Any]] = {
    "instants that are no whole seconds": {"nbf": 1.7e9 + 0.25},
    "instants that are null": {"iat": None, "nbf": None},
    "no branch, as an empty text": {"branch": ""},
    "no identifier, as a blank text": {"jti": " "},
    "claims of the provider's own": {"azp": "portal", "groups": ["a"], "email_verified": True, "iss": "https://x"},
    "audiences in a list": {"aud": ["account", "pencilsdown"]},
}


@pytest.mark.parametrize("kind", ODDLY_WRITTEN)
async def test_what_identity_providers_write_oddly_shuts_nobody_out(clock: MovableClock, kind: str) -> None:
    now_s = clock.now_ms() / 1000
    told = {"sub": "ada", "org": "school", "role": "candidate", "aud": "pencilsdown", "exp": now_s + 60, "iat": now_s}
    token = sign(b'{"alg":"HS256"}', json.dumps(told | ODDLY_WRITTEN[kind]).encode())
    principal = await tokens(clock).verify(token)
    assert (principal.actor.id, principal.branch_id, principal.token_id) == ("ada", None, None)


async def test_the_attempt_may_be_named_in_capitals(clock: MovableClock) -> None:
    attempt_id = "0190b0c8-5d1c-7c2e-8f3a-9a1b2c3d4e5f"
    assert (await tokens(clock).verify(forge(At(clock), attempt=attempt_id.upper()))).attempt_id == attempt_id


async def test_one_subject_however_it_is_composed(clock: MovableClock) -> None:
    composed, decomposed = "Ren\u00e9", "Rene\u0301"
    assert (await tokens(clock).verify(forge(At(clock), sub=decomposed))).actor.id == composed


@pytest.mark.parametrize("claim", ["sub", "org", "role", "exp", "test"])
async def test_the_claim_that_is_wrong_is_named(clock: MovableClock, claim: str) -> None:
    wrong: dict[str, Any] = {claim: [7]}
    with pytest.raises(Refused, match=f"The token's claim `{claim}` must be "):
        await tokens(clock).verify(forge(At(clock), **wrong))


# The scope


@pytest.mark.parametrize(
    ("claims", "scope"),
    [
        ({}, TokenScope()),
        ({"branch": "north", "test": "t", "group": "g"}, TokenScope(*map(frozenset, ({"north"}, {"t"}, {"g"})))),
        ({"branches": ["north", "south", "north"]}, TokenScope(branches=frozenset({"north", "south"}))),
        ({"tests": ["t"], "groups": ["g", "h"]}, TokenScope(tests=frozenset({"t"}), groups=frozenset({"g", "h"}))),
        ({"branch": None, "branches": None, "tests": None}, TokenScope()),
    ],
)
async def test_staff_are_limited_to_what_their_token_names(
    clock: MovableClock, claims: dict[str, Any], scope: TokenScope
) -> None:
    principal = await tokens(clock).verify(forge(At(clock), role="invigilator", **claims))
    assert principal.scope == scope
    assert principal.branch_id == claims.get("branch")


@pytest.mark.parametrize("claim", ["branch", "branches", "tests", "group", "groups"])
@pytest.mark.parametrize("value", ["", " ", [], [7], [""], {"a": 1}, 7, ["a", None], True])
async def test_a_limit_that_is_not_exact_opens_nothing(clock: MovableClock, claim: str, value: object) -> None:
    """An empty one would else open everything."""
    wrong: dict[str, Any] = {"role": "instructor", claim: value}
    with pytest.raises(Refused, match=f"The token's claim `{claim}` "):
        await tokens(clock).verify(forge(At(clock), **wrong))


@pytest.mark.parametrize(("one", "several"), [("branch", "branches"), ("test", "tests"), ("group", "groups")])
async def test_a_limit_is_given_once(clock: MovableClock, one: str, several: str) -> None:
    twice: dict[str, Any] = {"role": "instructor", one: "a", several: ["a"]}
    with pytest.raises(Refused, match=f"`{several}` does not go with `{one}`"):
        await tokens(clock).verify(forge(At(clock), **twice))


async def test_a_candidates_branch_and_groups_describe_her(clock: MovableClock) -> None:
    claims: dict[str, Any] = {"branch": "north", "groups": ["staff"], "branches": [], "tests": ["t"]}
    principal = await tokens(clock).verify(forge(At(clock), **claims))
    assert (principal.branch_id, principal.scope) == ("north", TokenScope(tests=frozenset({"t"})))


# The name


@pytest.mark.parametrize("name", ["", "  ", "\u200b", "\u3164", None, 7, ["Ada"], {"first": "Ada"}])
async def test_a_name_that_shows_nothing_is_none(clock: MovableClock, name: object) -> None:
    assert (await tokens(clock).verify(forge(At(clock), name=name))).name is None


@pytest.mark.parametrize("chars", [1, 128, 129, 200])
async def test_a_name_that_we_mint_comes_back_whole(clock: MovableClock, chars: int) -> None:
    ours = tokens(clock)
    name = "\U0001f4da" * chars
    token = ours.mint(
        Role.CANDIDATE, "\u5b57" * 128, "\u5b57" * 128, lifetime_ms=HOUR_MS, name=name, tests=["\u5b57" * 128]
    )
    assert (await ours.verify(token)).name == name


async def test_a_name_that_is_too_long_is_not_minted_and_a_foreign_one_is_cut(clock: MovableClock) -> None:
    with pytest.raises(Refused, match="at most 200 characters"):
        tokens(clock).mint(Role.CANDIDATE, "ada", "school", lifetime_ms=HOUR_MS, name="a" * 201)
    assert (await tokens(clock).verify(forge(At(clock), name="a" * 300))).name == "a" * 199 + "…"


@pytest.mark.parametrize("user", ["", " ada", "ada\0", "a" * 129])
async def test_an_id_that_we_would_not_believe_is_not_minted(clock: MovableClock, user: str) -> None:
    with pytest.raises(Refused, match="The token's claim `sub` must "):
        tokens(clock).mint(Role.CANDIDATE, user, "school", lifetime_ms=HOUR_MS)


# A key set


async def test_tokens_under_the_providers_keys(clock: MovableClock, provider: Provider) -> None:
    both = tokens(clock, jwks_url=provider.url)
    for token in (signed(clock, RSA_KEY, "RS256", "r"), signed(clock, EC_KEY, "ES256", "e")):
        assert (await both.verify(token)).actor.id == "ada"
    await both.verify(both.mint(Role.CANDIDATE, "bob", "school", lifetime_ms=1_000))
    assert provider.fetched == 1, "the key set is kept"


async def test_without_a_key_set_nothing_but_our_own_passes(clock: MovableClock) -> None:
    assert await code_of(tokens(clock), signed(clock, RSA_KEY, "RS256", "r")) == Code.TOKEN_INVALID


PUBLIC_PEM = RSA_KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
WEAK = rsa.generate_private_key(65537, 1024)  # noqa: S505 (it must be refused)
WRONG_KEYS: dict[str, Callable[[MovableClock], str]] = {
    "a stranger's key": lambda clock: signed(clock, STRANGER, "RS256", "r"),
    "an unknown key": lambda clock: signed(clock, RSA_KEY, "RS256", "unknown"),
    "no key named": lambda clock: signed(clock, RSA_KEY, "RS256", None),
    "a key that is a path": lambda clock: signed(clock, RSA_KEY, "RS256", "../../../../dev/null"),
    "a key of another kind": lambda clock: signed(clock, EC_KEY, "ES256", "r"),
    "a key of another kind, too": lambda clock: signed(clock, RSA_KEY, "RS256", "e"),
    "a symmetric key of the set": lambda clock: signed(clock, b"secret" * 8, "HS256", "o"),
    "a symmetric key as a public one": lambda clock: signed(clock, RSA_KEY, "RS256", "o"),
    "a key that is too short": lambda clock: signed(clock, WEAK, "RS256", "w"),
    "a key that is no point of its curve": lambda clock: signed(clock, EC_KEY, "ES256", "p"),
    "a body that is nothing": lambda clock: jwt.PyJWS().encode(b"{}", "x" * 32, "HS256", {"kid": "r"}),
    "another audience": lambda clock: signed(clock, RSA_KEY, "RS256", "r", aud="other"),
    "the public key as a secret": lambda clock: forge(At(clock), secret=PUBLIC_PEM, header={"kid": "r"}),
}


@pytest.mark.filterwarnings("ignore:The RSA key:jwt.InsecureKeyLengthWarning")
@pytest.mark.parametrize("kind", WRONG_KEYS)
async def test_a_wrong_key(clock: MovableClock, provider: Provider, kind: str) -> None:
    point = ECAlgorithm.to_jwk(EC_KEY.public_key(), as_dict=True)
    provider.keys += [
        RSAAlgorithm.to_jwk(WEAK.public_key(), as_dict=True) | {"kid": "w", "use": "sig", "alg": "RS256"},
        point | {"kid": "p", "use": "sig", "alg": "ES256", "y": point["x"]},
    ]
    both = tokens(clock, jwks_url=provider.url)
    assert await code_of(both, WRONG_KEYS[kind](clock)) == Code.TOKEN_INVALID
    assert (await both.verify(signed(clock, RSA_KEY, "RS256", "r"))).actor.id == "ada", "the others still count"


@pytest.mark.parametrize("own", [True, False], ids=["our own", "the provider's"])
async def test_where_a_key_is_to_be_had_is_not_the_tokens_to_say(
    clock: MovableClock, provider: Provider, own: bool
) -> None:
    """`jku`, `x5u`, `jwk` and `x5c` are not looked at, and nobody is asked."""
    with Provider().running() as evil:
        both = tokens(clock, jwks_url=provider.url)
        known = RSAAlgorithm.to_jwk(STRANGER.public_key(), as_dict=True)
        head = {"jku": evil.url, "x5u": evil.url, "jwk": known, "kid": "r", "alg": "HS256" if own else "RS256"}
        now_s = clock.now_ms() // 1000
        claims = {"sub": "ada", "org": "school", "role": "service", "aud": "pencilsdown", "exp": now_s + 60}
        key, algorithm = ("x" * 32, "HS256") if own else (STRANGER, "RS256")
        assert await code_of(both, jwt.encode(claims, key, algorithm, head)) == Code.TOKEN_INVALID
        assert evil.fetched == 0


async def test_an_expired_token_of_the_provider(clock: MovableClock, provider: Provider) -> None:
    both = tokens(clock, jwks_url=provider.url)
    assert await code_of(both, signed(clock, RSA_KEY, "RS256", "r", exp=1)) == Code.TOKEN_EXPIRED


@pytest.mark.parametrize(
    ("given", "leeway_s"), [({}, 5), ({"expiry_leeway_ms": 0}, 0), ({"expiry_leeway_ms": 60_000}, 60)]
)
async def test_a_token_of_the_provider_counts_a_little_longer_and_ours_does_not(
    clock: MovableClock, provider: Provider, given: dict[str, Any], leeway_s: int
) -> None:
    both = tokens(clock, jwks_url=provider.url, **given)
    now_s = clock.now_ms() // 1000
    theirs = signed(clock, RSA_KEY, "RS256", "r", exp=now_s - leeway_s + 1)
    assert (await both.verify(theirs)).expires_at_ms == (now_s + 1) * 1000
    assert await code_of(both, signed(clock, RSA_KEY, "RS256", "r", exp=now_s - leeway_s)) == Code.TOKEN_EXPIRED
    assert await code_of(both, forge(At(clock), exp=now_s)) == Code.TOKEN_EXPIRED


async def test_the_providers_keys_may_lie_in_a_file(clock: MovableClock, tmp_path: Path) -> None:
    file = tmp_path / "keys.json"
    both = tokens(clock, jwks_file=file)
    token = signed(clock, RSA_KEY, "RS256", "r")
    assert await code_of(both, token) == Code.OVERLOADED, "it is not there yet"
    public = RSAAlgorithm.to_jwk(RSA_KEY.public_key(), as_dict=True)
    file.write_text(json.dumps({"keys": [public | {"kid": "r"}]}))
    clock.advance(FIRST_RETRY_S * 1000)
    assert (await both.verify(token)).actor.id == "ada"
    file.write_text(json.dumps({"keys": [public | {"kid": "s"}]}))
    clock.advance(RETRY_S * 1000)
    await both.verify(signed(clock, RSA_KEY, "RS256", "s"))
    assert await code_of(both, token) == Code.TOKEN_INVALID, "the file has changed"


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
    clock.advance(FIRST_RETRY_S * 1000)
    await both.verify(token)


async def test_unknown_keys_do_not_make_us_ask_the_provider_each_time(clock: MovableClock, provider: Provider) -> None:
    both = tokens(clock, jwks_url=provider.url)
    forged = [signed(clock, STRANGER, "RS256", f"unknown-{n}") for n in range(20)]
    assert set(await asyncio.gather(*(code_of(both, token) for token in forged))) == {Code.TOKEN_INVALID}
    assert provider.fetched == 1
