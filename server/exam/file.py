"""A test written by hand: friendly YAML in, a test out. The format is described in docs/exam-format.md.

Every scalar is read as text first, so that `1.5` points are exact and an option may be the word No. A mistake is
refused with a sentence that names the question and the field.
"""

from datetime import datetime

from protocol import limits
from protocol.content import Passage, Rules, Section, TestContent
from protocol.content_checks import check_test
from protocol.errors import Refused
from protocol.mistakes import mistake
from server.exam.fields import PASSAGE, RULES, SECTION, TEST
from server.exam.lines import with_line
from server.exam.questions import read_question
from server.exam.reading import convert, read_fields
from server.exam.values import moment
from server.exam.yaml import load, nodes


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
    given = read_fields("the file", load(text), TEST)
    if "test_id" not in given:
        raise mistake("the file", "`test_id` is missing")
    test_id = given.pop("test_id")
    rules = read_fields("rules", given.pop("rules", {}), RULES)
    questions = [read_question(position, item) for position, item in enumerate(given.pop("questions", []), start=1)]
    passages = [_passage(position, item) for position, item in enumerate(given.pop("passages", []), start=1)]
    sections = [_section(position, item) for position, item in enumerate(given.pop("sections", []), start=1)]
    whole = {
        **given,
        "rules": convert("rules", rules, Rules),
        "passages": passages,
        "questions": questions,
        "sections": sections,
    }
    content = convert("the file", whole, TestContent)
    return test_id, check_test(content)


def read_window(data: bytes) -> dict[str, datetime]:
    """The instants of the window of a file that `read_exam` has read, by the names of their fields, with the offsets
    from UTC as the author wrote them."""
    given = load(data.decode())
    rules = given.get("rules") if isinstance(given, dict) else None
    written = rules if isinstance(rules, dict) else {}
    return {name: moment(written[name]) for name in ("opens_at", "closes_at") if written.get(name, "none") != "none"}


def _passage(position: int, given: object) -> Passage:
    where = f"passage {position}"
    passage: Passage = convert(where, read_fields(where, given, PASSAGE), Passage)
    return passage


def _section(position: int, given: object) -> Section:
    where = f"section {position}"
    if isinstance(given, dict) and isinstance(given.get("id"), str) and given["id"].strip():
        where = f"section {given['id']!r}"
    section: Section = convert(where, read_fields(where, given, SECTION), Section)
    return section
