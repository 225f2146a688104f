"""Tests of QTI: their parts, sections, time limits and draws."""

from collections.abc import Callable
from fractions import Fraction
from typing import Final, Literal

import msgspec

from protocol import limits
from protocol.content import Question, Rules, Section
from server.importing.faults import ImportFault
from server.importing.qti.bodies import Texts
from server.importing.qti.controls import must_be_answered, note_controls, tags_of
from server.importing.qti.names import children, text_of
from server.importing.qti.parts import Part, section_of
from server.importing.qti.values import number
from server.importing.xml import Element

Take = Callable[[str, str, Fraction], Question | None]
"""Takes in the item of an identifier, an address and a weight; None: it was refused."""

_MAX_DEPTH: Final = 20
_SKIPPING: Final = ("preCondition", "branchRule")


class Plan(msgspec.Struct):
    """What a test says of how its questions are sat."""

    rules: Rules
    sections: list[Section]
    questions: list[Question]
    shuffle: bool = False
    instructions: str = ""


class TestReader:
    """Reads an `<assessmentTest>`. What it can't take is added to `losses`."""

    __test__ = False

    def __init__(self, take: Take, texts: Texts, losses: list[str]) -> None:
        self._take = take
        self._texts = texts
        self._losses = losses
        self._parts: list[Part] = []
        self._gaps_are_refused = False

    def read(self, test: Element) -> Plan:
        """The rules and sections. Raises `ImportFault`."""
        parts = children(test, "testPart")
        note_controls(test, self._losses)
        instructions = self._rubrics(test)
        for part in parts:
            self._note_skipping(part)
            if len(parts) > 1 and children(part, "timeLimits"):
                self._losses.append("left out: the time limit of a part")
            for section in children(part, "assessmentSection"):
                self._section(section, 0)
        self._parts = [part for part in self._parts if part.questions]
        questions = [question for part in self._parts for question in part.questions]
        order: Literal["forward", "free"] = (
            "forward" if any(part.get("navigationMode") == "linear" for part in parts) else "free"
        )
        duration_ms = self._limit(test) or (self._limit(parts[0]) if len(parts) == 1 else None)
        rules = Rules(order=order, duration_ms=duration_ms or Rules().duration_ms)
        if self._gaps_are_refused:
            rules = msgspec.structs.replace(rules, gaps="refuse")
        if children(test, "testFeedback") or any(children(part, "testFeedback") for part in parts):
            self._losses.append("left out: the feedback to the whole test")
        if len(self._parts) == 1 and self._is_plain(self._parts[0]):
            return Plan(rules, [], questions, self._parts[0].shuffle, instructions)
        sections = [section_of(part, self._losses) for part in self._parts[: limits.MAX_SECTIONS]]
        if len(self._parts) > limits.MAX_SECTIONS:
            raise ImportFault(f"The test has more than {limits.MAX_SECTIONS} sections.")
        if any(section.limit_ms is not None for section in sections):
            if order == "forward":
                self._losses.append("within a section one may go back: sections with a time limit follow one another")
            rules = msgspec.structs.replace(rules, order="by_section")
        return Plan(rules, sections, questions, instructions=instructions)

    def _is_plain(self, part: Part) -> bool:
        return not part.instructions and part.select is None and part.limit_ms is None

    def _section(self, element: Element, depth: int) -> None:
        if depth > _MAX_DEPTH:
            raise ImportFault("The test has too many sections inside one another.")
        self._note_skipping(element)
        part = Part(
            name=element.get("identifier", ""),
            title=element.get("title", "").strip(),
            instructions=self._rubrics(element),
            questions=[],
            select=self._selected(element),
            shuffle=any(one.get("shuffle") == "true" for one in children(element, "ordering")),
            limit_ms=self._limit(element),
        )
        self._parts.append(part)
        nested = children(element, "assessmentSection")
        if nested and (part.select is not None or part.limit_ms is not None or part.shuffle):
            told = part.title or part.name
            self._losses.append(f"the section {told!r} draws, shuffles or limits sections: only questions can be")
            part.select, part.limit_ms, part.shuffle = None, None, False
        for child in children(element, "assessmentItemRef", "assessmentSection", "sectionPart"):
            if child.tag == "assessmentSection":
                self._section(child, depth + 1)
            elif (question := self._item(child)) is not None:
                # An item behind a nested section stands in a part of its own.
                if self._parts[-1] is not part and nested:
                    part = msgspec.structs.replace(
                        part, name=f"{part.name}-{len(self._parts)}", questions=[], instructions=""
                    )
                    self._parts.append(part)
                part.questions.append(question)
                if child.get("required") == "true":
                    part.given.add(question.question_id)

    def _item(self, element: Element) -> Question | None:
        self._note_skipping(element)
        weight = Fraction(1)
        for one in children(element, "weight"):
            if one.get("identifier") == "SCORE":
                weight = number(one.get("value", "1"))
        question = self._take(element.get("identifier", ""), element.get("href", ""), weight)
        if question is None:
            return None
        if must_be_answered(element) and question.interactions:
            self._gaps_are_refused = True
            question = msgspec.structs.replace(question, required=True)
        return msgspec.structs.replace(question, limit_ms=self._limit(element), tags=tags_of(element))

    def _selected(self, element: Element) -> int | None:
        for one in children(element, "selection"):
            if one.get("withReplacement") == "true":
                self._losses.append("nobody gets a question twice")
            written = one.get("select", "")
            if written.isascii() and written.isdigit():
                return int(written[:6])
        return None

    def _limit(self, element: Element) -> int | None:
        for one in children(element, "timeLimits"):
            if one.get("minTime") not in (None, "0", "0.0"):
                self._losses.append("left out: the least time for a part")
            if one.get("maxTime"):
                found = int(number(one.get("maxTime", "")) * 1_000)
                if 1_000 <= found <= limits.MAX_DURATION_MS:
                    return found
                self._losses.append(f"left out: a time limit of {one.get('maxTime', '')[:40]} seconds")
        return None

    def _rubrics(self, element: Element) -> str:
        """The texts for candidates that stand before what is in an element."""
        blocks = children(element, "rubricBlock")
        if any(not _is_for_all(one) and text_of(one) for one in blocks):
            self._losses.append("left out: a note for others than candidates")
        return "".join(self._texts.body(one) for one in blocks if _is_for_all(one))

    def _note_skipping(self, element: Element) -> None:
        if children(element, *_SKIPPING):
            self._losses.append("left out: the rules by which candidates skip a part")


def _is_for_all(rubric: Element) -> bool:
    return "candidate" in rubric.get("view", "candidate").split()
