"""The monitor looks at a part of a room: a branch, a group, a section; acts on all reach that part alone."""

from playwright.async_api import Browser, expect

from clients.python.rest import Rest
from protocol.content import Rules
from tests.e2e.axe import violations
from tests.e2e.deployment import Deployment, Tenant
from tests.e2e.exams import in_sections, seat, short_texts
from tests.e2e.pages import Watch, monitor_link
from tests.e2e.rest_seat import RestSeat

_WHERE = {"ada": ("north", "room-1"), "bob": ("north", "room-2"), "cy": ("south", "room-1")}


async def _room(service: Rest) -> dict[str, str]:
    """The attempts of all, by user id; all have started."""
    await service.put_test("exam", short_texts(2, Rules(duration_ms=3_600_000)))
    lines = [f"{user_id},{user_id.title()},{branch},{group}" for user_id, (branch, group) in _WHERE.items()]
    await service.import_roster("\n".join(["id,name,branch,group", *lines]), test_id="exam")
    attempts = {}
    for user_id in _WHERE:
        attempts[user_id] = (await seat(service, "exam", user_id)).attempt_id
        await service.start(attempts[user_id])
    return attempts


async def test_a_branch_a_group_and_two_papers(embedded: Deployment, chromium: Browser) -> None:
    node = embedded.node()
    await node.start()
    async with embedded.service(node) as service:
        attempts = await _room(service)
        watch = await Watch.open(chromium, monitor_link(embedded, node, "exam"))
        await expect(watch.part("count-in_progress")).to_have_text("3")
        await expect(watch.part("place-section")).to_have_count(0)

        await watch.part("place-branch").select_option("north")
        await expect(watch.row(attempts["cy"])).to_have_count(0)
        await expect(watch.part("count-in_progress")).to_have_text("2")
        await watch.part("place-group").select_option("room-1")
        await expect(watch.part("count-in_progress")).to_have_text("1")
        await watch.part("place-branch").select_option("")
        await expect(watch.row(attempts["cy"])).to_be_visible()
        await expect(watch.row(attempts["bob"])).to_have_count(0)

        async with watch.page.expect_request(lambda request: request.url.endswith("/bulk")) as sent:
            await watch.part("select-all").click()
            await watch.part("bulk-pause").click()
            await watch.part("dialog-confirm").click()
        assert '"filter":{"groups":["room-1"]}' in str((await sent.value).post_data)
        await watch.row_has(attempts["ada"], status="paused")
        await watch.row_has(attempts["cy"], status="paused")
        await watch.part("place-group").select_option("")
        await watch.row_has(attempts["bob"], status="in_progress")
        await _taken_back(watch, attempts)

        await watch.part("select-all").click()
        await expect(watch.part("compare-papers")).to_have_count(0)
        await watch.part(f"choose-{attempts['cy']}").click()
        await watch.part("compare-papers").click()
        await expect(watch.part("papers-verdict")).to_have_attribute("data-equal", "true")
        await expect(watch.part("paper-of")).to_have_count(2)
        await watch.part("papers-close").click()
        await service.import_roster("id,name\ndora,Dora", test_id="exam")
        await _on_a_wall(watch)
        async with watch.page.expect_download() as saving:
            await watch.part("save-csv").click()
        rows = (await (await saving.value).path()).read_text("utf-8-sig").splitlines()
        assert len(rows) == 5
        assert rows[4].startswith("Dora,Expected,")
        assert rows[4].endswith(",dora,")
        assert watch.errors == []


