"""The exam day with pools: one blueprint for all, from which each candidate's pilot items are drawn.

The trace knows three sets of pilot items. Here all of them are one pool, and each candidate draws as many as she had.
What she answered to hers, one after the other, she gives to those that she draws: they count for nothing.
"""

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final

from msgspec.structs import replace as changed

from loadtest.exam import extra_time_ms, make_test
from loadtest.trace import Candidate, Item, Response, Trace, TraceError
from protocol.content import Draw, Section, TestContent
from protocol.paper import Paper

PILOT: Final = "pilot"
"""The tag of the items that count for nothing, and the section that they are drawn for."""


class WrongPaper(Exception):
    """A candidate's paper is not what the blueprint says. The text says how."""


def make_blueprint(trace: Trace) -> TestContent:
    """The exam: all scored items, and a draw from the pilot items. Raises `TraceError` where the trace's pilot sets are
    not of one size."""
    content = make_test(trace)
    pilot = {item.question_id for item in trace.items if not item.scored}
    sizes = {sum(not item.scored for item in items) for items in trace.forms.values()}
    if len(sizes) != 1 or sizes == {0}:
        raise TraceError(f"the pilot sets of this trace have {sorted(sizes)} items: no blueprint draws them")
    questions = [changed(one, tags=[PILOT]) if one.question_id in pilot else one for one in content.questions]
    scored: list[str | Draw] = [item.question_id for item in trace.items if item.scored]
    sections = [
        Section(section_id="scored", title="Scored items", items=scored),
        Section(section_id=PILOT, title="Pilot items", items=[Draw(sizes.pop(), tag=PILOT)]),
    ]
    return changed(content, forms={}, questions=questions, sections=sections)


def roster_of(candidates: Iterable[Candidate]) -> str:
    """The roster of the day as CSV: who sits it, and the extra time of those who needed some."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["id", "name", "extra_minutes"])
    for candidate in candidates:
        extra_ms = extra_time_ms(candidate)
        name = f"Candidate {candidate.candidate_id}"
        writer.writerow([candidate.candidate_id, name, extra_ms // 60_000 if extra_ms else ""])
    return text.getvalue()


def deal(candidate: Candidate, paper: Paper, items: Mapping[str, Item]) -> Candidate:
    """The candidate with her responses in the order of her paper, those to pilot items for the ones that she drew.
    `items` are all of the exam by question id. Raises `WrongPaper`."""
    found = [items.get(question.question_id) for question in paper.questions]
    dealt = [item for item in found if item is not None]
    scored = [response for response in candidate.responses if response.item.scored]
    pilot = iter([response for response in candidate.responses if not response.item.scored])
    if len(dealt) != len(found) or len(set(dealt)) != len(candidate.responses) or len(dealt) != len(set(dealt)):
        raise WrongPaper(f"{candidate.candidate_id}: {len(found)} questions, and she had {len(candidate.responses)}")
    if [item for item in dealt if item.scored] != [response.item for response in scored]:
        raise WrongPaper(f"{candidate.candidate_id}: other scored items than the blueprint has")
    by_item = {response.item: response for response in scored}
    responses = [by_item[item] if item.scored else _given_to(item, next(pilot)) for item in dealt]
    return replace(candidate, responses=tuple(responses))


def _given_to(item: Item, response: Response) -> Response:
    return replace(response, item=item, correct=response.option == item.key)
