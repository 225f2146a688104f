"""Draws the rest of a test's rules of time, and what people do about them."""

from random import Random
from typing import Final

import msgspec

from tests.simulation.plan import QUESTIONS, Candidate, Instructor, Order, Rules, Step

_LEAST: Final = 0.15
_NOT_COLLECTED: Final = 0.25
_INFORMS: Final = 0.12
_SYNCHRONISED: Final = 0.12


def with_timing(draw: Random, rules: Rules) -> Rules:
    """Some days have minimum times, another end than being collected, limits that only inform, or one beginning for
    everybody. Where the test's limit only informs its window closes."""
    if draw.random() < _LEAST:
        rules = msgspec.structs.replace(rules, min_time_ms=int(rules.duration_ms * draw.uniform(0.05, 0.5)))
    if rules.section_ms and draw.random() < 2 * _LEAST:
        rules = msgspec.structs.replace(rules, section_min_ms=int(rules.duration_ms * draw.uniform(0.01, 0.1)))
    if draw.random() < _NOT_COLLECTED:
        at_end, hand_in_ms = draw.choice(("hand_in", "hand_in", "abandon")), draw.choice((3_000, 10_000, 30_000))
        rules = msgspec.structs.replace(rules, at_end=at_end, hand_in_ms=hand_in_ms)
    if draw.random() < _INFORMS:
        window_ms = rules.window_ms or int(rules.duration_ms * draw.uniform(0.8, 1.5)) + 10_000
        rules = msgspec.structs.replace(rules, soft=True, window_ms=window_ms)
    if draw.random() < _INFORMS:
        rules = msgspec.structs.replace(rules, soft_parts=True)
    if draw.random() < _SYNCHRONISED:
        rules = msgspec.structs.replace(rules, synchronised=True, opens_ms=draw.choice((-5_000, 0, 4_000)))
    return msgspec.structs.replace(rules, pause_grace_ms=draw.choice((2_000, 10_000)))


def who_hands_in_late(draw: Random, candidate: Candidate, rules: Rules) -> Candidate:
    """The same person, who now and then hands in when only that is left, and tries to answer before; some too late."""
    if rules.at_end != "hand_in" or draw.random() < 0.5:
        return candidate
    at_ms = sum(step.wait_ms for step in candidate.steps)
    closes_ms = rules.duration_ms + rules.grace_ms
    late_ms = draw.choice((draw.randint(0, rules.hand_in_ms), rules.hand_in_ms + draw.randint(-300, 300)))
    wait_ms = max(0, closes_ms + late_ms - at_ms)
    kept = tuple(step for step in candidate.steps if step.kind not in ("submit", "walk_away"))
    last = (Step(wait_ms, "answer", draw.randrange(QUESTIONS), 1), Step(draw.randint(0, 40), "submit"))
    return msgspec.structs.replace(candidate, steps=kept + last)


def who_accepts(draw: Random, instructor: Instructor, candidates: tuple[Candidate, ...], rules: Rules) -> Instructor:
    """The same instructor, who takes most of what was abandoned as handed in, and sometimes asks for it before."""
    if rules.at_end == "submit":
        return instructor
    ends_ms = rules.duration_ms + rules.grace_ms + (rules.hand_in_ms if rules.at_end == "hand_in" else 0)
    more = tuple(
        Order(one.arrives_ms + ends_ms + draw.randint(-1_000, 15_000), "accept", one.user)
        for one in candidates
        if one.org == instructor.org and draw.random() < 0.7
    )
    orders = sorted((*instructor.orders, *more), key=lambda order: order.at_ms)
    return msgspec.structs.replace(instructor, orders=tuple(orders))
