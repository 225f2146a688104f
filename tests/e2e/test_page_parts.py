"""A question of several parts on the candidate's page: gaps in the text, a choice below, and what becomes of them."""

from playwright.async_api import Browser, expect

from protocol.content import (
    AcceptedNumber,
    InlineChoice,
    MultipleChoice,
    Numeric,
    Option,
    Order,
    Passage,
    Question,
    Rules,
    ShortText,
    SingleChoice,
    TestContent,
)
from protocol.content.text import place
from tests.e2e.axe import violations
from tests.e2e.deployment import Tenant
from tests.e2e.exams import seat
from tests.e2e.pages import DESK, PHONE, Sit, sit_link

_BODY = (
    f"<p>The capital of <em>Kenya</em> is {place('city')}, and it lies {place('height')} above the sea"
    f" {place('side')}.</p>"
)
_OPTIONS = [Option("a", "<sub>Blue</sub>"), Option("b", "Green &amp; red")]


def _exam() -> TestContent:
    question = Question(
        question_id="kenya",
        body=_BODY,
        required=True,
        passage_id="p",
        interactions=[
            ShortText(response_id="city", accepted=["Nairobi"]),
            Numeric(response_id="height", accepted=[AcceptedNumber(value="1795", tolerance="50")], unit="m"),
            InlineChoice(response_id="side", options=_OPTIONS, correct="a"),
            SingleChoice(response_id="flag", options=_OPTIONS, correct="b"),
        ],
    )
    return TestContent(
        title="Kenya",
        rules=Rules(gaps="refuse"),
        passages=[Passage(passage_id="p", title="About Kenya", body="<p>Nairobi is <strong>high</strong>.</p>")],
        questions=[question, Question(question_id="told", body="<p>That is all.</p>", interactions=[])],
    )


async def _shown(sit: Sit) -> list[str]:
    """The options in the order that the page shows."""
    texts = await sit.part("order-answer").locator("li .body").all_inner_texts()
    return [text.strip() for text in texts]


async def test_parts_are_answered_in_their_places_and_marked_one_by_one(tenant: Tenant, chromium: Browser) -> None:
    node = tenant.node
    async with tenant.service(node) as service:
        await service.put_test("exam", _exam())
        one = await seat(service, "exam", "ada")
        sit = await Sit.open(chromium, sit_link(node.url, one), PHONE)
        await sit.start()
        await expect(sit.part("passage")).to_contain_text("Nairobi is high.")
        await expect(sit.part("question").locator("em")).to_have_text("Kenya")

        # Each has a name of its own, and the keyboard goes through them in the order of the text.
        city = sit.page.get_by_role("textbox", name="Part 1 of 4. Your answer")
        await city.focus()
        await sit.page.keyboard.type("Nairobi")
        await sit.page.keyboard.press("Tab")
        await sit.page.keyboard.type("many")
        await expect(sit.part("part-height")).to_contain_text("does not read as a number")
        await sit.save_state("saved")
        await expect(sit.part("nav-item-0")).to_have_attribute("data-answered", "false")

        # Information is read, has no number and is not counted.
        await sit.part("question-next").click()
        await expect(sit.page.get_by_role("heading", name="Information")).to_be_focused()
        await expect(sit.part("question")).to_contain_text("That is all.")
        assert [await sit.part(name).count() for name in ("flag-button", "clear-answer")] == [0, 0]
        await expect(sit.page.get_by_text("0 of 1 answered")).to_be_visible()
        assert await violations(sit.page) == []
        await sit.part("question-prev").click()
        await expect(sit.page.get_by_role("heading", name="Question 1 of 1")).to_be_visible()

        # One part is missing.
        await sit.part("review-button").click()
        await sit.part("submit-button").click()
        await sit.page.get_by_role("dialog").get_by_test_id("to-question-0").click()
        await sit.part("part-height").get_by_role("textbox").fill("1800")
        await sit.page.get_by_role("combobox", name="Part 3 of 4").select_option(label="Blue")
        await sit.part("part-flag").get_by_role("radio", name="Blue").check()
        await sit.save_state("saved")
        answers = (await service.answers(one.attempt_id)).answers
        assert [answer.value for answer in answers] == [{"city": "Nairobi", "height": "1800", "side": "a", "flag": "a"}]

        # On a wide screen the passage stands beside the question, as wide as she makes it.
        await sit.page.set_viewport_size(DESK)
        await sit.part("divider").press("ArrowRight")
        beside = await sit.part("passage").bounding_box()
        asked = await city.bounding_box()
        assert beside is not None
        assert asked is not None
        assert beside["x"] + beside["width"] < asked["x"]
        assert await violations(sit.page) == []

        # A reload shows them again.
        await sit.page.reload()
        await expect(city).to_have_value("Nairobi")
        await expect(sit.part("divider")).to_have_attribute("aria-valuenow", "55")
        await expect(sit.part("menu-answer")).to_have_value("a")
        await expect(sit.part("part-flag").get_by_role("radio", name="Blue")).to_be_checked()
        await sit.hand_in()
        await sit.score(3_000)
        assert sit.errors == []


async def test_things_are_put_in_order_by_the_keyboard(tenant: Tenant, chromium: Browser) -> None:
    node = tenant.node
    async with tenant.service(node) as service:
        options = [Option("x", "First"), Option("y", "<em>Second</em>"), Option("z", "Third")]
        asked = Order(options=options, correct=["x", "y", "z"], partial="places")
        question = Question(question_id="q1", body="<p>Which came first?</p>", interactions=[asked])
        await service.put_test("exam", TestContent(title="In order", questions=[question]))
        one = await seat(service, "exam", "ada")
        sit = await Sit.open(chromium, sit_link(node.url, one), PHONE)
        await sit.start()
        await expect(sit.part("order-answer")).to_have_attribute("data-answered", "false")
        before = await _shown(sit)

        # The focus stays with what was moved.
        await sit.part("order-answer").get_by_role("button", name=f"Move down: {before[0]}").focus()
        for _ in before[1:]:
            await sit.page.keyboard.press("Enter")
        await expect(sit.page.get_by_text(f"{before[0]}: now 3 of 3")).to_have_count(1)
        assert await _shown(sit) == [*before[1:], before[0]]
        for name in ("Third", "Second", "First"):
            while (await _shown(sit))[0] != name:
                await sit.part("order-answer").get_by_role("button", name=f"Move up: {name}").click()
        await sit.save_state("saved")
        (answer,) = (await service.answers(one.attempt_id)).answers
        assert answer.value == ["x", "y", "z"]
        await sit.hand_in()
        await sit.score(1_000)
        assert sit.errors == []


async def test_no_more_may_be_chosen_than_the_question_says(tenant: Tenant, chromium: Browser) -> None:
    node = tenant.node
    options = [Option(name, name.upper()) for name in "abc"]
    asked = MultipleChoice(options=options, correct=["a", "b"], max_choices=2)
    content = TestContent(title="T", questions=[Question(question_id="q", body="<p>Which?</p>", interactions=[asked])])
    async with tenant.service(node) as service:
        await service.put_test("exam", content)
        sit = await Sit.open(chromium, sit_link(node.url, await seat(service, "exam", "ada")), PHONE)
        await sit.start()
        await expect(sit.page.get_by_text("Choose 2 answers at most.")).to_be_visible()
        await sit.part("option-a").check()
        await sit.part("option-c").check()
        await expect(sit.part("option-b")).to_be_disabled()
        await sit.part("option-c").uncheck()
        await sit.part("option-b").check()
        await expect(sit.part("option-c")).to_be_disabled()
        assert sit.errors == []
