"""One look into the database answers all who asked before it began."""

import asyncio
from collections.abc import Collection, Mapping

import pytest

from server.pacing import gathered
from server.pacing.gathered import MOST, Gathered


class Table:
    """What is looked into. `looks` has the keys of each look, `began_s` when it began."""

    def __init__(self) -> None:
        self.looks: list[list[int]] = []
        self.began_s: list[float] = []
        self.open = asyncio.Event()
        self.open.set()
        self.fails = False

    async def look(self, matter: str, keys: Collection[int]) -> Mapping[int, str]:
        self.looks.append(list(keys))
        self.began_s.append(asyncio.get_running_loop().time())
        await self.open.wait()
        if self.fails:
            raise OSError
        return {key: f"{matter} {key}" for key in keys}


@pytest.fixture
def table() -> Table:
    return Table()


async def test_who_asks_alone_is_answered_at_once(table: Table) -> None:
    asked = Gathered(table.look, "look")
    async with asyncio.timeout(60):
        assert await asked.ask("tests", 1) == "tests 1"
    await asyncio.gather(*asked._looking.values())
    assert (asked._asked, asked._looking) == ({}, {})


async def test_who_asks_during_a_look_is_answered_by_the_next_one(table: Table) -> None:
    asked = Gathered(table.look, "look")
    table.open.clear()
    first = asyncio.create_task(asked.ask("tests", 1))
    await asyncio.sleep(0.01)
    others = [asyncio.create_task(asked.ask("tests", key)) for key in (1, 2, 2, *range(3, MOST + 3))]
    elsewhere = asyncio.create_task(asked.ask("people", 1))
    await asyncio.sleep(0.01)
    assert table.looks == [[1], [1]], "of another matter at the same time"
    table.open.set()
    assert await first == "tests 1"
    assert (await asyncio.gather(*others))[:3] == ["tests 1", "tests 2", "tests 2"]
    assert await elsewhere == "people 1"
    assert [len(keys) for keys in table.looks] == [1, 1, MOST, 2]


async def test_who_asks_one_thing_after_the_other_does_not_wait(table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gathered, "_APART_S", 3_600)
    monkeypatch.setattr(gathered, "_FOR_EACH_S", 3_600)
    asked = Gathered(table.look, "look")
    async with asyncio.timeout(60):
        for key in range(5):
            await asked.ask("tests", key)
    assert [len(keys) for keys in table.looks] == [1, 1, 1, 1, 1]


async def test_looks_that_many_share_begin_some_milliseconds_apart(
    table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gathered, "_APART_S", 0.1)
    asked = Gathered(table.look, "look")
    for _ in range(3):
        # One key of forty who ask is as many as forty keys.
        await asyncio.gather(*(asked.ask("tests", 1) for _ in range(40)))
    pauses = [later - before for before, later in zip(table.began_s, table.began_s[1:], strict=False)]
    assert all(pause > 0.09 for pause in pauses)


async def test_a_crowd_that_fills_a_look_does_not_wait_for_more(table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten thousand who came back after a crash waited twice as long as the database took."""
    monkeypatch.setattr(gathered, "_APART_S", 3_600)
    monkeypatch.setattr(gathered, "_FOR_EACH_S", 3_600)
    asked = Gathered(table.look, "look")
    table.open.clear()
    first = asyncio.create_task(asked.ask("tests", 0))
    await asyncio.sleep(0)
    others = [asyncio.create_task(asked.ask("tests", key)) for key in range(1, 2 * MOST + 1)]
    await asyncio.sleep(0)
    table.open.set()
    async with asyncio.timeout(60):
        await asyncio.gather(first, *others)
    assert [len(keys) for keys in table.looks] == [1, MOST, MOST]
    for rests in asked._looking.values():
        rests.cancel()


async def test_a_look_that_fails_fails_for_all_who_wait_and_for_nobody_else(table: Table) -> None:
    asked = Gathered(table.look, "look")
    table.fails = True
    failed = await asyncio.gather(*(asked.ask("tests", key) for key in (1, 2)), return_exceptions=True)
    assert all(isinstance(one, OSError) for one in failed)
    table.fails = False
    assert await asked.ask("tests", 1) == "tests 1"


async def test_who_leaves_takes_nobody_along(table: Table) -> None:
    asked = Gathered(table.look, "look")
    table.open.clear()
    leaves, stays = (asyncio.create_task(asked.ask("tests", 1)) for _ in range(2))
    await asyncio.sleep(0.01)
    leaves.cancel()
    table.open.set()
    assert await stays == "tests 1"
