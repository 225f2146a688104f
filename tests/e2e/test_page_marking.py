"""The page on which persons mark: the queue, the answer in hand, second marks and decisions."""

from collections.abc import Sequence
from functools import partial
from urllib.parse import urlencode

from playwright.async_api import Browser, expect

from clients.python.rest import Rest
from protocol.content import Criterion, Essay, Level, Passage, Question, Rules, TestContent
from protocol.rest.operations import NumberedAnswer
from tests.e2e.axe import violations
from tests.e2e.deployment import Organisation, Server, Tenant
from tests.e2e.exams import Seat, seat
from tests.e2e.pages import PHONE, Sit, Watch, monitor_link, sit_link
from tests.e2e.waiting import until


def _link(org: Organisation, node: Server, user_id: str) -> str:
    return f"{node.url}/monitor#{urlencode({'test': 'exam', 'token': org.token('marker', user_id)})}"


async def _written(service: Rest, rules: Rules, *users: str, rubric: Sequence[Criterion] = ()) -> list[Seat]:
    """Attempts of these candidates, each with an essay that waits for a person."""
    essay = Question(
        question_id="why",
        body="Why do ships float?",
        interactions=[Essay(points_mpt=5_000, guidance="Two reasons at least.")],
        passage_id="law",
        rubric=[*rubric],
    )
    passage = Passage(passage_id="law", body="<p>What Archimedes found.</p>")
    await service.put_test("exam", TestContent(title="Essays", rules=rules, questions=[essay], passages=[passage]))
    seats = [await seat(service, "exam", user_id) for user_id in users]
    for one, user_id in zip(seats, users, strict=True):
        await _hand_in(service, one, f"Essay of {user_id}")
    return seats


async def _hand_in(service: Rest, one: Seat, text: str, n: int = 1) -> None:
    if n == 1:
        await service.start(one.attempt_id)
    await service.answer(one.attempt_id, [NumberedAnswer(n=n, question_id="why", value=text, client_at_ms=0)])
    await service.complete(one.attempt_id)
    await until(partial(_waits, service, one.attempt_id))


async def _waits(service: Rest, attempt_id: str) -> bool | None:
    listed = (await service.test_results("exam")).candidates
    return next(
        (True for one in listed for each in one.attempts if each.attempt_id == attempt_id and each.awaiting_marks), None
    )


async def test_a_marker_marks_by_keyboard_alone_and_sees_no_name(tenant: Tenant, chromium: Browser) -> None:
    node = tenant.node
    async with tenant.service(node) as service:
        seats = await _written(service, Rules(blind_marking=True), "ada", "bob", "cleo")
        # The queue stands in no order that anybody knows.
        queued = (await service.marking_queue("exam")).answers
        assert {one.attempt_id for one in seats} == {one.attempt_id for one in queued}
        first_essay, second_essay, third_essay = (f"Essay of {one.user_id}" for one in queued)
        mia = await Watch.open(chromium, _link(tenant, node, "mia"))
        await expect(mia.part("queued")).to_have_count(3)
        await expect(mia.part("marking-begin")).to_be_focused()
        press = mia.page.keyboard.press
        await press("Enter")
        await expect(mia.part("marking-answer")).to_have_text(first_essay)
        await expect(mia.part("passage")).to_contain_text("What Archimedes found.")
        await expect(mia.part("marking-task")).not_to_contain_text(queued[0].candidate)
        await expect(mia.part("marking-points")).to_be_focused()
        await mia.page.keyboard.type("6")
        await press("Enter")
        await expect(mia.part("marking-trouble")).to_contain_text("from 0 to 5")
        await press("Backspace")
        await mia.page.keyboard.type("4,5")
        await press("Tab")
        await mia.page.keyboard.type("Well argued")

        # What she has in hand is nobody else's; he is told so where he asks for it.
        tom = await Watch.open(chromium, _link(tenant, node, "tom"))
        first = tom.part("queued").first
        await expect(first).to_have_attribute("data-claimed", "true")
        await first.get_by_test_id("queued-mark").click()
        await expect(tom.part("marking-note")).to_contain_text("somebody else has it in hand")
        await tom.part("marking-begin").click()
        await expect(tom.part("marking-answer")).to_have_text(second_essay)

        await press("Control+Enter")
        await expect(mia.part("marking-answer")).to_have_text(third_essay)
        await expect(mia.part("marking-note")).to_contain_text("Saved: 4.5")
        (mark,) = (await service.result(queued[0].attempt_id)).marks
        assert (mark.score_mpt, mark.marked_by, mark.remark) == (4_500, "mia", "Well argued")
        await mia.part("marking-skip").press("Enter")
        await expect(mia.part("marking-note")).to_contain_text("What you skipped is still waiting")
        await expect(mia.part("marking-waiting")).to_have_text("2 answers wait for a mark.")
        # One candidate's alone, by her alias: an id would be a name.
        await expect(mia.part("marking-user")).to_have_count(0)
        await mia.part("queued-candidate").last.click()
        await expect(mia.part("queued")).to_have_count(1)
        await mia.part("marking-begin").click()
        await expect(mia.part("marking-answer")).to_have_text(third_essay)
        await mia.part("marking-stop").click()
        await mia.part("marking-everybody").click()
        await expect(mia.part("queued")).to_have_count(2)
        # On a phone the form lies below the answer, which is read first.
        await mia.page.set_viewport_size(PHONE)
        await mia.part("marking-begin").click()
        await expect(mia.page.get_by_role("heading", level=2)).to_be_focused()
        assert mia.errors + tom.errors == []


