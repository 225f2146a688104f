"""The paper: what candidates see of a test. It has no keys and no guidance."""

import msgspec

from protocol.content import Option
from protocol.messages.base import Int


class PaperQuestion(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A question as the candidate sees it: no key, no guidance. `max_chars` is nil unless text is typed. `limit_ms` is
    the question's own time limit. `decimal_sign` is how numbers are written in the answer: ".", "," or "either"; nil
    where the answer is no number. A `required` question without an answer is a gap when she hands in."""

    question_id: str
    type: str
    prompt: str
    points_mpt: Int
    options: list[Option]
    max_chars: Int | None
    unit: str | None
    limit_ms: Int | None
    decimal_sign: str | None
    required: bool


class PaperSection(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A part of the paper: `count` questions from position `first` on. A paper without parts is one, whose `section_id`
    is nil and whose title is blank. `limit_ms` is the part's own time limit. `instructions` are blank as long as the
    part is not open."""

    section_id: str | None
    title: str
    instructions: str
    limit_ms: Int | None
    first: Int
    count: Int


class Paper(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One candidate's paper, of one version of a test: her questions in her order. Where sections are sat one after the
    other, `questions` are those of the open section, which `section_id` names (nil: none is open); `sections` names all
    of them. In every other test `section_id` is nil, and `questions` are all."""

    test_id: str
    test_version: Int
    form_id: str | None
    title: str
    instructions: str
    sections: list[PaperSection]
    section_id: str | None
    questions: list[PaperQuestion]
