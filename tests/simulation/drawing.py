"""Draws the plan of a day from its seed."""

from random import Random
from typing import Final

import msgspec

from tests.simulation.chance import Chance
from tests.simulation.drawing_candidates import (
    candidate_of,
    who_agrees,
    who_enters,
    who_is_noticed,
    who_raises_her_hand,
)
from tests.simulation.drawing_office import (
    deaths_half_way,
    deeds_of,
    enrolments,
    further_attempts,
    other_keys,
    with_enrolment,
)
from tests.simulation.drawing_staff import instructor_of, who_lets_in, who_sees_hands, with_terms, with_undoing
from tests.simulation.drawing_timing import who_accepts, who_hands_in_late, with_timing
from tests.simulation.plan import ORGS, QUESTIONS, SECTIONS, Clients, Fault, FaultKind, Mend, Plan, Rules

LONG_EVERY: Final = 8
"""Of so many seeds one is a long day with many people; the others are short and dense."""


STORM_EVERY: Final = 3
"""Of so many seeds one is a day on which hardly anything works."""


def make_plan(seed: int, clients: Clients = "python") -> Plan:
    """The day of a seed; what people use changes nothing else in it."""
    chance = Chance(seed)
    long = seed % LONG_EVERY == 0
    rules = _with_limits(chance.stream("limits"), _rules(chance.stream("rules"), long))
    rules = msgspec.structs.replace(rules, waiting_room=chance.stream("waiting").random() < _WAITING)
    rules = _with_order(chance.stream("order"), rules)
    rules = with_timing(chance.stream("timing"), rules)
    rules = _with_papers(chance.stream("papers"), rules)
    rules = msgspec.structs.replace(rules, several=chance.stream("several").random() < _SEVERAL)
    rules = msgspec.structs.replace(rules, watched=chance.stream("watched").random() < _WATCHED)
    rules = with_enrolment(chance.stream("enrolment"), rules)
    draw = chance.stream("people")
    crowd = draw.randint(100, 250) if long else draw.randint(1, 8)
    candidates = tuple(candidate_of(chance.stream("candidate", i), f"user-{i}", rules, long) for i in range(crowd))
    if rules.parts:
        candidates = tuple(who_enters(chance.stream("enters", one.user), one, rules) for one in candidates)
    candidates = tuple(who_raises_her_hand(chance.stream("hand", one.user), one) for one in candidates)
    candidates = tuple(who_hands_in_late(chance.stream("late", one.user), one, rules) for one in candidates)
    if rules.watched:
        candidates = tuple(who_is_noticed(chance.stream("noticed", one.user), one) for one in candidates)
        candidates = tuple(who_agrees(chance.stream("agrees", one.user), one) for one in candidates)
    instructors = tuple(
        instructor_of(chance.stream("instructor", i), f"staff-{i}", candidates, rules, long)
        for i in range(draw.randint(1, 2))
    )
    instructors = tuple(
        with_terms(chance.stream("terms", i), instructor, candidates, rules) for i, instructor in enumerate(instructors)
    )
    if rules.waiting_room:
        instructors = tuple(
            who_lets_in(chance.stream("lets in", i), one, candidates) for i, one in enumerate(instructors)
        )
    instructors = tuple(with_undoing(chance.stream("undo", i), one) for i, one in enumerate(instructors))
    instructors = tuple(
        who_sees_hands(chance.stream("sees", i), instructor, candidates) for i, instructor in enumerate(instructors)
    )
    instructors = tuple(
        who_accepts(chance.stream("accepts", i), instructor, candidates, rules)
        for i, instructor in enumerate(instructors)
    )
    faults = _faults(chance.stream("faults"), rules, storm=seed % STORM_EVERY == 0)
    users = [one.user for one in candidates]
    erased = tuple(chance.stream("erased").sample(users, k=min(2, len(users))))
    candidates, more = further_attempts(chance.stream("again"), rules, candidates)
    deeds = (*deeds_of(chance.stream("deeds"), rules, candidates), *more)
    deeds += enrolments(chance.stream("enrolments"), rules, candidates)
    deeds = tuple(sorted(deeds, key=lambda deed: deed.at_ms))
    mends = other_keys(chance.stream("keys"), _mends(chance.stream("author"), rules), deeds)
    faults = tuple(
        sorted((*faults, *deaths_half_way(chance.stream("deaths"), rules, deeds)), key=lambda fault: fault.at_ms)
    )
    return Plan(seed, rules, candidates, instructors, faults, mends, clients, deeds=deeds, erased=erased)


