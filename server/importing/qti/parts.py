"""Sections of a test of QTI, with what is drawn in them."""

import msgspec

from protocol.content import Draw, Question, Section


class Part(msgspec.Struct):
    """A section with what it has of its own. Those questions in `given` are drawn in any case."""

    name: str
    title: str
    instructions: str
    questions: list[Question]
    select: int | None
    shuffle: bool
    limit_ms: int | None
    given: set[str] = msgspec.field(default_factory=set)


def section_of(part: Part, losses: list[str]) -> Section:
    """The section. What it can't be is added to `losses`."""
    ids = [question.question_id for question in part.questions]
    items: list[str | Draw] = [*ids]
    if part.select is not None and 0 < part.select < len(ids):
        given = [name for name in ids if name in part.given]
        drawn = [one for one in part.questions if one.question_id not in part.given]
        left = part.select - len(given)
        if left > 0 and len({(one.points_mpt, one.limit_ms) for one in drawn}) == 1:
            items = [*given, Draw(left, [one.question_id for one in drawn])]
            if given and ids[: len(given)] != given and not part.shuffle:
                losses.append(f"in {part.title or part.name!r} stands first what everybody gets")
        elif left <= 0:
            items = [*given]
        else:
            told = part.title or part.name
            losses.append(f"all questions of {told!r} are given: they are worth different points")
    return Section(
        section_id=part.name,
        title=part.title or part.name,
        instructions=part.instructions,
        items=items,
        shuffle=part.shuffle,
        limit_ms=part.limit_ms,
    )
