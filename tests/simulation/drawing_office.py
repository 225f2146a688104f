"""Draws what is done to many at once: grants and groups, acts on many attempts, other keys."""

from random import Random
from typing import Final

import msgspec

from tests.simulation.plan import Candidate, Deed, DeedKind, Fault, Mend, Rules

_GRANTS: Final = 0.35
_BULK: Final = 0.35
_REGRADES: Final = 0.3
_ENROLS: Final = 0.15
_AGAIN: Final = 0.2

_GRANT_KINDS: Final[tuple[DeedKind, ...]] = (
    "grant",
    "grant",
    "grant_window",
    "grant_group",
    "join",
    "join",
    "leave",
    "withdraw",
    "withdraw_group",
)
_BULK_KINDS: Final[tuple[DeedKind, ...]] = ("extend_all", "extend_all", "write_to_all", "warn_all", "pause_all")


def deeds_of(draw: Random, rules: Rules, candidates: tuple[Candidate, ...]) -> tuple[Deed, ...]:
    """Some days have grants, some have acts on many attempts, some have regrades."""
    drawn: list[Deed] = []
    if draw.random() < _GRANTS:
        drawn += [_deed(draw, rules, candidates, draw.choice(_GRANT_KINDS), (0.0, 1.0)) for _ in _some(draw, 8)]
    if draw.random() < _BULK:
        for _ in _some(draw, 4):
            deed = _deed(draw, rules, candidates, draw.choice(_BULK_KINDS), (0.05, 1.0))
            drawn.append(deed)
            if deed.kind == "pause_all":
                back_ms = deed.at_ms + draw.randint(500, 15_000)
                drawn.append(msgspec.structs.replace(deed, kind="resume_all", at_ms=back_ms))
    if draw.random() < _REGRADES:
        drawn += [_deed(draw, rules, candidates, "regrade", (0.5, 1.4)) for _ in _some(draw, 3)]
        if rules.essays:
            drawn += [_deed(draw, rules, candidates, "mark", (0.6, 1.4)) for _ in _some(draw, 4)]
    return tuple(sorted(drawn, key=lambda deed: deed.at_ms))


def with_enrolment(draw: Random, rules: Rules) -> Rules:
    """On some days nobody has an attempt made who is not enrolled."""
    return msgspec.structs.replace(rules, enrolment=draw.random() < _ENROLS)


def enrolments(draw: Random, rules: Rules, candidates: tuple[Candidate, ...]) -> tuple[Deed, ...]:
    """Most are enrolled around their arrival, some of them by their group; some are taken out again, and come back."""
    if not rules.enrolment:
        return ()
    drawn = [
        Deed(draw.randint(0, 8_000), "enrol_group", org, "", 0)
        for org in sorted({one.org for one in candidates})
        if draw.random() < 0.7
    ]
    for one in candidates:
        at_ms = max(0, one.arrives_ms + draw.randint(-4_000, 12_000))
        ways: tuple[tuple[DeedKind, DeedKind], ...] = (("enrol", "unenrol"), ("enrol", "unenrol"), ("join", "leave"))
        gives, takes = draw.choice(ways)
        if draw.random() < 0.9:
            drawn.append(Deed(at_ms, gives, one.org, one.user, 0))
        while draw.random() < 0.3:
            at_ms += draw.randint(500, 20_000)
            drawn.append(Deed(at_ms, draw.choice((takes, takes, gives)), one.org, one.user, 0))
    return tuple(drawn)


def further_attempts(
    draw: Random, rules: Rules, candidates: tuple[Candidate, ...]
) -> tuple[tuple[Candidate, ...], tuple[Deed, ...]]:
    """On some days many are granted a further attempt, and take it; some ask in vain."""
    if draw.random() > _AGAIN:
        return candidates, ()
    kind: DeedKind = "another_attempt_for_all"
    deeds = tuple(_deed(draw, rules, candidates, kind, (0.3, 1.2)) for _ in _some(draw, 2))
    return tuple(msgspec.structs.replace(one, again=draw.random() < 0.6) for one in candidates), deeds


def _some(draw: Random, most: int) -> range:
    return range(draw.randint(1, most))


def _deed(
    draw: Random, rules: Rules, candidates: tuple[Candidate, ...], kind: DeedKind, share: tuple[float, float]
) -> Deed:
    about = draw.choice(candidates)
    at_ms = int(rules.duration_ms * draw.uniform(*share)) + draw.randint(0, 3_000)
    return Deed(at_ms, kind, about.org, about.user, draw.choice((1_000, 5_000, 20_000, 60_000)))


def other_keys(draw: Random, mends: tuple[Mend, ...], deeds: tuple[Deed, ...]) -> tuple[Mend, ...]:
    """On a day with regrades authors change nothing but keys and times: other questions could not be marked again."""
    regrades = [deed for deed in deeds if deed.kind == "regrade"]
    if not regrades:
        return mends
    keyed = [msgspec.structs.replace(mend, key=draw.choice("abcd")) for mend in mends]
    keyed += [
        Mend(max(0, deed.at_ms - draw.randint(500, 10_000)), deed.org, None, draw.choice("bcd")) for deed in regrades
    ]
    return tuple(sorted(keyed, key=lambda mend: mend.at_ms))


def deaths_half_way(draw: Random, rules: Rules, deeds: tuple[Deed, ...]) -> tuple[Fault, ...]:
    """A node often dies while it sees to many attempts."""
    many = [deed for deed in deeds if deed.kind in ("regrade", "resume_all", "another_attempt_for_all", *_BULK_KINDS)]
    return tuple(
        Fault(deed.at_ms + draw.randint(20, 1_200), "kill", draw.randint(500, 15_000), draw.randrange(rules.nodes))
        for deed in many
        if draw.random() < 0.6
    )
