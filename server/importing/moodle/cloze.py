"""Cloze, Moodle's way to write answers into a text: `{1:SHORTANSWER:=Paris~%50%Lyon#near}`, as
https://docs.moodle.org/en/Embedded_Answers_(Cloze)_question_type describes it."""

import re
from decimal import Decimal
from html import unescape
from typing import Final

from msgspec.structs import replace

from protocol import limits
from protocol.content import Interaction
from protocol.content.text import place
from server.importing.faults import ImportFault
from server.importing.gift.escapes import find, marked, plain, split
from server.importing.texts import html_body
from server.importing.weighing import Weighed, a_number, a_text, one_of, some_of

BEGINS: Final = re.compile(r"\{(?:\s*([0-9]{1,4}))?\s*:\s*([A-Z_]{2,40})\s*:")
"""What stands before the answers of a place: its weight, and what kind it is."""
_MENU: Final = ("MULTICHOICE", "MC")
_MENU_SHUFFLED: Final = ("MULTICHOICE_S", "MCS")
_ONE: Final = ("MULTICHOICE_H", "MCH", "MULTICHOICE_V", "MCV")
_ONE_SHUFFLED: Final = ("MULTICHOICE_HS", "MCHS", "MULTICHOICE_VS", "MCVS")
_SOME: Final = ("MULTIRESPONSE", "MR", "MULTIRESPONSE_H", "MRH")
_SOME_SHUFFLED: Final = ("MULTIRESPONSE_S", "MRS", "MULTIRESPONSE_HS", "MRHS")
_TEXT: Final = ("SHORTANSWER", "SA", "MW")
_EXACT: Final = ("SHORTANSWER_C", "SAC", "MWC")
_NUMBER: Final = ("NUMERICAL", "NM")
_SHARE: Final = re.compile(r"\s*(=|%(-?[0-9]{1,3}(?:\.[0-9]{1,9})?)%)")


def read_cloze(html: str, losses: list[str]) -> tuple[str, list[Interaction]]:
    """The text with places in it, and what stands there. A place weighs as many points as its number says. Raises
    `ImportFault`."""
    parts: list[str] = []
    interactions: list[Interaction] = []
    at = 0
    for found in BEGINS.finditer(html):
        if found.start() < at:
            continue
        if len(interactions) >= limits.MAX_INTERACTIONS:
            raise ImportFault(f"The text has more than {limits.MAX_INTERACTIONS} places for answers.")
        end = find(html, "}", found.end())
        if end < 0:
            raise ImportFault("A brace is opened and not closed.")
        response_id = str(len(interactions) + 1)
        points_mpt = int(found[1] or 1) * 1_000
        interactions.append(_interaction(found[2], html[found.end() : end], points_mpt, response_id, losses))
        parts += [html[at : found.start()], place(response_id)]
        at = end + 1
    if not interactions:
        raise ImportFault("The text has no place for an answer.")
    return "".join([*parts, html[at:]]), interactions


def _interaction(kind: str, given: str, points_mpt: int, response_id: str, losses: list[str]) -> Interaction:
    answers = [_answer(part, losses) for _, part in marked(given, "~")]
    if kind in _TEXT or kind in _EXACT or kind in _NUMBER:
        if any(answer.is_rest and answer.feedback for answer in answers):
            losses.append("left out: the feedback to any other answer at a place")
        # What a candidate would type: it stands in HTML, where an ampersand is written in a longer way.
        typed = [replace(answer, said=unescape(answer.said)) for answer in answers if not answer.is_rest]
        if kind in _NUMBER:
            return a_number([_number(answer) for answer in typed], points_mpt, response_id)
        return a_text(typed, points_mpt, response_id, case_sensitive=kind in _EXACT)
    shown = [replace(answer, said=html_body(answer.said, losses, line=True)) for answer in answers]
    if kind in _MENU or kind in _MENU_SHUFFLED:
        return one_of(shown, points_mpt, response_id, shuffle=kind in _MENU_SHUFFLED, in_line=True)
    if kind in _ONE or kind in _ONE_SHUFFLED:
        return one_of(shown, points_mpt, response_id, shuffle=kind in _ONE_SHUFFLED)
    if kind in _SOME or kind in _SOME_SHUFFLED:
        return some_of(_shared_out(shown), points_mpt, response_id, shuffle=kind in _SOME_SHUFFLED)
    raise ImportFault(f"A place is of the kind {kind[:40]}, which is none of Cloze.")


def _answer(part: str, losses: list[str]) -> Weighed:
    said, told = split(part, "#")
    feedback = None if told is None else html_body(plain(told).strip(), losses)
    found = _SHARE.match(said)
    if found is None:
        return Weighed(plain(said).strip(), Decimal(0), feedback)
    share = Decimal(100) if found[2] is None else Decimal(found[2])
    if abs(share) > 100:
        raise ImportFault(f"An answer is worth {str(share)[:20]} %: it can be worth from -100 % to 100 %.")
    return Weighed(plain(said[found.end() :]).strip(), share, feedback)


def _number(answer: Weighed) -> tuple[Weighed, str]:
    value, _, tolerance = answer.said.partition(":")
    return replace(answer, said=value.strip()), tolerance.strip() or "0"


def _shared_out(answers: list[Weighed]) -> list[Weighed]:
    """Of several right answers each is worth its share of a whole."""
    right = sum((answer.share for answer in answers if answer.share > 0), Decimal(0))
    if right <= 100:
        return answers
    return [
        replace(answer, share=answer.share * 100 / right if answer.share > 0 else answer.share) for answer in answers
    ]
