"""The questions of an exam file. One with a single thing to do is written flat: its `type` and its keys beside the
prompt. One with several has `parts`; `{{name}}` in the prompt says where one of them stands, and the others stand
behind it."""

from typing import Any

import msgspec
from msgspec.structs import replace

from protocol.content import INFORMATION, AcceptedNumber, Interaction, Option, Question
from protocol.mistakes import mistake
from protocol.shapes import misshapen
from server.exam.fields import EVERY_INTERACTION, FLAT, INTERACTIONS, QUESTION, SEVERAL
from server.exam.options import line, option_id
from server.exam.pairs import PAIRING, read_hottext, read_pairs
from server.exam.pictures import name_spots
from server.exam.reading import convert, read_fields
from server.writing.content import checked_question


def read_question(position: int, given: object) -> Question:
    """The question at this place of the file, counted from 1. Raises `Refused(invalid_test)`."""
    where = f"question {position}"
    if not isinstance(given, dict):
        raise mistake(where, "it must have fields, like `id: first`")
    if isinstance(given.get("id"), str) and given["id"].strip():
        where = f"question {given['id']!r}"
    if given.keys() == {"stored"}:
        return _stored(where, given["stored"])
    if "parts" in given:
        return _several(where, given)
    if given.get("type") == INFORMATION:
        return _information(where, given)
    kind = _kind(where, given)
    read = read_fields(where, given, {**FLAT, **INTERACTIONS[kind]})
    of_interaction = {name for name, _ in (*EVERY_INTERACTION.values(), *INTERACTIONS[kind].values())}
    asked = {name: read.pop(name) for name in of_interaction & read.keys()}
    read["interactions"] = [_interaction(where, kind, asked)]
    question: Question = convert(where, read, Question)
    return question


def _stored(where: str, given: object) -> Question:
    """A question in the form in which the REST API has it, each scalar as a text."""
    try:
        question = msgspec.convert(given, Question, strict=False)
    except msgspec.ValidationError as error:
        raise mistake(where, f"`stored`: {misshapen(str(error))}") from None
    return checked_question(question)


def _information(where: str, given: dict[str, Any]) -> Question:
    read = read_fields(where, given, {"type": FLAT["type"], **QUESTION})
    del read["type"]
    question: Question = convert(where, {**read, "interactions": []}, Question)
    return question


def _several(where: str, given: dict[str, Any]) -> Question:
    if "type" in given:
        raise mistake(where, "its parts have a `type` each: leave that of the question out")
    read = read_fields(where, given, {**QUESTION, **SEVERAL})
    interactions: list[Interaction] = []
    for name, part in read.pop("parts").items():
        there = f"{where}, part {name!r}"
        if not isinstance(part, dict):
            raise mistake(there, "it must have fields, like `type: short_text`")
        kind = _kind(there, part)
        found = read_fields(there, part, {**EVERY_INTERACTION, **INTERACTIONS[kind]})
        interactions.append(_interaction(there, kind, {**found, "response_id": name}))
    read["interactions"] = interactions
    question: Question = convert(where, read, Question)
    return question


def _kind(where: str, given: dict[str, Any]) -> str:
    kind = given.get("type")
    if not isinstance(kind, str) or kind not in INTERACTIONS:
        raise mistake(where, f"`type` must be one of {', '.join(INTERACTIONS)}, or information")
    return kind


def _interaction(where: str, kind: str, read: dict[str, Any]) -> Interaction:
    if kind in ("numeric", "slider"):
        _accept(where, read)
    if kind in PAIRING:
        read_pairs(where, kind, read)
    if kind == "hottext":
        read_hottext(where, read)
    options: list[Option] | None = read.get("options")
    if options is not None:
        if "weights_mpt" in read:
            named = read["weights_mpt"].items()
            read["weights_mpt"] = {option_id(where, "weights", options, name): worth for name, worth in named}
        if "option_feedback" in read:
            said = read["option_feedback"].items()
            told = [(option_id(where, "option_feedback", options, name), body) for name, body in said]
            if len(dict(told)) < len(told):
                raise mistake(where, "`option_feedback` has two texts for what is the same")
            read["option_feedback"] = dict(told)
        if kind == "order" and "correct" not in read:
            read["correct"] = [option.option_id for option in options]
        elif "correct" in read:
            read["correct"] = _correct(where, options, read["correct"])
        if "pinned" in read:
            read["pinned"] = [option_id(where, "pinned", options, name) for name in read["pinned"]]
        read["options"] = [replace(option, body=line(where, "options", option.body)) for option in options]
    if kind in ("hotspot", "graphic_order") and "spots" in read:
        name_spots(where, read)
    interaction: Interaction = convert(where, read, Interaction)
    return interaction


def _accept(where: str, read: dict[str, Any]) -> None:
    """Of a numeric question: one right number by `correct` and `tolerance`, or several by `accepted`."""
    correct, tolerance = read.pop("correct", None), read.pop("tolerance", {})
    if "accepted" in read:
        if correct is not None or tolerance:
            raise mistake(where, "`accepted` has its own tolerances: leave `correct` and `tolerance` out")
        return
    if correct is None and tolerance:
        raise mistake(where, "`correct` is missing, which `tolerance` is about")
    if correct is not None:
        read["accepted"] = [AcceptedNumber(value=correct, **tolerance)]


def _correct(where: str, options: list[Option], named: str | list[str]) -> str | list[str]:
    if isinstance(named, list):
        return [option_id(where, "correct", options, name) for name in named]
    return option_id(where, "correct", options, named)
