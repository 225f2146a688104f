"""The room over time: who sat when, and how far everybody was."""

from bisect import bisect_right
from collections.abc import Sequence
from typing import Final

from protocol.analytics.course import Course
from protocol.rest.analytics import RoomPoint

POINTS: Final = 61
"""Instants of a curve, both ends among them: a step of a minute in an exam of an hour."""


def room_over_time(courses: Sequence[Course]) -> list[RoomPoint]:
    """The room at instants in equal steps, from the first start to the last end. Whoever goes on sits until she was
    looked at."""
    started = sorted(one.started_ms for one in courses if one.started_ms is not None)
    if not started:
        return []
    until = sorted(one.until_ms for one in courses)
    ended = sorted(one.until_ms for one in courses if one.ended)
    gone = sorted(since for one in courses for since, _ in one.away_spans)
    # Whoever goes on and is away is so when she is looked at, where her last span ends.
    back = sorted(end for one in courses for _, end in one.away_spans if one.ended or end < one.until_ms)
    first = sorted(at.first_ms for one in courses for at in one.questions.values() if at.first_ms is not None)
    begin, last = started[0], until[-1]
    points = []
    for number in range(POINTS):
        at_ms = begin + (last - begin) * number // (POINTS - 1)
        over = bisect_right(ended, at_ms)
        points.append(
            RoomPoint(
                at_ms=at_ms,
                sitting=bisect_right(started, at_ms) - over,
                away=bisect_right(gone, at_ms) - bisect_right(back, at_ms),
                answers=bisect_right(first, at_ms),
                ended=over,
            )
        )
        if last == begin:
            break
    return points
