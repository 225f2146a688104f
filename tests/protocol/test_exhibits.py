"""Exhibits: passages that a candidate can look at beside any question."""

import pytest
from msgspec.structs import replace

from protocol.attempt.laying import lay_out
from protocol.attempt.paper import make_paper
from protocol.content import Passage, Question, Rules, Section, TestContent, TrueFalse
from protocol.content_checks import check_test
from protocol.errors import Refused

_PASSAGES = [
    Passage(passage_id=name, title=name.upper(), body=f"<p>{name}</p>") for name in ("formulas", "map", "rest")
]
_QUESTIONS = [
    Question(question_id=name, body="<p>?</p>", interactions=[TrueFalse(correct=True)]) for name in ("one", "two")
]
_SECTIONS = [
    Section(section_id="a", title="A", items=["one"]),
    Section(section_id="b", title="B", items=["two"], exhibits=["map"]),
]
CONTENT = TestContent(title="T", questions=_QUESTIONS, passages=_PASSAGES, exhibits=["formulas"], sections=_SECTIONS)


def test_they_are_on_the_paper_and_those_of_a_section_while_it_is_open() -> None:
    whole = make_paper("t", 1, CONTENT, None, lay_out(CONTENT, None, 1))
    assert whole.exhibits == ["formulas"]
    assert [section.exhibits for section in whole.sections] == [[], ["map"]]
    assert [passage.passage_id for passage in whole.passages] == ["formulas", "map"]
    one_by_one = replace(CONTENT, rules=Rules(order="by_section"))
    first = make_paper("t", 1, one_by_one, None, lay_out(one_by_one, None, 1), readable=["a"])
    assert [section.exhibits for section in first.sections] == [[], []]
    assert [passage.passage_id for passage in first.passages] == ["formulas"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (replace(CONTENT, exhibits=["atlas"]), "'atlas': the test has no such passage"),
        (replace(CONTENT, passages=[replace(one, title=" ") for one in _PASSAGES]), "has no title"),
        (replace(CONTENT, exhibits=["map"]), "twice, or one that the whole test has"),
        (replace(CONTENT, exhibits=["rest", "rest"]), "names a passage twice"),
    ],
)
def test_a_mistake_in_them_is_named(content: TestContent, said: str) -> None:
    with pytest.raises(Refused, match=said):
        check_test(content)
