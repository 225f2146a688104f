"""Every type of interaction on one paper: none is out of the reach of assistive technology, or wider than a phone."""

from typing import Final, get_args

from playwright.async_api import Browser, expect

from protocol.content import (
    AcceptedNumber,
    Associate,
    Essay,
    GapMatch,
    GraphicAssociate,
    GraphicGapMatch,
    GraphicOrder,
    Hotspot,
    Hottext,
    InlineChoice,
    Interaction,
    Match,
    MultipleChoice,
    Numeric,
    Option,
    Order,
    PairOption,
    Passage,
    Picture,
    Point,
    Question,
    ShortText,
    SingleChoice,
    Slider,
    TestContent,
    TrueFalse,
    Upload,
    WorthArea,
)
from protocol.content.text import place
from tests.e2e.axe import violations
from tests.e2e.deployment import Tenant
from tests.e2e.exams import seat
from tests.e2e.pages import DESK, PHONE, Sit, sit_link
from tests.e2e.test_page_pictures import CHOICES, MAP, PAIRED, SPOTS

_OPTIONS: Final = [Option("a", "Fir"), Option("b", "<em>Palm</em>"), Option("c", "Oak")]
_SIDES: Final = [PairOption("r", "Row"), PairOption("s", "<b>Second</b>")]
_MOST_WAITS_MS: Final = 15_000


def _on_paper() -> list[Interaction]:
    return [
        SingleChoice(response_id="single", options=_OPTIONS, correct="a"),
        MultipleChoice(response_id="multiple", options=_OPTIONS, correct=["a", "b"], min_choices=2),
        TrueFalse(response_id="statement", correct=True),
        InlineChoice(response_id="menu", options=_OPTIONS, correct="a"),
        Numeric(response_id="number", accepted=[AcceptedNumber(value="7")], unit="m"),
        ShortText(response_id="text", accepted=["yes"]),
        Essay(response_id="essay", min_words=5, max_words=50),
        Upload(response_id="file", kinds=["picture", "audio"]),
        Order(response_id="order", options=_OPTIONS, correct=["a", "b", "c"]),
        Match(response_id="match", rows=_SIDES, columns=CHOICES, correct=[("r", "fir")]),
        GapMatch(
            response_id="gaps", text='<p>A <pd-gap id="g"></pd-gap>.</p>', choices=CHOICES, correct=[("fir", "g")]
        ),
        Associate(response_id="pairs", choices=[*_SIDES, *CHOICES], correct=[("r", "fir")]),
        Hottext(response_id="words", text='<p>A <pd-hot id="h">fir</pd-hot> is green.</p>', correct=["h"]),
        Slider(response_id="scale", lower="0", upper="10", accepted=[AcceptedNumber(value="7")]),
    ]


def _on_pictures(src: str) -> list[Interaction]:
    picture = Picture(src=src, width=400, height=300, alt="Two islands")
    areas = [WorthArea(shape="circle", coords=[200, 150, 5])]
    return [
        Hotspot(response_id="spot", picture=picture, spots=SPOTS, correct=["s"]),
        Point(response_id="point", picture=picture, areas=areas),
        GraphicOrder(response_id="route", picture=picture, spots=SPOTS, correct=["e", "n", "s"]),
        GraphicGapMatch(response_id="labels", picture=picture, spots=PAIRED, choices=CHOICES, correct=[("fir", "n")]),
        GraphicAssociate(response_id="lines", picture=picture, spots=PAIRED, correct=[("n", "s")]),
    ]


async def test_every_type_is_within_everybodys_reach(tenant: Tenant, chromium: Browser) -> None:
    node = tenant.node
    async with tenant.service(node) as service:
        stored = await service.store_media(MAP)
        asked = [_on_paper(), _on_pictures(f"media:{stored.hash}")]
        assert {type(one) for several in asked for one in several} == set(get_args(Interaction)), "a type is missing"
        in_line = place("menu"), place("number"), place("text")
        questions = [
            Question(question_id="paper", body=f"<p>In {' '.join(in_line)} lines.</p>", interactions=asked[0]),
            Question(question_id="told", body="<p>Now pictures.</p>", interactions=[]),
            Question(question_id="pictures", body="<p>On a map.</p>", interactions=asked[1]),
        ]
        body = f'<p>All islands.</p><p><img src="media:{stored.hash}" alt="Two islands"></p>'
        exhibit = Passage(passage_id="map", title="The map", body=body)
        content = TestContent(title="All types", questions=questions, passages=[exhibit], exhibits=["map"])
        await service.put_test("types", content)
        one = await seat(service, "types", "ada")
        sit = await Sit.open(chromium, sit_link(node.url, one), PHONE)
        await sit.start()
        for position, question in enumerate(questions):
            if position:
                await sit.go_to(position)
            for size in (PHONE, DESK):
                await sit.page.set_viewport_size(size)
                for interaction in question.interactions:
                    shown = (
                        sit.part(f"part-{interaction.response_id}")
                        .locator("input, textarea, select, button, [role=checkbox], [role=radio], [role=button]")
                        .first
                    )
                    await expect(shown).to_be_attached(timeout=_MOST_WAITS_MS)
                assert await violations(sit.page) == [], (question.question_id, size)
                assert await sit.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        # An exhibit is there when she asks for it, by keyboard and without a network too.
        await sit.page.context.set_offline(True)
        await sit.part("exhibit-map").press("Enter")
        await expect(sit.page.get_by_role("dialog", name="The map")).to_contain_text("All islands.")
        await expect(sit.part("exhibit").get_by_role("img")).to_have_js_property("complete", True)
        assert await violations(sit.page) == []
        await sit.page.keyboard.press("Escape")
        await expect(sit.part("exhibit")).to_have_count(0)
        await expect(sit.part("exhibit-map")).to_be_focused()
        await sit.page.context.set_offline(False)
        assert sit.errors == []
