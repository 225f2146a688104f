"""How numbers are read: one rule for the page, the server and the importer of exam files."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

import protocol
from protocol.content import AcceptedNumber, Numeric, Question
from protocol.errors import Refused
from protocol.marking.numbers import read_key, read_number, spell
from protocol.marking.question import mark_question
from server.exam.file import read_exam

VECTORS: list[dict[str, Any]] = json.loads(
    (Path(protocol.__file__).parent / "vectors" / "numbers.json").read_text("utf-8")
)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("3.5", "3.5"),
        ("3,5", "3.5"),
        (" -3 ", "-3"),
        ("\u22123", "-3"),
        ("\u20133", "-3"),
        ("+3", "3"),
        ("1e3", "1000"),
        ("-1E-3", "-0.001"),
        (".5", "0.5"),
        ("5.", "5"),
        ("0", "0"),
        ("1e300", "1e300"),
        ("12 500", "12500"),
        ("1\u202f234,5", "1234.5"),
        ("\ufeff42\u200b", "42"),
        ("4\u200b2", "42"),
        ("\u0663", "3"),
        ("\uff11\uff12\uff0e\uff15", "12.5"),
        ("", None),
        (" ", None),
        ("\ufeff", None),
        ("1,000.5", None),
        ("1.000,5", None),
        ("1,0,0", None),
        ("1_000", None),
        ("12 50", None),
        ("0x10", None),
        ("NaN", None),
        ("sNaN", None),
        ("inf", None),
        ("10\u00b3", None),
        ("\u00bd", None),
        ("1\u00bd", None),
        ("1e301", None),
        ("1e-301", None),
        ("1e999999999999999999999", None),
        ("1" * 65, None),
    ],
)
def test_numbers_as_people_write_them(text: str, number: str | None) -> None:
    reading = read_number(text)
    assert (None if reading is None else spell(reading.number)) == number


def test_a_sign_that_could_separate_thousands_is_said_and_is_no_key() -> None:
    reading = read_number("1,234")
    assert reading is not None
    assert (reading.number, reading.other) == (Decimal("1.234"), Decimal(1234))
    with pytest.raises(ValueError, match=r"could be 1\.234 or 1234: write one of the two"):
        read_key("1,234")
    assert read_key("1.234") * 1000 == 1234
    assert read_key("1,234", ",") * 1000 == 1234


@pytest.mark.parametrize(("sign", "right", "wrong"), [(".", "1.234", "1,234"), (",", "1,234", "1.234")])
def test_a_test_may_fix_the_sign(sign: str, right: str, wrong: str) -> None:
    asked = msgspec.convert(
        {"type": "numeric", "accepted": [{"value": right}], "decimal_sign": sign},
        Numeric,
    )
    question = Question(question_id="q", body="?", interactions=[asked])
    assert mark_question(question, right) == 1_000
    assert mark_question(question, wrong) == 0


def exam(key: str, sign: str) -> bytes:
    return (
        "test_id: t\ntitle: T\nquestions:\n  - id: q\n    type: numeric\n    prompt: How much?\n"
        f"    correct: {json.dumps(key)}\n    decimal_sign: {json.dumps(sign)}\n"
    ).encode()


@pytest.mark.parametrize("vector", VECTORS, ids=map(str, range(len(VECTORS))))
def test_page_server_and_importer_read_alike(vector: dict[str, Any]) -> None:
    text, sign = vector["text"], vector["sign"]
    reading = read_number(text, sign)
    assert (None if reading is None else spell(reading.number)) == vector["number"]
    assert (None if reading is None or reading.other is None else spell(reading.other)) == vector["other"]
    if vector["number"] is not None and len(vector["number"]) <= 64:
        key = vector["number"].replace(".", sign) if sign == "," else vector["number"]
        assert (
            mark_question(
                Question(
                    question_id="q",
                    body="?",
                    interactions=[Numeric(accepted=[AcceptedNumber(value=key)], decimal_sign=sign)],
                ),
                text,
            )
            == 1_000
        )
    # A key of the file has 64 characters at most, and stands in it without what is around it.
    if vector["key"] and text == text.strip() and len(text) <= 64:
        (question,) = read_exam(exam(text, sign))[1].questions
        assert mark_question(question, text) == 1_000
    elif not vector["key"]:
        with pytest.raises(Refused):
            read_exam(exam(text, sign))


def test_the_vectors_have_some_hundred_texts_of_each_sort() -> None:
    read = [vector for vector in VECTORS if vector["number"] is not None]
    assert len({vector["text"] for vector in VECTORS}) > 250
    assert len(read) > 300
    assert len(VECTORS) - len(read) > 300
    assert sum(vector["other"] is not None for vector in read) > 10
    assert sum(vector["number"] is not None and not vector["key"] for vector in VECTORS) > 5


@given(st.text(max_size=80), st.sampled_from([".", ",", "either"]))
def test_no_text_upsets_the_reader_of_numbers(text: str, sign: Any) -> None:
    reading = read_number(text, sign)
    assert reading is None or reading.number.is_finite()


@given(st.decimals(allow_nan=False, allow_infinity=False, places=6, min_value=-(10**12), max_value=10**12))
def test_a_number_that_is_said_back_reads_as_itself(number: Decimal) -> None:
    reading = read_number(spell(number))
    assert reading is not None
    assert reading.number == number
