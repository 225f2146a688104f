"""The test itself in QTI 3: its parts, what is drawn and shuffled, and its time."""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal

from lxml import etree

from protocol.content import Draw, Question, Section, TestContent
from server.exporting.elements import LANGUAGE, Element, fill, qti
from server.exporting.faults import CannotSay
from server.exporting.items import IDENTIFIER

WHOLE = "whole"
"""The section of a test that has none."""


def write_test(content: TestContent, paths: Mapping[str, str], file: Callable[[str], str]) -> bytes:
    """The document. `paths` has the item of each question that is there, `file` gives the address of a stored file by
    its hash. Raises `CannotSay`."""
    questions = {question.question_id: question for question in content.questions}
    if content.forms:
        raise CannotSay("has forms, which a test of QTI has not")
    if content.sections:
        parts = [_section(section, questions, paths, file) for section in content.sections]
    else:
        parts = [_part(WHOLE, "", list(questions.values()), paths, shuffle=content.shuffle)]
    part = qti(
        "test-part",
        *parts,
        identifier="part",
        navigation_mode="linear" if content.rules.order == "forward" else "nonlinear",
        submission_mode="simultaneous",
    )
    test = qti("assessment-test", *_time(content.rules.duration_ms), part, identifier="test", title=content.title)
    if content.language is not None:
        test.set(LANGUAGE, content.language)
    etree.cleanup_namespaces(test)
    return etree.tostring(test, xml_declaration=True, encoding="UTF-8")


def _section(
    section: Section, questions: Mapping[str, Question], paths: Mapping[str, str], file: Callable[[str], str]
) -> Element:
    if not IDENTIFIER.fullmatch(section.section_id):
        raise CannotSay(f"has a section {section.section_id!r}: ids of QTI begin with a letter and have no spaces")
    draws = [item for item in section.items if isinstance(item, Draw)]
    names = [item for item in section.items if not isinstance(item, Draw)]
    count: int | None = None
    if draws:
        if names or len(draws) > 1 or draws[0].tag is not None:
            raise CannotSay(f"draws some of section {section.section_id!r}: a section of QTI draws all, from one list")
        count, names = draws[0].count, draws[0].of
    chosen = [questions[name] for name in names if name in paths]
    found = _part(section.section_id, section.title, chosen, paths, shuffle=section.shuffle, select=count)
    for element in reversed([*_time(section.limit_ms)]):
        found.insert(0, element)
    if section.instructions:
        block = qti("rubric-block", fill(qti("content-body"), section.instructions, file), view="candidate")
        found.insert(len(found) - len(chosen), block)
    return found


def _part(
    name: str,
    title: str,
    questions: Sequence[Question],
    paths: Mapping[str, str],
    *,
    shuffle: bool,
    select: int | None = None,
) -> Element:
    head = [] if select is None else [qti("selection", select=select)]
    head += [qti("ordering", shuffle="true")] if shuffle else []
    references = [
        qti(
            "assessment-item-ref",
            *_time(question.limit_ms),
            *([] if question.scored else [qti("weight", identifier="SCORE", value="0")]),
            identifier=question.question_id,
            href=paths[question.question_id],
        )
        for question in questions
        if question.question_id in paths
    ]
    return qti("assessment-section", *head, *references, identifier=name, title=title, visible="true")


def _time(ms: int | None) -> list[Element]:
    return [] if ms is None else [qti("time-limits", max_time=f"{Decimal(ms) / 1_000:f}")]
