"""Tests without their questions: each version is read once, and no more are remembered than fit."""

from collections.abc import Mapping, Sequence

from server.catalogue import Catalogue
from storage.tests import StoredTest, Tests
from tests.server.harness.exam import ORG, TEST, exam
from tests.server.harness.running import RunningServer


class _Counted(Tests):
    """Notes which tests were read with all that is in them."""

    read: Sequence[str] = ()

    async def these(self, org_id: str, versions: Mapping[str, int]) -> Sequence[StoredTest]:
        self.read = [*self.read, *sorted(versions)]
        return await super().these(org_id, versions)


async def test_a_version_is_read_once_and_only_so_many_are_remembered(server: RunningServer) -> None:
    tests = _Counted(server.node.database)
    catalogue = Catalogue(tests, most=2)
    assert [one.test_id for one in await catalogue.of(ORG)] == [TEST]
    assert [one.title for one in await catalogue.of(ORG)] == [exam()["title"]]
    assert tests.read == [TEST]
    (await server.call("PUT", f"/tests/{TEST}", server.service, exam() | {"title": "Anew"})).ok()
    assert [(one.title, one.version) for one in await catalogue.of(ORG)] == [("Anew", 2)]
    assert tests.read == [TEST, TEST]
    for test_id in ("a", "b"):
        (await server.call("PUT", f"/tests/{test_id}", server.service, exam())).ok()
    assert [one.test_id for one in await catalogue.of(ORG)] == ["a", TEST, "b"]
    assert await catalogue.of("nobody") == []
    tests.read = []
    assert [one.test_id for one in await catalogue.of(ORG)] == ["a", TEST, "b"]
    assert len(tests.read) == 1, "the one for which there was no room"
