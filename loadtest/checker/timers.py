"""The checker's own clocks: what runs and what stands after each record, written from PROTOCOL.md."""

from collections.abc import Collection, Mapping
from fractions import Fraction
from math import ceil
from types import MappingProxyType
from typing import Any, NamedTuple


class Timer(NamedTuple):
    """One clock: it runs until `until_ms`, or stands with `left_ms` on it. A `soft` one closes nothing, and may have
    less than nothing left; `over`: it was recorded that its time is up."""

    scope: str
    of: str | None
    until_ms: int | None
    left_ms: int | None = None
    soft: bool = False
    over: bool = False

    def stopped(self, at_ms: int) -> "Timer":
        if self.until_ms is None:
            return self
        left_ms = self.until_ms - at_ms
        return self._replace(until_ms=None, left_ms=left_ms if self.soft else max(0, left_ms))

    def running(self, at_ms: int) -> "Timer":
        if self.left_ms is None:
            return self
        return self._replace(until_ms=at_ms + self.left_ms, left_ms=None).still(at_ms)

    def still(self, at_ms: int) -> "Timer":
        """The same after its deadline was moved: what lies ahead again is not over any more."""
        return self._replace(over=self.over and self.until_ms is not None and self.until_ms <= at_ms)


Timers = tuple[Timer, ...]


Sections = tuple[tuple[str | None, tuple[tuple[str, int | None], ...], int | None], ...]
"""(section, its questions with their limits, its limit)"""


class Paper(NamedTuple):
    """The layout of a `started` record. `stretch` is how many times the limits of sections and questions she has; nil:
    they don't limit her. `required` are the questions that must not stay without an answer, with the count of
    their parts. `parts`: where each question is a section of its own, the author's section of each.
    `least_ms` is for how long a section is sat at least, where that is asked for. `soft` are the sections and questions
    whose limits close nothing."""

    sections: Sections
    by_section: bool
    stretch: Fraction | None
    required: Mapping[str, int] = MappingProxyType({})
    parts: Mapping[str, str | None] = MappingProxyType({})
    least_ms: Mapping[str | None, int] = MappingProxyType({})
    soft: frozenset[tuple[str, str | None]] = frozenset()

    def own_ms(self, limit_ms: int | None) -> int | None:
        return None if limit_ms is None or self.stretch is None else ceil(limit_ms * self.stretch)

    def question(self, position: int) -> tuple[str, int | None]:
        return [question for _, questions, _ in self.sections for question in questions][position]

    def first(self, section_id: str | None) -> int:
        """The position of a section's first question."""
        names = [name for name, questions, _ in self.sections for _ in questions]
        return names.index(section_id)

    def position(self, question_id: str) -> int:
        return [name for _, questions, _ in self.sections for name, _ in questions].index(question_id)

    def section_at(self, position: int) -> str | None:
        return [name for name, questions, _ in self.sections for _ in questions][position]

    def limit_of(self, section_id: str | None) -> int | None:
        return next(limit_ms for name, _, limit_ms in self.sections if name == section_id)


def read_paper(layout: list[Any], terms: dict[str, Any]) -> Paper:
    sections = tuple(
        (section[0], tuple((question[0], question[2]) for question in section[1]), section[2]) for section in layout[0]
    )
    required = {question[0]: question[5] for section in layout[0] for question in section[1] if question[3]}
    parts = {section[0]: section[3] for section in layout[0]} if layout[2] else {}
    least_ms = {section[0]: section[4] for section in layout[0] if section[4]}
    soft = {("section", section[0]) for section in layout[0] if section[5]}
    soft |= {("question", question[0]) for section in layout[0] for question in section[1] if question[4]}
    return Paper(sections, layout[1], _stretch(sections, terms), required, parts, least_ms, frozenset(soft))


def _stretch(sections: Sections, terms: dict[str, Any]) -> Fraction | None:
    if terms.get("unlimited_time"):
        return None
    whole_ms = (
        terms["duration_ms"]
        or sum(limit_ms or 0 for _, _, limit_ms in sections)
        or sum(limit_ms or 0 for _, questions, _ in sections for _, limit_ms in questions)
    )
    share = Fraction(terms.get("extra_time_permille", 0), 1000)
    return 1 + max(share, Fraction(terms.get("extra_time_ms", 0), whole_ms or 1) if whole_ms else Fraction(0))


def restretched(paper: Paper, terms: dict[str, Any]) -> Paper:
    """The same paper under other terms."""
    return paper._replace(stretch=_stretch(paper.sections, terms))


