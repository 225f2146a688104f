"""A real exam that others wrote, as it is imported: 47 questions with pictures, sat to the end."""

import msgspec
import pytest
from msgspec.structs import replace
from playwright.async_api import Browser, ViewportSize, expect

from clients.python.errors import Refused
from clients.python.rest import Rest
from protocol.codes import Code
from protocol.content import Essay, Rules
from protocol.marking.best import right_part
from protocol.rest.results import Result
from server.importing.files import bring
from tests.e2e.axe import violations
from tests.e2e.deployment import Tenant
from tests.e2e.exams import seat
from tests.e2e.pages import DESK, PHONE, Sit, sit_link
from tests.e2e.waiting import until
from tests.shared import SHARED

_EXAM = SHARED / "data" / "import" / "qti3_kennisnet" / "packages" / "valid-package.zip"
_ALL_DRAWN = "images => images.every(image => image.complete && image.naturalWidth > 0 && image.alt)"


async def _marked(service: Rest, attempt_id: str) -> Result | None:
    try:
        return await service.result(attempt_id)
    except Refused as refused:
        if refused.code != Code.NOT_READY:
            raise
        return None


@pytest.mark.parametrize(
    ("size", "by_keyboard"),
    [pytest.param(PHONE, False, id="touch", marks=pytest.mark.long), pytest.param(DESK, True, id="keyboard")],
)
async def test_a_biology_exam_is_imported_sat_and_marked(
    tenant: Tenant, chromium: Browser, size: ViewportSize, by_keyboard: bool
) -> None:
    if not _EXAM.exists():
        pytest.skip("the biology exam is not here")
    brought = bring(_EXAM.name, _EXAM.read_bytes())
    assert brought.content is not None
    # Its own order is without a way back, and would be asked for at each of the steps.
    content = replace(brought.content, rules=Rules(duration_ms=3_600_000))
    # By keyboard the first dozen: each question is reached and answered in the same way.
    answered = content.questions[:12] if by_keyboard else content.questions
    choices = [asked for one in answered for asked in one.interactions if not isinstance(asked, Essay)]
    node = tenant.node
    async with tenant.service(node) as service:
        for name, looked in brought.files.items():
            assert (await service.store_media(looked.data)).hash == name
        await service.put_test("biology", content)
        one = await seat(service, "biology", "ada")
        sit = await Sit.open(chromium, sit_link(node.url, one), size)
        await sit.start()
        for place, question in enumerate(answered):
            if place:
                await sit.go_to(place)
            await expect(sit.part("question").locator("img")).to_have_count(question.body.count("<img"))
            [asked] = question.interactions
            answer = right_part(asked)
            if isinstance(asked, Essay):
                await sit.part("text-answer").fill("Een antwoord.")
            elif by_keyboard:
                await sit.part(f"option-{answer}").focus()
                await sit.page.keyboard.press("Space")
            else:
                await sit.part(f"option-{answer}").check()
        await sit.go_to(0)
        await sit.page.wait_for_function(f"() => ({_ALL_DRAWN})([...document.querySelectorAll('img')])")
        assert await violations(sit.page) == []
        assert await sit.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        await sit.save_state("saved")
        await sit.hand_in()
        assert sit.errors == []
        result = await until(lambda: _marked(service, one.attempt_id))
        marks = {mark.question_id: mark.score_mpt for mark in result.marks}
        assert sum(mark or 0 for mark in marks.values()) == sum(asked.points_mpt for asked in choices)
        assert sum(mark is None for mark in marks.values()) == len(answered) - len(choices)
        assert msgspec.json.encode(content).count(b"media:") == 30
