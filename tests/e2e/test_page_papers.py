"""The monitor compares two candidates' papers, and says in words where they differ and whether one is worth more."""

import re

from msgspec.structs import replace
from playwright.async_api import Browser, Locator, expect

from clients.python.rest import Rest
from protocol.content import Draw, Option, Question, Rules, Section, ShortText, SingleChoice, TestContent
from protocol.paper import PaperOptions
from tests.e2e.deployment import Tenant
from tests.e2e.exams import seat
from tests.e2e.pages import Watch, monitor_link
from tests.worth import worth


def _pool() -> TestContent:
    """One question with shuffled options, then one of two that are worth the same, then one that is worth more."""
    options = [Option(name, name.upper()) for name in "abcde"]
    questions: list[Question] = [
        Question(
            question_id="mixed", body="Which?", interactions=[SingleChoice(options=options, correct="a", shuffle=True)]
        ),
        Question(question_id="pool-1", body="One?", tags=["pool"], interactions=[ShortText(accepted=["1"])]),
        Question(question_id="pool-2", body="Two?", tags=["pool"], interactions=[ShortText(accepted=["2"])]),
        Question(question_id="last", body="Last?", interactions=[ShortText(accepted=["3"], points_mpt=2_000)]),
    ]
    items: list[str | Draw] = ["mixed", Draw(1, tag="pool"), "last"]
    sections = [Section(section_id="all", title="All", items=items)]
    return TestContent(title="Pool", rules=Rules(), questions=questions, sections=sections)


async def _paper(service: Rest, user_id: str) -> tuple[str, list[str], list[str]]:
    """A new attempt that has started; the questions of its paper, and the options of the first."""
    one = await seat(service, "exam", user_id)
    await service.start(one.attempt_id)
    paper = await service.paper(one.attempt_id)
    ids = [question.question_id for question in paper.questions]
    (first,) = paper.questions[0].interactions
    options = first.options if isinstance(first, PaperOptions) else []
    return one.attempt_id, ids, [option.option_id for option in options]


async def _compared(watch: Watch, one: str, other: str) -> Locator:
    """The verdict on the papers of these two; the dialog stays open."""
    if await watch.part("select-none").is_visible():
        await watch.part("select-none").click()
    for attempt_id in (one, other):
        await watch.part(f"choose-{attempt_id}").check()
    await watch.part("compare-papers").click()
    return watch.part("papers-verdict")


async def test_papers_that_differ_and_why(tenant: Tenant, chromium: Browser) -> None:
    """Other options' order, another question of a pool, another order of questions, other points and time."""
    node = tenant.node
    async with tenant.service(node) as service:
        await service.put_test("exam", _pool())
        first, ids, options = await _paper(service, "user-0")
        found: dict[str, str] = {}
        number = 0
        while len(found) < 2:
            number += 1
            other, its_ids, its_options = await _paper(service, f"user-{number}")
            differs = (its_ids != ids, its_options != options)
            # By chance it takes a dozen attempts; the papers of all but these are left alone.
            if differs == (False, True):
                found.setdefault("options", other)
            elif differs[0]:
                found.setdefault("question", other)
        shuffled = replace(_pool(), sections=[], shuffle=True, questions=[*_pool().questions[:2], _pool().questions[3]])
        await service.put_test("exam", shuffled)
        turned, its_ids, _ = await _paper(service, "turned-0")
        while (again := await _paper(service, f"turned-{number}"))[1] == its_ids:
            number += 1
        dearer = [worth(one, 3_000) if one.question_id == "last" else one for one in _pool().questions]
        await service.put_test("exam", replace(_pool(), questions=dearer, rules=Rules(duration_ms=5_400_000)))
        other_worth, _, _ = await _paper(service, "a dearer one")

        watch = await Watch.open(chromium, monitor_link(tenant, node, "exam"))
        differences = watch.part("paper-difference")

        verdict = await _compared(watch, first, found["options"])
        await expect(verdict).to_have_text("The papers differ, and neither is worth more than the other.")
        await expect(differences).to_have_count(1)
        await expect(differences).to_contain_text("Question 1: the options in another order: ")
        await expect(differences).to_contain_text("The same options, in an order of each candidate's own.")
        await watch.part("papers-close").click()

        verdict = await _compared(watch, first, found["question"])
        await expect(verdict).to_have_text("The papers differ, and neither is worth more than the other.")
        pool = differences.and_(watch.page.locator("[data-what=question]"))
        await expect(pool).to_have_text(
            re.compile(
                r"Question 2: another question: pool-\d / pool-\d\."
                r" Both were drawn from the tag pool, whose questions are equal in points and time\."
            )
        )
        await watch.part("papers-close").click()

        verdict = await _compared(watch, turned, again[0])
        await expect(verdict).to_have_text("The papers differ, and neither is worth more than the other.")
        await expect(differences.and_(watch.page.locator("[data-what=question]")).first).to_contain_text(
            "Both papers have as many questions of each worth in this section, in another order."
        )
        await watch.part("papers-close").click()

        verdict = await _compared(watch, first, other_worth)
        await expect(verdict).to_have_text("The papers differ in what they are worth.")
        await expect(verdict).to_have_attribute("data-equal", "false")
        await expect(differences.and_(watch.page.locator("[data-what=duration]"))).to_have_text(
            "The whole paper: another duration: 90 min / 60 min. The test gave another duration."
        )
        await expect(differences.and_(watch.page.locator("[data-what=points]"))).to_have_text(
            "Question 3: other points: 3 / 2. The versions of the test give other points."
        )
        await watch.part("papers-close").click()
        assert watch.errors == []
