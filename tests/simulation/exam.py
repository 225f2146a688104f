"""The exam of a simulated day."""

from typing import Literal

import msgspec

from protocol.content import Essay, Option, Question, Rules, Section, SingleChoice, TestContent
from tests.simulation.chance import EPOCH_MS
from tests.simulation.plan import QUESTIONS, SECTIONS, TIMED, Mend, Plan
from tests.simulation.recorder import canary


def content_for(plan: Plan, org: str, mend: Mend | None = None) -> TestContent:
    """The exam of one organisation: choices, and one question for free text; as it was, or mended."""
    rules = plan.rules
    which = "Which?" if mend is None or mend.key else f"Which, as of {mend.at_ms}?"
    key = "a" if mend is None else mend.key or "a"
    options = [Option(option_id, f"{option_id} {canary(org)}") for option_id in "abcd"]
    questions: list[Question] = [
        SingleChoice(question_id=f"q{i + 1}", prompt=f"{which} {canary(org)}", options=options, correct=key)
        for i in range(QUESTIONS - 1)
    ]
    part_limit: Literal["hard", "soft"] = "soft" if rules.soft_parts else "hard"
    questions.append(_free_text(rules.essays, org))
    if rules.question_ms is not None:
        for position in TIMED:
            questions[position] = msgspec.structs.replace(
                questions[position], limit_ms=rules.question_ms, limit=part_limit
            )
    for position in rules.required:
        questions[position] = msgspec.structs.replace(questions[position], required=True)
    return TestContent(
        title=f"An exam {canary(org)}",
        questions=questions,
        sections=[
            Section(
                section_id=name,
                title=name,
                items=[f"q{i + 1}" for i in positions],
                limit_ms=limit_ms,
                limit=part_limit,
                min_ms=rules.section_min_ms,
            )
            for (name, positions), limit_ms in zip(SECTIONS.items(), rules.section_ms, strict=bool(rules.section_ms))
        ],
        rules=Rules(
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
        ),
    )


def _free_text(essays: bool, org: str) -> Question:
    question_id = f"q{QUESTIONS}"
    if essays:
        return Essay(question_id=question_id, prompt=f"Why? {canary(org)}")
    return SingleChoice(
        question_id=question_id,
        prompt="Which?",
        options=[Option(f"I think {canary(org)} {i}", "this") for i in range(5)],
        correct=f"I think {canary(org)} 1",
    )
