"""Pictures from the camera and of the screen, from her agreement to who looks at them: announced, agreed to, taken,
seen, stopped.

Chromium plays a camera and a screen of its own, without a window: both are really captured. Only what it says of a
chosen surface, its window in which one is chosen, and its own bar that ends sharing, are played here."""

import re
from typing import Final

import msgspec
from playwright.async_api import Browser, expect

from protocol.attempt.facts import ConsentGiven, Observed
from protocol.content import Rules
from protocol.integrity import watches
from protocol.integrity.captures import Capture
from protocol.limits import MAX_SCREEN_SIDE
from protocol.override import Override
from tests.e2e.axe import violations
from tests.e2e.deployment import Tenant
from tests.e2e.exams import seat, short_texts
from tests.e2e.pages import PHONE, Sit, Watch, monitor_link, sit_link

RULES: Final = Rules(
    integrity=[watches.Watch("focus_lost")],
    captures=[Capture("camera", "required", 10_000, 7), Capture("screen", "if_able", 10_000, 7, whole_screen=True)],
)
OTHERS: Final = msgspec.structs.replace(RULES, captures=[Capture("camera", "required", 20_000, 7), RULES.captures[1]])
SIZE: Final = "image => image.decode().then(() => [image.naturalWidth, image.naturalHeight])"
REMEMBER: Final = """
const ask = MediaDevices.prototype.getDisplayMedia;
MediaDevices.prototype.getDisplayMedia = async function (options) {
    // While she chooses, its window has the keyboard, for longer than the page waits before it says so.
    document.hasFocus = () => false;
    window.dispatchEvent(new Event("blur"));
    await new Promise((chosen) => setTimeout(chosen, 500));
    const shared = await ask.call(this, options);
    delete document.hasFocus;
    window.dispatchEvent(new Event("focus"));
    const [track] = shared.getVideoTracks();
    if (window.surface) track.getSettings = () => ({ displaySurface: window.surface });
    window.stopSharing = () => { track.stop(); track.dispatchEvent(new Event("ended")) };
    return shared;
};
"""
REFUSES: Final = """
MediaDevices.prototype.getDisplayMedia = () => Promise.reject(new DOMException("", "NotAllowedError"));
"""
NO_SCREEN: Final = "delete MediaDevices.prototype.getDisplayMedia"


