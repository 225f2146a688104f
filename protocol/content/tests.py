"""A test: its rules, its questions with their keys, its forms and sections. `paper` is what candidates see."""

from typing import Annotated

import msgspec
from msgspec import Meta

from protocol import limits
from protocol.codes import Code
from protocol.content.base import Introduction, Language, Title
from protocol.content.questions import Passage, Question
from protocol.content.rules import Rules
from protocol.content.sections import Draw, Exhibits, Section
from protocol.errors import Refused, refuse
from protocol.messages.base import Id


class TestContent(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A test as its author hands it in (`PUT /tests/{test_id}`). `forms` names selections of the questions, each in its
    own order; without forms every candidate gets all questions in the order given. With `shuffle` each candidate gets
    them in an order of her own. `sections` are the parts of a test, instead of forms; what is in no section is in no
    paper. `language` is that of the answers, as BCP 47 names it ("tr", "de-CH"): it says which small letter belongs to
    a capital. `passages` are what questions are about; those that `exhibits`
    names can be looked at beside any question. Whoever is enrolled for the course `course_id` is enrolled for
    the test. `skills` are tags of questions with their titles: what candidates can do is reported by them, and where
    the marks of single questions are shown, candidates see their own."""

    __test__ = False

    title: Title
    instructions: Introduction = ""
    rules: Rules = Rules()
    questions: Annotated[list[Question], Meta(min_length=1, max_length=limits.MAX_QUESTIONS)]
    forms: dict[str, list[str]] = msgspec.field(default_factory=dict)
    sections: Annotated[list[Section], Meta(max_length=limits.MAX_SECTIONS)] = msgspec.field(default_factory=list)
    shuffle: bool = False
    language: Language | None = None
    passages: Annotated[list[Passage], Meta(max_length=limits.MAX_PASSAGES)] = msgspec.field(default_factory=list)
    course_id: Id | None = None
    exhibits: Exhibits = msgspec.field(default_factory=list)
    skills: dict[str, Title] = msgspec.field(default_factory=dict)


def pool_of(content: TestContent, item: str | Draw) -> list[str]:
    """The questions that an item of a section names, by their ids or by their tag."""
    if not isinstance(item, Draw):
        return [item]
    if item.tag is None:
        return item.of
    return [question.question_id for question in content.questions if item.tag in question.tags]


def select_questions(content: TestContent, form_id: str | None) -> list[Question]:
    """The questions that a paper of this form can have, in the author's order. Raises `Refused(unknown_form)`."""
    if form_id is None and content.forms:
        raise Refused(refuse(Code.UNKNOWN_FORM, "The test has several forms; the attempt must name one."))
    if form_id is not None and form_id not in content.forms:
        raise Refused(refuse(Code.UNKNOWN_FORM))
    if form_id is not None:
        chosen = content.forms[form_id]
    elif content.sections:
        items = [item for section in content.sections for item in section.items]
        # Two draws may be from one tag.
        chosen = list(dict.fromkeys(name for item in items for name in pool_of(content, item)))
    else:
        return list(content.questions)
    by_id = {question.question_id: question for question in content.questions}
    return [by_id[question_id] for question_id in chosen]


def question_total(content: TestContent) -> int:
    """How many questions the test has that ask something; with sections, how many each candidate gets."""
    if not content.sections:
        return sum(bool(question.interactions) for question in content.questions)
    return sum(asked_total(content, section) for section in content.sections)


def asked_total(content: TestContent, section: Section) -> int:
    """How many questions of the section ask something, as each candidate gets it: a draw has no information."""
    told = {question.question_id for question in content.questions if not question.interactions}
    return sum(item.count if isinstance(item, Draw) else item not in told for item in section.items)
