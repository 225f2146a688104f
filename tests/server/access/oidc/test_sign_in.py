"""Sign-in of staff at a provider that speaks OpenID Connect, over HTTP; and everything that can be a lie."""

import base64
import json
import logging
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from protocol.codes import Code
from server.access.oidc import sign_in
from server.access.oidc.begun import BEGUN_MS
from tests.server.conftest import StartServer
from tests.server.harness.forged import sign
from tests.server.harness.oidc_provider import CLIENT_ID, CLIENT_SECRET, PUBLIC_KEYS, OidcProvider
from tests.server.harness.provider import EC_KEY, RSA_KEY
from tests.server.harness.running import Reply, RunningServer

VERIFIER = "v" * 43
STRANGER = rsa.generate_private_key(65537, 2048)


@pytest.fixture
def provider() -> Iterator[OidcProvider]:
    with OidcProvider().running() as running:
        yield running


@pytest.fixture
async def server(provider: OidcProvider, start_server: StartServer) -> RunningServer:
    running = await start_server(**provider.settings)
    provider.now_s = lambda: running.clock.now_ms() / 1000
    await running.make_test()
    return running


async def begin(server: RunningServer, verifier: str = VERIFIER) -> dict[str, str]:
    """What the provider is asked, as it stands in the address to which the browser goes."""
    reply = (await server.call("POST", "/sign-in", body={"verifier": verifier})).ok()
    return dict(parse_qsl(urlsplit(reply["address"]).query))


async def finish(server: RunningServer, code: str, state: str, issuer: str | None, verifier: str = VERIFIER) -> Reply:
    body = {"code": code, "state": state, "verifier": verifier, "issuer": issuer}
    return await server.call("POST", "/sign-in/finish", body=body)


async def signed_in(server: RunningServer, provider: OidcProvider) -> Reply:
    """The whole way of a browser that does as it is told."""
    asked = await begin(server)
    return await finish(server, provider.code_for(asked), asked["state"], provider.issuer)


def refused(reply: Reply, code: Code, says: str) -> None:
    assert (reply.code, reply.body["detail"]) == (code, says)


async def test_whoever_signs_in_is_given_a_token_of_ours(server: RunningServer, provider: OidcProvider) -> None:
    assert (await server.call("GET", "/sign-in")).ok() == {"offered": True}
    reply = (await signed_in(server, provider)).ok()
    principal = await server.node.tokens.verify(reply["token"])
    assert (principal.actor.id, principal.org_id, principal.role, principal.name) == (
        "grace",
        "school",
        "instructor",
        "Grace Hopper",
    )
    assert abs(reply["expires_at_ms"] - server.clock.now_ms() - server.settings.oidc_session_ms) < 5_000
    assert (await server.call("GET", "/tests", reply["token"])).status == 200
    (entry,) = (await server.call("GET", "/audit?kind=token_given", server.service)).ok()["entries"]
    assert (entry["by"], entry["subject"], entry["entry"]["token_id"]) == ("grace", "grace", principal.token_id)
    provider.sign = lambda claims: jwt.encode(claims, EC_KEY, "ES256", {"kid": "e"})
    assert (await signed_in(server, provider)).status == 200


async def test_the_provider_is_asked_as_the_specification_says(server: RunningServer, provider: OidcProvider) -> None:
    one, two = await begin(server), await begin(server)
    assert {name: one[name] for name in ("response_type", "client_id", "redirect_uri", "scope")} == {
        "response_type": "code",
        "client_id": CLIENT_ID,
        "redirect_uri": f"{server.settings.url}/monitor",
        "scope": "openid profile",
    }
    assert one["nonce"] != two["nonce"]
    assert one["state"] != two["state"]
    assert CLIENT_SECRET not in str(one)
    assert VERIFIER not in str(one)
    assert provider.asked == ["openid-configuration"], "once for both"


async def test_without_a_provider_nobody_signs_in(start_server: StartServer) -> None:
    server = await start_server()
    assert (await server.call("GET", "/sign-in")).ok() == {"offered": False}
    assert (await server.call("POST", "/sign-in", body={"verifier": VERIFIER})).code == Code.NOT_FOUND
    assert (await finish(server, "c", "s", None)).code == Code.NOT_FOUND


