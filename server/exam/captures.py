"""What an exam file says of pictures from the camera and of the screen:
`{camera: {asks: offered, every: 30s, keep_days: 30}}`."""

from typing import Any, Final

import msgspec

from protocol import limits
from protocol.integrity.captures import SOURCES, Capture
from server.exam.summary import duration_in_words
from server.exam.texts import text
from server.exam.values import duration, truth, whole

_FIELDS: Final = {"asks", "every", "keep_days"}
_MORE: Final = "whole_screen"
_FROM, _TO = limits.CAPTURE_EVERY_LEAST_MS // 1_000, limits.CAPTURE_EVERY_MOST_MS // 60_000


def captures(given: object) -> list[Capture]:
    """For each source what is asked of it. Raises ValueError with the rest of a sentence."""
    if not isinstance(given, dict) or not given or not set(given) <= SOURCES:
        raise ValueError(
            "must say of the camera, the screen, or both what is asked for, like `{screen: {asks: offered, every: 30s,"
            " keep_days: 30}}`"
        )
    return [_capture(source, said) for source, said in given.items()]


def written(found: list[Capture]) -> dict[str, Any]:
    """The same as an exam file says it."""
    return {capture.source: _written(capture) for capture in found}


def _capture(source: str, given: object) -> Capture:
    if not isinstance(given, dict) or set(given) - {_MORE} != _FIELDS:
        raise ValueError(f"must say of {source} what is asked for, like `{{asks: offered, every: 30s, keep_days: 30}}`")
    said = {
        "source": source,
        "asks": text(given["asks"]),
        "every_ms": duration(given["every"]),
        "keep_days": whole(given["keep_days"]),
        _MORE: truth(given.get(_MORE, "false")),
    }
    try:
        return msgspec.convert(said, Capture)
    except msgspec.ValidationError:
        raise ValueError(
            f"has `asks` offered, required or if_able, `every` from {_FROM}s to {_TO}m and `keep_days` from 1 to"
            f" {limits.MAX_CAPTURED_DAYS}"
        ) from None


def _written(found: Capture) -> dict[str, str]:
    said = {"asks": found.asks, "every": duration_in_words(found.every_ms), "keep_days": str(found.keep_days)}
    return said | {_MORE: "true"} if found.whole_screen else said
