"""When candidates see their results, how much, and which attempt counts: on their page and on that of staff."""

import re

import aiohttp
from msgspec.structs import replace
from playwright.async_api import Browser, expect

from clients.python.rest import Rest
from protocol.content import Grade, Rules, ScoreFeedback, SingleChoice, TestContent
from tests.e2e.axe import violations
from tests.e2e.deployment import Deployment, Server
from tests.e2e.exams import Seat, seat
from tests.e2e.pages import PHONE, Sit, Watch, monitor_link, sit_link
from tests.e2e.test_page_statistics import exam, sat

GRADES = [Grade(label="Pass", from_permille=500), Grade(label="Good", from_permille=1_000)]


def content(rules: Rules) -> TestContent:
    """Two questions of one point each, the first with feedback."""
    made = exam()
    first, second = made.questions
    [asked] = first.interactions
    assert isinstance(asked, SingleChoice)
    told = replace(asked, option_feedback={"a": "<p>The first letter.</p>", "b": "<p>The second letter.</p>"})
    first = replace(first, feedback="See chapter 2.", interactions=[told])
    second = replace(second, score_feedback=[ScoreFeedback(0, "<p>Nothing yet.</p>")])
    return replace(made, rules=rules, questions=[first, second])


async def _sees(sit: Sit, link: str, *, shown: tuple[str, ...] = (), hidden: tuple[str, ...] = ()) -> None:
    """Whoever opens the link again sees an outcome that has these texts, and none of those."""
    await sit.page.goto("about:blank")
    await sit.page.goto(link)
    outcome = sit.part("outcome")
    for text in shown:
        await expect(outcome).to_contain_text(text)
    for text in hidden:
        await expect(outcome).not_to_contain_text(text)


async def test_staff_release_results_and_the_page_of_the_candidate_shows_them(
    embedded: Deployment, chromium: Browser
) -> None:
    node = embedded.node()
    await node.start()
    async with embedded.service(node) as service:
        rules = Rules(release="by_staff", shows="score", grades=GRADES)
        await service.put_test("exam", content(rules))
        link = sit_link(node.url, await seat(service, "exam", "ada"))
        context = await chromium.new_context()
        sit = await Sit.open(context, link)
        await sit.start()
        await sit.give("a")
        await sit.save_state("saved")
        await sit.hand_in()
        await expect(sit.part("outcome")).to_contain_text("have not been released yet")
        # One tab at a time has the attempt, at its end too.
        other = await Sit.open(context, link)
        await other.part("use-here").click()
        await expect(other.part("outcome")).to_contain_text("have not been released yet")

        staff = await Watch.open(chromium, monitor_link(embedded, node, "exam"))
        await staff.part("page-results").click()
        await expect(staff.part("results-rules")).to_contain_text(
            "when you release them. They see their score and grade."
        )
        await expect(staff.part("counts-ada")).to_have_text("1 of 2")
        await expect(staff.part("grade-ada")).to_have_text("Pass")
        await expect(staff.part("release")).to_have_attribute("data-released", "false")
        await staff.part("release-open").click()
        await staff.part("release-cancel").click()
        await expect(staff.part("release")).to_have_attribute("data-released", "false")
        await staff.part("release-open").click()
        await staff.part("release-reason").fill("The board has met.")
        await staff.part("release-reason").press("Enter")
        await expect(staff.part("release")).to_have_attribute("data-released", "true")

        # By itself, without a reload; and in the first tab, when she goes back there.
        await other.score(1_000)
        await expect(other.part("result-grade")).to_contain_text("Pass")
        async with other.page.expect_download() as downloading:
            await other.part("save-confirmation").click()
        text = (await (await downloading.value).path()).read_text()
        assert "Result: 1 of 2 points (Pass)" in text
        signed = {"signed": text.split()[-1]}
        async with aiohttp.ClientSession() as http, http.post(f"{node.url}/confirmations/check", json=signed) as found:
            assert (await found.json())["standing"] == "current"
        await expect(other.part("outcome").locator("table")).to_have_count(0)
        await sit.part("use-here").click()
        await sit.score(1_000)
        await other.page.close()

        # A change of the rules counts for whoever is done.
        await service.put_test("exam", content(replace(rules, shows="questions")))
        await _sees(sit, link, shown=("1 of 2",), hidden=("See chapter 2.",))
        await expect(sit.part("outcome").locator("tbody tr")).to_have_count(2)
        await service.put_test("exam", content(replace(rules, shows="feedback", grades=[Grade("Enough", 500)])))
        said = ("See chapter 2.", "The first letter.", "Nothing yet.", "Enough")
        await _sees(sit, link, shown=said, hidden=("The second letter.",))
        await service.put_test("exam", content(replace(rules, shows="reference")))
        await _sees(sit, link, shown=("is not shown here",), hidden=("1 of 2",))
        await staff.part("results-reload").click()
        await expect(staff.part("results-rules")).to_contain_text("and no result")
        await expect(staff.part("release")).to_have_count(0)

        await service.put_test("exam", content(rules))
        await staff.part("results-reload").click()
        await staff.part("release-open").click()
        await staff.part("release-confirm").click()
        await expect(staff.part("release")).to_have_attribute("data-released", "false")
        await _sees(sit, link, shown=("have not been released yet",), hidden=("1 of 2",))
        await service.put_test("exam", content(replace(rules, release="at_once")))
        await sit.score(1_000)
        assert sit.errors + other.errors + staff.errors == []