async def test_pictures_are_agreed_to_taken_and_seen_by_staff_and_she_stops_each_source(
    tenant: Tenant, chromium: Browser
) -> None:
    node = tenant.node
    async with tenant.service(node) as service:
        await service.put_test("captures", short_texts(2, RULES))
        one = await seat(service, "captures", "ada")
        watch = await Watch.open(chromium, monitor_link(tenant, node, "captures"))
        sit = await Sit.open(chromium, sit_link(node.url, one))
        await sit.page.add_init_script(REMEMBER)
        await sit.page.reload()
        for source in ("camera", "screen"):
            asked = sit.part(f"{source}-asked")
            await expect(asked).to_contain_text("every 10 seconds")
            await expect(asked).to_contain_text("deleted after 7 days")
            await expect(sit.page.locator(f'[data-check="{source}"]')).to_have_attribute("data-says", "there")
        await expect(sit.page.locator('[data-code="consent_required"]')).to_be_visible()
        await sit.part("camera-on").click()
        await sit.part("camera-agree").press("Enter")
        await expect(sit.part("camera-status")).to_be_focused()
        await expect(sit.part("camera-asked")).to_have_attribute("data-agreed", "true")
        await expect(sit.part("start-button")).to_be_disabled()
        # A window is not enough: she is told, and asked again.
        await sit.page.evaluate("window.surface = 'window'")
        await sit.part("screen-on").click()
        await expect(sit.part("screen-status")).to_contain_text("choose your whole screen")
        assert await violations(sit.page) == []
        await sit.page.evaluate("window.surface = undefined")
        await sit.part("screen-on").click()
        await expect(sit.part("screen-preview")).to_be_visible()
        await sit.part("screen-agree").click()
        await expect(sit.part("screen-asked")).to_have_attribute("data-agreed", "true")
        async with (
            sit.page.expect_response(lambda reply: reply.url.endswith("?source=camera")) as seen,
            sit.page.expect_response(lambda reply: reply.url.endswith("?source=screen")) as shared,
        ):
            await sit.start()
        assert [(await kept.value).status for kept in (seen, shared)] == [200, 200]
        for source in ("camera", "screen"):
            await expect(sit.part(f"{source}-bar")).to_have_attribute("data-on", "true")
        assert await violations(sit.page) == []
        # A page that is opened again turns the camera on by itself. For the screen it has to ask, beside the questions.
        await sit.page.reload()
        await expect(sit.part("camera-bar")).to_have_attribute("data-on", "true")
        await expect(sit.part("screen-bar")).to_contain_text("Your screen is not shared")
        await sit.give("in between")
        await sit.save_state("saved")
        assert await violations(sit.page) == []
        await sit.part("screen-on").click()
        await expect(sit.part("screen-bar")).to_have_attribute("data-on", "true")
        # Other rules are put in force: she is asked again for what is other, and shares her screen as before.
        await service.put_test("captures", short_texts(2, OTHERS))
        await service.apply_rules(one.attempt_id)
        await expect(sit.part("camera-bar")).to_contain_text("every 20 seconds")
        await expect(sit.part("camera-bar")).to_have_attribute("data-on", "false")
        assert await violations(sit.page) == []
        await sit.part("camera-again").press("Enter")
        await expect(sit.part("camera-bar")).to_have_attribute("data-on", "true")
        await expect(sit.part("camera-bar").get_by_role("status")).to_be_focused()
        await expect(sit.part("screen-bar")).to_have_attribute("data-on", "true")
        # The browser's own bar ends it.
        await sit.page.evaluate("window.stopSharing()")
        await expect(sit.part("screen-bar")).to_contain_text("Share it again")
        await watch.part(f"row-menu-{one.attempt_id}").click()
        for source, size in (("camera", [320, 240]), ("screen", [MAX_SCREEN_SIDE, 540])):
            await expect(watch.part(f"row-{source}")).to_contain_text("Agreed to pictures")
            await watch.part(f"see-{source}").click()
            picture = watch.part(f"{source}-picture").last
            await expect(picture).to_have_attribute("alt", re.compile(f"Picture (from|of) the {source} at "))
            assert await picture.evaluate(SIZE) == size
        assert await violations(watch.page) == []
        looks = [line.entry for line in (await service.audit(kind="captured_pictures_read")).entries]
        assert [(look["user_id"], look["source"]) for look in looks] == [("ada", "camera"), ("ada", "screen")]
        for source in ("camera", "screen"):
            await sit.part(f"{source}-stop").click()
            await expect(sit.part(f"{source}-bar")).to_have_attribute("data-on", "false")
            await expect(watch.part(f"row-{source}")).to_have_attribute("data-says", "declined")
        await sit.give("right")
        await sit.save_state("saved")
        records, _ = await tenant.log(one.attempt_id)
        facts = [record.entry.fact for record in records]
        said = [(fact.source, fact.says) for fact in facts if isinstance(fact, ConsentGiven)]
        noticed = [fact.signal for fact in facts if isinstance(fact, Observed)]
        both = [[(source, says) for source in ("camera", "screen")] for says in ("agreed", "declined")]
        assert said == [*both[0], ("camera", "agreed"), *both[1]]
        assert noticed == ["screen_ended", "camera_withdrawn", "screen_withdrawn"]
        assert sit.errors == watch.errors == []


async def test_whose_browser_can_not_share_a_screen_says_so_and_begins_and_no_camera_stays_on(
    tenant: Tenant, chromium: Browser
) -> None:
    node = tenant.node
    async with tenant.service(node) as service:
        rules = Rules(captures=[Capture("camera", "offered", 10_000, 7), Capture("screen", "if_able", 10_000, 7)])
        await service.put_test("captures-phone", short_texts(1, rules))
        one = await seat(service, "captures-phone", "bob")
        sit = await Sit.open(chromium, sit_link(node.url, one), PHONE)
        # Some browsers have it, and never share anything.
        await sit.page.add_init_script(REFUSES)
        await sit.page.reload()
        await expect(sit.part("screen-on")).to_be_visible()
        await expect(sit.part("screen-unable")).to_have_count(0)
        await sit.part("screen-on").click()
        await expect(sit.part("screen-unable")).to_be_visible()
        await sit.page.add_init_script(NO_SCREEN)
        await sit.page.reload()
        await expect(sit.page.locator('[data-check="screen"]')).to_have_attribute("data-says", "without")
        await sit.part("screen-unable").click()
        await expect(sit.part("screen-status")).to_contain_text("you can start without")
        # Staff take the camera from her test while she looks at herself.
        await sit.part("camera-on").click()
        stream = await sit.part("camera-preview").evaluate_handle("(video) => video.srcObject")
        assert await stream.evaluate("(stream) => stream.active")
        await service.grant(Override(exempt=["camera_ended"]), test_id="captures-phone", user_id="bob")
        await expect(sit.part("camera-asked")).to_have_count(0)
        await sit.start()
        await sit.give("right")
        await sit.save_state("saved")
        assert not await stream.evaluate("(stream) => stream.active")
        await expect(sit.part("screen-bar")).to_have_count(0)
        assert sit.errors == []
