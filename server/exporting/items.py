"""A question as an item of QTI 3."""

import re
from collections.abc import Callable, Iterator
from typing import Final

from lxml import etree
from msgspec.structs import replace

from protocol.content import (
    Associate,
    ByHand,
    GapMatch,
    GraphicAssociate,
    GraphicGapMatch,
    Hottext,
    Interaction,
    Match,
    Question,
    WithOptions,
    WithSpots,
    has_key,
)
from protocol.content.text import hots, place, places, plain_text
from protocol.points import spell_points
from server.exporting.elements import LANGUAGE, Element, Words, fill, qti
from server.exporting.faults import CannotSay
from server.exporting.feedback import check_feedback, write_feedback
from server.exporting.interactions import write_interaction
from server.exporting.rubrics import rubric_block

IDENTIFIER: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
_MAX_TITLE_CHARS: Final = 80


def write_item(question: Question, file: Callable[[str], str], language: str | None = None) -> bytes:
    """The item. `file` gives the address of a stored file by its hash. Raises `CannotSay`."""
    _check(question)
    question = placed(question)
    names = [one.response_id if len(question.interactions) > 1 else "RESPONSE" for one in question.interactions]
    written = [
        write_interaction(asked, name, Words(file)) for asked, name in zip(question.interactions, names, strict=True)
    ]
    by_response = {asked.response_id: one.element for asked, one in zip(question.interactions, written, strict=True)}
    body = fill(qti("item-body"), question.body, file, by_response.__getitem__)
    body.extend(_guidance(question))
    if question.rubric:
        body.append(rubric_block(question.rubric))
    told = write_feedback(question, names, by_response, Words(file))
    keyed = [one for asked, one in zip(question.interactions, written, strict=True) if has_key(asked)]
    scored = [*(condition for one in keyed for condition in one.scored), *told.conditions]
    item = qti(
        "assessment-item",
        *(one.declared for one in written),
        *(_outcomes(question) if question.interactions else []),
        *told.declared,
        body,
        *([qti("response-processing", *scored)] if scored else []),
        *told.modal,
        identifier=question.question_id,
        title=" ".join(plain_text(question.body).split())[:_MAX_TITLE_CHARS] or question.question_id,
        adaptive="false",
        time_dependent="false",
    )
    if language is not None:
        item.set(LANGUAGE, language)
    etree.cleanup_namespaces(item)
    return etree.tostring(item, xml_declaration=True, encoding="UTF-8")


def placed(question: Question) -> Question:
    """The same question with a place in its body for each interaction, and these in the order of their places: what has
    none stands behind the body."""
    there = places(question.body)
    behind = [place(one.response_id) for one in question.interactions if one.response_id not in there]
    body = question.body + "".join(behind)
    at = {name: number for number, name in enumerate(places(body))}
    interactions = sorted(question.interactions, key=lambda one: at[one.response_id])
    return replace(question, body=body, interactions=interactions)


def _check(question: Question) -> None:
    ids = [question.question_id, *(one.response_id for one in question.interactions)]
    ids += [name for one in question.interactions for name in _ids(one)]
    for found in ids:
        if not IDENTIFIER.fullmatch(found):
            raise CannotSay(f"has the id {found!r}: ids of QTI begin with a letter and have no spaces")
    if question.scoring == "all":
        raise CannotSay("gives its points only if every part is right, which is not written as QTI")
    if question.unanswered_mpt:
        raise CannotSay("gives or takes points where it is not answered, which is not written as QTI")
    check_feedback(question)


def _ids(asked: Interaction) -> Iterator[str]:
    match asked:
        case WithOptions():
            yield from (option.option_id for option in asked.options)
        case Match() | GapMatch() | Associate() | GraphicGapMatch() | GraphicAssociate():
            yield from (option.option_id for side in asked.sides[:2] for option in side)
        case WithSpots():
            yield from (spot.spot_id for spot in asked.spots)
        case Hottext():
            yield from (name for name, _ in hots(asked.text))


def _outcomes(question: Question) -> list[Element]:
    worth = sum(one.points_mpt for one in question.interactions if has_key(one) or isinstance(one, ByHand))
    return [
        qti(
            "outcome-declaration",
            qti("default-value", qti("value", text=said)),
            identifier=name,
            cardinality="single",
            base_type="float",
        )
        for name, said in (("SCORE", "0"), ("MAXSCORE", spell_points(worth)))
    ]


def _guidance(question: Question) -> list[Element]:
    return [
        qti("rubric-block", qti("content-body", text=one.guidance), view="scorer", use="scoring")
        for one in question.interactions
        if isinstance(one, ByHand) and one.guidance is not None
    ]