def give(timers: Timers, before: Paper, after: Paper, more: Mapping[str, int | None], at_ms: int) -> Timers:
    """Each clock under other terms: those of the whole have so much `more` by their scope, or are gone (nil)."""

    def gain_ms(timer: Timer) -> int | None:
        if timer.scope in more:
            return more[timer.scope]
        limit_ms = (
            after.limit_of(timer.of)
            if timer.scope == "section"
            else next(limit for _, questions, _ in after.sections for name, limit in questions if name == timer.of)
        )
        was_ms, is_ms = before.own_ms(limit_ms), after.own_ms(limit_ms)
        return None if was_ms is None or is_ms is None else is_ms - was_ms

    gains = [(timer, gain_ms(timer)) for timer in timers]
    return tuple(_moved(timer, more_ms, at_ms) for timer, more_ms in gains if more_ms is not None)


def _moved(timer: Timer, more_ms: int, at_ms: int) -> Timer:
    if timer.left_ms is not None:
        left_ms = timer.left_ms + more_ms
        return timer._replace(left_ms=left_ms if timer.soft else max(0, left_ms))
    until_ms = timer.until_ms or 0
    return timer._replace(until_ms=max(min(until_ms, at_ms), until_ms + more_ms)).still(at_ms)


def deadlines(terms: dict[str, Any], began_ms: int, *, soft: bool) -> dict[str, int | None]:
    """The deadlines of the whole, by scope, of somebody who began then, if the test's is `soft` or not."""
    window_ms = terms["window_closes_at_ms"]
    own_ms: int | None = None
    if terms["duration_ms"] is not None:
        opens_ms = terms["window_opens_at_ms"]
        from_ms = opens_ms if terms.get("synchronised") and opens_ms is not None else began_ms
        own_ms = from_ms + terms["duration_ms"] + terms.get("extra_time_ms", 0)
    if soft:
        return {"test": own_ms, "window": window_ms}
    return {"test": min((one for one in (own_ms, window_ms) if one is not None), default=None), "window": None}


def wholes(terms: dict[str, Any], at_ms: int, *, soft: bool) -> Timers:
    """The clocks of the whole of somebody who begins now."""
    return tuple(
        Timer(scope, None, until_ms, soft=scope == "test" and soft)
        for scope, until_ms in deadlines(terms, at_ms, soft=soft).items()
        if until_ms is not None
    )


def of_the_test(until_ms: int | None) -> Timers:
    return () if until_ms is None else (Timer("test", None, until_ms),)


def enter(timers: Timers, paper: Paper, section_id: str | None, at_ms: int) -> Timers:
    """Only the test's clock is left of those before; the section's own begins."""
    left = tuple(timer for timer in timers if timer.of is None)
    own_ms, soft = paper.own_ms(paper.limit_of(section_id)), ("section", section_id) in paper.soft
    return left if own_ms is None else (*left, Timer("section", section_id, at_ms + own_ms, soft=soft))


def visit(timers: Timers, paper: Paper, position: int, closed: Collection[str], at_ms: int, *, stands: bool) -> Timers:
    """The clock of the question where she is runs, unless everything `stands`; those of other questions stand, but for
    one whose time is up and that has not closed yet."""
    here, limit_ms = paper.question(position)
    known = any(timer.scope == "question" and timer.of == here for timer in timers)
    own_ms = paper.own_ms(limit_ms)
    if not known and own_ms is not None and here not in closed:
        timers = (*timers, Timer("question", here, None, own_ms, ("question", here) in paper.soft))

    def moved(timer: Timer) -> Timer:
        if timer.scope != "question":
            return timer
        if timer.of == here:
            return timer if stands else timer.running(at_ms)
        is_up = timer.until_ms is not None and timer.until_ms <= at_ms and not timer.soft
        return timer if is_up else timer.stopped(at_ms)

    return tuple(map(moved, timers))


def go_on(timers: Timers, here: str | None, at_ms: int) -> Timers:
    return tuple(timer.running(at_ms) if _at_hand(timer, here) else timer for timer in timers)


def extend(timers: Timers, here: str | None, add_ms: int, at_ms: int) -> Timers:
    return tuple(
        timer
        if not _at_hand(timer, here)
        else timer._replace(left_ms=timer.left_ms + add_ms)
        if timer.left_ms is not None
        else timer._replace(until_ms=(timer.until_ms or 0) + add_ms).still(at_ms)
        for timer in timers
    )


def collect(timers: Timers, until_ms: int) -> Timers:
    others = (timer for timer in timers if timer.of is not None)
    return of_the_test(until_ms) + tuple(
        timer if timer.until_ms is None else timer._replace(until_ms=min(timer.until_ms, until_ms)) for timer in others
    )


def _at_hand(timer: Timer, here: str | None) -> bool:
    return timer.scope != "question" or timer.of == here
