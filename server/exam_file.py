"""A test written by hand: friendly YAML in, a test out. The format is described in docs/exam-format.md.

Every scalar is read as text first, so that `1.5` points are exact and an option may be the word No. A mistake is
refused with a sentence that names the question and the field.
"""

import re
from datetime import datetime
from typing import Any, Final

import msgspec

from protocol import limits
from protocol.content import AcceptedNumber, Option, Question, Rules, Section, TestContent
from protocol.content_checks import check_test
from protocol.errors import Refused
from protocol.ids import normalize_id
from protocol.mistakes import mistake
from server.exam_fields import EVERY_QUESTION, QUESTIONS, RULES, SECTION, TEST, Fields
from server.exam_lines import with_line
from server.exam_values import moment
from server.exam_yaml import load, nodes


def read_exam(data: bytes) -> tuple[str, TestContent]:
    """The test's id and content, of a file in UTF-8. Raises `Refused(invalid_test)`, which says the line of what is
    wrong, where it is known."""
    try:
        return _read(data)
    except Refused as error:
        raise with_line(error, lambda: nodes(data.decode())) from None


def _read(data: bytes) -> tuple[str, TestContent]:
    if len(data) > limits.MAX_TEST_BYTES:
        raise mistake("the file", f"it is larger than {limits.MAX_TEST_BYTES // 1024**2} MiB")
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise mistake(f"line {line}", "it is not written in UTF-8") from None
    given = _fields("the file", load(text), TEST)
    if "test_id" not in given:
        raise mistake("the file", "`test_id` is missing")
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
    given = load(data.decode())
    rules = given.get("rules") if isinstance(given, dict) else None
    written = rules if isinstance(rules, dict) else {}
    return {name: moment(written[name]) for name in ("opens_at", "closes_at") if written.get(name, "none") != "none"}


def _fields(where: str, given: object, known: Fields) -> dict[str, Any]:
    if not isinstance(given, dict):
        raise mistake(where, "it must have fields, like `title: My exam`")
    read: dict[str, Any] = {}
    for key, node in given.items():
        if key not in known:
            raise mistake(where, f"there is no field `{key}`; the fields are {', '.join(known)}")
        name, reader = known[key]
        if isinstance(node, str) and not node.strip():
            raise mistake(where, f"`{key}` is blank; fill it in, or leave the line out")
        try:
            read[name] = reader(node)
        except ValueError as error:
            raise mistake(where, f"`{key}` {error}") from None
    return read


def _question(position: int, given: object) -> Question:
    where = f"question {position}"
    if not isinstance(given, dict):
        raise mistake(where, "it must have fields, like `id: first`")
    if isinstance(given.get("id"), str) and given["id"].strip():
        where = f"question {given['id']!r}"
    kind = given.get("type")
    if not isinstance(kind, str) or kind not in QUESTIONS:
        raise mistake(where, f"`type` must be one of {', '.join(QUESTIONS)}")
    read = _fields(where, given, {**EVERY_QUESTION, **QUESTIONS[kind]})
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
            raise mistake(where, "`accepted` has its own tolerances: leave `correct` and `tolerance` out")
        return
    if correct is None:
        raise mistake(where, "`correct` is missing")
    read["accepted"] = [AcceptedNumber(value=correct, **tolerance)]


def _section(position: int, given: object) -> Section:
    where = f"section {position}"
    if isinstance(given, dict) and isinstance(given.get("id"), str) and given["id"].strip():
        where = f"section {given['id']!r}"
    section: Section = _convert(where, _fields(where, given, SECTION), Section)
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
        raise mistake(where, f"`{field}` {problem} ({name})")
    return found.pop()


_MISSING: Final = re.compile(r"Object missing required field `([^`]+)`")
_AT: Final = re.compile(r"(.*?) - at `\$\.?([^`]*)`$", re.DOTALL)
_WRITTEN: Final = {
    name: key
    for known in (TEST, RULES, SECTION, EVERY_QUESTION, *QUESTIONS.values())
    for key, (name, _) in known.items()
}


def _convert(where: str, given: object, kind: Any) -> Any:
    """Converts `given` to a `kind` with the limits of the REST API. The error names fields as the author wrote them."""
    try:
        # What a reader has made already is checked here too: to make a struct by its name checks no bound.
        return msgspec.convert(msgspec.to_builtins(given), kind)
    except msgspec.ValidationError as error:
        text = str(error)
    if missing := _MISSING.match(text):
        raise mistake(where, f"`{_WRITTEN.get(missing[1], missing[1])}` is missing")
    what, path = at.groups() if (at := _AT.match(text)) else (text, "")
    name = re.split(r"[.\[]", path)[0]
    shown = f"`{_WRITTEN.get(name, name)}`: " if name else ""
    raise mistake(where, f"{shown}{what[:1].lower()}{what[1:]}")