async def _on_a_wall(watch: Watch) -> None:
    """What all may read: the end, how many sit, and announcements; nobody's name, and with fewer rights."""
    async with watch.page.expect_popup() as opening:
        await watch.part("open-wall").click()
    wall = await opening.value
    part = wall.get_by_test_id
    await expect(part("hall-sitting")).to_have_text("3 candidates are still sitting of 4")
    await expect(part("hall-ends")).to_contain_text("Ends at ")
    await watch.part("select-all").check()
    await watch.part("bulk-message").click()
    await watch.part("dialog-text").fill("Ten minutes more.")
    await watch.part("dialog-confirm").click()
    await expect(part("hall-announcement")).to_contain_text("Ten minutes more.")
    assert await violations(wall) == []
    await part("hall-language").select_option("ar")
    await expect(wall.locator("html")).to_have_attribute("dir", "rtl")
    assert await violations(wall) == []
    assert not set(_WHERE) & set((await wall.locator("body").inner_text()).lower().split())
    held = "sessionStorage.getItem('pencilsdown monitor')"
    assert await wall.evaluate(held) != await watch.page.evaluate(held)
    assert "token" not in wall.url
    await wall.context.set_offline(True)
    await expect(part("hall")).to_have_attribute("data-live", "false")
    await expect(part("hall-freshness")).to_contain_text(":")
    await wall.context.set_offline(False)
    await wall.close()


async def _taken_back(watch: Watch, attempts: dict[str, str]) -> None:
    """A pause of two, and one of one, can be taken back, and reach nobody else; more time can't."""
    await watch.part("bulk-undo").click()
    assert await violations(watch.page) == []
    await watch.part("dialog-confirm").click()
    for attempt_id in attempts.values():
        await watch.row_has(attempt_id, status="in_progress")
    await expect(watch.part("bulk-act").first).to_have_attribute("data-command", "resume")
    await expect(watch.part("bulk-act").nth(1).get_by_test_id("bulk-undo")).to_have_count(0)
    await watch.act(attempts["bob"], "pause")
    await watch.row_has(attempts["bob"], status="paused")
    await watch.part("undo").click()
    await watch.row_has(attempts["bob"], status="in_progress")
    await watch.act(attempts["bob"], "extend", minutes="5", reason="noise")
    await expect(watch.part("toast").last).to_contain_text("more time given")
    await expect(watch.part("toast").last.get_by_test_id("undo")).to_have_count(0)


async def test_a_section_of_the_room(tenant: Tenant, chromium: Browser) -> None:
    """Whoever enters the next section leaves the part of the room that is looked at, and what is done to all in it."""
    node = tenant.node
    async with tenant.service(node) as service:
        await service.put_test("exam", in_sections([None, None]))
        attempts, seats = {}, {}
        for user_id in ("ada", "bob", "cy"):
            one = await seat(service, "exam", user_id)
            attempts[user_id] = one.attempt_id
            seats[user_id] = await RestSeat.open(service.as_user(one.token), one.attempt_id)
            if user_id != "cy":
                await seats[user_id].start()
        watch = await Watch.open(chromium, monitor_link(tenant, node, "exam"))
        await expect(watch.part("count-in_progress")).to_have_text("2")
        await expect(watch.part("place-section").get_by_role("option")).to_have_text(["Every section", "s1"])

        await seats["ada"].enter(1, "s2")
        await expect(watch.part("place-section").get_by_role("option")).to_have_text(["Every section", "s1", "s2"])
        await watch.part("place-section").select_option("s1")
        await expect(watch.row(attempts["bob"])).to_be_visible()
        for user_id in ("ada", "cy"):
            await expect(watch.row(attempts[user_id])).to_have_count(0)
        await expect(watch.part("count-in_progress")).to_have_text("1")

        async with watch.page.expect_request(lambda request: request.url.endswith("/bulk")) as sent:
            await watch.part("select-all").click()
            await watch.part("bulk-pause").click()
            await watch.part("dialog-confirm").click()
        assert '"filter":{"sections":["s1"]}' in str((await sent.value).post_data)
        await watch.row_has(attempts["bob"], status="paused")
        await service.resume(attempts["bob"])
        await watch.row_has(attempts["bob"], status="in_progress")

        # The last one leaves: the choice stays, and shows nobody.
        await seats["bob"].enter(1, "s2")
        await expect(watch.row(attempts["bob"])).to_have_count(0)
        await expect(watch.part("place-section")).to_have_value("s1")
        await expect(watch.page.get_by_text("No attempt matches.")).to_be_visible()
        await expect(watch.part("select-all")).to_be_disabled()
        await watch.part("place-section").select_option("s2")
        await watch.row_has(attempts["ada"], status="in_progress")
        await watch.row_has(attempts["bob"], status="in_progress")
        assert watch.errors == []


