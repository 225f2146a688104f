"""What an import says back."""

from datetime import timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace

from protocol.content import Rules
from server.exam.file import read_window
from server.exam.summary import duration_in_words, seasons, summary
from tests.protocol.attempt.scene import CONTENT
from tests.worth import worth

CET = timezone(timedelta(hours=1), "CET")
NINE_MS = 1_803_888_000_000
HOUR_MS = 3_600_000


@pytest.mark.parametrize(
    ("ms", "words"),
    [(0, "0 s"), (5_400, "5 s 400 ms"), (5_400_000, "1 h 30 min"), (90_061_001, "1 d 1 h 1 min 1 s 1 ms")],
)
def test_a_duration_in_words(ms: int, words: str) -> None:
    assert duration_in_words(ms) == words


def test_the_time_and_the_window_in_both_zones() -> None:
    rules = Rules(duration_ms=5_400_000, opens_at_ms=NINE_MS, closes_at_ms=NINE_MS + 3 * HOUR_MS)
    said = summary(replace(CONTENT, rules=rules), CET)
    assert "Lasts 1 h 30 min, and 2 s of grace; warns at 5 min, 1 min left." in said
    assert "Opens  2027-03-01 09:00:00 CET, which is 2027-03-01 08:00:00 UTC." in said
    assert "Closes 2027-03-01 12:00:00 CET, which is 2027-03-01 11:00:00 UTC." in said
    assert not any("shorter" in line for line in said)


def test_a_window_in_which_nobody_gets_the_whole_time_is_told() -> None:
    rules = Rules(duration_ms=5_400_000, opens_at_ms=NINE_MS, closes_at_ms=NINE_MS + HOUR_MS)
    assert "The window is shorter than that (1 h): nobody gets the whole time." in summary(
        replace(CONTENT, rules=rules), CET
    )


def test_what_is_unlimited_is_said() -> None:
    rules = Rules(duration_ms=None, max_attempts=None, warnings_ms=[], on_disconnect="pause", pause_budget_ms=90_000)
    said = summary(replace(CONTENT, rules=rules), CET)
    assert "No time limit." in said
    assert "No window: it can be started at any time." in said
    assert (
        "Any number of attempts for each candidate; a lost connection stops the clock, for 1 min 30 s in all." in said
    )


def test_each_form_is_counted() -> None:
    first, second = CONTENT.questions[:2]
    questions = [worth(first, 1_500), worth(second, 10_000)]
    forms = {"A": [first.question_id], "B": [first.question_id, second.question_id]}
    said = summary(replace(CONTENT, questions=questions, forms=forms), CET)
    assert said[1:3] == ["  form A: 1 question, worth 1.5 in all.", "  form B: 2 questions, worth 11.5 in all."]


BERLIN = ZoneInfo("Europe/Berlin")


def window(opens: str, closes: str) -> bytes:
    return f"test_id: t\ntitle: T\nrules:\n  opens_at: {opens}\n  closes_at: {closes}\nquestions: []\n".encode()


def test_an_instant_with_the_offset_of_another_season_is_said_back() -> None:
    written = read_window(window("2027-07-01T09:00:00+01:00", "2027-07-01T12:00:00+02:00"))
    assert seasons(written, BERLIN) == [
        (
            "`opens_at` is written with the offset of another season: "
            "2027-07-01T09:00:00+01:00 is 2027-07-01 10:00:00 CEST on the clocks here. Is that what you mean?"
        ),
        "`opens_at` and `closes_at` are written with two offsets from UTC. Check the times above.",
    ]


def test_an_instant_with_the_offset_of_its_day_or_of_another_place_is_not_said_back() -> None:
    assert seasons(read_window(window("2027-07-01T09:00:00+02:00", "2027-07-01T12:00:00+02:00")), BERLIN) == []
    assert seasons(read_window(window("2027-03-01T09:00:00+01:00", "none")), BERLIN) == []
    assert seasons(read_window(window("2027-03-01T09:00:00-05:00", "none")), BERLIN) == []
    assert read_window(b"test_id: t\ntitle: T\nquestions: []\n") == {}
