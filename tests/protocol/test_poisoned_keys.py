"""What a paper does not have is not looked at while it is made: nothing on it can depend on a key."""

from typing import Any, Final

import msgspec
import pytest
from msgspec.structs import replace

from protocol.attempt.paper import on_paper
from protocol.content import Interaction, Match, PairOption, PairWorth, Point, Question
from protocol.marking.choices import names_of
from tests.protocol.marking.test_best import ASKED


class _Poison:
    """It can be compared with nothing, counted, asked or written."""

    def __bool__(self) -> bool:
        raise AssertionError("somebody has looked at a key")

    def __eq__(self, other: object) -> bool:
        raise AssertionError("somebody has looked at a key")

    __hash__ = None  # type: ignore[assignment]


_OF_MARKING: Final = {"points_mpt", "wrong_mpt", "min_mpt", "partial", "default_mpt", "elsewhere_mpt"}
"""What an author says of how an answer is marked, and not of what is right: a candidate reads what a mistake costs."""
_WORTHS: Final = {"weights_mpt", "weights"}
"""What each choice or pair is worth: what the worst of them costs may be told, and not which one it is."""


@pytest.mark.parametrize("asked", ASKED)
def test_no_paper_depends_on_what_it_does_not_have(asked: Interaction) -> None:
    question = Question(question_id="q", body="?", interactions=[asked])
    paper = on_paper(question)
    (shown,) = paper.interactions
    keys = set(asked.__struct_fields__) - set(shown.__struct_fields__) - _OF_MARKING - _WORTHS
    assert keys & {"correct", "accepted", "areas"}
    poisoned = replace(asked, **dict.fromkeys(keys, _Poison()))
    if isinstance(asked, Point):
        areas = [replace(area, coords=_Poison(), shape=_Poison()) for area in asked.areas]
        poisoned = replace(poisoned, areas=areas)
    assert msgspec.json.encode(on_paper(replace(question, interactions=[poisoned]))) == msgspec.json.encode(paper)


@pytest.mark.parametrize("asked", [one for one in ASKED if getattr(one, "weights_mpt", None)])
def test_no_paper_tells_which_choice_costs_something(asked: Any) -> None:
    question = Question(question_id="q", body="?", interactions=[asked])
    paper = msgspec.json.encode(on_paper(question))
    names = sorted(names_of(asked))
    worths = [asked.weights_mpt.get(name, 0) for name in names]
    for turned in range(1, len(names)):
        weights = dict(zip(names, worths[turned:] + worths[:turned], strict=True))
        other = replace(asked, weights_mpt=weights)
        assert msgspec.json.encode(on_paper(replace(question, interactions=[other]))) == paper


def test_no_paper_tells_which_pair_costs_something() -> None:
    options = [PairOption(option_id=name, body=name) for name in "xy"]
    pairs: list[tuple[str, ...]] = [("x", "x"), ("x", "y"), ("y", "x")]
    worths = [1_000, -300, -200]
    papers = set()
    for turned in range(len(pairs)):
        weights = [PairWorth(pair, worth) for pair, worth in zip(pairs, worths[turned:] + worths[:turned], strict=True)]
        asked = Match(rows=options, columns=options, correct=pairs[:1], weights=weights, default_mpt=-100, min_mpt=-900)
        papers.add(msgspec.json.encode(on_paper(Question(question_id="q", body="?", interactions=[asked]))))
    assert len(papers) == 1
