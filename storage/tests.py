"""Tests, by organisation and version. A version never changes."""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from hashlib import sha256
from typing import Any, Final, NamedTuple

import msgspec
from sqlalchemy import Connection, Row, and_, bindparam, func, insert, or_, select
from sqlalchemy.exc import IntegrityError

from protocol.attempt.model import Actor
from protocol.codes import Code
from protocol.content import Rules, TestContent
from protocol.errors import Refused, refuse
from protocol.integrity.captures import kept_days
from protocol.media import media_in
from protocol.mistakes import mistake
from protocol.rules.audit import TestStored
from protocol.since import needs
from storage import audit
from storage.audit import BY_OPERATOR
from storage.database import Database
from storage.errors import StorageUnavailable
from storage.fleet import FleetTable
from storage.media import use_media
from storage.schema import tests
from storage.sorting import Sorting, ordered

_TRIES: Final = 5
"""Tries before giving up when several callers store the same test at the same moment."""

# Composed once: they are asked with every start, and to compose one takes as long as its answer.
_THIS: Final = (tests.c.org_id == bindparam("org"), tests.c.test_id == bindparam("test"))
_NEWEST: Final = select(func.max(tests.c.version)).where(*_THIS)
_CONTENT: Final = select(tests.c.content).where(*_THIS).order_by(tests.c.version.desc()).limit(1)

_encode: Final = msgspec.json.Encoder().encode
_decode: Final = msgspec.json.Decoder(TestContent).decode


class _WithRules(msgspec.Struct, frozen=True):
    rules: Rules = Rules()


_decode_rules: Final = msgspec.json.Decoder(_WithRules).decode


class StoredTest(msgspec.Struct, frozen=True):
    """One version of a test."""

    org_id: str
    test_id: str
    version: int
    content: TestContent
    content_hash: bytes
    created_at_ms: int


class VersionOfTest(NamedTuple):
    """A version of a test without its content."""

    version: int
    title: str
    created_at_ms: int


def content_hash(content: TestContent) -> bytes:
    """The identity of a content: SHA-256 over its JSON, in the order of the types' fields."""
    return sha256(_encode(content)).digest()


