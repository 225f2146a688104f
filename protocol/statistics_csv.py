"""The statistics of a test as a table for spreadsheets (RFC 4180): a line for each question, then for each option, then
for each answer that several have typed."""

import csv
from collections.abc import Iterator
from typing import Final

from protocol.content import SEVERAL
from protocol.rest.statistics import QuestionFigures, TestStatistics, Undefined
from protocol.tables import as_text

_COLUMNS: Final = (
    "row",
    "question",
    "option",
    "type",
    "text",
    "correct",
    "attempts",
    "blank_or_chosen",
    "difficulty_or_share",
    "point_biserial",
    "corrected_point_biserial",
    "standard_error",
    "upper_lower",
    "upper",
    "lower",
    "not_defined",
)
_PPM_DIGITS: Final = 6
_MPT_DIGITS: Final = 3


def write_csv(found: TestStatistics) -> str:
    """The table. The first lines are of the scores: one figure each, in the column `difficulty_or_share`."""
    sink = _Sink()
    writer = csv.writer(sink)
    writer.writerow(_COLUMNS)
    writer.writerows(_scores(found))
    for question in found.questions:
        writer.writerows(_question(question))
    return "".join(sink.lines)


class _Sink:
    """What `csv` writes to, in memory."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def write(self, line: str) -> None:
        self.lines.append(line)


def _scores(found: TestStatistics) -> Iterator[list[str]]:
    reasons = {one.figure: one.reason for one in found.undefined}
    figures = (
        ("attempts", str(found.attempts)),
        ("mean", _decimal(found.mean_mpt, _MPT_DIGITS)),
        ("sd", _decimal(found.sd_mpt, _MPT_DIGITS)),
        ("lowest", _decimal(found.lowest_mpt, _MPT_DIGITS)),
        ("highest", _decimal(found.highest_mpt, _MPT_DIGITS)),
        ("alpha", _decimal(found.alpha_ppm, _PPM_DIGITS)),
        ("sem", _decimal(found.sem_mpt, _MPT_DIGITS)),
        *((f"left_out_{name}", str(getattr(found.left_out, name))) for name in found.left_out.__struct_fields__),
    )
    for name, value in figures:
        yield [name, *[""] * 7, value, *[""] * 6, reasons.get(name, "")]


def _question(question: QuestionFigures) -> Iterator[list[str]]:
    yield [
        "question",
        as_text(question.question_id),
        "",
        question.type,
        as_text(question.text),
        "",
        str(question.attempts),
        str(question.blank),
        _decimal(question.difficulty_ppm, _PPM_DIGITS),
        _decimal(question.point_biserial_ppm, _PPM_DIGITS),
        _decimal(question.corrected_point_biserial_ppm, _PPM_DIGITS),
        _decimal(question.standard_error_ppm, _PPM_DIGITS),
        _decimal(question.upper_lower_ppm, _PPM_DIGITS),
        "",
        "",
        _reasons(question.undefined),
    ]
    alone = question.type != SEVERAL
    for option in question.options:
        yield [
            "option",
            as_text(question.question_id),
            as_text(option.option_id if alone else f"{option.response_id}: {option.option_id}"),
            "",
            "",
            "yes" if option.correct else "no",
            str(question.attempts),
            str(option.chosen),
            _decimal(option.chosen_ppm, _PPM_DIGITS),
            "",
            _decimal(option.point_biserial_ppm, _PPM_DIGITS),
            _decimal(question.standard_error_ppm, _PPM_DIGITS),
            "",
            _decimal(option.upper_ppm, _PPM_DIGITS),
            _decimal(option.lower_ppm, _PPM_DIGITS),
            "",
        ]
    for typed in question.typed:
        yield [
            "typed",
            as_text(question.question_id),
            "" if alone else as_text(typed.response_id),
            "",
            as_text(typed.text),
            "",
            str(question.attempts),
            str(typed.given),
            *[""] * 8,
        ]


def _reasons(undefined: list[Undefined]) -> str:
    return "; ".join(f"{one.figure}: {one.reason}" for one in undefined)


def _decimal(number: int | None, digits: int) -> str:
    """A whole number of so many decimals, written out; empty where there is none."""
    if number is None:
        return ""
    whole, part = divmod(abs(number), 10**digits)
    return f"{'-' if number < 0 else ''}{whole}.{part:0{digits}}"
