"""Tokens that must not be believed."""

import base64
import hashlib
import hmac
import json
from typing import Any

from tests.server.conftest import SECRET
from tests.server.harness.exam import CANDIDATE, ORG
from tests.server.harness.running import HOUR_MS, RunningServer


def forge(
    server: RunningServer, *, header: dict[str, Any] | None = None, secret: str | None = SECRET, **claims: Any
) -> str:
    """A token with a header and claims of one's own; `secret` None: without a signature. A claim that is None is left
    out."""
    now_s = server.clock.now_ms() // 1000
    told: dict[str, Any] = {
        "sub": CANDIDATE,
        "org": ORG,
        "role": "candidate",
        "aud": "pencilsdown",
        "iat": now_s,
        "exp": now_s + HOUR_MS // 1000,
    } | claims
    head = {"alg": "HS256", "typ": "JWT"} | (header or {})
    claims = {name: value for name, value in told.items() if value is not None}
    return sign(json.dumps(head).encode(), json.dumps(claims).encode(), secret)


def sign(header: bytes, claims: bytes, secret: str | None = SECRET) -> str:
    """A token of any bytes, signed with HS256 whatever its header says; `secret` None: without a signature."""
    text = f"{_encode(header)}.{_encode(claims)}"
    if secret is None:
        return text + "."
    return f"{text}.{_encode(hmac.digest(secret.encode(), text.encode(), hashlib.sha256))}"


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


PUBLIC_KEY = """-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEEVs/o5+uQbTjL3chynL4wXgUg2R9
q9UU8I5mEovUf86QZ7kOBIjJwqnzD1omageEHWwHdBO6B+dFabmdT9POxg==
-----END PUBLIC KEY-----
"""


def foreign_tokens(server: RunningServer) -> dict[str, str]:
    """Every kind of token that is refused as invalid."""
    far = 10**400
    return {
        "another secret": forge(server, secret="another secret of at least 32 bytes ......."),
        "no signature": forge(server, header={"alg": "none"}, secret=None),
        "a signature, but alg none": forge(server, header={"alg": "none"}),
        "another audience": forge(server, aud="somewhere-else"),
        "no audience": forge(server, aud=None),
        "RS256 under the HS key": forge(server, header={"alg": "RS256"}),
        "HS256 under a public key": forge(server, secret=PUBLIC_KEY),
        "HS512": forge(server, header={"alg": "HS512"}),
        "critical extensions": forge(server, header={"crit": ["exp"], "exp": 1}),
        "another type": forge(server, header={"typ": "dpop+jwt"}),
        "a type that is no text": forge(server, header={"typ": ["JWT"]}),
        "no expiry": forge(server, exp=None),
        "an expiry that is a text": forge(server, exp="soon"),
        "an expiry that is true": forge(server, exp=True),
        "an endless expiry": forge(server, exp=float("inf")),
        "an expiry that is no number": forge(server, exp=float("nan")),
        "an expiry beyond all numbers": forge(server, exp=far),
        "an expiry that is none in milliseconds": forge(server, exp=2**53),
        "a later start": forge(server, nbf=server.clock.now_ms() // 1000 + 60),
        "no subject": forge(server, sub=None),
        "an empty subject": forge(server, sub=""),
        "a subject with a NUL": forge(server, sub="ada\0"),
        "a subject with half of a surrogate pair": forge(server, sub="ada\ud800"),
        "a subject that is too long": forge(server, sub="a" * 129),
        "a subject that is a number": forge(server, sub=7),
        "no organisation": forge(server, org=None),
        "no role": forge(server, role=None),
        "an unknown role": forge(server, role="root"),
        "the system's role": forge(server, role="system"),
        "two parts": "e30.e30",
        "no token at all": "hello",
        "not ASCII": "ключ.ключ.ключ",
        "claims that are a list": "eyJhbGciOiJIUzI1NiJ9.W10.",
        "a header that is a list": "W10.e30.e30",
        "a token that is too long": forge(server, name=str(far)) + "x" * 9_000,
    }