@pytest.mark.parametrize(("method", "secret"), [("client_secret_post", CLIENT_SECRET), ("none", "")])
async def test_a_client_shows_its_secret_as_the_provider_wants_it_or_has_none(
    provider: OidcProvider, start_server: StartServer, method: str, secret: str
) -> None:
    provider.auth_method = method
    server = await start_server(**provider.settings | {"oidc_client_secret": secret})
    provider.now_s = lambda: server.clock.now_ms() / 1000
    assert (await signed_in(server, provider)).status == 200


@pytest.mark.parametrize("named", [True, False])
async def test_the_only_key_of_a_provider_need_not_be_named(
    server: RunningServer, provider: OidcProvider, named: bool
) -> None:
    provider.keys = [{name: value for name, value in PUBLIC_KEYS[0].items() if named or name != "kid"}]
    provider.sign = lambda claims: jwt.encode(claims, RSA_KEY, "RS256")
    assert (await signed_in(server, provider)).status == 200
    provider.sign = lambda claims: jwt.encode(claims, STRANGER, "RS256")
    refused(await signed_in(server, provider), Code.TOKEN_INVALID, sign_in.NOT_BELIEVED)


async def test_what_is_of_the_id_token_alone_shuts_nobody_out(server: RunningServer, provider: OidcProvider) -> None:
    provider.claims |= {"jti": "j" * 200, "nbf": provider.now_s() + 30, "auth_time": 1, "azp": CLIENT_ID, "sid": "s"}
    provider.sign = with_claims(aud=[CLIENT_ID, "other"])
    assert (await signed_in(server, provider)).status == 200


# What a browser brings


async def test_a_state_is_good_for_the_browser_that_began_and_for_ten_minutes(
    server: RunningServer, provider: OidcProvider
) -> None:
    asked = await begin(server)
    other = await begin(server, "w" * 43)
    code, state = provider.code_for(asked), asked["state"]
    seal, data = base64.urlsafe_b64decode(state + "==")[:32], base64.urlsafe_b64decode(state + "==")[32:]
    older = data.replace(b'"at_ms":1', b'"at_ms":2')
    assert older != data
    for wrong in (
        "x",
        state[:-2],
        state[:-1] + ("A" if state[-1] != "A" else "B"),
        other["state"],
        "é",
        base64.urlsafe_b64encode(seal + older).decode(),
        base64.urlsafe_b64encode(data).decode(),
    ):
        refused(await finish(server, code, wrong, provider.issuer), Code.TOKEN_EXPIRED, sign_in.AGAIN)
    # A link with somebody else's code and state, sent to a victim: her tab has not begun that.
    refused(await finish(server, code, state, provider.issuer, "x" * 43), Code.TOKEN_EXPIRED, sign_in.AGAIN)
    assert "token" not in provider.asked, "the provider is not bothered with any of it"
    server.clock.advance(BEGUN_MS)
    refused(await finish(server, code, state, provider.issuer), Code.TOKEN_EXPIRED, sign_in.AGAIN)


async def test_a_code_is_used_once(server: RunningServer, provider: OidcProvider) -> None:
    asked = await begin(server)
    code = provider.code_for(asked)
    assert (await finish(server, code, asked["state"], provider.issuer)).status == 200
    refused(await finish(server, code, asked["state"], provider.issuer), Code.TOKEN_INVALID, sign_in.NOT_TAKEN)
    refused(await finish(server, "none", asked["state"], provider.issuer), Code.TOKEN_INVALID, sign_in.NOT_TAKEN)


async def test_the_code_of_another_sign_in_is_none(server: RunningServer, provider: OidcProvider) -> None:
    """PKCE keeps it out; and where a provider does not look at it, the nonce does."""
    mine, hers = await begin(server), await begin(server, "w" * 43)
    code = provider.code_for(hers)
    refused(await finish(server, code, mine["state"], provider.issuer), Code.TOKEN_INVALID, sign_in.NOT_TAKEN)
    code = provider.code_for(hers | {"code_challenge": mine["code_challenge"]})
    refused(await finish(server, code, mine["state"], provider.issuer), Code.TOKEN_INVALID, sign_in.NOT_BELIEVED)


async def test_an_answer_of_another_issuer_is_none(server: RunningServer, provider: OidcProvider) -> None:
    """The provider says that it names itself (RFC 9207), so it must."""
    asked = await begin(server)
    for issuer in ("https://evil.example", provider.issuer + "/", None):
        reply = await finish(server, provider.code_for(asked), asked["state"], issuer)
        refused(reply, Code.TOKEN_INVALID, sign_in.NOT_BELIEVED)
    assert "token" not in provider.asked


