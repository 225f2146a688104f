"""The exam day with pools: one blueprint, drawn papers, and a roster for extra time."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from loadtest.blueprint import PILOT, WrongPaper, deal, make_blueprint, roster_of
from loadtest.trace import Trace, TraceError, read_trace
from protocol.attempt.laying import lay_out
from protocol.attempt.paper import make_paper
from protocol.content_checks import check_test
from protocol.paper import Paper
from protocol.rules.roster import read_roster
from tests.loadtest.test_trace import REAL
from tests.loadtest.traces import SCORED, write_trace


@pytest.fixture
def trace(tmp_path: Path) -> Trace:
    return read_trace(write_trace(tmp_path))


def paper_for(trace: Trace, seed: int) -> Paper:
    content = check_test(make_blueprint(trace))
    return make_paper("t", 1, content, None, lay_out(content, None, seed))


def test_each_candidate_draws_as_many_pilot_items_as_she_had(trace: Trace) -> None:
    items = {item.question_id: item for item in trace.items}
    sets = set()
    for seed, candidate in enumerate(trace.candidates * 4):
        paper = paper_for(trace, seed)
        assert [part.count for part in paper.sections] == [SCORED, 2]
        dealt = deal(candidate, paper, items)
        assert [one.item.question_id for one in dealt.responses] == [one.question_id for one in paper.questions]
        assert [(one.option, one.seconds) for one in dealt.responses] == [
            (one.option, one.seconds) for one in candidate.responses
        ]
        assert (dealt.score(), dealt.score_by_key()) == (candidate.score(), candidate.score_by_key())
        sets.add(tuple(one.item.number for one in dealt.responses[SCORED:]))
    assert sets == {(8, 9), (8, 10), (9, 10)}


def test_a_paper_that_the_blueprint_does_not_allow_is_found(trace: Trace) -> None:
    items, candidate = {item.question_id: item for item in trace.items}, trace.candidates[0]
    paper = paper_for(trace, 1)
    first, *others = paper.questions
    for questions in (others, [*others, others[-1]], [others[0], first, *others[1:]]):
        with pytest.raises(WrongPaper, match=candidate.candidate_id):
            deal(candidate, replace(paper, questions=questions), items)


def test_pilot_sets_of_several_sizes_have_no_blueprint(trace: Trace) -> None:
    first, *others = trace.forms
    forms = {**trace.forms, first: trace.forms[first][:-1]}
    with pytest.raises(TraceError, match=r"have \[1, 2\] items"):
        make_blueprint(Trace(trace.items, forms, trace.candidates))
    assert others


def test_the_roster_gives_extra_time_to_those_who_needed_it(trace: Trace) -> None:
    entries, mistakes = read_roster(roster_of(trace.candidates), int)
    assert mistakes == []
    assert [entry.user_id for entry in entries] == [candidate.candidate_id for candidate in trace.candidates]
    granted = [entry.override.extra_time_ms for entry in entries if entry.override.extra_time_ms is not None]
    assert granted == [25 * 60_000]


@pytest.mark.skipif(not REAL.exists(), reason="the recorded exam day is not here")
def test_the_recorded_day_has_a_blueprint() -> None:
    day = read_trace(REAL)
    content = check_test(make_blueprint(day))
    assert [PILOT in question.tags for question in content.questions] == [not item.scored for item in day.items]
    assert [len(section.items) for section in content.sections] == [170, 1]
