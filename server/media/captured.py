"""Pictures from candidates' cameras and of their screens: what one is by its content, and whether there is room."""

from asyncio import Lock
from collections.abc import Awaitable, Callable
from typing import Final

from protocol import limits
from protocol.integrity.captures import Source
from server.clock import Clock
from server.media.faults import MediaFault
from server.media.looking import look

_TYPES: Final = ("image/jpeg", "image/webp")
_EXTENDED: Final = b"WEBPVP8X"
_MOVES: Final = 0x02
"""Among the flags of an extended WebP: it is an animation."""
_COUNTED_FOR_MS: Final = 60_000
"""To add up all pictures of an organisation takes longer than to keep one."""


_MOST: Final[dict[Source, int]] = {"camera": limits.MAX_CAMERA_SIDE, "screen": limits.MAX_SCREEN_SIDE}


def look_at(source: Source, data: bytes) -> str:
    """The media type of a picture from there. Raises `MediaFault` where it is none that a page takes."""
    looked = look(data)
    if looked.type not in _TYPES:
        raise MediaFault("A picture of a candidate is a JPEG or a WebP.")
    if data[8:16] == _EXTENDED and data[20] & _MOVES:
        raise MediaFault("A picture of a candidate stands still.")
    if max(looked.width or 0, looked.height or 0) > _MOST[source]:
        raise MediaFault(f"A picture from the {source} has {_MOST[source]} pixels at most on each side.")
    return looked.type


class CapturedRoom:
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
