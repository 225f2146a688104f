"""Events are taken over once, in order, claimed by one node each, kept until they arrive, and erased with a person."""

import asyncio
from collections.abc import AsyncIterator
from functools import partial
from typing import Any

import msgspec
import pytest
from sqlalchemy import select

from protocol.attempt.commands import Begin, HandIn
from protocol.attempt.model import Actor, Role
from protocol.events.delivering import DEAD, GIVE_UP_MS, WAITING, Tried, after_try
from protocol.rules.audit import DeliveriesReplayed
from protocol.rules.retention import DAY_MS, DELIVERY_DAYS, Retention
from storage.audit import Note
from storage.database import Database
from storage.deliveries import LEASE_MS, NEWEST_FIRST, Claimed, Deliveries, Settled
from storage.erasing import Erasing
from storage.events import KEPT_MS as EVENTS_KEPT_MS
from storage.events import Events
from storage.log.journal import Journal
from storage.schema import deliveries as table
from storage.schema import subscriptions as subscriptions_table
from storage.sealed import Sealer
from storage.snapshots import Snapshots
from storage.subscriptions import MOST, STREAM, WEBHOOK, Full, Secret, Subscription, Subscriptions
from tests.storage.making import CANDIDATE, NOW, ORG, Owner, new_identity, open_database

SERVICE = Actor(Role.SERVICE, "platform")
KEY = "the secret of this deployment, long enough"


def made(subscription_id: str, topics: list[str], kind: str = WEBHOOK) -> Subscription:
    return Subscription(
        org_id=ORG,
        subscription_id=subscription_id,
        kind=kind,
        target="https://hooks.example/",
        topics=topics,
        description="",
        enabled=True,
        why_off=None,
        created_at_ms=NOW,
        changed_at_ms=NOW,
        changed_by="platform",
    )


async def subscribe(database: Database, subscription_id: str, *topics: str) -> None:
    one = made(subscription_id, list(topics) or ["attempt.*"])
    await Subscriptions(database, Sealer(KEY)).add(one, [Secret("whsec_canary")], SERVICE)


async def sat(journal: Journal, owner: Owner) -> Owner:
    """Three events: created, started, submitted."""
    for append in (owner.made(), owner.asked(Begin(CANDIDATE, 0)), owner.asked(HandIn(CANDIDATE, 0))):
        assert journal.submit(append)
    await owner.heard(3)
    return owner


async def taken_over(database: Database) -> int:
    total = 0
    while done := (await Events(database).take_over(NOW)).events:
        total += done
    return total


@pytest.fixture
async def second(migrated_url: str) -> AsyncIterator[Database]:
    """What another node has of the same database."""
    opened = await open_database(migrated_url)
    yield opened
    await opened.close()


async def test_of_each_attempt_the_first_alone_is_claimed(journal: Journal, database: Database) -> None:
    await subscribe(database, "s")
    one, other = await sat(journal, Owner()), await sat(journal, Owner())
    await taken_over(database)
    kept = Deliveries(database)
    arrived: list[str] = []
    for round_ in ("attempt.created", "attempt.started", "attempt.submitted"):
        assert await kept.due(["s", "t"], NOW) == ["s"]
        claimed = await kept.claim(ORG, "s", NOW, 10)
        assert {each.event_id.partition(":")[0] for each in claimed} == {one.id, other.id}
        assert {each.topic for each in claimed} == {round_}
        assert await kept.claim(ORG, "s", NOW, 10) == [], "they are under way, and what is behind them waits"
        arrived += [each.event_id for each in claimed]
        await settle(kept, claimed, Tried(204))
    assert await kept.due(["s"], NOW) == []
    assert len(set(arrived)) == 6
    assert (await kept.standing()).waiting == 0
    await kept.prune({"other": Retention(delivery_days=1)}, Retention(), NOW + DELIVERY_DAYS * DAY_MS)
    assert len(await kept.page(ORG, limit=10)) == 6
    assert (await kept.count_delivered(ORG, NOW), await kept.count_delivered(ORG, NOW + 1)) == (0, 6)
    longer = Retention(delivery_days=30)
    for rules, others, left in (({ORG: longer}, Retention(), 6), ({}, longer, 6), ({}, Retention(), 0)):
        await kept.prune(rules, others, NOW + DELIVERY_DAYS * DAY_MS + 1)
        assert len(await kept.page(ORG, limit=10)) == left


async def settle(kept: Deliveries, claimed: list[Claimed], tried: Tried, now_ms: int = NOW) -> None:
    settled = [
        Settled(each, after_try(tried, each.tries + 1, now_ms, each.give_up_ms, 0.5), tried.status) for each in claimed
    ]
    await kept.settle(ORG, "s", settled, now_ms)