def _mends(draw: Random, rules: Rules) -> tuple[Mend, ...]:
    mends = (
        Mend(
            int(rules.duration_ms * draw.uniform(0.0, 1.0)),
            draw.choice(ORGS),
            int(rules.duration_ms * draw.choice((0.7, 0.9, 1.1, 1.3))),
        )
        for _ in range(draw.randint(0, 3))
    )
    return tuple(sorted(mends, key=lambda mend: mend.at_ms))


def _rules(draw: Random, long: bool) -> Rules:
    nodes = draw.choice((1, 1, 2, 2, 3))
    duration_ms = draw.choice(
        (3_600_000, 5_400_000, 7_200_000, 10_800_000) if long else (30_000, 60_000, 120_000, 300_000)
    )
    return Rules(
        nodes=nodes,
        duration_ms=duration_ms,
        grace_ms=draw.choice((0, 500, 2_000, 2_000, 5_000)),
        warnings_ms=draw.choice(((), (30_000,), (300_000, 60_000))),
        pause_on_disconnect=draw.random() < 0.3,
        pause_budget_ms=draw.choice((5_000, 30_000, 120_000)),
        newest_wins=draw.random() < 0.85,
        essays=draw.random() < 0.3,
        heartbeat_ms=60_000 if long else draw.choice((2_000, 5_000, 10_000)),
        window_ms=int(duration_ms * draw.uniform(0.5, 1.2)) + 10_000 if draw.random() < 0.2 else None,
        sweep_ms=10_000 if long else draw.choice((250, 500, 500, 1_000)),
        snapshot_ms=600_000 if long else draw.choice((2_000, 30_000)),
        flush_ms=2_000 if long else draw.choice((150, 250, 500)),
        link_opens_once=draw.random() < 0.25,
        ease=30 if long else 1,
    )


def _with_limits(draw: Random, rules: Rules) -> Rules:
    """A quarter of the days has sections, and a quarter has questions with a limit."""
    if draw.random() < _LIMITED:
        share = [draw.uniform(0.1, 0.5) if draw.random() < 0.8 else None for _ in SECTIONS]
        section_ms = tuple(None if one is None else int(rules.duration_ms * one) for one in share)
        rules = msgspec.structs.replace(rules, section_ms=section_ms)
    if draw.random() < _LIMITED:
        rules = msgspec.structs.replace(rules, question_ms=max(1_000, int(rules.duration_ms * draw.uniform(0.02, 0.2))))
    return rules


def _with_order(draw: Random, rules: Rules) -> Rules:
    """Some days go question by question, and on some a question or two must be answered."""
    required = tuple(draw.sample(range(QUESTIONS), k=draw.randint(1, 2))) if draw.random() < _REQUIRED else ()
    forward = not rules.section_ms and draw.random() < _FORWARD
    return msgspec.structs.replace(rules, forward=forward, required=required)


def _with_papers(draw: Random, rules: Rules) -> Rules:
    """On some days questions are drawn from pools, and on some everybody has them in an order of her own."""
    return msgspec.structs.replace(rules, pools=draw.random() < _POOLS, shuffled=draw.random() < _SHUFFLED)


_LIMITED: Final = 0.25
_POOLS: Final = 0.2
_SHUFFLED: Final = 0.1
_WATCHED: Final = 0.5
_SEVERAL: Final = 0.4
"""Days on which a question has several parts."""
_REQUIRED: Final = 0.15
_FORWARD: Final = 0.12
_WAITING: Final = 0.15


def _faults(draw: Random, rules: Rules, *, storm: bool) -> tuple[Fault, ...]:
    kinds: dict[FaultKind, float] = {
        "kill": 4,
        "stall": 3,
        "drain": 1.5,
        "database_away": 2,
        "database_frozen": 1.5,
        "database_unsure": 4,
        "database_slow": 2,
        "network_slow": 1,
        "wall_jump": 1,
    }
    if rules.nodes > 1:
        kinds |= {"database_cut": 2, "relay_down": 2, "relay_bad": 3, "relay_cut": 2}
    faults: list[Fault] = []
    if storm and draw.random() < 0.5:
        faults.append(Fault(0, "database_unsure", rules.duration_ms + 10_000))
    for _ in range(draw.randint(8, 24) if storm else draw.choice((0, 1, 2, 3, 5))):
        (kind,) = draw.choices(list(kinds), list(kinds.values()))
        at_ms = int((rules.duration_ms + 15_000) * draw.uniform(0.0, 1.05))
        if draw.random() < 0.3:
            # Around the closing of those who came first.
            at_ms = rules.duration_ms + rules.grace_ms + draw.randint(-3_000, 8_000)
        for_ms = int(draw.expovariate(1 / draw.choice((500, 5_000, 20_000)))) + 50
        faults.append(Fault(max(0, at_ms), kind, for_ms, draw.randrange(rules.nodes)))
    faults.sort(key=lambda fault: fault.at_ms)
    return tuple(faults)
