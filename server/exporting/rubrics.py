"""The rubric of a question, in an item of QTI."""

from collections.abc import Sequence
from typing import Final

from lxml.builder import ElementMaker

from protocol.content import Criterion
from protocol.points import spell_points
from server.exporting.elements import NAMESPACE, Element, qti
from server.writing.rubrics import LEVEL_POINTS, RUBRIC_CLASS

_HTML: Final = ElementMaker(namespace=NAMESPACE)


def rubric_block(rubric: Sequence[Criterion]) -> Element:
    """For whoever marks, one row for each criterion."""
    rows = [
        _HTML.tr(
            _HTML.th(criterion.name),
            *(
                _HTML.td(
                    _HTML.strong(spell_points(level.points_mpt)),
                    _HTML.span(level.says),
                    {LEVEL_POINTS: spell_points(level.points_mpt)},
                )
                for level in criterion.levels
            ),
        )
        for criterion in rubric
    ]
    table = _HTML.table(_HTML.tbody(*rows), {"class": RUBRIC_CLASS})
    return qti("rubric-block", qti("content-body", table), view="scorer", use="scoring")
