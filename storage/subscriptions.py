"""Who is told of which events, and how."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Final, TypeVar

import msgspec
from sqlalchemy import Connection, Row, delete, func, insert, select, update
from sqlalchemy.sql.elements import ColumnElement

from protocol.attempt.model import Actor
from protocol.rules.audit import SubscriptionChanged
from storage import audit
from storage.api_keys import MOST_SECRETS
from storage.audit import Note
from storage.database import Database
from storage.schema import deliveries, subscriptions
from storage.sealed import Sealer

T = TypeVar("T")

MOST: Final = 20
"""Subscriptions of one organisation: each event is written once more for each of them."""
WEBHOOK: Final = "webhook"
STREAM: Final = "stream"
MAIL: Final = "mail"
MADE, CHANGED, REMOVED, SECRET, OFF = "made", "changed", "removed", "secret", "off"
"""What happened to a subscription, as the audit log says it."""
GONE: Final = "gone"
"""Why a subscription is off whose receiver answered that it wants nothing any more."""
STOPPED: Final = "stopped"
"""Why a subscription is off whose letters their reader has stopped."""


class Secret(msgspec.Struct, frozen=True):
    """What webhooks are signed with, until `ends_at_ms`; nil: until it is replaced. It is in no text that is logged,
    and sealed in the database."""

    value: str
    ends_at_ms: int | None = None

    def __repr__(self) -> str:
        return "Secret(…)"


class Writing(msgspec.Struct, frozen=True, omit_defaults=True):
    """How letters are written: see `MailBody`."""

    sender: str = ""
    sender_name: str = ""
    reply_to: str = ""
    language: str | None = None


class Subscription(msgspec.Struct, frozen=True):
    """`target` is the URL of a webhook, the name of a stream, or whose letters they are (`protocol.events.mail`).
    `why_off` nil: staff have switched it off, or it is on. Without its secrets, which `Subscriptions.secrets` reads for
    whoever signs."""

    org_id: str
    subscription_id: str
    kind: str
    target: str
    topics: list[str]
    description: str
    enabled: bool
    why_off: str | None
    created_at_ms: int
    changed_at_ms: int
    changed_by: str
    mail: Writing | None = None


class Full(Exception):
    """The organisation has as many as it may have."""


_encode: Final = msgspec.json.Encoder().encode
_topics: Final = msgspec.json.Decoder(list[str]).decode
_secrets: Final = msgspec.json.Decoder(list[Secret]).decode
_writing: Final = msgspec.json.Decoder(Writing).decode
_COLUMNS: Final = tuple(subscriptions.c[name] for name in Subscription.__struct_fields__)


class Subscriptions:
    """Reads and writes them."""

    def __init__(self, database: Database, sealer: Sealer) -> None:
        self._database = database
        self._sealer = sealer

    async def add(self, made: Subscription, secrets: Sequence[Secret], by: Actor) -> None:
        """Returns when it is durable, and in the audit log. Raises `Full`."""
        sealed = [self._sealed(one) for one in secrets]

        def work(connection: Connection) -> None:
            audit.take_turns(connection, made.org_id)
            total = connection.execute(
                select(func.count()).select_from(subscriptions).where(subscriptions.c.org_id == made.org_id)
            ).scalar_one()
            if total >= MOST:
                raise Full
            values = msgspec.structs.asdict(made) | {
                "topics": _encode(made.topics).decode(),
                "mail": _mail(made.mail),
                "secrets": _encode(sealed).decode(),
            }
            connection.execute(insert(subscriptions).values(values))
            entry = SubscriptionChanged(made.subscription_id, MADE)
            audit.append(connection, made.org_id, by, entry, made.created_at_ms)

        await audit.write(self._database.for_org(made.org_id), work)

    async def of(self, org_id: str) -> list[Subscription]:
        """The oldest first."""
        query = (
            select(*_COLUMNS)
            .where(subscriptions.c.org_id == org_id)
            .order_by(subscriptions.c.created_at_ms, subscriptions.c.subscription_id)
        )
        rows = await self._database.for_org(org_id).read(lambda connection: connection.execute(query).all())
        return [_subscription(row) for row in rows]

    async def get(self, org_id: str, subscription_id: str) -> Subscription | None:
        """The one of this id."""
        query = select(*_COLUMNS).where(*_is(org_id, subscription_id))
        row = await self._database.for_org(org_id).read(lambda connection: connection.execute(query).first())
        return None if row is None else _subscription(row)

    async def all(self) -> list[Subscription]:
        """Those of every organisation that are on."""
        query = select(*_COLUMNS).where(subscriptions.c.enabled.is_(True))
        rows = await self._database.read(lambda connection: connection.execute(query).all())
        return [_subscription(row) for row in rows]

    async def secrets(self, org_id: str, subscription_id: str, now_ms: int) -> list[str]:
        """Those in force, the newest first: for whoever signs, and for nobody else. Without those that were sealed
        with a key that is not this deployment's any more."""
        query = select(subscriptions.c.secrets).where(*_is(org_id, subscription_id))
        text = await self._database.for_org(org_id).read(lambda connection: connection.execute(query).scalar())
        found = [] if text is None else _secrets(text)
        opened = (self._sealer.open(one.value) for one in found if one.ends_at_ms is None or one.ends_at_ms > now_ms)
        return [one for one in opened if one is not None]

    async def change(
        self,
        org_id: str,
        subscription_id: str,
        values: dict[str, Any],
        by: Actor,
        now_ms: int,
        what: str = CHANGED,
        check: Callable[[Subscription], None] = lambda before: None,
    ) -> Subscription | None:
        """Changes these columns. None: there is none of this id. Raises what `check` raises of what it was before."""
        if "topics" in values:
            values = values | {"topics": _encode(values["topics"]).decode()}
        if "mail" in values:
            values = values | {"mail": _mail(values["mail"])}

        def work(connection: Connection) -> Row[Any] | None:
            before = connection.execute(
                select(*_COLUMNS).where(*_is(org_id, subscription_id)).with_for_update()
            ).first()
            if before is None:
                return None
            check(_subscription(before))
            changed = values | {"changed_at_ms": now_ms, "changed_by": by.id}
            connection.execute(update(subscriptions).where(*_is(org_id, subscription_id)).values(changed))
            row = connection.execute(select(*_COLUMNS).where(*_is(org_id, subscription_id))).first()
            audit.append(connection, org_id, by, SubscriptionChanged(subscription_id, what), now_ms)
            return row

        row = await self._noted(org_id, work)
        return None if row is None else _subscription(row)

    async def rotate(
        self, org_id: str, subscription_id: str, secret: Secret, old_ends_ms: int, by: Actor, now_ms: int
    ) -> bool:
        """Signs with this secret from now on, and until then with those before too. False: there is no such
        webhook."""
        sealed = self._sealed(secret)

        def work(connection: Connection) -> bool:
            this = (*_is(org_id, subscription_id), subscriptions.c.kind == WEBHOOK)
            text = connection.execute(select(subscriptions.c.secrets).where(*this).with_for_update()).scalar()
            if text is None:
                return False
            # As in `ApiKeys.renew`: a receiver may know the oldest alone.
            ended = (Secret(one.value, min(one.ends_at_ms or old_ends_ms, old_ends_ms)) for one in _secrets(text))
            kept = [one for one in ended if (one.ends_at_ms or 0) > now_ms]
            values = {
                "secrets": _encode([sealed, *kept][:MOST_SECRETS]).decode(),
                "changed_at_ms": now_ms,
                "changed_by": by.id,
            }
            connection.execute(update(subscriptions).where(*this).values(values))
            audit.append(connection, org_id, by, SubscriptionChanged(subscription_id, SECRET), now_ms)
            return True

        return await self._noted(org_id, work)

    async def remove(
        self,
        org_id: str,
        subscription_id: str,
        note: Note,
        check: Callable[[Subscription | None], None] = lambda before: None,
    ) -> bool:
        """Removes it with its deliveries. False: there was none. Raises what `check` raises of what was there."""

        def work(connection: Connection) -> bool:
            before = connection.execute(
                select(*_COLUMNS).where(*_is(org_id, subscription_id)).with_for_update()
            ).first()
            check(None if before is None else _subscription(before))
            done = connection.execute(delete(subscriptions).where(*_is(org_id, subscription_id)))
            if not done.rowcount:
                return False
            table = deliveries.c
            connection.execute(
                delete(deliveries).where(table.org_id == org_id, table.subscription_id == subscription_id)
            )
            audit.append(connection, org_id, note.by, note.entry, note.at_ms)
            return True

        return await self._noted(org_id, work)

    def _sealed(self, secret: Secret) -> Secret:
        return Secret(self._sealer.close(secret.value), secret.ends_at_ms)

    async def _noted(self, org_id: str, work: Callable[[Connection], T]) -> T:
        """What `work` returns, which appends to the audit log at its end."""
        returned: list[T] = []
        await audit.write(self._database.for_org(org_id), partial(_keep, work=work, returned=returned))
        return returned[-1]


def _keep(connection: Connection, work: Callable[[Connection], T], returned: list[T]) -> None:
    returned.append(work(connection))


def _is(org_id: str, subscription_id: str) -> tuple[ColumnElement[bool], ...]:
    return subscriptions.c.org_id == org_id, subscriptions.c.subscription_id == subscription_id


def _subscription(row: Row[Any]) -> Subscription:
    values = dict(row._mapping)
    mail = None if row.mail is None else _writing(row.mail)
    return Subscription(**values | {"topics": _topics(row.topics), "enabled": bool(row.enabled), "mail": mail})


def _mail(writing: Writing | None) -> str | None:
    return None if writing is None else _encode(writing).decode()
