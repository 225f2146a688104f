"""Pictures of what a candidate's camera sees, and of the screen that she shares: what a test asks for, and what she
has said to that."""

from collections.abc import Collection, Iterable
from typing import Annotated, Final, Literal, get_args

import msgspec
from msgspec import Meta

from protocol import limits
from protocol.integrity.signals import ServerSignal, Signal

Source = Literal["camera", "screen"]
"""Where a picture comes from."""
Says = Literal["agreed", "declined", "unable"]
"""What a candidate may say of one: that she agrees, that she does not, that her device can't give any."""
SOURCES: Final[frozenset[str]] = frozenset(get_args(Source))
SAYS: Final[frozenset[str]] = frozenset(get_args(Says))
ENDED: Final[dict[Source, Signal]] = {"camera": "camera_ended", "screen": "screen_ended"}
"""The signal that a source stopped giving pictures. Whoever is exempt from it is not asked for that source."""
WITHDRAWN: Final[dict[Source, ServerSignal]] = {"camera": "camera_withdrawn", "screen": "screen_withdrawn"}
"""The signal that she no longer agrees."""


class Capture(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, gc=False):
    """One picture from `source` every `every_ms` while the test is sat, deleted after `keep_days`. `asks` "required":
    nobody begins without having agreed; "if_able": nor does anybody who has not said that her device can't; "offered":
    who does not agree begins all the same. `whole_screen`: a window or a tab that she shares is not enough."""

    source: Source
    asks: Literal["offered", "required", "if_able"]
    every_ms: Annotated[int, Meta(ge=limits.CAPTURE_EVERY_LEAST_MS, le=limits.CAPTURE_EVERY_MOST_MS)]
    keep_days: Annotated[int, Meta(ge=1, le=limits.MAX_CAPTURED_DAYS)]
    whole_screen: bool = False


class Consent(msgspec.Struct, frozen=True, gc=False):
    """What the candidate has said last of one source. What she agrees to is so many pictures, kept for so long."""

    source: Source
    says: Says
    every_ms: int
    keep_days: int
    at_ms: int


def of_source(captures: Iterable[Capture], source: str) -> Capture | None:
    """What is asked of a source; None: nothing."""
    return next((capture for capture in captures if capture.source == source), None)


def said_of(consents: Iterable[Consent], source: str) -> Consent | None:
    """What she has said of a source; None: nothing."""
    return next((consent for consent in consents if consent.source == source), None)


def kept_days(capture: Capture, most: int | None) -> int:
    """For how many days a picture is kept where the operator allows `most`; None: any number."""
    return capture.keep_days if most is None else min(capture.keep_days, most)


def fits(capture: Capture | None, every_ms: int, keep_days: int) -> bool:
    """Whether this is what the test asks for."""
    return capture is not None and (capture.every_ms, capture.keep_days) == (every_ms, keep_days)


def stands(said: Consent | None, capture: Capture | None) -> bool:
    """Whether pictures may be taken: she has agreed to what the test asks for now."""
    return _says(said, capture, "agreed")


def lacks(consents: Collection[Consent], captures: Iterable[Capture]) -> bool:
    """Whether the test can't begin before she has said more."""
    return any(_is_open(said_of(consents, capture.source), capture) for capture in captures)


def _is_open(said: Consent | None, capture: Capture) -> bool:
    if capture.asks == "offered" or stands(said, capture):
        return False
    return capture.asks == "required" or not _says(said, capture, "unable")


def _says(said: Consent | None, capture: Capture | None, what: Says) -> bool:
    return said is not None and said.says == what and fits(capture, said.every_ms, said.keep_days)


def without(captures: Collection[Capture], exempt: Collection[str]) -> tuple[Capture, ...]:
    """What is asked of a candidate who is exempt from these signals."""
    return tuple(capture for capture in captures if ENDED[capture.source] not in exempt)


def contradiction(captures: Collection[Capture]) -> str | None:
    """Why these make no sense together, in words of an exam file; None: they do."""
    if len({capture.source for capture in captures}) != len(captures):
        return "`captures`: a source is named twice"
    if any(capture.whole_screen and capture.source != "screen" for capture in captures):
        return "`captures`: `whole_screen` is about the screen alone"
    return None
