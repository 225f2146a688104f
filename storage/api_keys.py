"""Keys by which services call: of each secret the digest alone, which opens nothing."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeVar

import msgspec
from msgspec.structs import replace
from sqlalchemy import Connection, Row, delete, func, insert, or_, select, update
from sqlalchemy.sql.elements import ColumnElement

from protocol.attempt.model import Actor
from protocol.rules.audit import ApiKeyChanged
from storage import audit
from storage.database import Database
from storage.schema import api_keys

T = TypeVar("T")

MOST: Final = 50
"""Keys of one organisation that are not withdrawn: nodes have them in memory."""
MOST_SECRETS: Final = 5
"""Secrets of one key or subscription: the newest, and older ones that have not ended yet."""
MADE, RENEWED, REVOKED = "made", "renewed", "revoked"
"""What happened to a key, as the audit log says it."""


class Reach(msgspec.Struct, frozen=True, omit_defaults=True):
    """To what a key is limited; nil: not by this."""

    branches: list[str] | None = None
    tests: list[str] | None = None
    groups: list[str] | None = None


class KeySecret(msgspec.Struct, frozen=True):
    """One secret of a key: its SHA-256 in hexadecimal. It has 256 random bits, so nobody finds it by trying."""

    digest: str
    made_at_ms: int
    ends_at_ms: int


class ApiKey(msgspec.Struct, frozen=True):
    """`user_id` is who acts with it, as logs say. `secrets`: the newest first. `last_used_ms`: to the hour."""

    org_id: str
    key_id: str
    role: str
    user_id: str
    name: str
    reach: Reach
    secrets: list[KeySecret]
    made_at_ms: int
    made_by: str
    changed_at_ms: int
    revoked_at_ms: int | None = None
    last_used_ms: int | None = None


class Full(Exception):
    """The organisation has as many as it may have."""


_encode: Final = msgspec.json.Encoder().encode
_secrets: Final = msgspec.json.Decoder(list[KeySecret]).decode
_reach: Final = msgspec.json.Decoder(Reach).decode


class ApiKeys:
    """Reads and writes them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, key: ApiKey, by: Actor) -> None:
        """Returns when it is durable, and in the audit log. Raises `Full`."""

        def work(connection: Connection) -> None:
            audit.take_turns(connection, key.org_id)
            of_org = (api_keys.c.org_id == key.org_id, api_keys.c.revoked_at_ms.is_(None))
            if connection.execute(select(func.count()).select_from(api_keys).where(*of_org)).scalar_one() >= MOST:
                raise Full
            values = msgspec.structs.asdict(key) | {
                "reach": _encode(key.reach).decode(),
                "secrets": _encode(key.secrets).decode(),
            }
            connection.execute(insert(api_keys).values(values))
            audit.append(connection, key.org_id, by, _entry(key, MADE), key.made_at_ms)

        await audit.write(self._database.for_org(key.org_id), work)

    async def of(self, org_id: str) -> Sequence[ApiKey]:
        """All of an organisation, the oldest first."""
        query = select(api_keys).where(api_keys.c.org_id == org_id).order_by(api_keys.c.made_at_ms, api_keys.c.key_id)
        rows = await self._database.for_org(org_id).read(lambda connection: connection.execute(query).all())
        return [_key(row) for row in rows]

    async def get(self, org_id: str, key_id: str) -> ApiKey | None:
        """The one of this id."""
        query = select(api_keys).where(*_is(org_id, key_id))
        row = await self._database.for_org(org_id).read(lambda connection: connection.execute(query).first())
        return None if row is None else _key(row)

    async def since(self, changed_at_ms: int) -> Sequence[ApiKey]:
        """Those of every organisation that were changed at this instant or since."""
        query = select(api_keys).where(api_keys.c.changed_at_ms >= changed_at_ms)
        rows = await self._database.read(lambda connection: connection.execute(query).all())
        return [_key(row) for row in rows]

    async def renew(
        self, org_id: str, key_id: str, secret: KeySecret, old_ends_ms: int, by: Actor, now_ms: int
    ) -> ApiKey | None:
        """Gives it this secret, and ends those before it at `old_ends_ms` at the latest: whoever renews twice, because
        she did not get the answer, must not shut out who calls by the oldest. None: there is none of this id that is
        not withdrawn."""

        def work(before: ApiKey) -> dict[str, Any]:
            ended = (replace(one, ends_at_ms=min(one.ends_at_ms, old_ends_ms)) for one in before.secrets)
            kept = [one for one in ended if one.ends_at_ms > now_ms]
            return {"secrets": _encode([secret, *kept][:MOST_SECRETS]).decode()}

        return await self._change(org_id, key_id, work, RENEWED, by, now_ms)

    async def revoke(self, org_id: str, key_id: str, by: Actor, now_ms: int) -> ApiKey | None:
        """Withdraws it for good. None: there is none of this id that is not withdrawn."""
        return await self._change(org_id, key_id, lambda before: {"revoked_at_ms": now_ms}, REVOKED, by, now_ms)

    async def note_used(self, used: Mapping[tuple[str, str], int]) -> None:
        """(organisation, key) → the hour in which it was used."""

        def work(connection: Connection) -> None:
            for (org_id, key_id), at_ms in sorted(used.items()):
                older = or_(api_keys.c.last_used_ms.is_(None), api_keys.c.last_used_ms < at_ms)
                connection.execute(update(api_keys).where(*_is(org_id, key_id), older).values(last_used_ms=at_ms))

        await self._database.write(work)

    async def prune(self, before_ms: int) -> None:
        """Deletes what was withdrawn before this instant. A key that is not there opens nothing either."""
        old = delete(api_keys).where(api_keys.c.revoked_at_ms < before_ms)
        await self._database.write(lambda connection: connection.execute(old).close())

    async def _change(
        self, org_id: str, key_id: str, work: Callable[[ApiKey], dict[str, Any]], what: str, by: Actor, now_ms: int
    ) -> ApiKey | None:
        changed: list[ApiKey | None] = []

        def change(connection: Connection) -> None:
            this = (*_is(org_id, key_id), api_keys.c.revoked_at_ms.is_(None))
            row = connection.execute(select(api_keys).where(*this).with_for_update()).first()
            if row is None:
                changed.append(None)
                return
            values = work(_key(row)) | {"changed_at_ms": later_than(row.changed_at_ms, now_ms)}
            connection.execute(update(api_keys).where(*_is(org_id, key_id)).values(values))
            after = _key(connection.execute(select(api_keys).where(*_is(org_id, key_id))).one())
            audit.append(connection, org_id, by, _entry(after, what), now_ms)
            changed.append(after)

        await audit.write(self._database.for_org(org_id), change)
        return changed[-1]


def later_than(changed_at_ms: int, now_ms: int) -> int:
    """The instant of a change after one at `changed_at_ms`: later, although the clock of whoever made that one
    was ahead. Nodes tell by it which is the newer."""
    return max(now_ms, changed_at_ms + 1)


def _entry(key: ApiKey, what: str) -> ApiKeyChanged:
    return ApiKeyChanged(key.key_id, what, key.role, key.user_id)


def _is(org_id: str, key_id: str) -> tuple[ColumnElement[bool], ...]:
    return api_keys.c.org_id == org_id, api_keys.c.key_id == key_id


def _key(row: Row[Any]) -> ApiKey:
    return ApiKey(**dict(row._mapping) | {"reach": _reach(row.reach), "secrets": _secrets(row.secrets)})
