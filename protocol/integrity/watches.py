"""What a test makes of what is noticed: for each signal from which time on it warns, alerts staff, or stops the clock.

A signal without a watch is ignored: it is neither sent nor kept. One with a watch is recorded.
"""

from collections.abc import Collection, Iterable
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from protocol import limits
from protocol.integrity.captures import ENDED, WITHDRAWN, Source
from protocol.integrity.signals import MEANINGS, Signal

Times = Annotated[int, Meta(ge=1, le=limits.MAX_WATCHED_TIMES)]


class Watch(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, gc=False):
    """From the `warn_from`-th time on that `signal` is noticed the candidate is warned, from the `alert_from`-th on
    staff are alerted, and from the `pause_from`-th on her clock stands until they resume it, and they are alerted. Nil:
    never."""

    signal: Signal
    warn_from: Times | None = None
    alert_from: Times | None = None
    pause_from: Times | None = None


class Follows(msgspec.Struct, frozen=True, gc=False):
    """What follows from what was noticed."""

    warned: bool = False
    alerted: bool = False
    paused: bool = False


NOTHING_FOLLOWS: Final = Follows()
_SOURCE_OF: Final = {signals[source]: source for signals in (ENDED, WITHDRAWN) for source in signals}
"""The signals of a source that is asked for pictures."""


def follows(watch: Watch, times: int, more: int) -> Follows:
    """What follows when the signal was noticed `more` times, and `times` times in all."""
    if not more:
        return NOTHING_FOLLOWS
    paused = _reached(watch.pause_from, times)
    return Follows(_reached(watch.warn_from, times), paused or _reached(watch.alert_from, times), paused)


def _reached(from_times: int | None, times: int) -> bool:
    return from_times is not None and times >= from_times


def watch_for(watches: Iterable[Watch], signal: str) -> Watch | None:
    """The watch for a signal; None: it is ignored."""
    return next((watch for watch in watches if watch.signal == signal), None)


def in_force(watches: Iterable[Watch], full_screen: bool, sources: Iterable[Source] = ()) -> tuple[Watch, ...]:
    """The watches of a test. Where full screen is asked for it is always recorded that a browser has none, and of a
    source that is asked for pictures that it ended, or that she no longer agrees."""
    own = tuple(watches)
    always: list[Signal] = ["no_full_screen"] if full_screen else []
    for source in sources:
        always += ENDED[source], WITHDRAWN[source]
    return (*own, *(Watch(signal) for signal in always if watch_for(own, signal) is None))


def without(watches: Collection[Watch], exempt: Collection[str]) -> tuple[Watch, ...]:
    """The watches for a candidate who is exempt from these signals."""
    return tuple(watch for watch in watches if watch.signal not in exempt)


def contradiction(watches: Collection[Watch], full_screen: bool, sources: Collection[Source] = ()) -> str | None:
    """Why these watches make no sense together, in words of an exam file; None: they do."""
    seen: set[Signal] = set()
    for watch in watches:
        signal, meaning = watch.signal, MEANINGS[watch.signal]
        if signal in seen:
            return f"`integrity`: {signal} is named twice"
        seen.add(signal)
        for action, from_times, possible in (
            ("warn", watch.warn_from, meaning.warns),
            ("alert", watch.alert_from, meaning.alerts),
            ("pause", watch.pause_from, meaning.pauses),
        ):
            if from_times is not None and not possible:
                return f"`integrity`: {signal} can't {action}"
        if signal == "full_screen_left" and not full_screen:
            return "`integrity`: full_screen_left needs `full_screen: true`"
        source = _SOURCE_OF.get(signal)
        if source is not None and source not in sources:
            return f"`integrity`: {signal} needs `captures` of the {source}"
    return None
