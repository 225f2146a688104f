"""Whether a token is good for an attempt: that depends on when the attempt started, and on its end."""

from typing import Final

from protocol.codes import Code
from protocol.errors import Refused, refuse
from server.access.principal import Principal
from server.attempts.live import LiveAttempt

OVER: Final = "The attempt has ended. This link shows its result as soon as the test does, and nothing else."
"""What is said to a token whose attempt has ended."""


async def check_token(principal: Principal, live: LiveAttempt, now_ms: int, *, for_result: bool = False) -> None:
    """`for_result`: the result is all that it is shown for. Raises `Refused(token_expired)`; `StorageUnavailable` where
    the log can't be asked before."""
    if principal.holds_for(live.committed, now_ms):
        return
    if for_result and principal.shows_result_alone(live.committed, now_ms):
        return
    # Another node may have reopened the attempt, or started it.
    attempt = await live.newest()
    if not principal.holds_for(attempt, now_ms):
        is_over = not principal.has_expired(now_ms)
        raise Refused(refuse(Code.TOKEN_EXPIRED, OVER if is_over else None))
