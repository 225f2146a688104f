"""Who can't have the whole time within the window, by how much."""

from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from protocol.attempt.model import Accommodation, Status
from protocol.content import TestContent
from protocol.rules.admission import Earlier
from protocol.rules.schedule import Scheduled, Trouble, check_schedule

T0 = 1_800_000_000_000
HOUR = 3_600_000
MINUTE = 60_000


def content(sections_ms: tuple[int, ...] = (), **rules: Any) -> TestContent:
    names = [f"q{number}" for number in range(max(1, len(sections_ms)))]
    sections = [
        {"section_id": name, "title": name, "items": [name], "limit_ms": ms}
        for name, ms in zip(names, sections_ms, strict=False)
    ]
    truth = {"type": "true_false", "correct": True}
    questions = [{"question_id": name, "body": "P", "interactions": [truth]} for name in names]
    given = {"title": "T", "questions": questions, "rules": rules, "sections": sections}
    return msgspec.convert({**given, "forms": {} if sections else {"A": ["q0"]}}, TestContent)


def troubles(test: TestContent, **granted: Any) -> list[tuple[Trouble, str | None, int | None]]:
    candidate = Scheduled("ada", Accommodation(**granted))
    return [(one.trouble, one.user_id, one.missing_ms) for one in check_schedule(test, [candidate])]


@pytest.mark.parametrize(
    ("window_ms", "granted", "missing_ms"),
    [
        (HOUR, {}, None),
        (HOUR + 10 * MINUTE - 1, {"extra_time_ms": 10 * MINUTE}, 1),
        (HOUR + 10 * MINUTE, {"extra_time_ms": 10 * MINUTE}, None),
        (HOUR + 10 * MINUTE + 1, {"extra_time_ms": 10 * MINUTE}, None),
        (HOUR, {"extra_time_permille": 250}, 15 * MINUTE),
        (2 * HOUR, {"opens_at_ms": T0 + HOUR + MINUTE}, MINUTE),
        (HOUR, {"extra_time_ms": MINUTE, "closes_at_ms": T0 + HOUR + MINUTE}, None),
        (HOUR, {"extra_time_ms": MINUTE, "never_closes": True}, None),
    ],
)
def test_whose_time_does_not_fit_into_the_window(
    window_ms: int, granted: dict[str, Any], missing_ms: int | None
) -> None:
    found = troubles(content(opens_at_ms=T0, closes_at_ms=T0 + window_ms), **granted)
    assert found == ([] if missing_ms is None else [(Trouble.WINDOW_TOO_SHORT, "ada", missing_ms)])


@pytest.mark.parametrize("off_ms", [-1, 0, 1])
def test_who_is_granted_an_attempt_that_the_delay_leaves_no_room_for(off_ms: int) -> None:
    """However soon the one before it ends; where she has had that one, from its end on."""
    had = Earlier("one", 1, Status.COMPLETED, T0, T0 + MINUTE, counts=True)
    for attempts, ended_ms in (((), T0), ((had,), T0 + MINUTE)):
        test = content(opens_at_ms=T0, closes_at_ms=ended_ms + 2 * HOUR + off_ms, delay_first_ms=2 * HOUR)
        ada = Scheduled("ada", Accommodation(extra_attempts=1), None, attempts)
        bob = Scheduled("bob", Accommodation(extra_attempts=1, closes_at_ms=T0 + 4 * HOUR), None, attempts)
        used_up = Scheduled("cy", Accommodation(extra_attempts=1), None, (had, replace(had, number=2)))
        found = [one for one in check_schedule(test, [ada, bob, used_up]) if one.trouble is not Trouble.NO_EFFECT]
        assert [(one.trouble, one.user_id) for one in found] == (
            [(Trouble.NO_FURTHER_ATTEMPT, "ada")] if off_ms <= 0 else []
        )


def test_what_is_so_for_everybody_is_said_once() -> None:
    test = content(opens_at_ms=T0, closes_at_ms=T0 + 50 * MINUTE)
    for_all = (Trouble.WINDOW_TOO_SHORT, None, 10 * MINUTE)
    assert troubles(test) == [for_all]
    assert troubles(test, extra_time_ms=MINUTE) == [for_all, (Trouble.WINDOW_TOO_SHORT, "ada", 11 * MINUTE)]


@pytest.mark.parametrize(
    ("rules", "granted", "trouble"),
    [
        ({"opens_at_ms": T0, "closes_at_ms": T0 + HOUR}, {"opens_at_ms": T0 + HOUR}, Trouble.NO_WINDOW),
        ({"opens_at_ms": T0, "closes_at_ms": T0 + HOUR}, {"unlimited_time": True}, Trouble.UNLIMITED_TIME_ENDS),
        ({"closes_at_ms": T0 + HOUR}, {"unlimited_time": True}, Trouble.UNLIMITED_TIME_ENDS),
        ({"closes_at_ms": T0 + HOUR}, {"unlimited_time": True, "never_closes": True}, None),
        ({}, {"unlimited_time": True}, None),
    ],
)
def test_other_windows(rules: dict[str, Any], granted: dict[str, Any], trouble: Trouble | None) -> None:
    assert [one[0] for one in troubles(content(**rules), **granted)] == ([] if trouble is None else [trouble])


def test_sections_longer_than_the_test() -> None:
    assert troubles(content((40 * MINUTE, 21 * MINUTE))) == [(Trouble.SECTIONS_TOO_LONG, None, MINUTE)]
    timed = content((30 * MINUTE, 30 * MINUTE), duration_ms=None, opens_at_ms=T0, closes_at_ms=T0 + HOUR)
    assert troubles(timed) == []
    assert troubles(timed, extra_time_permille=500) == [(Trouble.WINDOW_TOO_SHORT, "ada", 30 * MINUTE)]


def test_a_form_that_the_test_has_not() -> None:
    people = [Scheduled("ada", Accommodation(), "A"), Scheduled("bob", Accommodation(), "B")]
    (found,) = check_schedule(content(), people)
    assert (found.trouble, found.user_id) == (Trouble.UNKNOWN_FORM, "bob")
    assert "form B" in found.detail
