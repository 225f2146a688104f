"""What a person gave by each criterion of a rubric, as a result tells it."""

from protocol.attempt.model import HandMark
from protocol.content import Question
from protocol.rest.results import JudgedCriterion


def judged(question: Question, mark: HandMark) -> list[JudgedCriterion] | None:
    """In the order of the rubric. Nil: the mark was given as a whole, by other criteria than the question has, or out
    of other points, of which it is a share by now."""
    given = {one.name: one.score_mpt for one in mark.criteria}
    rubric = {criterion.name: criterion for criterion in question.rubric}
    if not given or given.keys() != rubric.keys() or mark.max_mpt != question.points_mpt:
        return None
    if any(given[name] > criterion.max_mpt for name, criterion in rubric.items()):
        return None
    found: list[JudgedCriterion] = []
    for name, criterion in rubric.items():
        level = criterion.level_at(given[name])
        says = None if level is None else level.says
        found.append(JudgedCriterion(name=name, score_mpt=given[name], max_mpt=criterion.max_mpt, says=says))
    return found
