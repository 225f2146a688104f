"""What a paper does not have is not looked at while it is made: nothing on it can depend on a key."""

import msgspec
import pytest
from msgspec.structs import replace

from protocol.attempt.paper import on_paper
from protocol.content import Interaction, Question
from tests.protocol.marking.test_best import ASKED


class _Poison:
    """It can be compared with nothing, counted, asked or written."""

    def __bool__(self) -> bool:
        raise AssertionError("somebody has looked at a key")

    def __eq__(self, other: object) -> bool:
        raise AssertionError("somebody has looked at a key")

    __hash__ = None  # type: ignore[assignment]


@pytest.mark.parametrize("asked", ASKED)
def test_no_paper_depends_on_what_it_does_not_have(asked: Interaction) -> None:
    question = Question(question_id="q", body="?", interactions=[asked])
    paper = on_paper(question)
    (shown,) = paper.interactions
    keys = set(asked.__struct_fields__) - set(shown.__struct_fields__) - {"points_mpt"}
    assert keys & {"correct", "accepted", "areas"}
    poisoned = replace(asked, **dict.fromkeys(keys, _Poison()))
    assert msgspec.json.encode(on_paper(replace(question, interactions=[poisoned]))) == msgspec.json.encode(paper)
