"""Between the page and the server stands something that lets little through, or answers in the server's place."""

from playwright.async_api import Browser, expect

from tests.e2e.deployment import Tenant
from tests.e2e.exams import seat, short_texts
from tests.e2e.pages import Sit, sit_link
from tests.e2e.proxy import Proxy
from tests.e2e.waiting import until


async def test_post_is_enough(tenant: Tenant, chromium: Browser) -> None:
    """A filter that lets neither WebSockets nor any method but GET and POST through costs no answer."""
    node = tenant.node
    async with (
        tenant.service(node) as service,
        Proxy(node.port, upgrades=False, blocked={"PUT", "PATCH", "DELETE"}) as proxy,
    ):
        await service.put_test("exam", short_texts(4))
        one = await seat(service, "exam", "ada")
        sit = await Sit.open(chromium, sit_link(proxy.url, one))
        await sit.connection("rest")
        await sit.start()
        for index in range(4):
            await sit.give(f"answer {index}")
            await sit.save_state("saved")
            if index < 3:
                await sit.part("question-next").click()
                await sit.part("flag-button").click()
        await sit.hand_in()
        _, attempt = await tenant.log(one.attempt_id)
        assert {key: answer.value for key, answer in attempt.answers.items()} == {
            f"q{index + 1}": f"answer {index}" for index in range(4)
        }
        assert (attempt.question_index, sorted(attempt.flagged)) == (3, ["q2", "q3", "q4"])
        assert sit.errors == []


async def test_a_portal_that_answers_everything_is_no_server(tenant: Tenant, chromium: Browser) -> None:
    node = tenant.node
    async with tenant.service(node) as service, Proxy(node.port) as proxy:
        await service.put_test("exam", short_texts(2))
        token = tenant.token("candidate", "ada")
        proxy.portal = b"{}"
        sit = await Sit.open(chromium, f"{proxy.url}/sit#test=exam&token={token}")
        await expect(sit.part("unreachable")).to_be_visible()
        # It asks again by itself.
        proxy.portal = None
        await sit.start()
        await sit.give("before")
        await sit.save_state("saved")

        proxy.portal = b"{}"
        await proxy.cut()
        proxy.heal()
        await sit.connection("waiting")
        await sit.give("meanwhile")
        await sit.save_state("kept")
        await expect(sit.part("countdown")).not_to_contain_text("NaN")
        proxy.portal = b"<html>Welcome to our network</html>"
        opened, caught = proxy.opened, proxy.caught

        async def tried() -> bool | None:
            return proxy.caught > caught or None

        await until(tried)
        await sit.connection("waiting")
        assert proxy.opened == opened
        proxy.portal = None
        await sit.save_state("saved")
        _, attempt = await tenant.log(sit.attempt_id)
        assert attempt.answers["q1"].value == "meanwhile"
        assert sit.errors == []
