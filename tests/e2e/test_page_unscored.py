"""Questions that do not count, from the paper to the statistics, and one that is taken out of the score afterwards."""

from msgspec.structs import replace
from playwright.async_api import Browser, expect

from protocol.content import Option, Question, Rules, SingleChoice, TestContent
from tests.e2e.axe import violations
from tests.e2e.deployment import Tenant
from tests.e2e.exams import seat
from tests.e2e.pages import PHONE, Sit, Watch, monitor_link, sit_link

_COSTS = "A wrong answer takes 0.25 points away. Left unanswered, the question takes nothing away."
_OPTIONS = [Option(name, f"Option {name}") for name in "abc"]


def _choice(question_id: str, correct: str | None, *, scored: bool = True) -> Question:
    asked = SingleChoice(options=_OPTIONS, correct=correct, wrong_mpt=250)
    return Question(question_id=question_id, body=f"About {question_id}?", interactions=[asked], scored=scored)


async def test_what_does_not_count_is_asked_and_said_to_be_so(tenant: Tenant, chromium: Browser) -> None:
    node = tenant.node
    questions = [_choice("counts", "a"), _choice("tried", "a", scored=False), _choice("survey", None, scored=False)]
    content = TestContent(title="Three", rules=Rules(shows="questions"), questions=questions)
    async with tenant.service(node) as service:
        await service.put_test("exam", content)
        one = await seat(service, "exam", "ada")
        sit = await Sit.open(chromium, sit_link(node.url, one), PHONE)
        await sit.start()
        # What is tried out is not to be told from what counts.
        for worth in ("1 point", "1 point", "Does not count"):
            await expect(sit.part("question")).to_contain_text(worth)
            if worth == "1 point":
                await expect(sit.part("question-costs")).to_have_text(_COSTS)
            await sit.give("a")
            await sit.save_state("saved")
            assert await violations(sit.page) == []
            if worth != "Does not count":
                await sit.part("question-next").click()
        await expect(sit.part("question-costs")).to_have_count(0)
        await sit.hand_in()
        await sit.score(1_000)
        await expect(sit.part("result-score")).to_have_text("1 of 1 points")
        await expect(sit.page.get_by_text("does not count", exact=True)).to_have_count(2)
        assert await violations(sit.page) == []

        staff = await Watch.open(chromium, monitor_link(tenant, node, "exam"))
        await staff.part("page-statistics").click()
        await expect(staff.part("question-tried")).to_contain_text("tried out, worth no points")
        await expect(staff.part("question-survey")).to_contain_text("1")
        assert await violations(staff.page) == []

        # A faulty question is taken out of the score, and everything follows.
        await service.put_test(
            "exam", replace(content, questions=[replace(questions[0], scored=False), *questions[1:]])
        )
        await staff.part("regrade-open").click()
        await staff.part("regrade-reason").fill("Two options were right.")
        await staff.part("regrade-reason").press("Enter")
        await expect(staff.part("regrade-totals")).to_contain_text("1 of 1 attempt")
        await staff.part("regrade-apply").click()
        await sit.score(0)
        await expect(sit.page.get_by_text("does not count", exact=True)).to_have_count(3)
        assert sit.errors + staff.errors == []
