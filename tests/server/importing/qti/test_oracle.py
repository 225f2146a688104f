"""Items that others wrote, with the scores that they expect. Whatever is taken in gives exactly these."""

import json
import re
from typing import Any

import pytest

from protocol.answering import accept
from protocol.attempt.paper import on_paper
from protocol.content import Hotspot, Hottext, Interaction, MultipleChoice, OneOf, Order, Question
from protocol.content.interactions import Pairs
from protocol.errors import Refusal
from protocol.marking.question import mark_question
from protocol.messages.base import PartValue, Value
from server.importing.files import bring
from tests.server.importing.qti.writing import packed
from tests.server.media.files import png
from tests.shared import SHARED

_FIXTURES = SHARED / "data" / "import" / "qti22_pie" / "conformance" / "fixtures"
_NAMES = sorted(path.parent.name for path in _FIXTURES.glob("*/item.xml"))
_PICTURE = re.compile(r'(?:src|data)="([^"]+\.(?:png|svg|jpg))"')
_TAKEN = 12
"""Of the fixtures here at least so many are taken in."""


def test_the_fixtures_are_there() -> None:
    if not _NAMES:
        pytest.skip("the items of QTI with their expected scores are not here")


def _question(name: str) -> Question | None:
    written = (_FIXTURES / name / "item.xml").read_text("utf-8")
    # Their pictures were left out: any others do, since they say how large they are.
    pictures: dict[str, bytes | str] = {address: png(400, 260) for address in _PICTURE.findall(written)}
    brought = bring("item.zip", packed({"item.xml": written, **pictures}))
    [report] = brought.reports
    assert (report.outcome == "refused") == (brought.content is None)
    assert report.outcome != "refused" or len(report.reasons[0]) > 10
    return None if brought.content is None else brought.content.questions[0]


@pytest.mark.parametrize("name", _NAMES)
def test_an_item_that_is_taken_scores_as_expected(name: str) -> None:
    question = _question(name)
    if question is None:
        return
    tried = 0
    for case in json.loads((_FIXTURES / name / "cases.json").read_text("utf-8"))["cases"]:
        expected = case["expect"].get("outcomes", {}).get("SCORE", case["expect"].get("score"))
        value = _as_ours(question, case["responses"])
        if expected is None or isinstance(accept(on_paper(question), value), Refusal):
            continue  # the case looks at something else, or gives what the interaction does not let anybody answer
        tried += 1
        assert mark_question(question, value) == pytest.approx(1_000 * expected), case["name"]
    assert tried or not question.scored or name == "modalFeedback_basic"


def test_enough_of_them_are_taken() -> None:
    if _NAMES:
        assert sum(_question(name) is not None for name in _NAMES) >= _TAKEN


def _as_ours(question: Question, responses: dict[str, Any]) -> Value:
    if len(question.interactions) == 1:
        return _part(question.interactions[0], next(iter(responses.values()), None))
    found = {one.response_id: _part(one, responses.get(one.response_id)) for one in question.interactions}
    return {name: part for name, part in found.items() if part is not None} or None


def _part(asked: Interaction, given: Any) -> PartValue | None:
    if given is None:
        return None
    several = [str(one) for one in (given if isinstance(given, list) else [given])]
    if isinstance(asked, Pairs):
        return [(first, second) for first, second in map(str.split, several)]
    if isinstance(asked, MultipleChoice | Hottext | Hotspot | Order):
        return [*several]
    assert not isinstance(asked, OneOf) or len(several) == 1
    return several[0]
