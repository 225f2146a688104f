"""One outcome for several who wait."""

import asyncio
import gc

import pytest

from storage.sharing import outcome_of


async def test_all_hear_it() -> None:
    shared: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    waiting = [asyncio.create_task(outcome_of(shared)) for _ in range(2)]
    await asyncio.sleep(0)
    shared.set_result(7)
    assert await asyncio.gather(*waiting) == [7, 7]
    assert await outcome_of(shared) == 7


async def test_who_is_cancelled_ends_her_own_wait_alone() -> None:
    shared: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    one, other = asyncio.create_task(outcome_of(shared)), asyncio.create_task(outcome_of(shared))
    await asyncio.sleep(0)
    one.cancel()
    await asyncio.wait([one])
    shared.set_exception(LookupError("gone"))
    assert one.cancelled()
    with pytest.raises(LookupError):
        await other


async def test_a_failure_that_nobody_waits_for_any_more_is_no_complaint() -> None:
    complaints: list[dict[str, object]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: complaints.append(context))
    shared: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    waiting = asyncio.create_task(outcome_of(shared))
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.wait([waiting])
    shared.set_exception(LookupError("gone"))
    del shared, waiting
    await asyncio.sleep(0)
    gc.collect()
    assert complaints == []
