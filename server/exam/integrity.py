"""What an exam file says of what is noticed while the test is sat: `{focus_lost: warn, pasted: {pause: 3}}`."""

import re
from typing import Any, Final

from protocol.integrity.signals import MEANINGS
from protocol.integrity.watches import Watch
from server.exam.texts import text

_FROM: Final = {"warn": "warn_from", "alert": "alert_from", "pause": "pause_from"}
_SAID: Final = "`ignore`, `record`, `warn`, `alert` or `pause`, or from which time on, like `{warn: 1, pause: 3}`"


def watches(given: object) -> list[Watch]:
    """For each signal what follows. What is ignored is left out. Raises ValueError with the rest of a sentence."""
    if not isinstance(given, dict) or not given:
        raise ValueError("must say for signals what follows, like `{focus_lost: warn, pasted: record}`")
    found = [_watch(text(signal), follows) for signal, follows in given.items()]
    return [watch for watch in found if watch is not None]


def written(found: list[Watch]) -> dict[str, Any]:
    """The same as an exam file says it."""
    return {watch.signal: _written(watch) for watch in found}


def _watch(signal: str, follows: object) -> Watch | None:
    known = next((name for name in MEANINGS if name == signal), None)
    if known is None:
        raise ValueError(f"has no signal {signal!r}: there are {', '.join(MEANINGS)}")
    if isinstance(follows, dict) and follows and set(follows) <= set(_FROM):
        return Watch(known, **{_FROM[action]: _times(signal, times) for action, times in follows.items()})
    said = follows if isinstance(follows, str) else ""
    if said in _FROM:
        return Watch(known, **{_FROM[said]: 1})
    if said not in ("ignore", "record"):
        raise ValueError(f"must say of {signal} {_SAID}")
    return Watch(known) if said == "record" else None


def _times(signal: str, given: object) -> int:
    said = text(given)
    if not re.fullmatch("[1-9][0-9]{0,2}", said):
        raise ValueError(f"must say of {signal} from which time on, from 1 to 999")
    return int(said)


def _written(watch: Watch) -> str | dict[str, str]:
    times = {action: getattr(watch, name) for action, name in _FROM.items()}
    said = {action: str(time) for action, time in times.items() if time is not None}
    if not said:
        return "record"
    return next(iter(said)) if list(said.values()) == ["1"] else said
