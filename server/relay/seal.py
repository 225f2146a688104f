"""The authentication code of every message between nodes: an attacker who can write to Redis cannot impersonate a node.

A sealed message is `code(16) ‖ sender(8) ‖ sent_ms(8) ‖ number(8) ‖ data`. The code is keyed BLAKE2b over the channel's
name and all that follows. A sender numbers its messages; on one channel numbers rise, and an old message is dropped.
"""

import hmac
from collections.abc import Callable
from hashlib import blake2b
from typing import Final, Literal

OLDEST_MS: Final = 10_000
"""A message that took longer is dropped. By then its content has been read from the log, or asked for again."""
REMEMBERED_MS: Final = 600_000
"""For so long it is known which messages were heard, to tell one that is late on a loaded machine from a replayed one.
None is on its way for longer: an older message is replayed."""
_CODE: Final = 16
_SENDER: Final = 8
_HEAD: Final = _CODE + _SENDER + 8 + 8
_LABEL: Final = b"pencilsdown relay 1"

Verdict = Literal["forged", "replayed", "late"]
"""Why a message is dropped: no node of ours has sent it; it was heard before, or a newer one was; it took too long."""


def relay_key(secret: str) -> bytes:
    """The key of the relay, from the secret that all nodes of a deployment share: HKDF with SHA-256 (RFC 5869)."""
    extracted = hmac.digest(bytes(32), secret.encode(), "sha256")
    return hmac.digest(extracted, _LABEL + b"\x01", "sha256")


class Seal:
    """Seals what one node sends, and opens what it hears. `node` is its name, made anew at each start."""

    def __init__(self, key: bytes, node: str, now_ms: Callable[[], int]) -> None:
        self._key = key
        self._now_ms = now_ms
        self._own = blake2b(node.encode(), digest_size=_SENDER).digest()
        self._number = 0
        self._newest: dict[tuple[bytes, str], tuple[int, int]] = {}
        """The number and `sent_ms` of the newest message of a sender on a channel, for `REMEMBERED_MS`."""
        self._tidied_ms = 0

    @property
    def name(self) -> str:
        """The sender, as its messages name it."""
        return self._own.hex()

    def close(self, channel: str, data: bytes) -> bytes:
        """The message as it goes to Redis."""
        self._number += 1
        body = self._own + self._now_ms().to_bytes(8, "big") + self._number.to_bytes(8, "big") + data
        return self._code(channel, body) + body

    def open(self, channel: str, message: bytes) -> tuple[bool, bytes] | Verdict:
        """Whether we sent it ourselves, and its data; or the reason why it is dropped."""
        body = message[_CODE:]
        if len(message) < _HEAD or not hmac.compare_digest(message[:_CODE], self._code(channel, body)):
            return "forged"
        sender = body[:_SENDER]
        sent_ms = int.from_bytes(body[_SENDER : _SENDER + 8], "big")
        number = int.from_bytes(body[_SENDER + 8 : _SENDER + 16], "big")
        now_ms = self._now_ms()
        newest = self._newest.get((sender, channel))
        if sent_ms < now_ms - REMEMBERED_MS or (newest is not None and number <= newest[0]):
            return "replayed"
        self._newest[sender, channel] = number, sent_ms
        self._tidy(now_ms)
        if sent_ms < now_ms - OLDEST_MS:
            return "late"
        return sender == self._own, body[_SENDER + 16 :]

    def _code(self, channel: str, body: bytes) -> bytes:
        name = channel.encode()
        code = blake2b(len(name).to_bytes(4, "big") + name, key=self._key, digest_size=_CODE)
        code.update(body)
        return code.digest()

    def _tidy(self, now_ms: int) -> None:
        """Forgets the messages that are taken for replayed by their age alone."""
        if now_ms - self._tidied_ms >= OLDEST_MS:
            self._tidied_ms = now_ms
            self._newest = {
                source: newest for source, newest in self._newest.items() if newest[1] >= now_ms - REMEMBERED_MS
            }
