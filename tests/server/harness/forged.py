"""Tokens that the server must refuse."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from typing import Any, Final, Protocol

from protocol import limits
from server.clock import Clock
from tests.server.conftest import SECRET
from tests.server.harness.exam import CANDIDATE, ORG
from tests.server.harness.running import HOUR_MS


class Clocked(Protocol):
    """Anything with a clock."""

    @property
    def clock(self) -> Clock: ...


def forge(at: Clocked, *, header: dict[str, Any] | None = None, secret: str | None = SECRET, **claims: Any) -> str:
    """A token with a header and claims of one's own; `secret` None: without a signature. A claim that is None is left
    out."""
    now_s = at.clock.now_ms() // 1000
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


def _altered(at: Clocked) -> str:
    """A good token whose claims were changed afterwards."""
    header, claims, signature = forge(at).split(".")
    return ".".join(
        [header, _encode(base64.urlsafe_b64decode(claims + "==").replace(b"candidate", b"service")), signature]
    )


def _written_in(at: Clocked, encoding: str) -> str:
    header, claims, _ = (base64.urlsafe_b64decode(part + "==") for part in forge(at).split("."))
    return sign(header.decode().encode(encoding), claims.decode().encode(encoding))


FOREIGN: Final[dict[str, Callable[[Clocked], str]]] = {
    "another secret": lambda at: forge(at, secret="another secret of at least 32 bytes ......."),
    "claims that were changed": _altered,
    "a signature cut off": lambda at: forge(at)[:-4],
    "claims in UTF-16": lambda at: _written_in(at, "utf-16"),
    "claims in UTF-32 without a mark": lambda at: _written_in(at, "utf-32-le"),
    "an encrypted token": lambda at: ".".join(["e30"] * 5),
    "audiences of others": lambda at: forge(at, aud=["a", "b"]),
    "an audience that is a part of ours": lambda at: forge(at, aud="pencils"),
    "audiences that are a map": lambda at: forge(at, aud={"pencilsdown": 1}),
    "no signature": lambda at: forge(at, header={"alg": "none"}, secret=None),
    "a signature, but alg none": lambda at: forge(at, header={"alg": "none"}),
    "another audience": lambda at: forge(at, aud="somewhere-else"),
    "no audience": lambda at: forge(at, aud=None),
    "RS256 under the HS key": lambda at: forge(at, header={"alg": "RS256"}),
    "HS256 under a public key": lambda at: forge(at, secret=PUBLIC_KEY),
    "HS512": lambda at: forge(at, header={"alg": "HS512"}),
    "a critical extension that the library knows": lambda at: forge(at, header={"crit": ["b64"], "b64": True}),
    "critical extensions": lambda at: forge(at, header={"crit": ["exp"], "exp": 1}),
    "another type": lambda at: forge(at, header={"typ": "dpop+jwt"}),
    "a type that is no text": lambda at: forge(at, header={"typ": ["JWT"]}),
    "no expiry": lambda at: forge(at, exp=None),
    "an expiry that is a text": lambda at: forge(at, exp="soon"),
    "an expiry that is true": lambda at: forge(at, exp=True),
    "an endless expiry": lambda at: forge(at, exp=float("inf")),
    "an expiry that is no number": lambda at: forge(at, exp=float("nan")),
    "an expiry beyond all numbers": lambda at: forge(at, exp=10**400),
    "an expiry that is none in milliseconds": lambda at: forge(at, exp=2**53),
    "a life of more than a year": lambda at: forge(at, exp=at.clock.now_ms() // 1000 + 366 * 86_400 + 1),
    "an end after more than a year, made at no known instant": lambda at: forge(
        at, iat=None, exp=at.clock.now_ms() // 1000 + 366 * 86_400 + 1
    ),
    "a later start": lambda at: forge(at, nbf=at.clock.now_ms() // 1000 + 62),
    "a later start, as a text": lambda at: forge(at, nbf=str(at.clock.now_ms() // 1000)),
    "made in the future": lambda at: forge(at, iat=at.clock.now_ms() // 1000 + 62),
    "made at an instant that is a text": lambda at: forge(at, iat=str(at.clock.now_ms() // 1000)),
    "made at no instant": lambda at: forge(at, iat=float("nan")),
    "no subject": lambda at: forge(at, sub=None),
    "an empty subject": lambda at: forge(at, sub=""),
    "a blank subject": lambda at: forge(at, sub=" "),
    "a subject with a space at its end": lambda at: forge(at, sub="ada "),
    "a subject with an invisible character": lambda at: forge(at, sub="a\u200bda"),
    "a subject with a no-break space": lambda at: forge(at, sub="ada\u00a0lovelace"),
    "a subject with a NUL": lambda at: forge(at, sub="ada\0"),
    "a subject with half of a surrogate pair": lambda at: forge(at, sub="ada\ud800"),
    "a subject that is too long": lambda at: forge(at, sub="a" * 129),
    "a subject that is a number": lambda at: forge(at, sub=7),
    "an organisation that is too long": lambda at: forge(at, org="o" * 129),
    "an empty test": lambda at: forge(at, test=""),
    "a blank attempt": lambda at: forge(at, attempt=" "),
    "an identifier that is a number": lambda at: forge(at, jti=7),
    "roles": lambda at: forge(at, role=["candidate"]),
    "a role in capitals": lambda at: forge(at, role="Candidate"),
    "no organisation": lambda at: forge(at, org=None),
    "no role": lambda at: forge(at, role=None),
    "an unknown role": lambda at: forge(at, role="root"),
    "the system's role": lambda at: forge(at, role="system"),
    "two parts": lambda at: "e30.e30",
    "no token at all": lambda at: "hello",
    "not ASCII": lambda at: "ключ.ключ.ключ",
    "claims that are a list": lambda at: "eyJhbGciOiJIUzI1NiJ9.W10.",
    "a header that is a list": lambda at: "W10.e30.e30",
    "a token by a key without a secret": lambda at: forge(at, by_key={"key_id": "k"}),
    "a token that is too long": lambda at: forge(at, filler="x" * limits.MAX_TOKEN_BYTES),
}
"""Every kind of token that is refused as invalid."""
