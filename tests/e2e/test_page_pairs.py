"""Questions that are answered by pairs, or by words of a text, on the candidate's page."""

from playwright.async_api import Browser, Route, expect

from protocol.content import Match, PairOption, Question, TestContent, TrueFalse
from tests.e2e.deployment import Tenant
from tests.e2e.exams import seat
from tests.e2e.pages import Sit, sit_link

ROWS = [PairOption("k", "Kenya", 1), PairOption("p", "<em>Peru</em>", 1)]
COLUMNS = [PairOption("l", "Lima"), PairOption("n", "Nairobi"), PairOption("c", "Cuzco")]
MATCH = Match(response_id="match", rows=ROWS, columns=COLUMNS, correct=[("k", "n"), ("p", "l")], partial="rows")

IMPORTED = """component => performance.getEntriesByType("resource")
    .filter(({name}) => name.includes(component) && name.endsWith(".js")).length >= 2"""
"""Its code was fetched, and then imported: each is an entry."""


async def test_what_cannot_be_fetched_says_so_and_is_tried_again(tenant: Tenant, chromium: Browser) -> None:
    node = tenant.node
    async with tenant.service(node) as service:
        question = Question(question_id="q1", body="<p>Which is the capital?</p>", interactions=[MATCH])
        await service.put_test("exam", TestContent(title="Capitals", questions=[question]))
        one = await seat(service, "exam", "ada")
        sit = await Sit.open(chromium, sit_link(node.url, one))
        asked: list[str] = []

        async def refuse(route: Route) -> None:
            asked.append(route.request.url)
            await route.abort()

        await sit.page.route("**/assets/MatchInput*", refuse)
        await sit.start()
        await expect(sit.part("input-waits")).to_have_attribute("data-state", "missing")
        await expect(sit.part("input-waits")).to_contain_text("can't be fetched at the moment")
        await sit.part("input-again").click()
        await expect(sit.part("input-waits")).to_have_attribute("data-state", "missing")
        assert len(asked) >= 4
        await sit.page.unroute("**/assets/MatchInput*")
        await sit.part("input-again").click()
        await sit.part("cell-k-n").check()
        await sit.save_state("saved")
        assert sit.errors == []


async def test_what_the_paper_needs_is_there_when_the_network_is_not(tenant: Tenant, chromium: Browser) -> None:
    node = tenant.node
    async with tenant.service(node) as service:
        plain = Question(question_id="q1", body="<p>First</p>", interactions=[TrueFalse(correct=True)])
        later = Question(question_id="q2", body="<p>Later</p>", interactions=[MATCH])
        await service.put_test("exam", TestContent(title="Capitals", questions=[plain, later]))
        one = await seat(service, "exam", "ada")
        sit = await Sit.open(chromium, sit_link(node.url, one))
        await sit.start()
        await sit.page.wait_for_function(IMPORTED, arg="MatchInput")
        await expect(sit.part("match-answer")).to_have_count(0)
        await sit.page.context.set_offline(True)
        await sit.go_to(1)
        await sit.part("cell-p-l").check()
        await sit.save_state("kept")
        await sit.page.context.set_offline(False)
        await sit.save_state("saved")
