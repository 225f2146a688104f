"""A test written by hand: friendly YAML in, a test out. The format is described in docs/exam-format.md.

Every scalar is read as text first, so that `1.5` points are exact and an option may be the word No. A mistake is
refused with a sentence that names the question and the field.
"""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from fractions import Fraction
from typing import Any, Final

import msgspec
import yaml

from protocol import limits
from protocol.codes import Code
from protocol.content import AcceptedNumber, Draw, Option, Question, Rules, Section, TestContent
from protocol.content_checks import check_test
from protocol.errors import Refused, refuse
from protocol.ids import normalize_id, read_address_id
from server import exam_keys
from server.exam_summary import duration_in_words
from server.instants import ms_of, read_moment


def read_exam(data: bytes) -> tuple[str, TestContent]:
    """The test's id and content, of a file in UTF-8. Raises `Refused(invalid_test)`."""
    if len(data) > limits.MAX_TEST_BYTES:
        raise _mistake("the file", f"it is larger than {limits.MAX_TEST_BYTES // 1024**2} MiB")
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise _mistake(f"line {line}", "it is not written in UTF-8") from None
    given = _fields("the file", _load(text), _TEST)
    if "test_id" not in given:
        raise _mistake("the file", "`test_id` is missing")
    test_id = given.pop("test_id")
    rules = _fields("rules", given.pop("rules", {}), RULES)
    questions = [_question(position, item) for position, item in enumerate(given.pop("questions", []), start=1)]
    sections = [_section(position, item) for position, item in enumerate(given.pop("sections", []), start=1)]
    whole = {**given, "rules": _convert("rules", rules, Rules), "questions": questions, "sections": sections}
    content = _convert("the file", whole, TestContent)
    return test_id, check_test(content)


def read_window(data: bytes) -> dict[str, datetime]:
    """The instants of the window of a file that `read_exam` has read, by the names of their fields, with the offsets
    from UTC as the author wrote them."""
    given = _load(data.decode())
    rules = given.get("rules") if isinstance(given, dict) else None
    written = rules if isinstance(rules, dict) else {}
    return {name: _moment(written[name]) for name in ("opens_at", "closes_at") if written.get(name, "none") != "none"}


def _mistake(where: str, what: str) -> Refused:
    return Refused(refuse(Code.INVALID_TEST, f"{where}: {what}"))


# YAML


class _Texts(yaml.BaseLoader):
    """Maps, lists and texts, nothing else. Aliases are refused because a small file could expand to an enormous one;
    duplicate keys, because one would hide the other."""

    def get_single_data(self) -> Any:
        try:
            return super().get_single_data()
        except (ValueError, OverflowError):
            # The library does not validate escapes and numbers before it converts them.
            problem = "this character or number does not exist"
            raise yaml.MarkedYAMLError(problem=problem, problem_mark=self.get_mark()) from None

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            where = self.get_event().start_mark  # type: ignore[no-untyped-call]
            raise yaml.MarkedYAMLError(problem="an alias (*name) is not allowed", problem_mark=where)
        return super().compose_node(parent, index)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[object] = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode) or key.value in seen:
                raise yaml.MarkedYAMLError(
                    problem="this field is given twice, or is no name", problem_mark=key.start_mark
                )
            seen.add(key.value)
        return super().construct_mapping(node, deep=deep)

    def construct_scalar(self, node: yaml.ScalarNode) -> Any:
        if not _is_writable(node.value):
            raise yaml.MarkedYAMLError(problem="half of a surrogate pair is no character", problem_mark=node.start_mark)
        return super().construct_scalar(node)


def _is_writable(text: str) -> bool:
    """Whether the text can be kept: an escape may name half of a pair, which UTF-8 has no bytes for."""
    return not any("\ud800" <= character <= "\udfff" for character in text)


def _load(text: str) -> object:
    try:
        return _Texts(text).get_single_data()
    except yaml.MarkedYAMLError as error:
        line = f"line {error.problem_mark.line + 1}" if error.problem_mark is not None else "the file"
        raise _mistake(line, str(error.problem)) from None
    except yaml.YAMLError as error:
        raise _mistake("the file", str(error).splitlines()[0]) from None
    except RecursionError:
        raise _mistake("the file", "it is nested too deeply") from None


