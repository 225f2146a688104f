"""Acts on many attempts, in both databases: who carries one out, and what a node that comes too late may still say."""

from protocol.attempt.model import Role
from protocol.codes import Code
from protocol.orders import COMMANDS, Filter, Order
from protocol.rules.scope import WHOLE
from storage.bulk import LEASE_MS, Bulk, BulkActs, Outcome
from storage.database import Database
from storage.sorting import Sorting
from tests.storage.making import NOW

ONE, TWO, THREE = (f"01890a5d-ac96-774b-bcce-b302099a800{number}" for number in (1, 2, 3))
(PAUSE,) = (order for order, command in COMMANDS.items() if command.__struct_config__.tag == "pause")


def act(bulk_id: str = "b", test_id: str = "test", at_ms: int = NOW) -> Bulk:
    order: Order = PAUSE(reason="fire")
    return Bulk(
        org_id="school",
        bulk_id=bulk_id,
        test_id=test_id,
        order=order,
        filter=Filter(statuses=["in_progress"]),
        scope=WHOLE,
        request=b"asked",
        role=Role.INSTRUCTOR.value,
        by_id="grace",
        total=3,
        done=0,
        refused=0,
        created_at_ms=at_ms,
        claimed_until_ms=None,
        ended_at_ms=None,
    )


async def test_what_is_stored_is_what_is_read_and_the_first_stays(database: Database) -> None:
    acts = BulkActs(database)
    assert await acts.add(act(), {ONE: None}) == act()
    assert await acts.add(act(at_ms=NOW + 1), {TWO: None}) == act()
    assert await acts.get("school", "b") == act()
    assert await acts.get("college", "b") is None
    assert await acts.waiting(act(), None, 10) == [ONE]


async def test_a_node_that_was_too_slow_says_nothing_any_more(database: Database) -> None:
    acts = BulkActs(database)
    await acts.add(act(), {ONE: None, TWO: None, THREE: Outcome(Code.NOT_FOUND, "no")})
    slow = await acts.claim(NOW)
    assert slow is not None
    assert await acts.claim(NOW + LEASE_MS - 1) is None
    other = await acts.claim(NOW + LEASE_MS)
    assert other is not None
    assert await acts.settle(slow, {ONE: Outcome(Code.PAUSED, "late")}, NOW + LEASE_MS, ended=False) is None
    assert await acts.waiting(other, None, 10) == [ONE, TWO]
    assert await acts.waiting(other, ONE, 10) == [TWO]
    held = await acts.settle(other, {ONE: Outcome()}, NOW + LEASE_MS, ended=False)
    assert held is not None
    # It dies, and a third one does the same again: nothing is counted twice.
    third = await acts.claim(NOW + 3 * LEASE_MS)
    assert third is not None
    both = {ONE: Outcome(), TWO: Outcome(Code.PAUSED, "It stands.")}
    ended = await acts.settle(third, both, NOW + 3 * LEASE_MS, ended=True)
    assert ended is not None
    assert (ended.done, ended.refused, ended.ended_at_ms) == (1, 1, NOW + 3 * LEASE_MS)
    assert await acts.claim(NOW + 9 * LEASE_MS) is None
    assert await acts.settle(third, {}, NOW + 9 * LEASE_MS, ended=True) is None
    said = [(one.outcome, one.code) for one in await acts.targets("school", "b", Sorting(), 10)]
    assert said == [("done", None), ("refused", "paused"), ("refused", "not_found")]
    assert [one.attempt_id for one in await acts.targets("school", "b", Sorting(after=(ONE,)), 10, refused=True)] == [
        TWO,
        THREE,
    ]


async def test_acts_on_one_test_wait_for_one_another(database: Database) -> None:
    acts = BulkActs(database)
    for bulk_id, test_id in (("1", "a"), ("2", "a"), ("3", "b")):
        await acts.add(act(bulk_id, test_id, NOW + int(bulk_id)), {ONE: None})
    first, other = await acts.claim(NOW), await acts.claim(NOW)
    assert [one.bulk_id for one in (first, other) if one is not None] == ["1", "3"]
    assert await acts.claim(NOW) is None
    assert first is not None
    await acts.settle(first, {ONE: Outcome()}, NOW, ended=True)
    then = await acts.claim(NOW)
    assert then is not None
    assert then.bulk_id == "2"
    assert [one.bulk_id for one in await acts.newest("school", "a", 10)] == ["2", "1"]