class Tests:
    """The tests of every organisation; each call names one."""

    __test__ = False

    def __init__(self, database: Database, captured_days: int | None = None) -> None:
        self._database = database
        self._captured_days = captured_days

    def refuse_kept_long(self, content: TestContent) -> None:
        """Raises `Refused(invalid_test)` for pictures that are kept for longer than `captured_days`, which the operator
        allows; None: any number."""
        most = self._captured_days
        for capture in content.rules.captures:
            if capture.keep_days != kept_days(capture, most):
                says = f"`captures`: the operator keeps pictures for {most} days at most, and `keep_days` is"
                raise Refused(refuse(Code.INVALID_TEST, f"{says} {capture.keep_days}."))

    async def put(
        self,
        org_id: str,
        test_id: str,
        content: TestContent,
        now_ms: int,
        by: Actor = BY_OPERATOR,
        check: Callable[[int | None], None] = lambda newest: None,
    ) -> int:
        """Stores `content` and returns its version: the newest one where that is the same, else the next, which the
        audit log says. Raises `Refused` while older nodes serve that could not read it, where it keeps pictures for
        too long, where it names a file that is not stored, and what `check` raises of the version that is the newest
        before (None: there is none)."""
        self.refuse_kept_long(content)
        newest = needs(content)
        if newest > 1 and newest > await FleetTable(self._database).version():
            raise Refused(refuse(Code.UPGRADE_UNDER_WAY))
        text = _encode(content).decode()
        digest = sha256(text.encode()).digest()
        values = {"title": content.title, "content": text, "content_hash": digest, "created_at_ms": now_ms}
        for _ in range(_TRIES):
            try:
                return await self._database.for_org(org_id).write(
                    lambda connection: _put(connection, org_id, test_id, values, content, by, check)
                )
            except IntegrityError:
                continue  # somebody else has just made the next version
        raise StorageUnavailable("too many are storing this test at once")

    async def get(self, org_id: str, test_id: str, version: int | None = None) -> StoredTest | None:
        """One version, by default the newest."""
        query = select(tests).where(tests.c.org_id == org_id, tests.c.test_id == test_id)
        if version is not None:
            query = query.where(tests.c.version == version)
        query = query.order_by(tests.c.version.desc()).limit(1)
        row = await self._database.for_org(org_id).read(lambda connection: connection.execute(query).first())
        return None if row is None else _stored(row)

    async def contents(self, org_id: str, test_id: str, versions: Iterable[int]) -> dict[int, TestContent]:
        """Of these versions, all of which somebody has sat: a version of a test stays."""
        query = select(tests).where(
            tests.c.org_id == org_id, tests.c.test_id == test_id, tests.c.version.in_(sorted(versions))
        )
        rows = await self._database.for_org(org_id).read(lambda connection: connection.execute(query).all())
        return {row.version: _stored(row).content for row in rows}

    async def newest_version(self, org_id: str, test_id: str) -> int | None:
        """The number of the newest version; None: there is no such test."""
        this = {"org": org_id, "test": test_id}
        return await self._database.for_org(org_id).read(lambda connection: connection.execute(_NEWEST, this).scalar())

    async def rules(self, org_id: str, test_id: str) -> Rules | None:
        """Those of the newest version. Its questions are not read."""
        return await self._database.for_org(org_id).read(lambda connection: read_rules(connection, org_id, test_id))

    async def versions(
        self, org_id: str, test_id: str, order: Sorting, limit: int, since_ms: int | None = None
    ) -> Sequence[VersionOfTest]:
        """At most so many versions of a test by their numbers, of those that were stored at `since_ms` or later."""
        columns = (tests.c.version, tests.c.title, tests.c.created_at_ms)
        query = select(*columns).where(tests.c.org_id == org_id, tests.c.test_id == test_id)
        if since_ms is not None:
            query = query.where(tests.c.created_at_ms >= since_ms)
        query = ordered(query, [tests.c.version], order).limit(limit)
        rows = await self._database.for_org(org_id).read(lambda connection: connection.execute(query).all())
        return [VersionOfTest(*row) for row in rows]

    async def list(self, org_id: str, after: str = "", limit: int | None = None) -> Sequence[StoredTest]:
        """The newest version of each test of the organisation, by id, from the one behind `after` on."""
        newer = tests.alias()
        query = (
            select(tests)
            .where(
                tests.c.org_id == org_id,
                ~select(newer.c.version)
                .where(
                    newer.c.org_id == tests.c.org_id,
                    newer.c.test_id == tests.c.test_id,
                    newer.c.version > tests.c.version,
                )
                .exists(),
            )
            .order_by(tests.c.test_id)
            .limit(limit)
        )
        if after:
            query = query.where(tests.c.test_id > after)
        rows = await self._database.for_org(org_id).read(lambda connection: connection.execute(query).all())
        return [_stored(row) for row in rows]

    async def newest_versions(self, org_id: str) -> dict[str, int]:
        """The number of the newest version of each test of the organisation."""
        query = select(tests.c.test_id, func.max(tests.c.version)).where(tests.c.org_id == org_id)
        query = query.group_by(tests.c.test_id)
        rows = await self._database.for_org(org_id).read(lambda connection: connection.execute(query).all())
        return {row[0]: row[1] for row in rows}

    async def these(self, org_id: str, versions: Mapping[str, int]) -> Sequence[StoredTest]:
        """These tests, each in its version."""
        wanted = or_(*(and_(tests.c.test_id == test_id, tests.c.version == n) for test_id, n in versions.items()))
        query = select(tests).where(tests.c.org_id == org_id, wanted)
        rows = await self._database.for_org(org_id).read(lambda connection: connection.execute(query).all())
        return await asyncio.to_thread(lambda: [_stored(row) for row in rows])


def read_rules(connection: Connection, org_id: str, test_id: str) -> Rules | None:
    """The rules of a test's newest version; None: there is no such test."""
    content = connection.execute(_CONTENT, {"org": org_id, "test": test_id}).scalar()
    return None if content is None else _decode_rules(content).rules


def _put(
    connection: Connection,
    org_id: str,
    test_id: str,
    values: dict[str, Any],
    content: TestContent,
    by: Actor,
    check: Callable[[int | None], None],
) -> int:
    newest = connection.execute(
        select(tests.c.version, tests.c.content_hash, tests.c.content)
        .where(tests.c.org_id == org_id, tests.c.test_id == test_id)
        .order_by(tests.c.version.desc())
        .limit(1)
    ).first()
    check(None if newest is None else newest.version)
    if newest is not None and newest.content_hash == values["content_hash"]:
        version: int = newest.version
        return version
    for name in use_media(connection, org_id, media_in(values["content"].encode())):
        raise mistake("the test", f"its file media:{name} is not stored; store it by `POST /media` first")
    following: int = 1 if newest is None else newest.version + 1
    connection.execute(insert(tests).values(org_id=org_id, test_id=test_id, version=following, **values))
    changed = newest is None or _decode(newest.content).questions != content.questions
    audit.append(connection, org_id, by, TestStored(test_id, following, changed), values["created_at_ms"])
    return following


def _stored(row: Row[Any]) -> StoredTest:
    return StoredTest(row.org_id, row.test_id, row.version, _decode(row.content), row.content_hash, row.created_at_ms)
