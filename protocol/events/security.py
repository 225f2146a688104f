"""What this server tells of attempts that no record of their logs says: attempts at what was refused."""

from hashlib import sha256
from typing import Final

import msgspec

from protocol.attempt.events import OfAttempt, whose
from protocol.attempt.model import Attempt
from protocol.events.happened import Happened

DEVICE_REFUSED: Final = "security.device_refused"
_ONCE_IN_MS: Final = 600_000
"""Of one attempt no more is told than once in this time: whoever has a link could else fill the feed."""
_DEVICE_CHARS: Final = 16


class DeviceRefused(OfAttempt, frozen=True, kw_only=True):
    """Another device wanted to open an attempt whose link opens once, and was refused.

    Told once in ten minutes for an attempt. `device` stands for the device, and is the same for the same one: half of
    the hash of its name, which is a key. `address` is where it called from.
    """

    device: str
    address: str


TOLD: Final[dict[str, type[OfAttempt]]] = {DEVICE_REFUSED: DeviceRefused}
"""Topic → what its events say."""


def device_refused(attempt: Attempt, device: str, address: str, now_ms: int) -> Happened:
    """The event. It has the same id as every other one of its attempt in the same ten minutes."""
    said = DeviceRefused(**whose(attempt), device=sha256(device.encode()).hexdigest()[:_DEVICE_CHARS], address=address)
    event_id = f"{said.attempt_id}:device_refused:{now_ms // _ONCE_IN_MS}"
    data = msgspec.json.encode(said).decode()
    return Happened(event_id, DEVICE_REFUSED, now_ms, said.attempt_id, said.user_id, data)
