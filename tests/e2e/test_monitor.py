"""The instructor's page when its connection fails it: what it shows, and what becomes of commands that were given."""

from playwright.async_api import Browser, Dialog, expect

from clients.python.rest import Rest
from tests.e2e.deployment import Deployment, Tenant
from tests.e2e.exams import Seat, seat, short_texts
from tests.e2e.pages import Sit, Watch, monitor_link, sit_link

_MINUTES_MS = 60_000


async def test_a_command_given_to_a_dead_connection_is_asked_for_again(embedded: Deployment, chromium: Browser) -> None:
    node = embedded.node()
    await node.start()
    async with embedded.service(node) as service:
        one = await _sitting(service, node.url, chromium)
        watch = await Watch.open(chromium, monitor_link(embedded, node, "exam"))
        await watch.row_has(one.attempt_id, status="in_progress")
        await node.kill()
        await expect(watch.part("connection-state")).to_have_attribute("data-state", "waiting")
        await watch.act(one.attempt_id, "extend", minutes="5")
        await watch.act(one.attempt_id, "pause")
        # They are shown once they are too old to be sent without a question.
        await expect(watch.part("held-command")).to_have_count(2)
        await expect(watch.part("held-commands")).to_have_attribute("data-held", "false")
        await expect(watch.part("held-send").first).to_be_disabled()

        await node.start()
        await expect(watch.part("held-commands")).to_have_attribute("data-held", "true")
        await watch.row_has(one.attempt_id, status="in_progress", connection="online")
        await watch.part("held-command").filter(has_text="pause").get_by_test_id("held-discard").click()
        await watch.part("held-command").filter(has_text="5 minutes").get_by_test_id("held-send").click()
        await expect(watch.part("toast")).to_contain_text("more time given")
        await expect(watch.part("held-commands")).to_have_count(0)
        records, _ = await embedded.log(one.attempt_id)
        kinds = [type(record.entry.fact).__name__ for record in records]
        assert kinds.count("Extended") == 1
        assert "Paused" not in kinds
        assert watch.errors == []


async def test_leaving_with_commands_on_the_way_is_asked_and_a_reload_tells_them(
    tenant: Tenant, chromium: Browser
) -> None:
    node = tenant.node
    async with tenant.service(node) as service:
        one = await _sitting(service, node.url, chromium)
        watch = await Watch.open(chromium, monitor_link(tenant, node, "exam"))
        await watch.row_has(one.attempt_id, status="in_progress")
        asked: list[str] = []
        watch.page.on("dialog", lambda dialog: asked.append(_kind(dialog)))
        await watch.page.reload()
        await watch.row_has(one.attempt_id, status="in_progress")
        assert asked == [], "nothing is on the way"

        # The page stays where it is, and opens no socket any more.
        await watch.page.evaluate("() => { window.WebSocket = class { constructor() { throw new Error('blocked') } } }")
        await watch.page.context.set_offline(True)
        await expect(watch.part("connection-state")).to_have_attribute("data-state", "waiting")
        await watch.act(one.attempt_id, "extend", minutes="5")
        await watch.page.context.set_offline(False)
        await watch.page.reload()
        await expect(watch.part("toast")).to_contain_text("Ada: this page was reloaded")
        assert asked == ["beforeunload"]
        await watch.row_has(one.attempt_id, status="in_progress")
        state = (await service.status(one.attempt_id)).state
        assert state.started_at_ms is not None
        assert state.test_clock.deadline_ms == state.started_at_ms + 60 * _MINUTES_MS, "nobody was given time"


async def test_rows_of_a_page_without_a_connection_look_stale(embedded: Deployment, chromium: Browser) -> None:
    node = embedded.node()
    await node.start()
    async with embedded.service(node) as service:
        one = await _sitting(service, node.url, chromium)
        watch = await Watch.open(chromium, monitor_link(embedded, node, "exam"))
        await watch.row_has(one.attempt_id, connection="online")
        await expect(watch.part("stale")).to_have_count(0)
        await node.kill()
        await expect(watch.part("stale")).to_be_visible()
        await watch.row_has(one.attempt_id, connection="unknown")
        await expect(watch.row(one.attempt_id)).to_have_attribute("data-stale", "true")
        await node.start()
        await watch.row_has(one.attempt_id, connection="online", stale="false")
        await expect(watch.part("stale")).to_have_count(0)


async def test_two_candidates_whose_ids_look_alike_are_marked_as_soon_as_there_are_two(
    tenant: Tenant, chromium: Browser
) -> None:
    node = tenant.node
    async with tenant.service(node) as service:
        await service.put_test("exam", short_texts(1))
        lower, bob = await seat(service, "exam", "ada"), await seat(service, "exam", "bob")
        watch = await Watch.open(chromium, monitor_link(tenant, node, "exam"))
        await watch.row_has(bob.attempt_id, status="initiated")
        await watch.row_has(lower.attempt_id, status="initiated")
        await expect(watch.part("lookalike")).to_have_count(0)
        upper = await seat(service, "exam", "ADA")
        await expect(watch.row(lower.attempt_id).get_by_test_id("lookalike")).to_be_visible()
        await expect(watch.row(upper.attempt_id).get_by_test_id("lookalike")).to_be_visible()
        await expect(watch.row(bob.attempt_id).get_by_test_id("lookalike")).to_have_count(0)
        await watch.part(f"row-menu-{lower.attempt_id}").click()
        await expect(watch.part("lookalikes")).to_contain_text("“ADA”")
        assert watch.errors == []


async def test_what_can_be_done_with_a_row_is_within_reach_at_every_width(tenant: Tenant, chromium: Browser) -> None:
    node = tenant.node
    async with tenant.service(node) as service:
        await service.put_test("exam", short_texts(1))
        one = await seat(service, "exam", "ada")
        watch = await Watch.open(chromium, monitor_link(tenant, node, "exam"))
        for width in (1280, 1024, 820, 768, 390):
            await watch.page.set_viewport_size({"width": width, "height": 800})
            await expect(watch.part(f"row-menu-{one.attempt_id}")).to_be_in_viewport(ratio=1)
        assert watch.errors == []


async def _sitting(service: Rest, url: str, chromium: Browser) -> Seat:
    """A candidate in the middle of the test "exam"."""
    await service.put_test("exam", short_texts(2))
    one = await seat(service, "exam", "ada")
    sit = await Sit.open(chromium, sit_link(url, one))
    await sit.start()
    return one


def _kind(dialog: Dialog) -> str:
    return dialog.type
