"""GIFT files that others wrote, beside what they say must be read from them."""

import json
from decimal import Decimal
from typing import Any

import pytest

from server.importing.gift.items import (
    Answer,
    Asked,
    Category,
    Choices,
    Description,
    Essay,
    Item,
    Matching,
    NumberAnswer,
    Numbers,
    ShortAnswers,
    Text,
    TrueFalse,
)
from server.importing.gift.reading import read_gift
from tests.shared import SHARED

_PAIRS = SHARED / "data" / "import" / "gift_fuhrmanator"
_NAMES = sorted(path.stem for path in _PAIRS.glob("*.gift"))


def test_the_pairs_are_there() -> None:
    if not _NAMES:
        pytest.skip("the pairs of GIFT files and what they mean are not here")


@pytest.mark.parametrize("name", _NAMES)
def test_what_is_read_is_what_was_meant(name: str) -> None:
    text = (_PAIRS / f"{name}.gift").read_text("utf-8")
    expected = json.loads((_PAIRS / f"{name}.json").read_text("utf-8"))
    assert [_as_there(item) for item in read_gift(text)] == expected


def _as_there(item: Item) -> dict[str, Any]:
    """An item in the words of the files beside."""
    if isinstance(item, Category):
        return {"type": "Category", "title": item.path}
    assert not hasattr(item, "reason"), item
    stem = item.before.text
    if item.after is not None:
        stem = f"{stem}_____{item.after.text}"
    said = {
        "id": item.item_id,
        "tags": item.tags or None,
        "title": item.title,
        "stem": {"format": item.before.format, "text": stem},
        "hasEmbeddedAnswers": item.after is not None,
        **_asked(item.asked),
    }
    if not isinstance(item.asked, Description):
        said["globalFeedback"] = _text(item.feedback)
    return said


def _asked(asked: Asked) -> dict[str, Any]:
    match asked:
        case Description():
            return {"type": "Description"}
        case Essay():
            return {"type": "Essay"}
        case TrueFalse(is_true, wrong, right):
            return {"type": "TF", "isTrue": is_true, "trueFeedback": _text(wrong), "falseFeedback": _text(right)}
        case Choices(answers):
            return {"type": "MC", "choices": [_answer(answer) for answer in answers]}
        case ShortAnswers(answers):
            return {"type": "Short", "choices": [_answer(answer) for answer in answers]}
        case Numbers(numbers):
            return {"type": "Numerical", "choices": [_number(number) for number in numbers]}
        case Matching(pairs):
            said = [{"subquestion": _text(pair.left), "subanswer": pair.right} for pair in pairs]
            return {"type": "Matching", "matchPairs": said}
        case _:
            raise AssertionError(asked)


def _answer(answer: Answer) -> dict[str, Any]:
    return {
        "isCorrect": answer.is_right,
        "weight": _weight(answer.weight),
        "text": _text(answer.text),
        "feedback": _text(answer.feedback),
    }


def _number(number: NumberAnswer) -> dict[str, Any]:
    text: dict[str, Any] = {"format": "moodle", "text": "*"}
    if number.value is not None:
        text = {"type": "range", "number": float(number.value), "range": float(number.margin)}
    return {
        "isCorrect": number.is_right,
        "weight": _weight(number.weight),
        "text": text,
        "feedback": _text(number.feedback),
    }


def _weight(weight: Decimal | None) -> float | None:
    return None if weight is None else float(weight)


def _text(text: Text | None) -> dict[str, str] | None:
    return None if text is None else {"format": text.format, "text": text.text}
