"""Draws what candidates do."""

from collections.abc import Iterator
from random import Random
from typing import Final

import msgspec

from tests.simulation.plan import ORGS, QUESTIONS, SECTIONS, Candidate, Rules, Step, StepKind


def who_enters(draw: Random, candidate: Candidate, rules: Rules) -> Candidate:
    """The same person, who now and then enters the next section, sometimes right when the one before closes, and
    sometimes one that is not the next."""
    steps: list[Step] = []
    parts = len(rules.parts)
    at_ms, number = 0, 1
    next_ms = draw.uniform(0.1, 0.6) * rules.duration_ms
    for step in candidate.steps:
        at_ms += step.wait_ms
        steps.append(step)
        if number < parts and at_ms >= next_ms:
            wrong = draw.randrange(parts) if draw.random() < 0.15 else number
            limit_ms = rules.section_ms[number - 1] if rules.section_ms else None
            wait_ms = draw.randint(0, 50)
            if limit_ms is not None and draw.random() < 0.3:
                until_ms = limit_ms + rules.grace_ms - at_ms + draw.randint(-300, 300)
                wait_ms = min(max(0, until_ms), rules.duration_ms // 4)
            steps.append(Step(wait_ms, "enter", wrong))
            at_ms += wait_ms
            number += wrong == number
            next_ms = at_ms + draw.uniform(0.05, 0.4) * rules.duration_ms * len(SECTIONS) / parts
    return msgspec.structs.replace(candidate, steps=tuple(steps))


def who_raises_her_hand(draw: Random, candidate: Candidate) -> Candidate:
    """The same person; one of three raises her hand now and then, and lowers it again or forgets to."""
    if draw.random() > _RAISES:
        return candidate
    steps: list[Step] = []
    for step in candidate.steps:
        steps.append(step)
        if draw.random() < 2 / len(candidate.steps):
            steps.append(Step(draw.randint(0, 3_000), "hand", value=draw.choice((0, 0, 0, 1))))
            if draw.random() < 0.5:
                steps.append(Step(draw.randint(2_000, 20_000), "hand", value=1))
    return msgspec.structs.replace(candidate, steps=tuple(steps))


_RAISES: Final = 1 / 3


def who_agrees(draw: Random, candidate: Candidate) -> Candidate:
    """The same person; half of them say something of pictures of their screens, and some of those another thing
    later."""
    if draw.random() > _AGREES:
        return candidate
    steps = [Step(draw.randint(0, 3_000), "consent", value=draw.choice((0, 0, 0, 1, 2))), *candidate.steps]
    for _ in range(draw.choice((0, 1, 2))):
        again = Step(draw.randint(0, 3_000), "consent", value=draw.choice((0, 1, 1, 2)))
        steps.insert(draw.randint(1, len(steps)), again)
    return msgspec.structs.replace(candidate, steps=tuple(steps))


_AGREES: Final = 0.5


def who_is_noticed(draw: Random, candidate: Candidate) -> Candidate:
    """The same person; half of them do now and then what is watched for, and one in ten of those all the time."""
    if draw.random() > _NOTICED:
        return candidate
    often = 0.6 if draw.random() < 0.1 else 3 / len(candidate.steps)
    steps: list[Step] = []
    for step in candidate.steps:
        steps.append(step)
        if draw.random() < often:
            number = draw.choice((0, 0, 0, 1, 1, 2, 3, 4))
            steps.append(Step(draw.randint(0, 3_000), "notice", draw.choice((1, 1, 1, 0, 3)), number))
    return msgspec.structs.replace(candidate, steps=tuple(steps))


_NOTICED: Final = 1 / 2


def instants(candidate: Candidate) -> Iterator[tuple[int, Step]]:
    """About when each of her steps is taken."""
    at_ms = candidate.arrives_ms
    for step in candidate.steps:
        at_ms += step.wait_ms
        yield at_ms, step


def candidate_of(draw: Random, user: str, rules: Rules, long: bool) -> Candidate:
    """Her steps fill the exam's time, more or less. On a long day an hour has 30 to 120 of them, as when people think,
    and more often few than many; a short one has as many as that in some minutes."""
    steps: list[Step] = []
    if long:
        pace_ms = int(3_600_000 / (30 * 4 ** draw.random() ** 3))
    else:
        pace_ms = max(1_500, rules.duration_ms // draw.randint(15, 120))
    at_ms = 0
    end_ms = int(rules.duration_ms * draw.uniform(0.3, 1.15))
    while at_ms < end_ms:
        step = _step(draw, pace_ms, long)
        steps.append(step)
        at_ms += step.wait_ms
    # Right at the end, where it hurts: around the deadline and the closing.
    last = draw.random()
    if last < 0.45:
        steps.append(Step(draw.randint(0, 3_000), "submit"))
    elif last < 0.6:
        steps.append(Step(0, "walk_away"))
    elif last < 0.8:
        wait_ms = max(0, rules.duration_ms + rules.grace_ms - at_ms + draw.randint(-400, 300))
        steps += [Step(wait_ms, "answer", draw.randrange(QUESTIONS), 1)]
        steps += [Step(draw.randint(0, 60), "answer", draw.randrange(QUESTIONS), i % 4) for i in range(8)]
        if draw.random() < 0.4:
            steps.append(Step(draw.randint(0, 100), "submit"))
    return Candidate(user, draw.choice(ORGS) if draw.random() < 0.3 else ORGS[0], draw.randint(0, 8_000), tuple(steps))


def _step(draw: Random, pace_ms: int, calm: bool) -> Step:
    wait_ms = int(draw.expovariate(1 / pace_ms))
    question, value = draw.randrange(QUESTIONS), draw.randrange(5)
    kinds: dict[StepKind, float] = {
        "answer": 650 if calm else 75,
        "flag": 5,
        "move": 8,
        "cut": 4,
        "offline": 1.5,
        "still": 2,
        "vanish": 1,
        "fight": 1.5,
        "reload": 1,
        "rest": 1,
    }
    (kind,) = draw.choices(list(kinds), list(kinds.values()))
    if draw.random() < 0.1:
        wait_ms = draw.randint(0, 50)
    return Step(wait_ms, kind, question, value, int(draw.expovariate(1 / 8_000)))