# Readers of field values. Each raises ValueError with the rest of a sentence that begins with the field's name.


_text: Final = exam_keys.text
_points: Final = exam_keys.points


def _address_id(given: object) -> str:
    return read_address_id(_text(given))


def _texts(given: object) -> list[str]:
    return [_text(item) for item in given] if isinstance(given, list) else [_text(given)]


def _list(given: object) -> list[object]:
    if not isinstance(given, list):
        raise ValueError("must be a list")
    return given


def _map(given: object) -> dict[str, object]:
    if not isinstance(given, dict):
        raise ValueError("must have fields of its own")
    return given


def _optional(reader: Callable[[object], object]) -> Callable[[object], object]:
    return lambda given: None if given == "none" else reader(given)


def _truth(given: object) -> bool:
    match given:
        case "true" | "True" | "yes" | "Yes":
            return True
        case "false" | "False" | "no" | "No":
            return False
        case _:
            raise ValueError("must be true or false")


def _whole(given: object) -> int:
    text = _text(given)
    if not re.fullmatch(r"-?[0-9]{1,16}", text):
        raise ValueError("must be a whole number")
    return int(text)


_UNITS: Final = {
    1: ("ms",),
    1_000: ("s", "sec", "second", "seconds"),
    60_000: ("m", "min", "minute", "minutes"),
    3_600_000: ("h", "hour", "hours"),
    86_400_000: ("d", "day", "days"),
}
_UNIT_MS: Final = {name: unit_ms for unit_ms, names in _UNITS.items() for name in names}
_PART: Final = re.compile(r"([0-9]{1,15}(?:\.[0-9]{1,6})?)\s*([a-z]+)(?:\s+|$)")


def _duration(given: object) -> int:
    """Milliseconds of "1 h 30 min", "90 minutes", "2 s"."""
    text = _text(given).lower()
    if re.fullmatch(r"[0-9]{1,12}", text):
        count = int(text)
        seconds, minutes = duration_in_words(count * 1_000), duration_in_words(count * 60_000)
        raise ValueError(f'must name its unit, like "{count} s" ({seconds}) or "{count} min" ({minutes})')
    total, position = Fraction(0), 0
    while part := _PART.match(text, position):
        number, unit = part.groups()
        if unit not in _UNIT_MS:
            break
        total += Fraction(number) * _UNIT_MS[unit]
        position = part.end()
    if not text or position < len(text) or total.denominator != 1:
        raise ValueError('must be a duration like "90 minutes", "1 h 30 min" or "2 s"')
    return int(total)


def _durations(given: object) -> list[int]:
    return [_duration(item) for item in _list(given)]


def _moment(given: object) -> datetime:
    return read_moment(_text(given))


def _instant(given: object) -> int:
    return ms_of(_moment(given))


def _options(given: object) -> list[Option]:
    """Texts, which get the letters a, b, c… as their ids; or maps from id to text."""
    if isinstance(given, dict):
        return [Option(_text(option_id), _text(text)) for option_id, text in given.items()]
    options: list[Option] = []
    for position, item in enumerate(_list(given)):
        if isinstance(item, dict):
            if len(item) != 1:
                raise ValueError("must name each option by one id, as in `- a: First`")
            options.extend(_options(item))
        else:
            options.append(Option(_letters(position), _text(item)))
    return options


def _letters(position: int) -> str:
    high, low = divmod(position, 26)
    return (chr(ord("a") + high - 1) if high else "") + chr(ord("a") + low)


def _forms(given: object) -> dict[str, list[str]]:
    return {form_id: _texts(_list(chosen)) for form_id, chosen in _map(given).items()}


def _items(given: object) -> list[str | Draw]:
    """Ids of questions; and draws, as `draw: 2` with `of: [a, b, c]`."""
    items: list[str | Draw] = []
    for item in _list(given):
        if not isinstance(item, dict):
            items.append(_text(item))
        elif set(item) == {"draw", "of"}:
            items.append(Draw(_whole(item["draw"]), _texts(_list(item["of"]))))
        else:
            raise ValueError("must list ids of questions, or draws like `{draw: 2, of: [one, two, three]}`")
    return items


