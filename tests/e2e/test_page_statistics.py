"""The pages with the statistics of a test and with its report: each figure, or why there is none; and the same as a
file."""

import re
from pathlib import Path

from playwright.async_api import Browser, expect

from clients.python.rest import Rest
from protocol.content import Option, Question, ShortText, SingleChoice, TestContent
from protocol.messages.base import Value
from protocol.rest.operations import NumberedAnswer
from tests.e2e.axe import violations
from tests.e2e.deployment import Tenant
from tests.e2e.exams import seat
from tests.e2e.pages import Watch, monitor_link
from tests.e2e.waiting import until

_CHOSEN = """async (name) => {
    const part = (id) => document.querySelector(`[data-testid="${id}"]`);
    const seen = () => [part(name).ariaCurrent, part("report") !== null];
    part(name).click();
    return new Promise((done) => requestAnimationFrame(() => done(seen())));
}"""
"""Chooses a page; in the first frame the navigation names it, and whether the report is still what is shown."""


async def sat(service: Rest, user_id: str, **answers: Value) -> str:
    """The id of an attempt at the test `exam` that was handed in and marked."""
    one = await seat(service, "exam", user_id)
    await service.start(one.attempt_id)
    numbered = [
        NumberedAnswer(n=n, question_id=question_id, value=value, client_at_ms=0)
        for n, (question_id, value) in enumerate(answers.items(), 1)
    ]
    await service.answer(one.attempt_id, numbered)
    await service.complete(one.attempt_id)

    async def marked() -> bool | None:
        return True if (await service.status(one.attempt_id)).state.status == "completed" else None

    await until(marked)
    return one.attempt_id


def exam(correct: str = "a") -> TestContent:
    """A choice and a word, one point each."""
    options = [Option(option_id=option_id, body=option_id.upper()) for option_id in "abc"]
    choice = Question(
        question_id="choice", body="Which one?", interactions=[SingleChoice(options=options, correct=correct)]
    )
    return TestContent(
        title="Two questions",
        questions=[
            choice,
            Question(question_id="word", body="Which word?", interactions=[ShortText(accepted=["right"])]),
        ],
    )


async def test_figures_are_shown_or_why_there_are_none(tenant: Tenant, chromium: Browser, tmp_path: Path) -> None:
    node = tenant.node
    async with tenant.service(node) as service:
        await service.put_test("exam", exam())
        await sat(service, "ada", choice="b", word="right")
        page = await Watch.open(chromium, monitor_link(tenant, node, "exam"))
        await page.part("page-statistics").click()
        await expect(page.part("statistics-n")).to_have_text("1")
        await expect(page.part("statistics-alpha")).to_contain_text("Fewer than two attempts")

        await sat(service, "bob", choice="a", word="wrong")
        await sat(service, "cleo", choice="b", word="right")
        await service.start((await seat(service, "exam", "dora")).attempt_id)
        await page.part("statistics-show").click()
        await expect(page.part("statistics-n")).to_have_text("3")
        await expect(page.part("statistics-mean")).to_have_text("1")
        await expect(page.part("question-word").locator("summary")).to_have_count(0)
        await expect(page.part("statistics-left-out")).to_have_text("1 not over")
        await expect(page.part("statistics-alpha")).to_contain_text("All attempts have the same")
        choice = page.part("question-choice")
        await expect(choice.get_by_test_id("facility")).to_have_text("33 %")
        await expect(choice.get_by_test_id("discrimination")).to_have_text(re.compile(r"−1.00\s+± 0.71"))
        # Three attempts say nothing of a key.
        await expect(page.part("statistics-few")).to_contain_text("Fewer than 100 attempts")
        await expect(choice).not_to_contain_text("look at the key")
        await choice.locator("summary").click()
        await expect(choice.get_by_test_id("option-b")).to_contain_text("2 (67 %)")
        await expect(choice.get_by_test_id("doubt-c")).to_have_count(0)

        async with page.page.expect_download() as saving:
            await page.part("statistics-csv").click()
        file = tmp_path / "statistics.csv"
        await (await saving.value).save_as(file)
        assert "question,choice" in file.read_text("utf-8-sig")
        for at in range(3):
            await sat(service, f"more-{at}", word="Right")
        await page.part("statistics-show").click()
        await page.part("question-word").locator("summary").click()
        await expect(page.part("typed")).to_contain_text(re.compile(r"Right\s*5"))
        assert await violations(page.page) == []
        await page.part("statistics-version").select_option("1")
        await page.part("statistics-form").fill("north")
        await page.part("statistics-show").click()
        await expect(page.part("statistics-n")).to_have_text("0")
        assert page.errors == []


async def test_the_report_shows_how_the_test_was_sat(tenant: Tenant, chromium: Browser) -> None:
    node = tenant.node
    async with tenant.service(node) as service:
        await service.put_test("exam", exam())
        ada = await sat(service, "ada", choice="a", word="right")
        await sat(service, "bob", choice="b", word="wrong")
        page = await Watch.open(chromium, monitor_link(tenant, node, "exam"))
        await page.part("page-report").click()
        await expect(page.part("report")).to_contain_text("Report: Two questions")
        for name in ("scores", "spent", "room", "times"):
            await expect(page.part(f"plot-{name}")).to_be_visible()
        await expect(page.part("plot-times").locator(".tick.middle")).to_have_text(["1", "2"])
        await page.part("plot-scores").locator("summary").click()
        await expect(page.part("plot-scores").get_by_role("row", name="95–100 %")).to_contain_text("1")
        await expect(page.part("report-ada")).to_contain_text("2 / 2")
        await page.part("report").get_by_text("Save as a file").click()
        for kind, name in (
            ("xlsx", "gradebook.xlsx"),
            ("canvas", "canvas-gradebook.csv"),
            ("questions", "questions-exam.csv"),
        ):
            async with page.page.expect_download() as saving:
                await page.part(f"file-{kind}").click()
            assert (await saving.value).suggested_filename == name
        async with page.page.expect_request("**/tests/exam/report.pdf?language=en"):
            await page.part("report-pdf").click()
        await page.page.set_viewport_size({"width": 390, "height": 800})
        assert await violations(page.page) == []
        assert await page.page.evaluate("document.documentElement.scrollWidth") == 390
        await page.part("page-live").click()
        await page.part("plot-progress").locator("summary").click()
        await expect(page.part("plot-progress").get_by_role("row", name="all 0 2")).to_be_visible()
        await page.part("heat-work").click()
        await page.part("plot-heat").locator("summary").click()
        await expect(page.part("plot-heat").get_by_role("row", name="Which word?")).to_contain_text("2 (100 %)")
        assert await violations(page.page) == []
        assert await page.page.evaluate("document.documentElement.scrollWidth") == 390
        await page.part("page-report").click()
        hers = page.part("report-ada").get_by_role("button")
        name = await hers.inner_text()
        await hers.click()
        await expect(page.part("report")).to_contain_text(f"Report: {name}")
        await expect(page.part("plot-course")).to_be_visible()
        await page.part("report-back").click()
        await expect(page.part("plot-times")).to_be_visible()
        assert await page.page.evaluate(_CHOSEN, "page-room") == ["page", True]
        await page.part(f"row-menu-{ada}").click()
        await page.part("open-report").click()
        await expect(page.part("plot-course")).to_be_visible()
        assert page.errors == []
