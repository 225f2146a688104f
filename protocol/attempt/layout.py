"""What one candidate's paper is made of: her sections, her questions, and the order of what is in them.

A layout is recorded whole when the attempt starts, and never computed again. Equal layouts are equal papers. Its bytes
are arrays, so nothing can be added to these types: what comes later is a field of the fact.
"""

from collections.abc import Iterator
from itertools import chain

import msgspec


class LaidOrder(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True, gc=False):
    """A set of a question that was shuffled: the response id of its interaction, and the ids in the candidate's
    order."""

    response_id: str
    ids: tuple[str, ...]


class LaidQuestion(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True, gc=False):
    """One question. `orders` has the sets of its things that were shuffled; all others stand in the author's order.
    `limit_ms` is the question's own time limit; one that is `soft` closes nothing. `required`: it is a gap while one of
    its `parts` interactions has no answer. Information has no parts."""

    question_id: str
    orders: tuple[LaidOrder, ...] = ()
    limit_ms: int | None = None
    required: bool = False
    soft: bool = False
    parts: int = 1


class LaidSection(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """One section and its questions in her order. A test without sections is one section, whose id is nil. Where she
    goes `forward` from question to question each question is a section of its own, named by its number; then `part` is
    the author's section, if there is one. Nobody leaves a section before her clock has run for `min_ms` in it. A
    limit that is `soft` closes nothing."""

    section_id: str | None
    questions: tuple[LaidQuestion, ...]
    limit_ms: int | None = None
    part: str | None = None
    min_ms: int = 0
    soft: bool = False

    @property
    def asked_total(self) -> int:
        """How many of its questions ask something."""
        return sum(laid.parts > 0 for laid in self.questions)


class Layout(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """One paper, as arrays in arrays: so are its sections and their questions. Positions of questions are counted
    through all sections, from 0. `by_section`: the candidate goes through the sections one after the other, and does
    not come back; `forward`: each of them is one question."""

    sections: tuple[LaidSection, ...]
    by_section: bool = False
    forward: bool = False

    @property
    def order(self) -> str:
        """As the rules of the test name it."""
        return "forward" if self.forward else "by_section" if self.by_section else "free"

    @property
    def questions(self) -> Iterator[LaidQuestion]:
        """All questions, in the order of their positions."""
        return chain.from_iterable(section.questions for section in self.sections)

    @property
    def place_total(self) -> int:
        """How many places the paper has: those of its questions, and of information between them."""
        return sum(len(section.questions) for section in self.sections)

    @property
    def question_total(self) -> int:
        """How many questions the candidate has: information is none."""
        return sum(section.asked_total for section in self.sections)

    @property
    def unasked(self) -> tuple[int, ...]:
        """The positions at which nothing is asked, in their order."""
        return tuple(position for position, laid in enumerate(self.questions) if not laid.parts)

    @property
    def sections_ms(self) -> int:
        """The sum of the sections' limits."""
        return sum(section.limit_ms or 0 for section in self.sections)

    @property
    def questions_ms(self) -> int:
        """The sum of the questions' limits."""
        return sum(laid.limit_ms or 0 for section in self.sections for laid in section.questions)

    def section(self, section_id: str) -> LaidSection:
        """The section of this id, which the paper has."""
        return next(section for section in self.sections if section.section_id == section_id)

    def section_of(self, question_id: str) -> LaidSection:
        """The section that has this question, which is on the paper."""
        return next(
            section for section in self.sections if any(laid.question_id == question_id for laid in section.questions)
        )

    def limit_of(self, is_section: bool, name: str) -> int:
        """The limit, in the author's time, of the section or the question of this id, which has one."""
        if is_section:
            return self.section(name).limit_ms or 0
        return next(laid.limit_ms or 0 for laid in self.questions if laid.question_id == name)

    def first_of(self, section_id: str) -> int:
        """The position of the section's first question."""
        position = 0
        for section in self.sections:
            if section.section_id == section_id:
                break
            position += len(section.questions)
        return position

    def question_at(self, position: int) -> LaidQuestion:
        """The question at this position of the paper."""
        for section in self.sections:
            if position < len(section.questions):
                return section.questions[position]
            position -= len(section.questions)
        raise IndexError(position)

    def has(self, question_id: str) -> bool:
        """Whether the question is on this paper."""
        return any(laid.question_id == question_id for laid in self.questions)
