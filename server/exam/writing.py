"""A test as an exam file: what is written is read as the same test again. A question that the friendly form can't say
exactly is written in the form in which the REST API has it, as `stored`."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

import msgspec
import yaml

from protocol.content import (
    INFORMATION,
    AcceptedNumber,
    AcceptedText,
    Draw,
    Essay,
    Interaction,
    MultipleChoice,
    Numeric,
    OneOf,
    Option,
    Order,
    Passage,
    Question,
    Rules,
    Section,
    ShortText,
    TestContent,
    TrueFalse,
    Upload,
    kind_of,
)
from protocol.errors import Refused
from protocol.points import spell_points
from server.exam import captures, integrity, rubrics, safe_browser
from server.exam.bodies import written_body, written_line
from server.exam.fields import RULES
from server.exam.file import read_exam
from server.exam.questions import read_question
from server.exam.summary import duration_in_words

_DEFAULT: Final = Rules()
_INSTANTS: Final = ("opens_at_ms", "closes_at_ms")


class ExportFault(ValueError):
    """Its text is a sentence for whoever wants the file."""


class _Dumper(yaml.SafeDumper):
    """Each scalar is a text, which needs no quotation marks for being a number; one of several lines stands in them."""


_Dumper.yaml_implicit_resolvers = {}


def _text_node(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text else None
    # YAML takes it for the end of a line, and only between double quotes is it written as an escape.
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style='"' if "\x85" in text else style)


_Dumper.add_representer(str, _text_node)


class _Unwritable(Exception):
    """The friendly form does not have this."""


def write_exam(test_id: str, content: TestContent) -> str:
    """The file, in YAML. Raises `ExportFault` where no file says exactly this."""
    text = yaml.dump(_test(test_id, content), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100)
    try:
        read = read_exam(text.encode())
    except Refused as refused:
        raise ExportFault(f"The test can't be written as a file. {refused.refusal.detail}") from None
    if read != (test_id, content):
        fields = [one for one in content.__struct_fields__ if getattr(read[1], one) != getattr(content, one)]
        raise ExportFault(f"The test can't be written as a file: {', '.join(fields)} would be read as something else.")
    return text


def _test(test_id: str, content: TestContent) -> dict[str, Any]:
    rules = dict(_rules(content.rules))
    return _given(
        test_id=test_id,
        title=content.title,
        instructions=written_body(content.instructions) if content.instructions else None,
        language=content.language,
        course_id=content.course_id,
        shuffle=_flag(content.shuffle),
        rules=rules or None,
        passages=[_passage(passage) for passage in content.passages] or None,
        exhibits=content.exhibits or None,
        skills=content.skills or None,
        questions=[_question(question) for question in content.questions],
        forms=content.forms or None,
        sections=[_section(section) for section in content.sections] or None,
    )


def _given(**fields: Any) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}


def _whole(number: int | None) -> str | None:
    return None if number is None else str(number)


def _rules(rules: Rules) -> Iterator[tuple[str, Any]]:
    for key, (name, _) in RULES.items():
        value = getattr(rules, name)
        if value != getattr(_DEFAULT, name):
            yield key, _rule(name, value)


def _rule(name: str, value: Any) -> Any:
    if value is None:
        return "none"
    if name == "grades":
        return {grade.label: _percent(grade.from_permille) for grade in value}
    if name == "captures":
        return captures.written(value)
    if name == "safe_exam_browser":
        return safe_browser.written(value)
    if name == "integrity":
        return integrity.written(value)
    if name in _INSTANTS:
        return datetime.fromtimestamp(value / 1_000, UTC).isoformat(timespec="milliseconds")
    if name.endswith("_ms"):
        return [duration_in_words(ms) for ms in value] if isinstance(value, list) else duration_in_words(value)
    if name.endswith("_permille"):
        return _percent(value)
    return value if isinstance(value, list) else _scalar(value)


def _percent(permille: int) -> str:
    return f"{Decimal(permille) / 10:f} %"


def _scalar(value: bool | int | str) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _flag(value: bool) -> str | None:
    return "true" if value else None


def _tools(names: Sequence[str] | None) -> Any:
    return None if names is None else list(names) or "none"


def _limit(ms: int | None) -> str | None:
    return None if ms is None else duration_in_words(ms)


def _passage(passage: Passage) -> dict[str, Any]:
    return _given(id=passage.passage_id, title=passage.title or None, text=written_body(passage.body))


def _section(section: Section) -> dict[str, Any]:
    return _given(
        id=section.section_id,
        title=section.title,
        instructions=written_body(section.instructions) if section.instructions else None,
        limit=_limit(section.limit_ms),
        limit_kind=None if section.limit == "hard" else section.limit,
        min_time=duration_in_words(section.min_ms) if section.min_ms else None,
        shuffle=_flag(section.shuffle),
        exhibits=section.exhibits or None,
        tools=_tools(section.tools),
        items=[_item(item) for item in section.items],
    )


def _item(item: str | Draw) -> Any:
    if isinstance(item, str):
        return item
    return {"draw": str(item.count), **({"of": item.of} if item.tag is None else {"tag": item.tag})}


def _question(question: Question) -> dict[str, Any]:
    try:
        written = _friendly(question)
        if read_question(1, written) == question:
            return written
    except (_Unwritable, Refused):
        pass
    return {"stored": _as_text(_without_defaults(question))}


def _friendly(question: Question) -> dict[str, Any]:
    fields = _given(
        limit=_limit(question.limit_ms),
        limit_kind=None if question.limit == "hard" else question.limit,
        required=_flag(question.required),
        tags=question.tags or None,
        passage=question.passage_id,
        scored=None if question.scored else "false",
        tools=_tools(question.tools),
        unanswered=spell_points(question.unanswered_mpt) if question.unanswered_mpt else None,
        rubric=rubrics.written(question.rubric) or None,
        feedback=None if question.feedback is None else written_body(question.feedback),
        score_feedback={
            _percent(one.from_permille): written_body(one.body) if one.body else "none"
            for one in question.score_feedback
        }
        or None,
    )
    head = {"id": question.question_id, "prompt": written_body(question.body)}
    asked = question.interactions
    if not asked:
        return {"id": question.question_id, "type": INFORMATION, "prompt": head["prompt"], **fields}
    if len(asked) == 1 and asked[0].response_id == "answer":
        kind = _interaction(asked[0])
        return {"id": question.question_id, "type": kind.pop("type"), "prompt": head["prompt"], **kind, **fields}
    scoring = {} if question.scoring == "sum" else {"scoring": question.scoring}
    return {**head, "parts": {one.response_id: _interaction(one) for one in asked}, **scoring, **fields}


def _interaction(asked: Interaction) -> dict[str, Any]:
    fields: dict[str, Any] = {"type": kind_of(asked)}
    if asked.points_mpt != 1_000:
        fields["points"] = spell_points(asked.points_mpt)
    if isinstance(asked, Essay):
        return fields | _given(
            max_chars=str(asked.max_chars),
            min_words=_whole(asked.min_words),
            max_words=_whole(asked.max_words),
            format=None if asked.format == "plain" else asked.format,
            guidance=asked.guidance,
        )
    if isinstance(asked, Upload):
        if asked.max_bytes % 1024:
            raise _Unwritable
        return fields | _given(
            kinds=list(asked.kinds), max_size=f"{asked.max_bytes // 1024} KB", guidance=asked.guidance
        )
    fields |= dict(_key(asked))
    if asked.wrong_mpt:
        fields["wrong"] = spell_points(asked.wrong_mpt)
    if asked.min_mpt is not None:
        fields["floor"] = spell_points(asked.min_mpt)
    return fields


def _key(asked: Interaction) -> Iterator[tuple[str, Any]]:
    match asked:
        case OneOf() | MultipleChoice():
            yield "options", _options(asked.options)
            if asked.correct:
                yield "correct", asked.correct
            if isinstance(asked, MultipleChoice):
                yield from _of_several(asked)
            if asked.weights_mpt:
                yield "weights", {name: spell_points(worth) for name, worth in asked.weights_mpt.items()}
            if asked.shuffle:
                yield "shuffle", "true"
            if asked.pinned:
                yield "pinned", asked.pinned
            yield from _option_feedback(asked.option_feedback)
        case TrueFalse():
            if asked.correct is not None:
                yield "correct", _scalar(asked.correct)
            yield from _option_feedback(asked.option_feedback)
        case Order():
            yield "options", _options(asked.options)
            yield "correct", asked.correct
            if asked.partial != "none":
                yield "partial", asked.partial
        case Numeric():
            if asked.accepted:
                yield "accepted", [_number(one) for one in asked.accepted]
            if asked.unit is not None:
                yield "unit", asked.unit
            if asked.decimal_sign != "either":
                yield "decimal_sign", asked.decimal_sign
        case ShortText():
            if asked.accepted:
                yield "accepted", [one if isinstance(one, str) else _text(one) for one in asked.accepted]
            if asked.case_sensitive:
                yield "case_sensitive", "true"
            yield "max_chars", str(asked.max_chars)
        case _:
            raise _Unwritable


def _of_several(asked: MultipleChoice) -> Iterator[tuple[str, str]]:
    if asked.partial:
        yield "partial", "true"
    if asked.max_choices is not None:
        yield "max_choices", str(asked.max_choices)
    if asked.min_choices:
        yield "min_choices", str(asked.min_choices)


def _options(options: list[Option]) -> list[dict[str, str]]:
    written = [(option.option_id, written_line(option.body)) for option in options]
    if any(line is None for _, line in written):
        raise _Unwritable
    return [{name: line or ""} for name, line in written]


def _option_feedback(said: Mapping[str, str]) -> Iterator[tuple[str, Any]]:
    if said:
        yield "option_feedback", {name: written_body(body) for name, body in said.items()}


def _number(accepted: AcceptedNumber) -> dict[str, Any]:
    if accepted.within == "relative":
        tolerance = f"{Decimal(accepted.tolerance) * 100:f} %"
    elif accepted.within == "significant":
        tolerance = f"{accepted.tolerance} significant figures"
    else:
        tolerance = accepted.tolerance
    return _given(
        value=accepted.value,
        tolerance=None if tolerance == "0" else tolerance,
        points=None if accepted.points_mpt is None else spell_points(accepted.points_mpt),
        feedback=None if accepted.feedback is None else written_body(accepted.feedback),
    )


def _text(accepted: AcceptedText) -> dict[str, Any]:
    return {
        ("pattern" if accepted.pattern else "text"): accepted.text,
        **_given(
            points=None if accepted.points_mpt is None else spell_points(accepted.points_mpt),
            feedback=None if accepted.feedback is None else written_body(accepted.feedback),
        ),
    }


def _without_defaults(value: Any) -> Any:
    """Builtins of a struct, without the fields that are at their defaults."""
    if isinstance(value, msgspec.Struct):
        config = value.__struct_config__
        told = {} if config.tag is None else {str(config.tag_field): config.tag}
        for field in msgspec.structs.fields(type(value)):
            own = getattr(value, field.name)
            default = field.default if field.default_factory is msgspec.NODEFAULT else field.default_factory()
            if own != default:
                told[field.name] = _without_defaults(own)
        return told
    if isinstance(value, list | tuple):
        return [_without_defaults(one) for one in value]
    return {name: _without_defaults(one) for name, one in value.items()} if isinstance(value, dict) else value


def _as_text(value: Any) -> Any:
    """All scalars as texts, as the file is read."""
    if isinstance(value, list):
        return [_as_text(one) for one in value]
    if isinstance(value, dict):
        return {name: _as_text(one) for name, one in value.items()}
    return "null" if value is None else _scalar(value)
