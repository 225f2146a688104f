"""What stands between the braces of a question."""

import re
from decimal import Decimal
from typing import Final

from server.importing.gift.escapes import find, marked, plain, split, text_of
from server.importing.gift.items import (
    Answer,
    Asked,
    Choices,
    Essay,
    Format,
    Matching,
    NumberAnswer,
    Numbers,
    Ordering,
    Pair,
    ShortAnswers,
    Text,
    TrueFalse,
)

_WEIGHT: Final = re.compile(r"\s*%(-?[0-9]+(?:\.[0-9]+)?)%")
_TRUE_FALSE: Final = re.compile(r"(T|TRUE|F|FALSE)\s*(?=#|$)", re.IGNORECASE)
_NUMBER: Final = r"[-+]?(?:[0-9]+(?:[.,][0-9]+)?|[.,][0-9]+)(?:[eE][-+]?[0-9]{1,2})?"
_MAX_NUMBER_CHARS: Final = 100
_RANGE: Final = re.compile(rf"({_NUMBER})\s*\.\.\s*({_NUMBER})")
_MARGIN: Final = re.compile(rf"({_NUMBER})(?:\s*:\s*({_NUMBER}))?")
_ORDER_WORDS: Final = re.compile(r"[0-9]+|[A-Z_]+")


def read_answers(given: str, inherited: Format) -> tuple[Asked, Text | None]:
    """What is asked, and the feedback for every answer. Raises `ValueError` with a sentence."""
    body, general = split(given, "####")
    feedback = None if general is None else _text_or_none(general, inherited)
    body = body.strip()
    if not body:
        return Essay(), feedback
    if body.startswith("#"):
        return Numbers(_numbers(body[1:], inherited)), feedback
    if body.startswith(">"):
        return _ordering(body[1:], inherited), feedback
    found = _TRUE_FALSE.match(body)
    if found is not None:
        return _true_false(found[1], body[found.end() :], inherited), feedback
    parts = list(marked(body, "=~"))
    if all(mark == "=" and find(part, "->") >= 0 for mark, part in parts):
        return Matching([_pair(part, inherited) for _, part in parts]), feedback
    answers = [_answer(mark, part, inherited) for mark, part in parts]
    if any(mark == "~" for mark, _ in parts):
        if parts[0][0] == "":
            raise ValueError("something stands before the first answer")
        return Choices(answers), feedback
    if len(parts) > 1 and parts[0][0] == "":
        raise ValueError("something stands before the first answer")
    return ShortAnswers(answers), feedback


def _answer(mark: str, part: str, inherited: Format) -> Answer:
    weight, part = _weight(part)
    said, feedback = _feedback(part, inherited)
    return Answer(text_of(said, inherited), is_right=mark != "~", weight=weight, feedback=feedback)


def _weight(part: str) -> tuple[Decimal | None, str]:
    found = _WEIGHT.match(part)
    return (None, part) if found is None else (Decimal(found[1]), part[found.end() :])


def _feedback(part: str, inherited: Format) -> tuple[str, Text | None]:
    said, feedback = split(part, "#")
    return said, None if feedback is None else _text_or_none(feedback, inherited)


def _text_or_none(given: str, inherited: Format) -> Text | None:
    text = text_of(given, inherited)
    return text if text.text else None


def _true_false(word: str, rest: str, inherited: Format) -> TrueFalse:
    texts = [_text_or_none(part, inherited) for _, part in marked(rest, "#")]
    if len(texts) > 2:
        raise ValueError("true or false has two texts of feedback at most")
    wrong, right = [*texts, None, None][:2]
    return TrueFalse(word.upper().startswith("T"), wrong, right)


def _pair(part: str, inherited: Format) -> Pair:
    at = find(part, "->")
    return Pair(text_of(part[:at], inherited), plain(" ".join(part[at + 2 :].split())))


def _numbers(body: str, inherited: Format) -> list[NumberAnswer]:
    answers = [_number(mark, part, inherited) for mark, part in marked(body, "=~")]
    if not answers:
        raise ValueError("a number is asked for, and none is accepted")
    return answers


def _number(mark: str, part: str, inherited: Format) -> NumberAnswer:
    weight, part = _weight(part)
    said, feedback = _feedback(part, inherited)
    value, margin = _value_and_margin(plain(said).strip(), is_right=mark != "~")
    return NumberAnswer(value, margin, is_right=mark != "~", weight=weight, feedback=feedback)


def _value_and_margin(said: str, *, is_right: bool) -> tuple[str | None, str]:
    if len(said) > _MAX_NUMBER_CHARS:
        raise ValueError(f"an answer that should be a number is longer than {_MAX_NUMBER_CHARS} characters")
    if said in ("", "*") and (said or not is_right):
        return None, "0"
    found = _RANGE.fullmatch(said)
    if found is not None:
        low, high = _decimal(found[1]), _decimal(found[2])
        if low > high:
            raise ValueError(f"the range {said[:40]!r} ends before it begins")
        return f"{(low + high) / 2:f}", f"{(high - low) / 2:f}"
    found = _MARGIN.fullmatch(said)
    if found is None:
        raise ValueError(f"{said[:40]!r} is not a number, a number with its margin (3:2), or a range (1..5)")
    return found[1], found[2] or "0"


def _decimal(written: str) -> Decimal:
    return Decimal(written.replace(",", "."))


def _ordering(body: str, inherited: Format) -> Ordering:
    head, _, rest = body.partition("\n")
    words = head.split()
    if not all(_ORDER_WORDS.fullmatch(word) for word in words):
        # Without a head line the first text stands in its place.
        words, rest = [], body
    texts = [text_of(line, inherited) for line in rest.splitlines() if line.strip()]
    if len(texts) < 2:
        raise ValueError("there is nothing to put in order: each text needs a line of its own")
    return Ordering(texts, words)