async def test_a_third_person_sees_both_marks_and_what_came_back_says_so(tenant: Tenant, chromium: Browser) -> None:
    node = tenant.node
    async with tenant.service(node) as service:
        (ada,) = await _written(service, Rules(second_marking_permille=1_000), "ada")
        for user_id, score_mpt, remark in (("mia", 1_000, "Weak"), ("tom", 4_000, "Strong")):
            marker = service.as_user(tenant.token("marker", user_id))
            await marker.mark(ada.attempt_id, "why", score_mpt=score_mpt, remark=remark)
        room = await Watch.open(chromium, monitor_link(tenant, node, "exam"))
        await room.part("page-marking").click()
        await expect(room.part("queued")).to_have_attribute("data-stage", "decision")
        await room.part("marking-begin").press("Enter")
        given = room.part("marking-given")
        await expect(given).to_contain_text("differ by 3 (60 % of the points)")
        for text in ("1 of 5", "Weak", "4 of 5", "Strong"):
            await expect(given).to_contain_text(text)
        # What she types outlives a look at the room.
        await room.part("marking-points").fill("3")
        await room.part("page-room").click()
        await expect(room.row(ada.attempt_id)).to_be_visible()
        await room.part("page-marking").click()
        await room.part("marking-points").press("Enter")
        await expect(room.part("marking-waiting")).to_have_text("Nothing waits for a mark.")
        assert (await service.result(ada.attempt_id)).score_mpt == 3_000

        await service.reopen(ada.attempt_id, left_ms=60_000, reason="The fire alarm")
        await _hand_in(service, ada, "Another essay", n=10)
        await room.part("marking-reload").click()
        await expect(room.part("queued")).to_contain_text("Changed after it was marked")
        await room.part("queued-mark").click()
        await expect(room.part("marking-answer")).to_have_text("Another essay")
        await expect(room.part("marking-returned")).to_contain_text("was given 3.")
        assert room.errors == []


async def test_a_marker_judges_by_a_rubric_and_the_candidate_reads_how(tenant: Tenant, chromium: Browser) -> None:
    node = tenant.node
    argument = Criterion(
        "Argument", [Level(0, "No reason."), Level(1_500, "One reason."), Level(3_000, "Two reasons.")]
    )
    style = Criterion("Style", [Level(0, "Hard to follow."), Level(2_000, "Clear.")])
    async with tenant.service(node) as service:
        rules = Rules(shows="feedback")
        seats = await _written(service, rules, "ada", "bob", rubric=[argument, style])
        queued = (await service.marking_queue("exam")).answers
        mia = await Watch.open(chromium, _link(tenant, node, "mia"))
        await mia.part("marking-begin").press("Enter")
        await expect(mia.part("level").first).to_be_focused()
        press = mia.page.keyboard.press
        await press("Enter")
        await expect(mia.part("marking-trouble")).to_have_text("Choose a level for each criterion.")
        await press("3")
        await expect(mia.part("level").nth(3)).to_be_focused()
        await press("1")
        await expect(mia.part("rubric-sum")).to_have_text("3 of 5 points")
        await expect(mia.part("level").nth(3)).to_be_checked()
        await press("ArrowDown")
        await expect(mia.part("rubric-sum")).to_have_text("5 of 5 points")
        assert await violations(mia.page) == []
        await press("Enter")
        await expect(mia.part("marking-note")).to_contain_text("Saved: 5")
        await expect(mia.part("rubric-sum")).to_have_text("Choose a level for each criterion.")
        (mark,) = (await service.result(queued[0].attempt_id)).marks
        assert [(one.name, one.score_mpt) for one in mark.criteria or []] == [("Argument", 3_000), ("Style", 2_000)]

        # A correction begins with what was chosen.
        room = await Watch.open(chromium, monitor_link(tenant, node, "exam"))
        await room.act(queued[0].attempt_id, "mark")
        await expect(room.part("level").nth(2)).to_be_checked()
        await room.part("level").nth(1).check()
        await room.part("mark-reason-why").fill("One reason is none")
        await room.part("mark-save-why").click()
        await expect(room.part("mark-fate-why")).to_have_text("Saved")
        marked = next(one for one in seats if one.attempt_id == queued[0].attempt_id)
        page = await Sit.open(chromium, sit_link(node.url, marked))
        await expect(page.part("result-criterion").first).to_have_text("Argument: 1.5 of 3")
        await expect(page.page.get_by_text("One reason.")).to_be_visible()
        assert mia.errors + room.errors + page.errors == []