# The fields: the author's name → the test's name, and the reader.

_Fields = Mapping[str, tuple[str, Callable[[object], object]]]

_TEST: Final[_Fields] = {
    "test_id": ("test_id", _address_id),
    "title": ("title", _text),
    "instructions": ("instructions", _text),
    "rules": ("rules", _map),
    "questions": ("questions", _list),
    "forms": ("forms", _forms),
    "sections": ("sections", _list),
    "course_id": ("course_id", _address_id),
    "shuffle": ("shuffle", _truth),
    "language": ("language", _text),
}
RULES: Final[_Fields] = {
    "duration": ("duration_ms", _optional(_duration)),
    "opens_at": ("opens_at_ms", _optional(_instant)),
    "closes_at": ("closes_at_ms", _optional(_instant)),
    "grace": ("grace_ms", _duration),
    "warnings": ("warnings_ms", _durations),
    "max_attempts": ("max_attempts", _optional(_whole)),
    "on_disconnect": ("on_disconnect", _text),
    "pause_budget": ("pause_budget_ms", _duration),
    "connections": ("connections", _text),
    "links": ("links", _text),
    "release": ("release", _text),
    "shows": ("shows", _text),
    "counts": ("counts", _text),
    "grades": ("grades", exam_keys.grades),
    "order": ("order", _text),
    "active": ("active", _truth),
    "form_choice": ("form_choice", _text),
    "enrolment": ("enrolment", _text),
    "waiting_room": ("waiting_room", _truth),
    "access_code": ("access_code", _optional(_text)),
    "address_ranges": ("address_ranges", _texts),
    "delay_first": ("delay_first_ms", _duration),
    "delay_later": ("delay_later_ms", _duration),
}
_SECTION: Final[_Fields] = {
    "id": ("section_id", _address_id),
    "title": ("title", _text),
    "instructions": ("instructions", _text),
    "limit": ("limit_ms", _optional(_duration)),
    "items": ("items", _items),
    "shuffle": ("shuffle", _truth),
}
_EVERY_QUESTION: Final[_Fields] = {
    "id": ("question_id", _address_id),
    "type": ("type", _text),
    "prompt": ("prompt", _text),
    "points": ("points_mpt", _points),
    "limit": ("limit_ms", _optional(_duration)),
    "feedback": ("feedback", _text),
}
_MARKED: Final[_Fields] = {
    "wrong": ("wrong_mpt", _points),
    "floor": ("min_mpt", _points),
}
_OPTIONS: Final[_Fields] = {
    **_MARKED,
    "weights": ("weights_mpt", exam_keys.weights),
    "options": ("options", _options),
    "shuffle": ("shuffle", _truth),
    "pinned": ("pinned", _texts),
}
_QUESTIONS: Final[Mapping[str, _Fields]] = {
    "single_choice": {**_OPTIONS, "correct": ("correct", _text)},
    "multiple_choice": {
        **_OPTIONS,
        "correct": ("correct", _texts),
        "partial": ("partial", _truth),
    },
    "true_false": {**_MARKED, "correct": ("correct", _truth)},
    "numeric": {
        **_MARKED,
        "correct": ("correct", _text),
        "tolerance": ("tolerance", exam_keys.tolerance),
        "accepted": ("accepted", exam_keys.numbers),
        "unit": ("unit", _optional(_text)),
        "decimal_sign": ("decimal_sign", _text),
    },
    "short_text": {
        **_MARKED,
        "accepted": ("accepted", exam_keys.texts),
        "case_sensitive": ("case_sensitive", _truth),
        "max_chars": ("max_chars", _whole),
    },
    "essay": {"max_chars": ("max_chars", _whole), "guidance": ("guidance", _optional(_text))},
}


