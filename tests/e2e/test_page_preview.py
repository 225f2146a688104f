"""A test as staff look at it before it is used."""

from msgspec.structs import replace
from playwright.async_api import Browser, expect

from protocol.content import (
    AcceptedNumber,
    AcceptedText,
    Essay,
    Interaction,
    Match,
    Numeric,
    Option,
    Order,
    PairOption,
    Passage,
    Question,
    Rules,
    ScoreFeedback,
    ShortText,
    SingleChoice,
    TestContent,
    TrueFalse,
)
from protocol.content.text import place
from tests.e2e.deployment import Tenant
from tests.e2e.pages import Watch, monitor_link

_COLOURS = [Option("a", "Red"), Option("b", "Green"), Option("c", "Green"), Option("d", "<em>Blue</em>")]
_ROWS = [PairOption("k", "Kenya"), PairOption("f", "France")]
_COLUMNS = [PairOption("n", "Nairobi"), PairOption("p", "Paris")]


def exam() -> TestContent:
    """A question of each usual kind, in two forms; one has two equal options, and one a table without headers."""
    kinds: dict[str, Interaction] = {
        "colour": SingleChoice(
            options=_COLOURS, correct="b", shuffle=True, option_feedback={"a": "<p>That is the sunset.</p>"}
        ),
        "order": Order(options=_COLOURS[:2], correct=["b", "a"]),
        "fact": TrueFalse(correct=True, wrong_mpt=500),
        "match": Match(rows=_ROWS, columns=_COLUMNS, correct=[("k", "n"), ("f", "p")]),
        "essay": Essay(points_mpt=5_000, guidance="One point for each reason."),
    }
    gaps = Question(
        question_id="gaps",
        body=f"<p>The capital is {place('city')}, {place('height')} up.</p>",
        passage_id="p",
        interactions=[
            ShortText(response_id="city", accepted=["Nairobi", AcceptedText(text="Mombasa", points_mpt=250)]),
            Numeric(response_id="height", accepted=[AcceptedNumber(value="1795", tolerance="50")], unit="m"),
        ],
        score_feedback=[ScoreFeedback(0, "<p>See page 3.</p>")],
    )
    table = "<table><tbody><tr><td>1</td><td>2</td></tr></tbody></table>"
    questions = [
        Question(question_id=name, body=f"<p>What of {name}?</p>{table if name == 'essay' else ''}", interactions=[one])
        for name, one in kinds.items()
    ]
    return TestContent(
        title="Colours and countries",
        instructions="<p>Read first.</p>",
        rules=Rules(duration_ms=1_800_000, tools=["notes", "strike_out"]),
        passages=[Passage(passage_id="p", title="About Kenya", body="<p>Nairobi lies high.</p>")],
        questions=[*questions, gaps],
        forms={"whole": [*kinds, "gaps"], "short": ["fact"]},
    )


async def test_staff_see_the_paper_as_candidates_do_and_its_keys_when_they_ask(
    tenant: Tenant, chromium: Browser
) -> None:
    node = tenant.node
    async with tenant.service(node) as service:
        await service.put_test("exam", replace(exam(), forms={}, questions=exam().questions[:1]))
        await service.put_test("exam", exam())
        watch = await Watch.open(chromium, monitor_link(tenant, node, "exam"))
        await watch.part("page-preview").click()
        colour = watch.part("preview-colour")
        await expect(colour.get_by_test_id("option-b")).to_be_disabled()
        await expect(colour.get_by_test_id("option-b")).not_to_be_checked()
        await expect(colour.get_by_test_id("findings")).to_have_text("Two options are equal: 'b' and 'c'.")
        await expect(watch.part("preview-tools")).to_contain_text("notes and striking out options")
        await expect(watch.part("preview-findings")).to_have_text("2 things to look at")
        await expect(watch.part("preview-gaps").get_by_test_id("passage")).to_contain_text("Nairobi lies high")
        await expect(watch.part("key-colour")).to_have_count(0)
        await expect(watch.part("preview-fact").get_by_test_id("question-costs")).to_contain_text(
            "takes 0.5 points away"
        )

        await watch.part("preview-keys").click()
        await expect(colour.get_by_test_id("option-b")).to_be_checked()
        await expect(watch.part("key-colour")).to_contain_text("That is the sunset.")
        await expect(watch.part("preview-gaps").get_by_test_id("part-city").locator("input")).to_have_value("Nairobi")
        await expect(watch.part("key-gaps")).to_contain_text("Mombasa")
        await expect(watch.part("key-gaps")).to_contain_text("See page 3.")
        await expect(watch.part("key-fact")).to_contain_text("takes 0.5 points away")
        await expect(watch.part("key-order")).to_contain_text("The right answer is shown above.")
        await expect(watch.part("key-essay")).to_contain_text("One point for each reason.")
        await watch.part("preview-keys").click()
        await expect(watch.part("key-essay")).to_have_count(0)
        await expect(colour.get_by_test_id("option-b")).not_to_be_checked()

        shown = colour.locator("label")
        first = await shown.all_inner_texts()
        for _ in range(8):
            await watch.part("preview-other").click()
            if await shown.all_inner_texts() != first:
                break
        await expect(shown).not_to_have_text(first)
        await watch.part("preview-form").select_option("short")
        await expect(colour).to_have_count(0)
        await expect(watch.part("preview-fact")).to_be_visible()
        # What was found elsewhere is said above, where it is.
        await expect(watch.part("findings").first).to_contain_text("question 'colour':")

        # What attempts stand on that began before a change.
        await watch.part("preview-version").select_option("1")
        await expect(colour).to_be_visible()
        await expect(watch.part("preview-form")).to_have_count(0)
        await expect(watch.part("preview-findings")).to_have_text("1 thing to look at")
        await watch.part("preview-keys").click()
        await expect(watch.part("key-colour")).to_be_visible()
        await expect(watch.part("key-gaps")).to_have_count(0)
        await watch.part("preview-version").select_option("2")
        await watch.part("preview-form").select_option("short")
        await expect(colour).to_have_count(0)

        await watch.page.emulate_media(media="print")
        await expect(watch.part("preview-fact")).to_be_visible()
        await expect(watch.part("preview-keys")).to_be_hidden()
        assert watch.errors == []


async def test_who_may_not_read_tests_is_offered_no_preview(tenant: Tenant, chromium: Browser) -> None:
    node = tenant.node
    async with tenant.service(node) as service:
        await service.put_test("exam", exam())
        link = monitor_link(tenant, node, "exam").partition("token=")[0] + f"token={tenant.token('invigilator', 'ida')}"
        watch = await Watch.open(chromium, link)
        await expect(watch.part("connection-state")).to_have_attribute("data-state", "live")
        await expect(watch.part("page-preview")).to_have_count(0)
