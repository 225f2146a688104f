"""Places at which a process dies on purpose: each at its own transaction, and at its own side of the commit."""

import asyncio
from collections.abc import Sequence

import pytest

from storage.failpoints import FailingWriter, Point, parse
from storage.log.batch import Rows


class Died(Exception):
    """Stands for the end of the process."""


class Writer:
    """Notes how far it has come."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    async def hashes(self, positions: Sequence[tuple[str, int]]) -> dict[tuple[str, int], bytes]:
        return dict.fromkeys(positions, b"hash")

    async def write(self, rows: Rows) -> dict[str, str]:
        self.seen.append("sent")
        await asyncio.sleep(0.01)
        self.seen.append("durable")
        return {}

    async def outlast(self) -> None:
        self.seen.append("outlasted")

    async def close(self) -> None:
        self.seen.append("closed")


ROWS = Rows(0, [], [], [], [], [], [])


@pytest.mark.parametrize(
    ("text", "point", "transaction"),
    [
        ("before.commit:1", Point.BEFORE, 1),
        ("in.commit:20", Point.IN, 20),
        ("after.commit:999999999", Point.AFTER, 999_999_999),
    ],
)
def test_a_point_and_a_transaction_are_read(text: str, point: Point, transaction: int) -> None:
    assert parse(text) == (point, transaction)


@pytest.mark.parametrize("text", ["", "before.commit", "before.commit:0", "commit:1", "in.commit:-1", "in.commit:1 "])
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="must be before"):
        parse(text)


@pytest.mark.parametrize(
    ("point", "seen"), [(Point.BEFORE, []), (Point.IN, ["sent"]), (Point.AFTER, ["sent", "durable"])]
)
async def test_it_dies_on_its_own_side_of_the_commit(point: Point, seen: list[str]) -> None:
    writer = Writer()

    def die() -> None:
        raise Died

    failing = FailingWriter(writer, point, 3, die)
    for _ in range(2):
        assert await failing.write(ROWS) == {}
    writer.seen.clear()
    with pytest.raises(Died):
        await failing.write(ROWS)
    assert writer.seen == seen


async def test_everything_else_is_the_writers_within() -> None:
    writer = Writer()
    failing = FailingWriter(writer, Point.BEFORE, 5)
    assert await failing.hashes([("a", 1)]) == {("a", 1): b"hash"}
    await failing.outlast()
    await failing.close()
    assert writer.seen == ["outlasted", "closed"]