async def test_a_reload_keeps_the_view_and_paper_shows_everybody(tenant: Tenant, chromium: Browser) -> None:
    node = tenant.node
    many = 60
    async with tenant.service(node) as service:
        await service.put_test("exam", short_texts(1))
        attempts = [(await seat(service, "exam", f"user-{n:02}")).attempt_id for n in range(many)]
        watch = await Watch.open(chromium, monitor_link(tenant, node, "exam"))
        await expect(watch.part("count-initiated")).to_have_text(str(many))
        # The last of them lies below what is drawn.
        await expect(watch.row(attempts[-1])).to_have_count(0)
        await watch.page.emulate_media(media="print")
        await watch.page.evaluate("dispatchEvent(new Event('beforeprint'))")
        for attempt_id in attempts:
            await expect(watch.row(attempt_id)).to_be_visible()
        await expect(watch.part("printed")).to_contain_text(f"{many} attempts, as of ")
        await watch.page.evaluate("dispatchEvent(new Event('afterprint'))")
        await watch.page.emulate_media(media="screen")
        await expect(watch.row(attempts[-1])).to_have_count(0)

        await watch.part("sort-name").click()
        await watch.part("filter-initiated").click()
        await watch.part("search").fill("user")
        first = watch.page.locator(".row").first
        await expect(first).to_have_attribute("data-testid", f"row-{attempts[-1]}")
        await watch.page.reload()
        await expect(watch.part("search")).to_have_value("user")
        await expect(watch.part("filter-initiated")).to_have_attribute("aria-pressed", "true")
        await expect(first).to_have_attribute("data-testid", f"row-{attempts[-1]}")
        assert "user" not in watch.page.url
        await _columns_and_views(watch)
        assert watch.errors == []


async def _columns_and_views(watch: Watch) -> None:
    """Columns come, move by keys and go into the file; a view with a name brings them back, also by its link."""
    page, part = watch.page, watch.part
    heads = page.locator("[role=columnheader] > button")
    await part("columns-open").click()
    await part("column-user").check()
    for name in ("score", "message", "seen", "left", "question"):
        await part(f"column-{name}").uncheck()
    await part("column-up-user").focus()
    for _ in range(3):
        await page.keyboard.press("Enter")
    await expect(part("column-down-user")).to_be_focused()
    assert await violations(page) == []
    await part("columns-close").click()
    shown = ["Name", "User id", "Status", "Connection", "Answered"]
    await expect(heads).to_contain_text(shown)
    async with page.expect_download() as saving:
        await part("save-csv").click()
    rows = (await (await saving.value).path()).read_text("utf-8-sig").splitlines()
    assert rows[0] == ",".join([*shown, "User id", "Attempt id"])
    assert (len(rows), rows[1].split(",")[:2]) == (61, ["User-59", "user-59"])

    await part("views-open").click()
    await part("view-name").fill("Who is who")
    await part("view-keep").click()
    link = await part("view-link").input_value()
    assert "token" not in link
    assert await violations(page) == []
    await page.keyboard.press("Escape")
    await part("columns-open").click()
    await part("columns-usual").click()
    await part("columns-close").click()
    await expect(heads).to_have_count(9)
    await part("view-choose").select_option("Who is who")
    await expect(heads).to_contain_text(shown)
    await part("columns-open").click()
    await part("columns-usual").click()
    await part("columns-close").click()
    await expect(heads).to_have_count(9)
    await page.evaluate("link => void location.assign(link)", link)
    await expect(heads).to_contain_text(shown)
