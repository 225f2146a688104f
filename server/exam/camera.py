"""What an exam file says of pictures from the camera: `{asks: offered, every: 30s, keep_days: 30}`."""

from typing import Any, Final

import msgspec

from protocol import limits
from protocol.integrity.camera import Camera
from server.exam.summary import duration_in_words
from server.exam.texts import text
from server.exam.values import duration, whole

_FIELDS: Final = ("asks", "every", "keep_days")
_FROM, _TO = limits.CAMERA_EVERY_LEAST_MS // 1_000, limits.CAMERA_EVERY_MOST_MS // 60_000


def rule(given: object) -> Camera | None:
    """None: `off`. Raises ValueError with the rest of a sentence."""
    if given == "off":
        return None
    if not isinstance(given, dict) or set(given) != set(_FIELDS):
        raise ValueError("must be `off`, or say what is asked for, like `{asks: offered, every: 30s, keep_days: 30}`")
    said = {"asks": text(given["asks"]), "every_ms": duration(given["every"]), "keep_days": whole(given["keep_days"])}
    try:
        return msgspec.convert(said, Camera)
    except msgspec.ValidationError:
        raise ValueError(
            f"has `asks` offered or required, `every` from {_FROM}s to {_TO}m and `keep_days` from 1 to"
            f" {limits.MAX_CAMERA_DAYS}"
        ) from None


def written(found: Camera) -> dict[str, Any]:
    """The same as an exam file says it."""
    return {"asks": found.asks, "every": duration_in_words(found.every_ms), "keep_days": str(found.keep_days)}
