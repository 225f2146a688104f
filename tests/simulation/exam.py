"""The exam of a simulated day."""

from collections.abc import Iterator
from typing import Final, Literal

import msgspec

from protocol.content import (
    Draw,
    Essay,
    Match,
    Option,
    PairOption,
    Question,
    Rules,
    Section,
    ShortText,
    SingleChoice,
    TestContent,
)
from protocol.content.text import place
from protocol.integrity.captures import Capture
from protocol.integrity.watches import Watch
from tests.simulation import plan as day
from tests.simulation.chance import EPOCH_MS
from tests.simulation.plan import POOLS, QUESTIONS, SECTIONS, TIMED, Mend, Plan
from tests.simulation.recorder import canary

_TAG = "drawn"
_PARTS = 1
"""The position of the question that may have several parts."""


def content_for(plan: Plan, org: str, mend: Mend | None = None) -> TestContent:
    """The exam of one organisation: choices, and one question for free text; as it was, or mended."""
    rules = plan.rules
    questions = _questions(rules, org, mend)
    return TestContent(
        title=f"An exam {canary(org)}",
        questions=[*questions, *_spares(questions)] if rules.pools else questions,
        sections=list(_sections(rules)) if rules.section_ms or rules.pools or rules.shuffled else [],
        rules=_rules(rules, mend),
    )


def question_at(position: int) -> str:
    """The question at a position of a paper on which nothing is drawn or shuffled."""
    return f"q{position % QUESTIONS + 1}"


def takes_text(question_id: str) -> bool:
    """Whether it is answered with a text, which may carry a canary."""
    return question_id == f"q{QUESTIONS}"


def _questions(rules: day.Rules, org: str, mend: Mend | None) -> list[Question]:
    which = "Which?" if mend is None or mend.key else f"Which, as of {mend.at_ms}?"
    key = "a" if mend is None else mend.key or "a"
    options = [Option(option_id, f"{option_id} {canary(org)}") for option_id in "abcd"]
    questions: list[Question] = [
        Question(
            question_id=question_at(i),
            body=f"{which} {canary(org)}",
            interactions=[SingleChoice(options=options, correct=key)],
        )
        for i in range(QUESTIONS - 1)
    ]
    questions.append(_free_text(rules.essays, org))
    if rules.several:
        questions[_PARTS] = _of_parts(questions[_PARTS], org)
    if rules.question_ms is not None:
        for position in TIMED:
            questions[position] = msgspec.structs.replace(
                questions[position], limit_ms=rules.question_ms, limit=_part_limit(rules)
            )
    for position in rules.required:
        questions[position] = msgspec.structs.replace(questions[position], required=True)
    if rules.pools:
        # One pool is named by its tag, the other by its questions.
        for position in next(iter(POOLS)):
            questions[position] = msgspec.structs.replace(questions[position], tags=[_TAG])
    return questions


def has_parts(question_id: str) -> bool:
    """Whether it is the question that has several parts on some days; drawn ones are named after it."""
    return question_id.split("-", maxsplit=1)[0] == question_at(_PARTS)


def _of_parts(question: Question, org: str) -> Question:
    """The same choice, a text beside it, and pairs of what there is to choose. Together they are worth what the choice
    was: questions of a pool are worth the same."""
    (choice,) = question.interactions
    half_mpt = question.points_mpt // 2
    text = ShortText(response_id="text", points_mpt=half_mpt // 2, accepted=[f"I think {canary(org)} 1"])
    rows, columns = ([PairOption(name, name, most) for name in "abcd"] for most in (1, None))
    pairs = Match(
        response_id="pairs", points_mpt=half_mpt // 2, rows=rows, columns=columns, correct=[("a", "b"), ("c", "b")]
    )
    return msgspec.structs.replace(
        question,
        body=f"{question.body} {place('text')}",
        interactions=[msgspec.structs.replace(choice, response_id="choice", points_mpt=half_mpt), text, pairs],
    )


def _spares(questions: list[Question]) -> Iterator[Question]:
    """What the pools have besides the questions of an ordinary paper."""
    for positions, spares in POOLS.items():
        for number in range(spares):
            like = questions[positions[number % len(positions)]]
            yield msgspec.structs.replace(like, question_id=f"{like.question_id}-{number}")


def _part_limit(rules: day.Rules) -> Literal["hard", "soft"]:
    return "soft" if rules.soft_parts else "hard"


def _sections(rules: day.Rules) -> Iterator[Section]:
    limits_ms = rules.section_ms or (None,) * len(SECTIONS)
    for (name, positions), limit_ms in zip(SECTIONS.items(), limits_ms, strict=True):
        yield Section(
            section_id=name,
            title=name,
            items=list(_items(positions, rules)),
            shuffle=rules.shuffled,
            limit_ms=limit_ms,
            limit=_part_limit(rules),
            min_ms=rules.section_min_ms,
        )


def _items(positions: range, rules: day.Rules) -> Iterator[str | Draw]:
    tagged, named = POOLS
    for position in positions:
        if not rules.pools or position not in tagged + named:
            yield question_at(position)
        elif position == tagged[0]:
            yield Draw(count=len(tagged), tag=_TAG)
        elif position in named:
            drawn = question_at(position)
            yield Draw(count=1, of=[drawn, *(f"{drawn}-{number}" for number in range(POOLS[named]))])


WATCHES: Final = [
    Watch("focus_lost", warn_from=1, alert_from=2),
    Watch("page_hidden", warn_from=2),
    Watch("pasted", alert_from=1),
    Watch("device_changed", alert_from=1),
    Watch("text_jumped", alert_from=1),
    Watch("rapid_answer"),
    Watch("screen_withdrawn", alert_from=1),
]
"""Nobody is sure to end a pause, so that none follows."""
ASKED: Final = Capture("screen", "offered", 30_000, 30)


def _rules(rules: day.Rules, mend: Mend | None) -> Rules:
    return Rules(
        duration_ms=(mend and mend.duration_ms) or rules.duration_ms,
        opens_at_ms=None if rules.opens_ms is None else EPOCH_MS + rules.opens_ms,
        closes_at_ms=None if rules.window_ms is None else EPOCH_MS + rules.window_ms,
        grace_ms=rules.grace_ms,
        warnings_ms=list(rules.warnings_ms),
        on_disconnect="pause" if rules.pause_on_disconnect else "run",
        pause_budget_ms=rules.pause_budget_ms,
        connections="newest" if rules.newest_wins else "first",
        links="once" if rules.link_opens_once else "open",
        order="forward" if rules.forward else "by_section" if rules.section_ms else "free",
        gaps="refuse" if rules.required else "allow",
        waiting_room=rules.waiting_room,
        min_time_ms=rules.min_time_ms,
        at_end=rules.at_end,
        hand_in_ms=rules.hand_in_ms,
        limit="soft" if rules.soft else "hard",
        synchronised=rules.synchronised,
        pause_grace_ms=rules.pause_grace_ms,
        late_answers="evidence" if rules.takes_late else "nothing",
        enrolment="required" if rules.enrolment else "open",
        integrity=WATCHES if rules.watched else [],
        captures=[ASKED] if rules.watched else [],
    )


def _free_text(essays: bool, org: str) -> Question:
    question_id = question_at(QUESTIONS - 1)
    if essays:
        return Question(question_id=question_id, body=f"Why? {canary(org)}", interactions=[Essay()])
    return Question(
        question_id=question_id,
        body="Which?",
        interactions=[
            SingleChoice(
                options=[Option(f"I think {canary(org)} {i}", "this") for i in range(5)],
                correct=f"I think {canary(org)} 1",
            )
        ],
    )