async def test_nobody_says_where_the_browser_comes_back_to(server: RunningServer) -> None:
    elsewhere = "https://evil.example"
    for more in ({"redirect_uri": elsewhere}, {"to": elsewhere}, {"verifier": "v" * 42}, {"verifier": "v" * 129}):
        reply = await server.call("POST", "/sign-in", body={"verifier": VERIFIER} | more)
        assert reply.status in (400, 422), reply.raw
    asked = await server.call("POST", f"/sign-in?redirect_uri={elsewhere}", body={"verifier": VERIFIER}, host="evil")
    assert "evil" not in asked.ok()["address"]


# What a provider says


PUBLIC_PEM = RSA_KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def with_claims(**wrong: Any) -> Any:
    def sign_(claims: dict[str, Any]) -> str:
        told = {name: value for name, value in (claims | wrong).items() if value is not None}
        return jwt.encode(told, RSA_KEY, "RS256", {"kid": "r"})

    return sign_


def at(name: str, shift_s: int) -> Any:
    return lambda claims: jwt.encode(claims | {name: claims["iat"] + shift_s}, RSA_KEY, "RS256", {"kid": "r"})


def header_of(**header: Any) -> Any:
    def sign_(claims: dict[str, Any]) -> str:
        return sign(json.dumps(header | {"kid": "r"}).encode(), json.dumps(claims).encode(), header.get("secret"))

    return sign_


LIES: dict[str, Any] = {
    "another nonce": with_claims(nonce="n" * 32),
    "no nonce": with_claims(nonce=None),
    "a nonce that is a list": with_claims(nonce=["n"]),
    "another audience": with_claims(aud="other"),
    "no audience": with_claims(aud=None),
    "several audiences without a party": with_claims(aud=[CLIENT_ID, "other"]),
    "another party": with_claims(aud=[CLIENT_ID, "other"], azp="other"),
    "another party alone": with_claims(azp="other"),
    "another issuer": with_claims(iss="https://evil.example"),
    "an issuer that only begins so": lambda claims: with_claims(iss=claims["iss"] + "/")(claims),
    "no issuer": with_claims(iss=None),
    "no subject": with_claims(sub=None),
    "no expiry": with_claims(exp=None),
    "an expiry that is a text": with_claims(exp="soon"),
    "no instant": with_claims(iat=None),
    "expired": at("exp", -61),
    "made in the future": at("iat", 62),
    "made an hour ago": at("iat", -3600),
    "a stranger's key": lambda claims: jwt.encode(claims, STRANGER, "RS256", {"kid": "r"}),
    "an unknown key": lambda claims: jwt.encode(claims, STRANGER, "RS256", {"kid": "z"}),
    "no key named": lambda claims: jwt.encode(claims, RSA_KEY, "RS256"),
    "a key of another kind": lambda claims: jwt.encode(claims, EC_KEY, "ES256", {"kid": "r"}),
    "algorithm none": lambda claims: jwt.encode(claims, "", "none", {"kid": "r"}),
    "algorithm none, written otherwise": header_of(alg="nOnE"),
    "HS256 under the public key": lambda claims: sign(
        b'{"alg":"HS256","kid":"r"}', json.dumps(claims).encode(), PUBLIC_PEM
    ),
    "HS256 under the client's secret": lambda claims: jwt.encode(claims, CLIENT_SECRET, "HS256", {"kid": "r"}),
    "no token": lambda claims: "hello",
    "an empty token": lambda claims: "",
    "an endless token": lambda claims: jwt.encode(claims | {"x": "x" * 20_000}, RSA_KEY, "RS256", {"kid": "r"}),
}


@pytest.mark.filterwarnings("ignore::jwt.InsecureKeyLengthWarning")
async def test_no_lie_is_believed(
    server: RunningServer, provider: OidcProvider, caplog: pytest.LogCaptureFixture
) -> None:
    truth = provider.sign
    for name, lie in LIES.items():
        provider.sign = lie
        caplog.clear()
        reply = await signed_in(server, provider)
        assert reply.status == 401, name
        refused(reply, Code.TOKEN_INVALID, sign_in.NOT_BELIEVED)
        assert "An ID token was refused: " in caplog.text, name
        assert "grace" not in caplog.text, "nothing of it is in the log"
    provider.sign = truth
    assert (await signed_in(server, provider)).status == 200


