"""An identity provider: a real HTTP server with a key set."""

import contextlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

import jwt
import msgspec
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

RSA_KEY = rsa.generate_private_key(65537, 2048)
EC_KEY = ec.generate_private_key(ec.SECP256R1())
ISSUER = "https://idp.example"


class Provider:
    """`keys` are what it publishes, `status` what it answers with; `fetched` counts how often it was asked."""

    def __init__(self) -> None:
        self.keys = [
            RSAAlgorithm.to_jwk(RSA_KEY.public_key(), as_dict=True) | {"kid": "r", "use": "sig", "alg": "RS256"},
            ECAlgorithm.to_jwk(EC_KEY.public_key(), as_dict=True) | {"kid": "e", "use": "sig", "alg": "ES256"},
            {"kty": "oct", "k": "c2VjcmV0" * 8, "kid": "o", "use": "sig", "alg": "HS256"},
        ]
        self.status = 200
        self.fetched = 0
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                provider.fetched += 1
                self.send_response(provider.status)
                self.end_headers()
                self.wfile.write(msgspec.json.encode({"keys": provider.keys}))

            def log_message(self, *_: Any) -> None:
                """Keeps silent."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/keys"

    def serve(self) -> None:
        """Until `running` ends it."""
        self._server.serve_forever(poll_interval=0.02)

    @contextlib.contextmanager
    def running(self) -> Iterator[Self]:
        thread = threading.Thread(target=self.serve)
        thread.start()
        try:
            yield self
        finally:
            self._server.shutdown()
            thread.join()
            self._server.server_close()


def signed(now_s: int, key: Any, algorithm: str, kid: str | None, **claims: Any) -> str:
    """A token as the provider makes it, for a minute."""
    told = {"sub": "ada", "org": "school", "role": "candidate", "aud": "pencilsdown", "iss": ISSUER, "exp": now_s + 60}
    return jwt.encode(told | claims, key, algorithm, {"kid": kid} if kid is not None else None)
