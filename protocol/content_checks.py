"""What a test must be besides what its types say. Each mistake is named, with where it is."""

from msgspec.structs import replace

from protocol import limits
from protocol.content import Draw, Section, TestContent
from protocol.content.checked_ids import check_ids
from protocol.ids import normalize_id
from protocol.mistakes import mistake
from protocol.pools import check_pools
from protocol.question_checks import check_question, composed_question
from protocol.rules.consistency import check_rules
from protocol.texts import shows_nothing


def _with_ids_in_one_form(content: TestContent) -> TestContent:
    forms: dict[str, list[str]] = {}
    for form_id, chosen in content.forms.items():
        forms.setdefault(normalize_id(form_id), [normalize_id(name) for name in chosen])
    if len(forms) != len(content.forms):
        raise mistake("forms", "two forms have the same id")
    questions = [composed_question(question) for question in content.questions]
    sections = [_composed_section(section) for section in content.sections]
    course_id = None if content.course_id is None else normalize_id(content.course_id)
    passages = [replace(one, passage_id=normalize_id(one.passage_id)) for one in content.passages]
    return replace(
        content,
        questions=questions,
        forms=forms,
        sections=sections,
        course_id=course_id,
        passages=passages,
        exhibits=[normalize_id(name) for name in content.exhibits],
        skills={normalize_id(tag): title for tag, title in content.skills.items()},
    )


def _composed_section(section: Section) -> Section:
    items: list[str | Draw] = [
        Draw(item.count, [normalize_id(name) for name in item.of], None if item.tag is None else normalize_id(item.tag))
        if isinstance(item, Draw)
        else normalize_id(item)
        for item in section.items
    ]
    exhibits = [normalize_id(name) for name in section.exhibits]
    return replace(section, section_id=normalize_id(section.section_id), items=items, exhibits=exhibits)


def check_test(content: TestContent) -> TestContent:
    """The test with its ids in their one form. Raises `Refused(invalid_test)` naming the first mistake that the types
    alone do not catch."""
    content = _with_ids_in_one_form(content)
    if shows_nothing(content.title):
        raise mistake("title", "it shows nothing")
    if content.course_id is not None:
        check_ids("course_id", "courses", [content.course_id])
    ids = [question.question_id for question in content.questions]
    check_ids("questions", "questions", ids)
    check_ids("forms", "forms", list(content.forms))
    passage_ids = [passage.passage_id for passage in content.passages]
    check_ids("passages", "passages", passage_ids)
    for question in content.questions:
        check_question(question, passage_ids)
    for form_id, chosen in content.forms.items():
        where = f"form {form_id!r}"
        if not chosen or len(set(chosen)) != len(chosen) or not set(chosen) <= set(ids):
            raise mistake(where, "it must name at least one question of the test, each once")
    _check_sections(content)
    _check_exhibits(content)
    _check_skills(content)
    check_rules(content)
    return content


def _check_exhibits(content: TestContent) -> None:
    titles = {passage.passage_id: passage.title for passage in content.passages}
    for where, own in [("the test", []), *((f"section {one.section_id!r}", one.exhibits) for one in content.sections)]:
        named = [*content.exhibits, *own]
        for name in named:
            if name not in titles:
                raise mistake(where, f"`exhibits` names {name!r}: the test has no such passage")
            if shows_nothing(titles[name]):
                raise mistake(where, f"`exhibits` names {name!r}, whose passage has no title: it is asked for by that")
        if len(set(named)) != len(named):
            raise mistake(where, "`exhibits` names a passage twice, or one that the whole test has")


def _check_skills(content: TestContent) -> None:
    if len(content.skills) > limits.MAX_SKILLS:
        raise mistake("skills", f"a test names at most {limits.MAX_SKILLS} of them")
    known = {tag for question in content.questions for tag in question.tags}
    for tag, title in content.skills.items():
        if tag not in known:
            raise mistake("skills", f"no question has the tag {tag!r}")
        if shows_nothing(title):
            raise mistake("skills", f"the title of {tag!r} shows nothing")


def _check_sections(content: TestContent) -> None:
    """Sections go with the other fields of the test, and have all that they name."""
    if content.sections and content.forms:
        raise mistake("sections", "a test has forms or sections, not both")
    if content.sections and content.shuffle:
        raise mistake("shuffle", "a test with sections says it section by section")
    check_ids("sections", "sections", [section.section_id for section in content.sections])
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
