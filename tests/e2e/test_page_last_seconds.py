"""The network is bad when it matters most: just before the time is up."""

import time

import pytest
from playwright.async_api import Browser, expect

from clients.python.rest import Rest
from protocol.attempt.model import Attempt
from protocol.content import Rules
from tests.e2e.deployment import Tenant
from tests.e2e.exams import Seat, ends_in, seat, short_texts
from tests.e2e.pages import Sit, sit_link
from tests.e2e.proxy import Proxy
from tests.e2e.waiting import until, until_ms

_SECOND_MS = 1_000
_HOUR_MS = 3_600_000


async def _ends_in(service: Rest, one: Seat, sit: Sit, left_ms: int) -> int:
    """Her time is up so soon from now, and her page knows it. Returns the deadline."""
    await ends_in(service, "exam", one, left_ms)
    deadline_ms = (await service.status(one.attempt_id)).state.test_clock.deadline_ms
    assert deadline_ms is not None

    async def known() -> bool | None:
        return await sit.left_ms() < _HOUR_MS // 2 or None

    await until(known)
    return deadline_ms


def _values(attempt: Attempt) -> dict[str, object]:
    return {question_id: answer.value for question_id, answer in attempt.answers.items()}


async def test_a_connection_that_falls_silent_near_the_end_loses_nothing(tenant: Tenant, chromium: Browser) -> None:
    node = tenant.node
    async with tenant.service(node) as service, Proxy(node.port) as proxy:
        await service.put_test("exam", short_texts(3, Rules(duration_ms=_HOUR_MS, warnings_ms=[])))
        one = await seat(service, "exam", "ada")
        sit = await Sit.open(chromium, sit_link(proxy.url, one))
        await sit.start()
        await sit.give("before")
        await sit.save_state("saved")
        deadline_ms = await _ends_in(service, one, sit, 15 * _SECOND_MS)

        proxy.silence()
        await sit.give("typed into the silence")
        await sit.save_state("saved")
        assert time.time() * 1000 < deadline_ms
        # And once more, so late that only the grace is left for it.
        await sit.go_to(1)
        await until_ms(deadline_ms - 700)
        proxy.silence()
        await sit.part("text-answer").fill("the last words")
        await sit.outcome("completed")
        _, attempt = await tenant.log(one.attempt_id)
        assert _values(attempt) == {"q1": "typed into the silence", "q2": "the last words"}
        assert await sit.part("lost-answers").count() == 0
        assert sit.errors == []


@pytest.mark.long
async def test_a_network_that_is_back_just_before_the_end_is_found_in_time(tenant: Tenant, chromium: Browser) -> None:
    node = tenant.node
    async with tenant.service(node) as service, Proxy(node.port) as proxy:
        await service.put_test("exam", short_texts(3, Rules(duration_ms=50_000, warnings_ms=[])))
        one = await seat(service, "exam", "ada")
        sit = await Sit.open(chromium, sit_link(proxy.url, one))
        await sit.start()
        deadline_ms = (await service.status(one.attempt_id)).state.test_clock.deadline_ms
        assert deadline_ms is not None
        await proxy.cut()
        await sit.connection("waiting")
        for index in range(3):
            await sit.go_to(index)
            await sit.give(f"offline {index}")
            await sit.save_state("kept")
        await until_ms(deadline_ms - 5 * _SECOND_MS)
        proxy.heal()
        await sit.save_state("saved")
        await expect(sit.part("outcome")).to_be_visible()
        _, attempt = await tenant.log(one.attempt_id)
        assert _values(attempt) == {f"q{index + 1}": f"offline {index}" for index in range(3)}
        assert sit.errors == []


async def test_who_is_offline_where_that_stops_the_clock_is_not_locked_out(tenant: Tenant, chromium: Browser) -> None:
    node = tenant.node
    async with tenant.service(node) as service, Proxy(node.port) as proxy:
        rules = Rules(duration_ms=_HOUR_MS, warnings_ms=[], on_disconnect="pause", pause_budget_ms=300_000)
        await service.put_test("exam", short_texts(2, rules))
        one = await seat(service, "exam", "ada")
        sit = await Sit.open(chromium, sit_link(proxy.url, one))
        await sit.start()
        # Over the socket: there the server sees at once that she is gone.
        await sit.connection("live")
        await sit.give("typed before")
        await sit.save_state("saved")
        deadline_ms = await _ends_in(service, one, sit, 8 * _SECOND_MS)
        await proxy.cut()
        await expect(sit.part("paused-overlay")).to_be_visible()
        await until_ms(deadline_ms + _SECOND_MS)
        assert await sit.part("locked-notice").count() == 0
        proxy.heal()
        await expect(sit.part("paused-overlay")).to_be_hidden()
        await sit.is_given("typed before")
        await sit.give("typed afterwards")
        await sit.save_state("saved")
        assert await sit.left_ms() > 0
        _, attempt = await tenant.log(one.attempt_id)
        assert _values(attempt) == {"q1": "typed afterwards"}
        assert sit.errors == []
