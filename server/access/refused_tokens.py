"""Says in the log why tokens were refused: whoever connects an identity provider must learn what is wrong with its
tokens. A line has the reason, and nothing out of the token: before its signature is checked anybody may have made it.
"""

import logging
from collections.abc import Callable
from typing import Final

log = logging.getLogger(__name__)

_WINDOW_MS: Final = 60_000
_MOST_LINES: Final = 10
"""Lines in a window. Whoever sends wrong tokens all day must not fill the disk."""


class RefusedTokens:
    """Counts what it does not say, and says how many that were."""

    def __init__(self, now_ms: Callable[[], int]) -> None:
        self._now_ms = now_ms
        self._since_ms: int | None = None
        self._lines = 0
        self._unsaid = 0

    def note(self, reason: str) -> None:
        """A token was refused for this reason, a sentence without anything out of the token."""
        now_ms = self._now_ms()
        if self._since_ms is None or not 0 <= now_ms - self._since_ms < _WINDOW_MS:
            if self._unsaid:
                log.info("Tokens refused without a line of their own: %d", self._unsaid)
            self._since_ms, self._lines, self._unsaid = now_ms, 0, 0
        if self._lines == _MOST_LINES:
            self._unsaid += 1
            return
        self._lines += 1
        log.info("A token was refused: %s", reason)


def reason_of(error: BaseException) -> str:
    """Why a token could not be read, by the kind of the error: its text may repeat the token."""
    return _REASONS.get(type(error).__name__, "It is no token that can be read.")


_REASONS: Final = {
    "InvalidSignatureError": "It is not signed with the key that it should be signed with.",
    "UnknownKey": "The key set has no key with the id that it names.",
    "InvalidAlgorithmError": "It is signed in a way that is not accepted; is a key set configured?",
    "InvalidAudienceError": "Its `aud` is not the audience of this deployment.",
    "MissingRequiredClaimError": "A claim that every token needs (`aud`, or `iss` where one is set) is missing.",
    "InvalidIssuerError": "Its `iss` is not the issuer that is set.",
}
"""By the names of exceptions of PyJWT and of `keyset`."""