async def test_which_attempt_counts_follows_the_newest_rule(embedded: Deployment, chromium: Browser) -> None:
    node = embedded.node()
    await node.start()
    async with embedded.service(node) as service:
        await service.put_test("exam", content(Rules(max_attempts=None, grades=GRADES)))
        for choice, word in (("b", "right"), ("a", "right"), ("b", "wrong")):
            await sat(service, "ada", choice=choice, word=word)
        await service.start((await seat(service, "exam", "bob")).attempt_id)
        staff = await Watch.open(chromium, monitor_link(embedded, node, "exam"), PHONE)
        await staff.part("page-results").click()
        ada = staff.part("candidate-ada")
        await _counts(staff, "best", "2 of 2", "Good")
        await expect(ada.locator("li")).to_contain_text(["1: 1 of 2", "2: 2 of 2 counts", "3: 0 of 2"])
        await expect(staff.part("candidate-bob")).to_contain_text("1: In progress")
        await expect(staff.part("counts-bob")).to_have_text("–")
        for rule, score, grade in (
            ("first", "1 of 2", "Pass"),
            ("latest", "0 of 2", "–"),
            ("average", "1 of 2", "Pass"),
        ):
            await _rule(service, rule)
            await staff.part("results-reload").click()
            await _counts(staff, rule, score, grade)
        assert staff.errors == []


async def test_the_page_of_a_candidate_says_which_of_her_attempts_counts(
    embedded: Deployment, chromium: Browser
) -> None:
    node = embedded.node()
    await node.start()
    async with embedded.service(node) as service:
        rules = Rules(max_attempts=None, grades=GRADES, release="by_staff", leaderboard="score")
        await service.put_test("exam", content(rules))
        seats = []
        for choice, word in (("b", "right"), ("a", "right")):
            attempt_id = await sat(service, "ada", choice=choice, word=word)
            seats.append(Seat(attempt_id, embedded.token("candidate", "ada")))
        first = sit_link(node.url, seats[0])
        sit = await Sit.open(chromium, first, PHONE)
        await expect(sit.part("outcome")).to_contain_text("have not been released yet")
        await expect(sit.part("counting")).to_have_count(0)
        await service.release_results("exam")
        counting = sit.part("counting")
        await expect(counting).to_contain_text(
            "Of your attempts the best one counts. That is 2 of 2 points. Grade: Good."
        )
        await expect(counting.locator("li")).to_have_text(
            [
                re.compile(r"Attempt 1: 1 of 2 points\s+\(shown above\)\s*$"),
                re.compile(r"Attempt 2: 2 of 2 points\s+counts$"),
            ]
        )
        await sit.score(1_000)
        await _stands_on_the_leaderboard(sit, embedded, node, chromium)
        await service.put_test("exam", content(replace(rules, counts="average")))
        await _sees(sit, first, shown=("Of your attempts the average counts. That is 1.5 of 2 points. Grade: Pass.",))
        await expect(counting.locator("li strong")).to_have_text(["counts", "counts"])
        assert sit.errors == []


async def _stands_on_the_leaderboard(sit: Sit, embedded: Deployment, node: Server, chromium: Browser) -> None:
    """She comes, takes another name and leaves; staff take her off it."""
    board, name = sit.part("leaderboard"), sit.part("leaderboard-pseudonym")
    await expect(board).to_contain_text("Nobody stands on it yet.")
    await sit.part("leaderboard-join").click()
    await expect(sit.part("ranked-1")).to_contain_text("Candidate 1 (you)")
    await expect(sit.part("ranked-1").locator("q")).to_have_count(0)
    # What she chose is quoted, so that nobody passes for another number.
    await name.fill("Candidate 7")
    await name.press("Enter")
    await expect(sit.part("ranked-1")).to_contain_text("Candidate 7 (you)")
    await expect(sit.part("ranked-1").locator("q")).to_have_text("Candidate 7")
    await expect(sit.part("ranked-1")).to_contain_text("2 of 2 points")
    assert await violations(sit.page) == []
    width = await sit.page.evaluate("document.documentElement.scrollWidth")
    assert width <= PHONE["width"], "nothing lies outside the screen"
    await sit.part("leaderboard-leave").click()
    await expect(board).to_contain_text("Nobody stands on it yet.")
    await sit.part("leaderboard-join").click()
    await expect(sit.part("ranked-1")).to_be_visible()
    staff = await Watch.open(chromium, monitor_link(embedded, node, "exam"))
    await staff.part("page-results").click()
    await staff.part("results-leaderboard").locator("summary").click()
    await expect(staff.part("ranked-1")).to_contain_text("Candidate 1 (ada)")
    assert await violations(staff.page) == []
    await staff.part("take-off-1").click()
    await expect(staff.part("results-leaderboard")).to_contain_text("Nobody stands on it yet.")
    assert staff.errors == []


async def _rule(service: Rest, rule: str) -> None:
    await service.put_test("exam", content(replace(Rules(max_attempts=None, grades=GRADES), counts=rule)))


async def _counts(staff: Watch, rule: str, score: str, grade: str) -> None:
    said = "the average counts" if rule == "average" else f"the {rule} one counts"
    await expect(staff.part("results-rules")).to_contain_text(said)
    await expect(staff.part("counts-ada")).to_have_text(score)
    await expect(staff.part("grade-ada")).to_have_text(grade)
