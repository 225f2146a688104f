"""Pictures from the camera, from her agreement to who looks at them: announced, agreed to, taken, seen, stopped.

Chromium plays a camera of its own."""

import re
from typing import Final

from playwright.async_api import Browser, expect

from protocol.attempt.facts import CameraAgreed, Observed
from protocol.content import Rules
from protocol.integrity.camera import Camera
from tests.e2e.axe import violations
from tests.e2e.deployment import Tenant
from tests.e2e.exams import seat, short_texts
from tests.e2e.pages import PHONE, Sit, Watch, monitor_link, sit_link

RULES: Final = Rules(camera=Camera("required", 10_000, 7))
SIZE: Final = "image => image.decode().then(() => [image.naturalWidth, image.naturalHeight])"


async def test_a_picture_is_agreed_to_taken_and_seen_by_staff_and_she_stops_the_camera(
    tenant: Tenant, chromium: Browser
) -> None:
    node = tenant.node
    async with tenant.service(node) as service:
        await service.put_test("camera", short_texts(2, RULES))
        one = await seat(service, "camera", "ada")
        watch = await Watch.open(chromium, monitor_link(tenant, node, "camera"))
        sit = await Sit.open(chromium, sit_link(node.url, one), PHONE)
        asked = sit.part("camera-asked")
        await expect(asked).to_contain_text("every 10 seconds")
        await expect(asked).to_contain_text("deleted after 7 days")
        await expect(sit.page.locator('[data-check="camera"]')).to_have_attribute("data-says", "there")
        await expect(sit.page.locator('[data-code="camera_required"]')).to_be_visible()
        await expect(sit.part("start-button")).to_be_disabled()
        await sit.part("camera-on").click()
        await expect(sit.part("camera-preview")).to_be_visible()
        assert await violations(sit.page) == []
        await sit.part("camera-agree").click()
        await expect(asked).to_have_attribute("data-agreed", "true")
        async with sit.page.expect_response(lambda reply: reply.url.endswith("/camera-pictures")) as kept:
            await sit.start()
        assert (await kept.value).status == 200
        await expect(sit.part("camera-bar")).to_have_attribute("data-on", "true")
        assert await violations(sit.page) == []
        # A page that is opened again turns it on by itself.
        await sit.page.reload()
        await expect(sit.part("camera-bar")).to_have_attribute("data-on", "true")
        await watch.part(f"row-menu-{one.attempt_id}").click()
        await expect(watch.part("row-camera")).to_contain_text("Agreed to pictures")
        await watch.part("see-camera").click()
        picture = watch.part("camera-picture").last
        await expect(picture).to_have_attribute("alt", re.compile("Picture from the camera at "))
        assert await picture.evaluate(SIZE) == [320, 240]
        assert await violations(watch.page) == []
        seen = [line.entry for line in (await service.audit(kind="camera_pictures_read")).entries]
        assert [(entry["user_id"], entry["attempt_id"]) for entry in seen] == [("ada", one.attempt_id)]
        await sit.part("camera-stop").click()
        await expect(sit.part("camera-bar")).to_have_attribute("data-on", "false")
        await expect(watch.part("row-camera")).to_have_attribute("data-agreed", "false")
        await sit.give("right")
        await sit.save_state("saved")
        records, _ = await tenant.log(one.attempt_id)
        said = [record.entry.fact.agreed for record in records if isinstance(record.entry.fact, CameraAgreed)]
        noticed = [record.entry.fact.signal for record in records if isinstance(record.entry.fact, Observed)]
        assert (said, noticed) == ([True, False], ["camera_withdrawn"])
        assert sit.errors == watch.errors == []
