"""Draws what staff do."""

from collections.abc import Iterator
from random import Random
from typing import Final

import msgspec

from tests.simulation.drawing_candidates import instants
from tests.simulation.plan import ORGS, Candidate, Instructor, Order, Rules, StepKind

_OTHER_DEVICE: Final[dict[StepKind, float]] = {"vanish": 0.9, "fight": 0.4, "rest": 0.4}
"""What brings another device, and how often staff let it in where links open once."""


def with_terms(draw: Random, instructor: Instructor, candidates: tuple[Candidate, ...], rules: Rules) -> Instructor:
    """The same instructor, who also grants extra time, before the start and after it, and applies mended rules."""
    mine = [one.user for one in candidates if one.org == instructor.org]
    more = tuple(
        Order(
            int(rules.duration_ms * draw.uniform(0.0, 1.05)),
            draw.choice(("accommodate", "accommodate", "apply_rules")),
            draw.choice(mine),
            draw.choice((0, 1_000, 10_000, 60_000)),
        )
        for _ in range(draw.randint(0, 6) if mine else 0)
    )
    orders = sorted((*instructor.orders, *more), key=lambda order: order.at_ms)
    return msgspec.structs.replace(instructor, orders=tuple(orders))


def who_lets_in(draw: Random, instructor: Instructor, candidates: tuple[Candidate, ...]) -> Instructor:
    """The same instructor, who lets in nearly everybody of hers, some of them twice."""
    more = [
        Order(one.arrives_ms + draw.randint(0, 12_000), "admit", one.user)
        for one in candidates
        if one.org == instructor.org and draw.random() < 0.95
        for _ in range(draw.choice((1, 1, 2)))
    ]
    orders = sorted((*instructor.orders, *more), key=lambda order: order.at_ms)
    return msgspec.structs.replace(instructor, orders=tuple(orders))


def with_undoing(draw: Random, instructor: Instructor) -> Instructor:
    """The same instructor, who takes most of what was cancelled back, sometimes what was not, and lets in where nobody
    waits."""
    more: list[Order] = []
    for order in instructor.orders:
        if order.kind == "cancel" and draw.random() < 0.7:
            more.append(Order(order.at_ms + draw.randint(0, 15_000), "reinstate", order.user, draw.choice((0, 60_000))))
        elif draw.random() < 0.05:
            more.append(Order(order.at_ms, draw.choice(("reinstate", "admit", "cancel")), order.user))
    orders = sorted((*instructor.orders, *more), key=lambda order: order.at_ms)
    return msgspec.structs.replace(instructor, orders=tuple(orders))


def who_sees_hands(draw: Random, instructor: Instructor, candidates: tuple[Candidate, ...]) -> Instructor:
    """The same instructor, who acknowledges most of the hands in her organisation, some of them too late."""
    more = [
        Order(at_ms + draw.randint(0, 5_000), "acknowledge_hand", one.user)
        for one in candidates
        if one.org == instructor.org
        for at_ms, step in instants(one)
        if step.kind == "hand" and step.value % 2 == 0 and draw.random() < 0.7
    ]
    orders = sorted((*instructor.orders, *more), key=lambda order: order.at_ms)
    return msgspec.structs.replace(instructor, orders=tuple(orders))


def instructor_of(draw: Random, user: str, candidates: tuple[Candidate, ...], rules: Rules, long: bool) -> Instructor:
    org = draw.choice(ORGS) if draw.random() < 0.3 else ORGS[0]
    mine = [one.user for one in candidates if one.org == org]
    kinds: dict[str, float] = {"message": 5, "extend": 4, "pause": 4, "resume": 4, "end": 1, "cancel": 0.5, "reopen": 2}
    orders: list[Order] = []
    for _ in range(draw.randint(0, 30 if long else 12) if mine else 0):
        (kind,) = draw.choices(list(kinds), list(kinds.values()))
        at_ms = int(rules.duration_ms * draw.uniform(0.02, 1.1)) + 5_000
        ms = draw.choice((1_000, 5_000, 20_000, 60_000))
        if kind == "message" and ms == 60_000:
            kind = "warn"
        # Now and then somebody tries what is not hers to do.
        about = draw.choice(mine) if draw.random() < 0.9 else draw.choice(candidates).user
        orders.append(Order(at_ms, kind, about, ms))  # type: ignore[arg-type]
        if long and kind == "pause":
            # Nobody lets somebody wait for hours.
            orders.append(Order(at_ms + draw.randint(10_000, 600_000), "resume", about))
    if rules.link_opens_once:
        orders += [order for one in candidates if one.user in mine for order in _calls_for_help(draw, one)]
    orders.sort(key=lambda order: order.at_ms)
    return Instructor(user, org, draw.randint(0, 5_000), tuple(orders))


def _calls_for_help(draw: Random, candidate: Candidate) -> Iterator[Order]:
    """What staff do about somebody whose link is bound: most who come with another device are let in a while later."""
    for at_ms, step in instants(candidate):
        if step.kind in _OTHER_DEVICE and draw.random() < _OTHER_DEVICE[step.kind]:
            yield Order(at_ms + draw.randint(0, 10_000), "allow_device", candidate.user)
