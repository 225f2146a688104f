"""Pictures from candidates' cameras: what one is by its content, and whether there is room for more."""

from asyncio import Lock
from collections.abc import Awaitable, Callable
from typing import Final

from protocol import limits
from server.clock import Clock
from server.media.faults import MediaFault
from server.media.looking import look

_TYPES: Final = ("image/jpeg", "image/webp")
_EXTENDED: Final = b"WEBPVP8X"
_MOVES: Final = 0x02
"""Among the flags of an extended WebP: it is an animation."""
_COUNTED_FOR_MS: Final = 60_000
"""To add up all pictures of an organisation takes longer than to keep one."""


def look_at(data: bytes) -> str:
    """The media type of a picture. Raises `MediaFault` where it is none that a page takes."""
    looked = look(data)
    if looked.type not in _TYPES:
        raise MediaFault("A picture from the camera is a JPEG or a WebP.")
    if data[8:16] == _EXTENDED and data[20] & _MOVES:
        raise MediaFault("A picture from the camera stands still.")
    if max(looked.width or 0, looked.height or 0) > limits.MAX_CAMERA_SIDE:
        raise MediaFault(
            f"A picture from the camera has {limits.MAX_CAMERA_SIDE} pixels at most on each side, so that it shows who"
            " is there and little else."
        )
    return looked.type


class CameraRoom:
    """How many bytes each organisation has left, as `total` counted them within the last minute."""

    def __init__(self, total: Callable[[str], Awaitable[int]], quota_bytes: int, clock: Clock) -> None:
        self._total = total
        self._quota_bytes = quota_bytes
        self._clock = clock
        self._counted: dict[str, tuple[int, int]] = {}
        """By organisation: when, and how many are left."""
        self._counts = Lock()

    async def takes(self, org_id: str, size: int) -> bool:
        """Whether there is room for so many bytes more, which then count as taken."""
        if not self._is_fresh(org_id):
            async with self._counts:
                # Of many that come at once the first one counts.
                if not self._is_fresh(org_id):
                    now_ms = self._clock.now_ms()
                    self._counted[org_id] = now_ms, self._quota_bytes - await self._total(org_id)
        at_ms, left = self._counted[org_id]
        fits = size <= left
        self._counted[org_id] = at_ms, left - size if fits else left
        return fits

    def _is_fresh(self, org_id: str) -> bool:
        """Also where the clock has gone back it was counted too long ago."""
        counted = self._counted.get(org_id)
        return counted is not None and 0 <= self._clock.now_ms() - counted[0] < _COUNTED_FOR_MS
