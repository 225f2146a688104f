"""Texts of questions on the candidate's page: formulas, tables, code and pictures on a phone, and nothing of what a
text may not hold, even where it came past the server's sanitiser."""

import json
import os
import re
from pathlib import Path
from typing import Final

import aiohttp
from playwright.async_api import Browser, expect

import protocol
from protocol.content import Essay, Option, Question, SingleChoice, TestContent
from protocol.media import hash_of
from server.clock import Clock
from server.writing.bodies import body_of, inline_of
from storage.database import Database
from storage.tests import Tests
from tests.e2e.deployment import Tenant
from tests.e2e.exams import seat
from tests.e2e.pages import PHONE, Sit, sit_link
from tests.server.media.files import png

VECTORS: Final = Path(protocol.__file__).parent / "vectors" / "bodies.json"
PICTURE: Final = png(60, 40)
TEXT: Final = f"""
Solve $x^2 - \\frac13 = 0$, as in

$$
x_{{1,2}} = \\frac{{-b \\pm \\sqrt{{b^2 - 4ac}}}}{{2a}}, \\qquad \\sum_{{i=1}}^{{n}} i = \\frac{{n(n+1)}}{{2}},
\\qquad f(x) = x^4
$$

| Substance | Formula | Melting point in °C | Boiling point in °C | What is said of it |
|:--|:-:|--:|--:|:--|
| Water | $\\mathrm{{H_2O}}$ | 0 | 100 | A solvent for salts |

```python
def a_function_with_a_long_name(first_argument: int, second_argument: int) -> int:
    return first_argument + second_argument
```

![A square](media:{hash_of(PICTURE)})
"""


async def test_a_text_is_read_on_a_phone(tenant: Tenant, chromium: Browser) -> None:
    node = tenant.node
    options = [Option("a", inline_of("$\\pm\\sqrt{3}$")), Option("b", inline_of("`none`"))]
    question = Question(question_id="q", body=body_of(TEXT), interactions=[SingleChoice(options=options, correct="a")])
    headers = {"authorization": f"Bearer {tenant.token('service', 'platform')}"}
    async with tenant.service(node) as service, aiohttp.ClientSession(headers=headers) as http:
        async with http.post(f"{node.url}/media", data=PICTURE) as reply:
            assert reply.status == 200
        await service.put_test("exam", TestContent(title="Texts", questions=[question]))
        one = await seat(service, "exam", "ada")
    sit = await Sit.open(chromium, sit_link(node.url, one), PHONE)
    await sit.start()
    prompt = sit.part("question").locator(".prompt")
    # A formula is one to the browser, and stands higher than its line.
    heights = await prompt.locator("mfrac").evaluate_all("all => all.map((one) => one.getBoundingClientRect().height)")
    assert len(heights) == 3
    assert min(heights) > 10
    assert (
        await prompt.locator("math").first.evaluate("one => one.namespaceURI") == "http://www.w3.org/1998/Math/MathML"
    )
    # What is wide scrolls by itself, and by keyboard; the page does not.
    assert await sit.page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    await expect(prompt.locator(".wide")).to_have_attribute("tabindex", "0")
    await expect(prompt.locator("pre")).to_have_attribute("tabindex", "0")
    picture = sit.page.get_by_role("img", name="A square")
    await expect(picture).to_have_js_property("naturalWidth", 60)
    await sit.page.get_by_role("radio", name="none").check()
    await sit.save_state("saved")
    assert sit.errors == []
    if shots := os.environ.get("PENCILSDOWN_SHOTS"):
        await sit.page.screenshot(path=f"{shots}/body.png", full_page=True)


async def test_nothing_of_a_hostile_text_is_done(tenant: Tenant, chromium: Browser) -> None:
    node = tenant.node
    html = [vector["html"].replace("\x00", "") for vector in json.loads(VECTORS.read_text("utf-8"))]
    async with tenant.service(node) as service:
        stored = await service.store_media(png())
    # No test names a file that is not stored.
    texts = [re.sub(r"media:[0-9a-f]{64}", f"media:{stored.hash}", one) for one in html if "<pd-" not in one]
    hostile = "".join(f"<p>{one}</p>" for one in texts)
    question = Question(question_id="q", body=hostile, interactions=[Essay()])
    database = await Database.open(tenant.database_url)
    try:
        await Tests(database).put(
            tenant.org_id, "exam", TestContent(title="Texts", questions=[question]), Clock().now_ms()
        )
    finally:
        await database.close()
    async with tenant.service(node) as service:
        one = await seat(service, "exam", "ada")
    sit = await Sit.open(chromium, sit_link(node.url, one), PHONE)
    asked: list[str] = []
    sit.page.on("request", lambda request: asked.append(request.url))
    await sit.start()
    prompt = sit.part("question").locator(".prompt")
    await expect(prompt).to_contain_text("alert(1)")
    found = await prompt.evaluate(
        """(prompt) => [...prompt.querySelectorAll("*")].flatMap((one) => [
            one.localName, ...one.getAttributeNames().map((name) => `@${name}`)])"""
    )
    forbidden = {
        "script",
        "style",
        "iframe",
        "object",
        "embed",
        "form",
        "input",
        "svg",
        "link",
        "meta",
        "base",
        "template",
    }
    assert not forbidden & set(found)
    assert not [name for name in found if name.startswith(("@on", "@style", "@srcset", "@name", "@xlink"))]
    assert all(url.startswith(node.url) for url in asked if not url.startswith("data:"))
    # The page still works, and its policy had nothing to stop.
    await sit.page.get_by_role("textbox").fill("An answer")
    await sit.save_state("saved")
    assert sit.errors == []