async def test_two_nodes_share_the_work_and_take_nothing_twice(
    journal: Journal, database: Database, second: Database
) -> None:
    await subscribe(database, "s")
    owners = [Owner() for _ in range(30)]
    for owner in owners:
        assert journal.submit(owner.made())
        await owner.heard(1)
    await asyncio.gather(*(taken_over(each) for each in (database, second)))
    await taken_over(database)
    events, *_ = await Events(second).page(ORG, 0, 100, ["attempt.*"])
    assert len({one.event_id for one in events}) == len(events) == 30
    nodes = [Deliveries(each) for each in (database, second) for _ in range(3)]
    claims = await asyncio.gather(*(node.claim(ORG, "s", NOW, 10) for node in nodes))
    claims += [await nodes[0].claim(ORG, "s", NOW, 30)]
    ids = [each.event_id for claim in claims for each in claim]
    assert len(ids) == len(set(ids)) == 30


async def test_what_a_dead_node_had_is_due_again_and_its_late_word_does_not_count(
    journal: Journal, database: Database, second: Database
) -> None:
    await subscribe(database, "s")
    await sat(journal, Owner())
    await taken_over(database)
    dead, alive = Deliveries(database), Deliveries(second)
    (had,) = await dead.claim(ORG, "s", NOW, 10)
    assert await alive.claim(ORG, "s", NOW + LEASE_MS - 1, 10) == []
    (again,) = await alive.claim(ORG, "s", NOW + LEASE_MS, 10)
    assert again.event_id == had.event_id, "at least once, under one id"
    await settle(dead, [had], Tried(500))
    (shown, *_) = await alive.page(ORG, limit=10, state=WAITING)
    assert (await alive.page(ORG, limit=10))[-1].tries == 0
    await settle(alive, [again], Tried(204), NOW + LEASE_MS)
    assert (await alive.page(ORG, limit=10))[-1].state == "delivered"
    assert shown.tries == 0


async def test_what_was_given_up_is_replayed(journal: Journal, database: Database) -> None:
    await subscribe(database, "s")
    owner = await sat(journal, Owner())
    await taken_over(database)
    kept = Deliveries(database)
    late_ms = NOW + GIVE_UP_MS
    await settle(kept, await kept.claim(ORG, "s", late_ms, 10), Tried(500), late_ms)
    (dead,) = await kept.page(ORG, limit=10, state=DEAD)
    assert (dead.event_id, dead.status, dead.error) == (f"{owner.id}:1", 500, "answered 500")
    assert (await kept.standing()).dead == 1
    (behind,) = await kept.claim(ORG, "s", late_ms, 10)
    assert behind.event_id == f"{owner.id}:2", "whoever is given up holds up nobody"
    note = Note(SERVICE, DeliveriesReplayed("s", 0), late_ms)
    assert await kept.replay(ORG, "s", [f"{owner.id}:2"], note) == 0, "it was not given up"
    assert await kept.replay("another", "s", None, note) == 0
    assert await kept.replay(ORG, "s", [dead.event_id], note) == 1
    (again,) = await kept.claim(ORG, "s", late_ms, 10)
    assert (again.event_id, again.tries, again.give_up_ms) == (dead.event_id, 0, late_ms + GIVE_UP_MS)


async def test_pages_of_deliveries_lose_nothing_while_events_arrive(journal: Journal, database: Database) -> None:
    await subscribe(database, "s")
    await subscribe(database, "t", "attempt.created")
    await sat(journal, Owner())
    await taken_over(database)
    kept = Deliveries(database)
    whole = [(one.position, one.subscription_id) for one in await kept.page(ORG, limit=100)]
    assert len(whole) == 4
    found: list[tuple[int, str]] = []
    while page := await kept.page(ORG, order=NEWEST_FIRST._replace(after=found[-1] if found else None), limit=1):
        found += [(one.position, one.subscription_id) for one in page]
        await sat(journal, Owner())
        await taken_over(database)
    assert found == whole


async def test_an_erased_person_is_in_no_event(journal: Journal, database: Database) -> None:
    await subscribe(database, "s")
    hers = await sat(journal, Owner(new_identity(user_id="canary-ada")))
    his = await sat(journal, Owner(new_identity(user_id="bob")))
    await taken_over(database)
    # Of her second attempt the events are still in the outbox.
    await sat(journal, Owner(new_identity(user_id="canary-ada", number=2)))
    kept = Deliveries(database)
    await Erasing(database).erase(ORG, "canary-ada", "hidden", SERVICE, NOW)
    await taken_over(database)
    events, *_ = await Events(database).page(ORG, 0, 100, None)
    assert not any("canary" in one.data for one in events)
    told = [one.event_id for one in events if one.topic.startswith("attempt.")]
    assert told == [f"{his.id}:{seq}" for seq in (1, 2, 3)]
    assert {one.event_id for one in await kept.page(ORG, limit=100)} == set(told)
    assert hers.id not in str(told)
    assert "audit.person_erased" in [one.topic for one in events]


