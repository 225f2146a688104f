"""The rubric of a question in an exam file: criteria, and under each what so many points are given for."""

from typing import Final

from protocol.content import Criterion, Level
from protocol.points import spell_points
from server.exam.keys import points
from server.exam.texts import text

_LIKE: Final = "{Argument: {0: No thesis., 2: A thesis with reasons.}}"


def rubric(given: object) -> list[Criterion]:
    """The criteria. Raises ValueError with the rest of a sentence that begins with the field's name."""
    if not isinstance(given, dict) or not given or not all(isinstance(levels, dict) for levels in given.values()):
        raise ValueError(f"must say for each criterion what points are given for, like `{_LIKE}`")
    return [
        Criterion(text(name), [Level(points(worth), text(says)) for worth, says in levels.items()])
        for name, levels in given.items()
    ]


def written(criteria: list[Criterion]) -> dict[str, dict[str, str]]:
    """The same as a file has it."""
    return {one.name: {spell_points(level.points_mpt): level.says for level in one.levels} for one in criteria}
