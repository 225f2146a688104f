"""Pools: what the sections of a test name and draw from. Draws can be made, and give papers that are worth the same."""

from collections.abc import Sequence
from decimal import Decimal

from protocol.content import Draw, Question, TestContent, pool_of
from protocol.mistakes import mistake


def check_pools(content: TestContent) -> None:
    """Every question of a section exists and stands in one place, or in one pool; pools have enough questions, and
    those of one pool are equal in points and time. Raises `Refused(invalid_test)`."""
    known = {question.question_id: question for question in content.questions}
    section_ids = {section.section_id for section in content.sections}
    places: dict[str, str] = {}
    drawn: dict[str, int] = {}
    for section in content.sections:
        where = f"section {section.section_id!r}"
        for item in section.items:
            pool = _pool(where, content, item)
            tag = item.tag if isinstance(item, Draw) else None
            is_first = tag not in drawn
            if tag is not None and isinstance(item, Draw):
                drawn[tag] = drawn.get(tag, 0) + item.count
            for name in pool:
                if name in section_ids and name not in known:
                    raise mistake(where, f"{name!r} is a section: items and pools are made of questions alone")
                if name not in known:
                    raise mistake(where, f"the test has no question {name!r}")
                if name in places and (tag is None or is_first):
                    raise mistake(where, f"question {name!r} already stands in {places[name]}")
                places[name] = where if tag is None else f"the pool of the tag {tag!r}"
            if isinstance(item, Draw):
                _check_draw(where, item, drawn, [known[name] for name in pool])


def _pool(where: str, content: TestContent, item: str | Draw) -> list[str]:
    if isinstance(item, Draw) and bool(item.of) == (item.tag is not None):
        raise mistake(where, "a draw is `of` questions, or from those with a `tag`: one of the two")
    pool = pool_of(content, item)
    if isinstance(item, Draw) and not pool:
        raise mistake(where, f"no question of the test has the tag {item.tag!r}")
    return pool


def _check_draw(where: str, draw: Draw, drawn: dict[str, int], pool: Sequence[Question]) -> None:
    if draw.tag is None and draw.count > len(pool):
        raise mistake(where, f"a draw of {draw.count} has a pool of {len(pool)} alone")
    if draw.tag is not None and drawn[draw.tag] > len(pool):
        raise mistake(where, f"{drawn[draw.tag]} are drawn by the tag {draw.tag!r}, which {len(pool)} questions have")
    first = pool[0]
    told = next((one.question_id for one in pool if not one.interactions), None)
    if told is not None:
        raise mistake(where, f"{told!r} asks nothing: information stands in a section, and is not drawn")
    for other in pool:
        both = f"questions {first.question_id!r} and {other.question_id!r} of one pool"
        if other.scored != first.scored:
            raise mistake(where, f"{both} differ in `scored`: nobody's score may depend on which is drawn")
        if other.points_mpt != first.points_mpt:
            points = " and ".join(f"{Decimal(one.points_mpt) / 1000:f}" for one in (first, other))
            raise mistake(where, f"{both} differ in points: {points}")
        if other.limit_ms != first.limit_ms:
            raise mistake(where, f"{both} differ in their time limits")
