"""What a test must be besides what its types say. Each mistake is named, with where it is."""

from collections.abc import Callable
from typing import Any

import msgspec

from protocol import limits
from protocol.content import (
    Draw,
    MultipleChoice,
    Numeric,
    Option,
    Question,
    Section,
    ShortText,
    SingleChoice,
    TestContent,
)
from protocol.ids import find_twins, normalize_id, read_address_id
from protocol.marking.checks import check_accepted, check_weights
from protocol.mistakes import mistake
from protocol.pools import check_pools
from protocol.rules.consistency import check_rules
from protocol.texts import shows_nothing


def _check_ids(where: str, things: str, ids: list[str]) -> None:
    """Each may stand in an address, and no two would be taken for one another."""
    for found in ids:
        try:
            read_address_id(found)
        except ValueError as error:
            raise mistake(where, f"the id {found[: limits.MAX_ID_CHARS]!r} {error}") from None
    twins = find_twins(ids)
    if twins is not None:
        one, other = twins
        told = (
            f"the same id, {one!r}" if one == other else f"ids that differ in letter case alone, {one!r} and {other!r}"
        )
        raise mistake(where, f"two {things} have {told}")


def _check_options(where: str, question: SingleChoice | MultipleChoice, correct: list[str]) -> None:
    ids = [option.option_id for option in question.options]
    _check_ids(where, "options", ids)
    for field, named in (("correct", correct), ("pinned", question.pinned)):
        if len(set(named)) != len(named) or not set(named) <= set(ids):
            raise mistake(where, f"`{field}` must name options of the question, each once")
    _named(where, check_weights, question)
    if question.pinned and not question.shuffle:
        raise mistake(where, "`pinned` options are those that keep their place with `shuffle`, which is missing")


def _check_question(question: Question) -> None:
    where = f"question {question.question_id!r}"
    match question:
        case SingleChoice():
            _check_options(where, question, [question.correct])
        case MultipleChoice():
            _check_options(where, question, question.correct)
        case Numeric() | ShortText():
            _named(where, check_accepted, question)
        case _:
            pass


def _named(where: str, check: Callable[[Any], None], given: Question) -> None:
    try:
        check(given)
    except ValueError as error:
        raise mistake(where, str(error)) from None


def _composed(question: Question) -> Question:
    """The question with its ids in their one form."""
    ids: dict[str, object] = {"question_id": normalize_id(question.question_id)}
    ids["tags"] = [normalize_id(tag) for tag in question.tags]
    if isinstance(question, SingleChoice | MultipleChoice):
        ids["options"] = [Option(normalize_id(option.option_id), option.text) for option in question.options]
        ids["pinned"] = [normalize_id(name) for name in question.pinned]
        correct = question.correct
        ids["weights_mpt"] = {normalize_id(name): worth for name, worth in question.weights_mpt.items()}
        ids["correct"] = normalize_id(correct) if isinstance(correct, str) else [normalize_id(name) for name in correct]
    return msgspec.structs.replace(question, **ids)


def _with_ids_in_one_form(content: TestContent) -> TestContent:
    forms: dict[str, list[str]] = {}
    for form_id, chosen in content.forms.items():
        forms.setdefault(normalize_id(form_id), [normalize_id(name) for name in chosen])
    if len(forms) != len(content.forms):
        raise mistake("forms", "two forms have the same id")
    questions = [_composed(question) for question in content.questions]
    sections = [_composed_section(section) for section in content.sections]
    course_id = None if content.course_id is None else normalize_id(content.course_id)
    return msgspec.structs.replace(content, questions=questions, forms=forms, sections=sections, course_id=course_id)


def _composed_section(section: Section) -> Section:
    items: list[str | Draw] = [
        Draw(item.count, [normalize_id(name) for name in item.of], None if item.tag is None else normalize_id(item.tag))
        if isinstance(item, Draw)
        else normalize_id(item)
        for item in section.items
    ]
    return msgspec.structs.replace(section, section_id=normalize_id(section.section_id), items=items)


def check_test(content: TestContent) -> TestContent:
    """The test with its ids in their one form. Raises `Refused(invalid_test)` naming the first mistake that the types
    alone do not catch."""
    content = _with_ids_in_one_form(content)
    if shows_nothing(content.title):
        raise mistake("title", "it shows nothing")
    if content.course_id is not None:
        _check_ids("course_id", "courses", [content.course_id])
    ids = [question.question_id for question in content.questions]
    _check_ids("questions", "questions", ids)
    _check_ids("forms", "forms", list(content.forms))
    for question in content.questions:
        _check_question(question)
    for form_id, chosen in content.forms.items():
        where = f"form {form_id!r}"
        if not chosen or len(set(chosen)) != len(chosen) or not set(chosen) <= set(ids):
            raise mistake(where, "it must name at least one question of the test, each once")
    _check_sections(content)
    check_rules(content)
    return content


def _check_sections(content: TestContent) -> None:
    """Sections go with the other fields of the test, and have all that they name."""
    if content.sections and content.forms:
        raise mistake("sections", "a test has forms or sections, not both")
    if content.sections and content.shuffle:
        raise mistake("shuffle", "a test with sections says it section by section")
    _check_ids("sections", "sections", [section.section_id for section in content.sections])
    check_pools(content)
    for section in content.sections:
        if section.limit_ms is not None and content.rules.order != "by_section":
            raise mistake(
                f"section {section.section_id!r}", "a section with a time limit needs the rule `order: by_section`"
            )
        if section.min_ms and content.rules.order != "by_section":
            raise mistake(
                f"section {section.section_id!r}", "a section with a minimum time needs the rule `order: by_section`"
            )
        if section.limit_ms is not None and section.min_ms > section.limit_ms:
            raise mistake(f"section {section.section_id!r}", "its minimum time is longer than its limit")
    if content.rules.order == "by_section" and not content.sections:
        raise mistake("rules", "`order: by_section` needs sections")
