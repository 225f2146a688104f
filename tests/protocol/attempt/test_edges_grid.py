"""Deadline x override x window x pause x grace x section: every combination ends when plain arithmetic says, to the
millisecond. The arithmetic below knows nothing of the code that it is held against."""

from itertools import product
from typing import Any, Final, NamedTuple

import pytest

from protocol.attempt.commands import AnyCommand, Begin, Grant, HandIn
from protocol.attempt.model import Accommodation
from protocol.errors import Refusal
from tests.protocol.attempt.edges import section_layout
from tests.protocol.attempt.scene import CANDIDATE, HOUR, MINUTE, SYSTEM, T0, Scene

OPENS: Final = 2 * MINUTE
BEGINS: Final = 5 * MINUTE
SECTION: Final = 10 * MINUTE
PAUSE: Final = 9 * MINUTE
"""How long a pause lasts."""
FOR_GOOD: Final = 1_000 * HOUR


class Granted(NamedTuple):
    """An override, and what it means in plain numbers."""

    name: str
    fields: dict[str, Any]
    extra_ms: int = 0
    unlimited: bool = False
    closes: int | None = None
    never_closes: bool = False


OVERRIDES: Final = [
    Granted("nothing", {}),
    Granted("minutes", {"extra_time_ms": 12 * MINUTE}, extra_ms=12 * MINUTE),
    Granted("a share", {"extra_time_permille": 250}, extra_ms=15 * MINUTE),
    Granted("unlimited", {"unlimited_time": True}, unlimited=True),
    Granted("an earlier end", {"closes_at_ms": T0 + 13 * MINUTE}, closes=13 * MINUTE),
    Granted("a later end", {"closes_at_ms": T0 + 100 * MINUTE, "extra_time_ms": MINUTE}, MINUTE, closes=100 * MINUTE),
    Granted("no end", {"never_closes": True}, never_closes=True),
]
DURATIONS: Final = [None, HOUR]
WINDOWS: Final = [None, 14 * MINUTE, 65 * MINUTE, 90 * MINUTE]
PAUSED: Final = [None, 8 * MINUTE, 30 * MINUTE]
GRACES: Final = [0, 2_000]
SECTIONS: Final = [None, SECTION]
KINDS: Final = ["hard", "soft", "synchronised"]


class Case(NamedTuple):
    """One combination. Instants count from `T0`."""

    kind: str
    duration: int | None
    closes: int | None
    paused: int | None
    grace: int
    section: int | None

    def scene(self, granted: Granted, until: int) -> Scene:
        """The attempt with what has happened to it before `until`."""
        scene = Scene(
            layout=section_layout("–" if self.section is None else "10 min"),
            duration_ms=self.duration,
            window_opens_at_ms=T0 + OPENS,
            window_closes_at_ms=None if self.closes is None else T0 + self.closes,
            grace_ms=self.grace,
            soft=self.kind == "soft",
            synchronised=self.kind == "synchronised",
        )
        scene.facts(Grant(SYSTEM, Accommodation(**granted.fields), "her override"))
        scene.at(BEGINS).facts(Begin(CANDIDATE, 0))
        if self.paused is not None and self.paused < until:
            scene.wake_at(self.paused)
            scene.facts(scene.pause())
            scene.at(self.paused + PAUSE).facts(scene.resume())
        return scene

    def end(self, granted: Granted) -> int | None:
        """When her time is up; None: never. A pause before that makes it later."""
        ends = []
        closes = None if granted.never_closes else granted.closes or self.closes
        if closes is not None:
            ends.append(closes)
        if self.duration is not None and not granted.unlimited and self.kind != "soft":
            from_ms = OPENS if self.kind == "synchronised" else BEGINS
            ends.append(from_ms + self.duration + granted.extra_ms)
        return self._later(min(ends, default=None))

    def section_end(self, granted: Granted) -> int | None:
        """When the time of the first section is up; None: with the test's."""
        end = self.end(granted)
        if self.section is None or granted.unlimited:
            return end
        # The sections that are limited have 100 minutes: whatever has no duration is measured by them.
        whole = self.duration or 100 * MINUTE
        permille = granted.fields.get("extra_time_permille", 0)
        share = -(-self.section * permille // 1_000)
        minutes = 0 if permille else -(-self.section * granted.extra_ms // whole)
        own = self._later(BEGINS + self.section + max(share, minutes))
        assert own is not None
        return own if end is None else min(own, end)

    def _later(self, instant: int | None) -> int | None:
        if instant is None or self.paused is None or self.paused >= instant:
            return instant
        return instant + PAUSE


CASES: Final = [Case(*one) for one in product(KINDS, DURATIONS, WINDOWS, PAUSED, GRACES, SECTIONS)]


@pytest.mark.parametrize("granted", OVERRIDES, ids=lambda granted: granted.name)
def test_every_combination_ends_to_the_millisecond(granted: Granted) -> None:
    for case in CASES:
        end, section_end = case.end(granted), case.section_end(granted)
        last = FOR_GOOD if section_end is None else section_end + case.grace
        scene = case.scene(granted, last)
        took = [accepts(scene, last + off, scene.answer(2 + off)) for off in (-1, 0, 1)]
        assert took == [True, *[section_end is None] * 2], case
        last = FOR_GOOD if end is None else end + case.grace
        for off in (-1, 0, 1):
            scene = case.scene(granted, last)
            assert accepts(scene, last + off, HandIn(CANDIDATE, 0)) is (off < 0 or end is None), (case, off)
        scene = case.scene(granted, last)
        for off in (-1, 0, 1):
            scene.wake_at(last + off)
            assert (scene.attempt.ended_at_ms is not None) is (off >= 0 and end is not None), (case, off)
        assert scene.attempt.ended_at_ms == (None if end is None else T0 + end), case


def accepts(scene: Scene, at: int, command: AnyCommand) -> bool:
    return not isinstance(scene.at(at).offer(command), Refusal)
