from pathlib import Path

import pytest

from loadtest.exam import LIMIT_S, extra_time_ms, make_test
from loadtest.trace import Candidate, read_trace
from protocol.content import SingleChoice
from protocol.content_checks import check_test
from tests.loadtest.traces import SCORED, write_trace


def candidate(total_seconds: float) -> Candidate:
    return Candidate("e1", "pilot-6", total_seconds, ())


def test_the_test_has_every_item_and_a_form_for_each_pilot_set(tmp_path: Path) -> None:
    trace = read_trace(write_trace(tmp_path))
    test = make_test(trace)
    check_test(test)
    assert len(test.questions) == 10
    assert sorted(test.forms) == ["pilot-6", "pilot-7"]
    assert all(len(questions) == SCORED + 2 for questions in test.forms.values())


def test_scored_items_are_worth_a_point_and_pilot_items_nothing(tmp_path: Path) -> None:
    trace = read_trace(write_trace(tmp_path))
    for item, question in zip(trace.items, make_test(trace).questions, strict=True):
        (asked,) = question.interactions
        assert isinstance(asked, SingleChoice)
        assert asked.correct == item.key
        assert question.points_mpt == (1_000 if item.scored else 0)


@pytest.mark.parametrize(
    ("total_s", "extra_s"), [(6_000, 0), (LIMIT_S - 60, 0), (LIMIT_S - 59, 300), (LIMIT_S + 240, 600), (23_825, 10_200)]
)
def test_extra_time_covers_those_who_sat_longer_in_steps_of_five_minutes(total_s: float, extra_s: int) -> None:
    assert extra_time_ms(candidate(total_s)) == extra_s * 1_000
    assert LIMIT_S + extra_s >= total_s + (60 if extra_s else 0)