async def test_events_go_after_a_month_and_a_cursor_before_them_is_found_out(
    journal: Journal, database: Database
) -> None:
    await subscribe(database, "s")
    await sat(journal, Owner())
    await taken_over(database)
    events = Events(database)
    whole, upto, _, more = await events.page(ORG, 0, 100, None)
    assert (upto, more) == (whole[-1].position, False)
    await events.prune(NOW + EVENTS_KEPT_MS - 60_000)
    assert await events.page(ORG, 0, 100, None) == (whole, upto, 0, False)
    await events.prune(NOW + EVENTS_KEPT_MS + 60_000)
    assert await events.page(ORG, 0, 100, None) == ([], 0, upto, False), "the last number is known"
    rows = select(table.c.position)
    assert await database.read(lambda connection: connection.execute(rows).all()) == []


async def test_secrets_are_sealed_and_overlap(database: Database) -> None:
    await subscribe(database, "s")
    kept = Subscriptions(database, Sealer(KEY))
    assert await kept.secrets(ORG, "s", NOW) == ["whsec_canary"]
    assert await kept.rotate(ORG, "s", Secret("whsec_new"), NOW + 10, SERVICE, NOW)
    assert await kept.secrets(ORG, "s", NOW + 9) == ["whsec_new", "whsec_canary"]
    assert await kept.secrets(ORG, "s", NOW + 10) == ["whsec_new"]
    # Once more, because the answer was lost: what the receiver knows still signs, and no longer than it was to.
    assert await kept.rotate(ORG, "s", Secret("whsec_newer"), NOW + 20, SERVICE, NOW + 1)
    assert await kept.secrets(ORG, "s", NOW + 9) == ["whsec_newer", "whsec_new", "whsec_canary"]
    assert await kept.secrets(ORG, "s", NOW + 10) == ["whsec_newer", "whsec_new"]
    assert await kept.rotate(ORG, "s", Secret("whsec_new"), NOW + 11, SERVICE, NOW + 11)
    assert await kept.secrets(ORG, "s", NOW + 11) == ["whsec_new"]
    text = await database.read(lambda connection: connection.execute(select(subscriptions_table.c.secrets)).scalar())
    assert text is not None
    assert "whsec" not in str(text)
    assert await Subscriptions(database, Sealer(KEY + "!")).secrets(ORG, "s", NOW) == []
    assert not await kept.rotate("another", "s", Secret("x"), NOW, SERVICE, NOW)
    await kept.add(made("stream", ["*"], STREAM), [], SERVICE)
    assert not await kept.rotate(ORG, "stream", Secret("x"), NOW, SERVICE, NOW)


async def test_an_organisation_has_so_many_subscriptions_and_no_more(database: Database) -> None:
    add = partial(subscribe, database)
    await asyncio.gather(*(add(f"s{number}") for number in range(MOST)))
    with pytest.raises(Full):
        await add("one-more")


async def told(database: Database) -> list[tuple[str, dict[str, Any]]]:
    """Topic and content of all that is told of progress, in its order."""
    found, *_ = await Events(database).page(ORG, 0, 100, ["progress.*"])
    return [(one.topic, msgspec.json.decode(one.data)) for one in found]


async def test_progress_is_told_with_snapshots_to_who_asks_for_it(database: Database, journal: Journal) -> None:
    owner, snapshots = Owner(new_identity()), Snapshots(database)
    for append in (owner.made(), owner.asked(Begin(CANDIDATE, 0)), owner.answered("q1", "a")):
        assert journal.submit(append)
    await owner.heard(3)
    await subscribe(database, "all", "*")
    await snapshots.save([owner.attempt], NOW)
    await taken_over(database)
    assert await told(database) == []

    await subscribe(database, "some", "progress.*")
    assert journal.submit(owner.answered("q2", "b"))
    assert journal.submit(owner.answered("q1", None))
    await owner.heard(5)
    await snapshots.save([owner.attempt], NOW + 30_000)
    await snapshots.save([owner.attempt], NOW + 60_000)
    await taken_over(database)
    (updated, how_far), (saved, answers) = await told(database)
    assert (updated, saved) == ("progress.updated", "progress.answers_saved")
    assert (how_far["seq"], how_far["status"], how_far["answered"]) == (5, "in_progress", 1)
    assert [(one["question_id"], one["value"]) for one in answers["answers"]] == [("q2", "b")]
    assert answers["taken_back"] == ["q1"]
    deliveries = Deliveries(database)
    assert [one.topic for one in await deliveries.claim(ORG, "some", NOW + 60_000, 10)] == [updated]
    assert updated not in [one.topic for one in await deliveries.claim(ORG, "all", NOW + 60_000, 10)]


async def test_what_is_told_of_progress_goes_with_the_person(database: Database, journal: Journal) -> None:
    await subscribe(database, "some", "progress.*")
    owner = await sat(journal, Owner(new_identity()))
    await Snapshots(database).save([owner.attempt], NOW)
    await taken_over(database)
    assert len(await told(database)) == 1
    await Erasing(database).erase(ORG, owner.attempt.identity.user_id, "erased-1", SERVICE, NOW)
    assert await told(database) == []
