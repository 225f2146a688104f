"""A version of a test is read once, however many ask for it."""

import asyncio

import pytest

from protocol.attempt.model import Identity
from server.papers import Papers
from storage.tests import StoredTest
from tests.server.harness.exam import ORG, TEST
from tests.server.harness.running import RunningServer

IDENTITY = Identity("attempt", ORG, None, TEST, None, "ada", 1)


@pytest.fixture
def reads(server: RunningServer, monkeypatch: pytest.MonkeyPatch) -> list[int | None]:
    """The versions that are read from the database."""
    read: list[int | None] = []
    get = server.node.tests.get

    async def counted(org_id: str, test_id: str, version: int | None = None) -> StoredTest | None:
        read.append(version)
        return await get(org_id, test_id, version)

    monkeypatch.setattr(server.node.tests, "get", counted)
    return read


async def test_many_who_want_a_test_at_once_have_it_read_once(server: RunningServer, reads: list[int | None]) -> None:
    papers = Papers(server.node.tests, server.node.enrolments, server.node.media_addresses.address)
    found = await asyncio.gather(*(papers.newest(ORG, TEST) for _ in range(20)))
    forms = await asyncio.gather(*(papers.of(IDENTITY, 1) for _ in range(20)))
    assert reads == [1]
    assert {id(one) for one in found} == {id(forms[0].test)}
    assert len({id(form) for form in forms}) == 1


async def test_a_new_version_is_the_newest_from_then_on(server: RunningServer, reads: list[int | None]) -> None:
    papers = Papers(server.node.tests, server.node.enrolments, server.node.media_addresses.address)
    assert (await papers.newest(ORG, TEST)) == (await papers.newest(ORG, TEST))
    await server.make_test(grace_ms=1_000)
    newest = await papers.newest(ORG, TEST)
    assert newest is not None
    assert (newest.version, newest.content.rules.grace_ms) == (2, 1_000)
    assert await papers.newest(ORG, "no such test") is None
    assert reads == [1, 2]


async def test_candidates_who_come_have_nothing_read_that_was_read(
    server: RunningServer, reads: list[int | None]
) -> None:
    await asyncio.gather(
        *(
            server.call("POST", "/test-attempts", server.token(user=user), {"test_id": TEST})
            for user in ("ada", "bob", "cy")
        )
    )
    assert len(reads) <= 1
