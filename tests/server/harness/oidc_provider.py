"""An identity provider at which people sign in: a real HTTP server that knows OpenID Connect's code flow with PKCE, and
lies where it is told to."""

import base64
import contextlib
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs, parse_qsl, unquote, urlencode, urlsplit

import jwt
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

from tests.server.harness.provider import EC_KEY, RSA_KEY

CLIENT_ID = "exams"
CLIENT_SECRET = "a secret of the client: with a colon & more"
PUBLIC_KEYS = [
    RSAAlgorithm.to_jwk(RSA_KEY.public_key(), as_dict=True) | {"kid": "r", "use": "sig", "alg": "RS256"},
    ECAlgorithm.to_jwk(EC_KEY.public_key(), as_dict=True) | {"kid": "e", "use": "sig", "alg": "ES256"},
]


class OidcProvider:
    """`claims` are what its ID tokens say of whoever signs in; `sign` makes one, and tests put liars in its place;
    `document` is what its discovery says beside the usual."""

    def __init__(self) -> None:
        self.claims: dict[str, Any] = {"sub": "grace", "org": "school", "role": "instructor", "name": "Grace Hopper"}
        self.now_s: Callable[[], float] = time.time
        self.sign: Callable[[dict[str, Any]], str] = lambda claims: jwt.encode(claims, RSA_KEY, "RS256", {"kid": "r"})
        self.document: dict[str, Any] = {}
        self.keys = PUBLIC_KEYS
        self.status = 200
        self.keeps_codes = False
        """Whether a code can be used again, as it must not."""
        self.auth_method = "client_secret_basic"
        """How the client shows its secret; `none`: it is a public one."""
        self.asked: list[str] = []
        self._codes: dict[str, dict[str, str]] = {}
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self.issuer = f"http://127.0.0.1:{self._server.server_port}/realms/school"

    @contextlib.contextmanager
    def running(self) -> Iterator[Self]:
        thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield self
        finally:
            self._server.shutdown()
            thread.join()
            self._server.server_close()

    @property
    def settings(self) -> dict[str, Any]:
        """Those of a server whose staff sign in here."""
        return {"oidc_issuer": self.issuer, "oidc_client_id": CLIENT_ID, "oidc_client_secret": CLIENT_SECRET}

    # What it answers

    def discovery(self) -> dict[str, Any]:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "end_session_endpoint": f"{self.issuer}/logout",
            "token_endpoint_auth_methods_supported": [self.auth_method],
            "authorization_response_iss_parameter_supported": True,
        } | self.document

    def code_for(self, asked: dict[str, str]) -> str:
        """Somebody has signed in."""
        assert asked["response_type"] == "code"
        assert asked["client_id"] == CLIENT_ID
        assert asked["code_challenge_method"] == "S256"
        assert "openid" in asked["scope"].split()
        code = secrets.token_urlsafe(16)
        self._codes[code] = asked
        return code

    def back(self, asked: dict[str, str]) -> str:
        """Where the browser goes after that."""
        told = {"code": self.code_for(asked), "state": asked["state"], "iss": self.issuer}
        return f"{asked['redirect_uri']}?{urlencode(told)}"

    def turned_away(self, asked: dict[str, str]) -> str:
        """The same where nobody has signed in."""
        told = {"error": "access_denied", "error_description": "<b>No.</b>", "state": asked["state"]}
        return f"{asked['redirect_uri']}?{urlencode(told)}"

    def knows(self, form: dict[str, str], authorization: str) -> bool:
        """Whether it is the client, as `auth_method` has it."""
        if self.auth_method == "client_secret_basic":
            name, _, secret = base64.b64decode(authorization.removeprefix("Basic ")).decode().partition(":")
            return (unquote(name), unquote(secret)) == (CLIENT_ID, CLIENT_SECRET)
        secret = CLIENT_SECRET if self.auth_method == "client_secret_post" else ""
        return not authorization and (form["client_id"], form.get("client_secret", "")) == (CLIENT_ID, secret)

    def token(self, form: dict[str, str], authorization: str) -> tuple[int, dict[str, Any]]:
        """The answer of the token endpoint."""
        if not self.knows(form, authorization):
            return 401, {"error": "invalid_client"}
        code = form.get("code", "")
        asked = self._codes.get(code) if self.keeps_codes else self._codes.pop(code, None)
        if asked is None or form["redirect_uri"] != asked["redirect_uri"]:
            return 400, {"error": "invalid_grant"}
        digest = hashlib.sha256(form["code_verifier"].encode()).digest()
        if base64.urlsafe_b64encode(digest).rstrip(b"=").decode() != asked["code_challenge"]:
            return 400, {"error": "invalid_grant"}
        now_s = int(self.now_s())
        claims = {"iss": self.issuer, "aud": CLIENT_ID, "iat": now_s, "exp": now_s + 300, "nonce": asked["nonce"]}
        return 200, {"access_token": "none", "token_type": "Bearer", "id_token": self.sign(claims | self.claims)}


def _handler(provider: OidcProvider) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            address = urlsplit(self.path)
            provider.asked.append(address.path.rpartition("/")[2])
            asked = dict(parse_qsl(address.query))
            match provider.asked[-1]:
                case "openid-configuration":
                    self._json(provider.status, provider.discovery())
                case "keys":
                    self._json(provider.status, {"keys": provider.keys})
                case "authorize":
                    links = (("I am Grace", provider.back(asked)), ("I am not Grace", provider.turned_away(asked)))
                    self._page(
                        "<h1>Sign in</h1>" + " ".join(f'<a href="{escape(to)}">{says}</a>' for says, to in links)
                    )
                case "logout":
                    self._page(f'<h1>Signed out</h1><a href="{asked["post_logout_redirect_uri"]}">Back</a>')
                case _:
                    self._json(404, {})

        def do_POST(self) -> None:
            provider.asked.append("token")
            size = int(self.headers["content-length"])
            form = {name: values[0] for name, values in parse_qs(self.rfile.read(size).decode()).items()}
            if provider.status != 200:
                self._json(provider.status, {"error": "temporarily_unavailable"})
            else:
                self._json(*provider.token(form, self.headers.get("authorization", "")))

        def _json(self, status: int, told: dict[str, Any]) -> None:
            self._send(status, json.dumps(told).encode(), "application/json")

        def _page(self, html: str) -> None:
            self._send(200, f"<!doctype html><html lang=en><title>School</title>{html}".encode(), "text/html")

        def _send(self, status: int, data: bytes, media_type: str) -> None:
            self.send_response(status)
            self.send_header("content-type", media_type)
            self.send_header("content-length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: Any) -> None:
            """Keeps silent."""

    return Handler