def _fields(where: str, given: object, known: _Fields) -> dict[str, Any]:
    if not isinstance(given, dict):
        raise _mistake(where, "it must have fields, like `title: My exam`")
    read: dict[str, Any] = {}
    for key, node in given.items():
        if key not in known:
            raise _mistake(where, f"there is no field `{key}`; the fields are {', '.join(known)}")
        name, reader = known[key]
        if isinstance(node, str) and not node.strip():
            raise _mistake(where, f"`{key}` is blank; fill it in, or leave the line out")
        try:
            read[name] = reader(node)
        except ValueError as error:
            raise _mistake(where, f"`{key}` {error}") from None
    return read


def _question(position: int, given: object) -> Question:
    where = f"question {position}"
    if not isinstance(given, dict):
        raise _mistake(where, "it must have fields, like `id: first`")
    if isinstance(given.get("id"), str) and given["id"].strip():
        where = f"question {given['id']!r}"
    kind = given.get("type")
    if not isinstance(kind, str) or kind not in _QUESTIONS:
        raise _mistake(where, f"`type` must be one of {', '.join(_QUESTIONS)}")
    read = _fields(where, given, {**_EVERY_QUESTION, **_QUESTIONS[kind]})
    if kind == "numeric":
        _accept(where, read)
    if "weights_mpt" in read and "options" in read:
        named = read["weights_mpt"].items()
        read["weights_mpt"] = {_option_id(where, "weights", read["options"], name): worth for name, worth in named}
    if "options" in read and "correct" in read:
        read["correct"] = _correct(where, read["options"], read["correct"])
    if "options" in read and "pinned" in read:
        read["pinned"] = [_option_id(where, "pinned", read["options"], name) for name in read["pinned"]]
    question: Question = _convert(where, read, Question)
    return question


def _accept(where: str, read: dict[str, Any]) -> None:
    """Of a numeric question: one right number by `correct` and `tolerance`, or several by `accepted`."""
    correct, tolerance = read.pop("correct", None), read.pop("tolerance", {})
    if "accepted" in read:
        if correct is not None or tolerance:
            raise _mistake(where, "`accepted` has its own tolerances: leave `correct` and `tolerance` out")
        return
    if correct is None:
        raise _mistake(where, "`correct` is missing")
    read["accepted"] = [AcceptedNumber(value=correct, **tolerance)]


def _section(position: int, given: object) -> Section:
    where = f"section {position}"
    if isinstance(given, dict) and isinstance(given.get("id"), str) and given["id"].strip():
        where = f"section {given['id']!r}"
    section: Section = _convert(where, _fields(where, given, _SECTION), Section)
    return section


def _correct(where: str, options: list[Option], named: str | list[str]) -> str | list[str]:
    if isinstance(named, list):
        return [_option_id(where, "correct", options, name) for name in named]
    return _option_id(where, "correct", options, named)


def _option_id(where: str, field: str, options: list[Option], name: str) -> str:
    wanted = normalize_id(name)
    found = {
        option.option_id for option in options if wanted in (normalize_id(option.option_id), normalize_id(option.text))
    }
    if len(found) != 1:
        problem = "names no option" if not found else "names two options; give them ids, as in `- a: First`"
        raise _mistake(where, f"`{field}` {problem} ({name})")
    return found.pop()


_MISSING: Final = re.compile(r"Object missing required field `([^`]+)`")
_AT: Final = re.compile(r"(.*?) - at `\$\.?([^`]*)`$", re.DOTALL)
_WRITTEN: Final = {
    name: key
    for known in (_TEST, RULES, _SECTION, _EVERY_QUESTION, *_QUESTIONS.values())
    for key, (name, _) in known.items()
}


def _convert(where: str, given: object, kind: Any) -> Any:
    """Converts `given` to a `kind` with the limits of the REST API. The error names fields as the author wrote them."""
    try:
        return msgspec.convert(given, kind)
    except msgspec.ValidationError as error:
        text = str(error)
    if missing := _MISSING.match(text):
        raise _mistake(where, f"`{_WRITTEN.get(missing[1], missing[1])}` is missing")
    what, path = at.groups() if (at := _AT.match(text)) else (text, "")
    name = re.split(r"[.\[]", path)[0]
    shown = f"`{_WRITTEN.get(name, name)}`: " if name else ""
    raise _mistake(where, f"{shown}{what[:1].lower()}{what[1:]}")
