"""Makes a failing day shorter: takes out faults, mended tests, people, orders, steps for as long as it still fails."""

from collections.abc import Callable, Iterator, Sequence
from math import inf
from time import monotonic
from typing import TypeVar

from msgspec.structs import replace

from tests.simulation.plan import Plan

T = TypeVar("T")
Fails = Callable[[Plan], bool]


def shrink(plan: Plan, fails: Fails, budget: int = 200, budget_s: float = inf) -> Plan:
    """The shortest plan found in at most `budget` runs, none begun after `budget_s`: one of a long day takes seconds.
    Greedy: what can go, goes; large parts first."""
    over_s = monotonic() + budget_s
    runs = 0
    shorter = True
    while shorter:
        shorter = False
        for candidate in _shorter(plan):
            if runs >= budget or monotonic() >= over_s:
                return plan
            runs += 1
            if fails(candidate):
                plan, shorter = candidate, True
                break
    return plan


def _shorter(plan: Plan) -> Iterator[Plan]:
    for faults in _without_some(plan.faults):
        yield replace(plan, faults=faults)
    for mends in _without_some(plan.mends):
        yield replace(plan, mends=mends)
    for candidates in _without_some(plan.candidates):
        yield replace(plan, candidates=candidates)
    for instructors in _without_some(plan.instructors):
        yield replace(plan, instructors=instructors)
    for i, instructor in enumerate(plan.instructors):
        for orders in _without_some(instructor.orders):
            yield replace(plan, instructors=_with(plan.instructors, i, replace(instructor, orders=orders)))
    for i, one in enumerate(plan.candidates):
        for kept in _without_some(one.steps):
            # What is left happens when it did: the waiting of what goes is added to what follows.
            yield replace(
                plan, candidates=_with(plan.candidates, i, replace(one, steps=_kept_in_time(one.steps, kept)))
            )


def _without_some(parts: tuple[T, ...]) -> Iterator[tuple[T, ...]]:
    """Without all, without a half, a quarter… down to single ones."""
    size = len(parts)
    while size >= 1:
        for start in range(0, len(parts), size):
            yield parts[:start] + parts[start + size :]
        size //= 2


def _with(parts: tuple[T, ...], index: int, part: T) -> tuple[T, ...]:
    return (*parts[:index], part, *parts[index + 1 :])


def _kept_in_time(steps: Sequence[T], kept: Sequence[T]) -> tuple[T, ...]:
    left = list(kept)
    waited_ms = 0
    result: list[T] = []
    for step in steps:
        waited_ms += step.wait_ms  # type: ignore[attr-defined]
        if left and left[0] is step:
            result.append(replace(left.pop(0), wait_ms=waited_ms))  # type: ignore[type-var]
            waited_ms = 0
    return tuple(result)
