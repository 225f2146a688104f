"""What staff type where nobody can see it: refused by name over REST, and said at the field on the monitor."""

import pytest
from playwright.async_api import Browser, expect

from clients.python.errors import Refused
from protocol.codes import Code
from protocol.orders import COMMANDS
from protocol.rest.bulk import BulkBody
from tests.e2e.deployment import Tenant
from tests.e2e.exams import seat, short_texts
from tests.e2e.pages import Sit, Watch, monitor_link, sit_link
from tests.protocol.test_texts import UNSEEN

MESSAGE, WARN, CANCEL = (
    next(order for order, command in COMMANDS.items() if command.__struct_config__.tag == tag)
    for tag in ("message", "warn", "cancel")
)
SEEN = ["\u200b!", "\1a\1", "…", "a\u202eb", "👩‍🚀", "x" * 10, "line\nline"]


async def test_a_text_that_nobody_can_see_is_refused_where_it_is_typed(tenant: Tenant, chromium: Browser) -> None:
    node = tenant.node
    async with tenant.service(node) as service:
        await service.put_test("exam", short_texts(2))
        one = await seat(service, "exam", "ada")
        await service.start(one.attempt_id)
        for number, text in enumerate(UNSEEN):
            here = [one.attempt_id]
            # No field may hold a NUL: that is said before whether a reason is there.
            code_of_reason = Code.OUT_OF_RANGE if "\0" in text else Code.REASON_REQUIRED
            written = BulkBody(bulk_id=f"m{number}", order=MESSAGE(text=text), attempt_ids=here)
            warned = BulkBody(bulk_id=f"w{number}", order=WARN(reason=text), attempt_ids=here)
            told = BulkBody(bulk_id=f"c{number}", order=CANCEL(reason="A reason.", said=text), attempt_ids=here)
            # Nothing may be said: then she is told nothing.
            blank = (
                []
                if text == ""
                else [
                    (service.cancel(one.attempt_id, reason="A reason.", said=text), Code.OUT_OF_RANGE),
                    (service.bulk("exam", told), Code.OUT_OF_RANGE),
                ]
            )
            for call, code in (
                *blank,
                (service.message(one.attempt_id, text), Code.OUT_OF_RANGE),
                (service.warn(one.attempt_id, reason=text), code_of_reason),
                (service.cancel(one.attempt_id, reason=text), code_of_reason),
                (service.bulk("exam", written), Code.OUT_OF_RANGE),
                (service.bulk("exam", warned), code_of_reason),
            ):
                with pytest.raises(Refused) as refused:
                    await call
                assert refused.value.code == code, ascii(text)

        watch = await Watch.open(chromium, monitor_link(tenant, node, "exam"))
        for action, field in (("message", "text"), ("warn", "reason"), ("cancel", "reason"), ("cancel", "said")):
            await watch.part(f"row-menu-{one.attempt_id}").click()
            await watch.part(f"action-{action}").click()
            typed, confirm = watch.part(f"dialog-{field}"), watch.part("dialog-confirm")
            if field == "said":
                await watch.part("dialog-reason").fill("A reason.")
            for text in UNSEEN:
                await typed.fill(text)
                if field != "said" or await typed.input_value():
                    await expect(confirm).to_be_disabled()
                # White space alone is what an empty field has: a browser may take out the rest.
                if await typed.input_value():
                    await expect(typed).to_have_attribute("aria-invalid", "true")
                    await expect(typed).to_have_accessible_description(
                        "Nobody can see this: it has spaces and invisible characters alone."
                    )
            await typed.fill("Now it can be read.")
            await expect(typed).to_have_attribute("aria-invalid", "false")
            await expect(confirm).to_be_enabled()
            await watch.page.keyboard.press("Escape")
        _, attempt = await tenant.log(one.attempt_id)
        assert (attempt.messages, attempt.status.value) == ((), "in_progress")
        assert watch.errors == []


async def test_odd_texts_that_can_be_seen_reach_the_candidate_as_they_are(tenant: Tenant, chromium: Browser) -> None:
    node = tenant.node
    async with tenant.service(node) as service:
        await service.put_test("exam", short_texts(2))
        one = await seat(service, "exam", "ada")
        sit = await Sit.open(chromium, sit_link(node.url, one))
        await sit.start()
        for text in SEEN:
            await service.message(one.attempt_id, text)
            await expect(sit.part("staff-message")).to_contain_text(text.strip("\u200b\1").split("\n")[0][:4])
            unfold, dismiss = sit.part("unfold-message"), sit.part("dismiss-message")
            await unfold.or_(dismiss).wait_for()
            if await unfold.count():
                await unfold.click()
            await dismiss.click()
            await expect(sit.part("staff-message")).to_have_count(0)
        _, attempt = await tenant.log(one.attempt_id)
        assert [sent.text for sent in attempt.messages] == SEEN
        assert sit.errors == []
