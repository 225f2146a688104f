"""Tokens for a server whose secret we know, because we started it."""

import time
from typing import Final

import jwt

LIFETIME_S: Final = 24 * 3600
"""A replay at the speed of the original takes most of a day."""


def mint(secret: str, role: str, user_id: str, org_id: str, *, name: str | None = None) -> str:
    """A token for one user in one role: `candidate`, `instructor` or `service`. `name` is the one that staff see."""
    now_s = int(time.time())
    claims = {
        "sub": user_id,
        "org": org_id,
        "role": role,
        "aud": "pencilsdown",
        "iat": now_s,
        "exp": now_s + LIFETIME_S,
    }
    return jwt.encode(claims if name is None else claims | {"name": name}, secret, algorithm="HS256")
