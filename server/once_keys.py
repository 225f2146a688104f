"""What stands in the database for an idempotency key, and for the call that came with it."""

import hmac
from typing import Final

import msgspec
from starlette.requests import Request

from server.access.principal import Principal

_LABEL: Final = b"pencilsdown idempotency keys 1"


class OnceKeys:
    """Digests under a key of the deployment's own: the database says neither what keys callers use, nor what they ask,
    and nobody who reads it can find out by trying."""

    def __init__(self, secret: str) -> None:
        self._secret = hmac.digest(secret.encode(), _LABEL, "sha256")

    def of_caller(self, principal: Principal, device: str, key: str) -> str:
        """Stands for the caller, all that her token may reach, her device, and the key."""
        scope = principal.scope
        return self._digest(
            principal.org_id,
            principal.role.value,
            principal.actor.id,
            principal.attempt_id,
            principal.only_result,
            None if principal.by_key is None else principal.by_key.key_id,
            *(None if ids is None else sorted(ids) for ids in (scope.branches, scope.tests, scope.groups)),
            device,
            key,
        )

    def of_request(self, request: Request, data: bytes) -> str:
        """Stands for what is asked, to the byte."""
        return self._digest(request.method, request.scope["raw_path"], request.scope["query_string"], data)

    def _digest(self, *parts: object) -> str:
        return hmac.digest(self._secret, msgspec.msgpack.encode(parts), "sha256").hex()