async def test_whoever_has_no_role_here_is_told_so(
    server: RunningServer, provider: OidcProvider, caplog: pytest.LogCaptureFixture
) -> None:
    grace = provider.claims
    lacking: list[dict[str, Any]] = [{"role": None}, {"role": "candidate"}, {"role": "Dean"}, {"org": None}]
    for wrong in [*lacking, {"attempt": "a"}, {"groups": []}]:
        caplog.clear()
        provider.claims = grace | wrong
        with caplog.at_level(logging.INFO):
            refused(await signed_in(server, provider), Code.FORBIDDEN, sign_in.NO_ROLE)
        assert "A sign-in was refused: " in caplog.text, wrong


async def test_what_the_providers_claims_mean_is_said_by_the_same_settings(
    provider: OidcProvider, start_server: StartServer
) -> None:
    server = await start_server(
        **provider.settings, claim_role="roles", role_map={"invigilators": "invigilator"}, token_org="school"
    )
    provider.now_s = lambda: server.clock.now_ms() / 1000
    provider.claims = {"sub": "ida", "roles": ["staff", "invigilators"], "groups": ["g"]}
    token = (await signed_in(server, provider)).ok()["token"]
    principal = await server.node.tokens.verify(token)
    assert (principal.role, principal.org_id, principal.scope.groups) == ("invigilator", "school", frozenset({"g"}))


async def test_a_provider_that_says_what_can_not_be_is_not_gone_to(
    server: RunningServer, provider: OidcProvider
) -> None:
    documents: list[dict[str, Any]] = [
        {"issuer": "https://evil.example"},
        {"token_endpoint": "ftp://x.example/token"},
        {"token_endpoint": "https://user@x.example/token"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"authorization_endpoint": ""},
        {"jwks_uri": 7},
        {"end_session_endpoint": "//evil.example"},
    ]
    for document in documents:
        provider.document = document
        server.clock.advance(5_000)
        reply = await server.call("POST", "/sign-in", body={"verifier": VERIFIER})
        refused(reply, Code.OVERLOADED, sign_in.AWAY)
    provider.document = {}
    server.clock.advance(5_000)
    assert (await begin(server))["client_id"] == CLIENT_ID


async def test_a_provider_that_is_away_is_asked_again_soon(
    server: RunningServer, provider: OidcProvider, caplog: pytest.LogCaptureFixture
) -> None:
    provider.status = 503
    for _ in range(3):
        reply = await server.call("POST", "/sign-in", body={"verifier": VERIFIER})
        refused(reply, Code.OVERLOADED, sign_in.AWAY)
        assert "retry-after" in reply.headers
    assert provider.asked == ["openid-configuration"]
    provider.status = 200
    server.clock.advance(5_000)
    asked = await begin(server)
    code = provider.code_for(asked)
    provider.status = 500
    refused(await finish(server, code, asked["state"], provider.issuer), Code.OVERLOADED, sign_in.AWAY)
    provider.status = 200
    assert (await finish(server, code, asked["state"], provider.issuer)).status == 200, "nothing was lost"
    assert CLIENT_SECRET not in caplog.text


async def test_a_client_whose_secret_is_wrong_is_the_operators_to_see(
    provider: OidcProvider, start_server: StartServer, caplog: pytest.LogCaptureFixture
) -> None:
    server = await start_server(**provider.settings | {"oidc_client_secret": "wrong"})
    with caplog.at_level(logging.INFO):
        refused(await signed_in(server, provider), Code.TOKEN_INVALID, sign_in.NOT_TAKEN)
    assert "A sign-in was refused by the provider: invalid_client" in caplog.text


# Leaving


async def test_whoever_signs_out_is_out_here_and_led_to_the_providers_way_out(
    server: RunningServer, provider: OidcProvider
) -> None:
    token = (await signed_in(server, provider)).ok()["token"]
    address = urlsplit((await server.call("POST", "/sign-out", token)).ok()["address"])
    assert f"{address.scheme}://{address.netloc}{address.path}" == f"{provider.issuer}/logout"
    assert dict(parse_qsl(address.query)) == {
        "client_id": CLIENT_ID,
        "post_logout_redirect_uri": f"{server.settings.url}/monitor",
    }
    assert (await server.call("GET", "/tests", token)).code == Code.TOKEN_REVOKED
    assert (await server.call("POST", "/sign-out", token)).code == Code.TOKEN_REVOKED
    assert (await server.call("POST", "/sign-out")).code == Code.TOKEN_MISSING
    assert (await server.call("POST", "/sign-out", server.token())).code == Code.FORBIDDEN, "a candidate's link"
