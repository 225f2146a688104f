"""Tells how far attempts are, where somebody wants to hear it: in the outbox, in the transaction of their snapshots."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Final

import msgspec
from sqlalchemy import Connection, select

from protocol.attempt.model import Attempt
from protocol.events.progress import TOLD, tell
from protocol.events.topics import takes
from protocol.messages.state import SavedAnswer
from storage.schema import subscriptions
from storage.statements import OUTBOX, key_of

SNAPSHOT: Final = "snapshot"
"""What the outbox calls such a row. Its `seq` is below zero, since that record may have an event of its own."""

_topics: Final = msgspec.json.Decoder(list[str]).decode
_encode: Final = msgspec.json.Encoder().encode


class OfSnapshot(msgspec.Struct, frozen=True):
    """The payload of such a row: topic → what its event says."""

    org_id: str
    user_id: str
    told: dict[str, msgspec.Raw]


decode: Final = msgspec.json.Decoder(OfSnapshot).decode


def tell_of(
    connection: Connection,
    saved: Sequence[tuple[Attempt, int]],
    taken_back: Mapping[str, Sequence[str]],
    now_ms: int,
) -> None:
    """`saved`: attempts, each with the last client number of the snapshot before. `taken_back`: attempt → the questions
    whose answers have gone."""
    wanted = _wanted(connection, {attempt.identity.org_id for attempt, _ in saved})
    rows = []
    for attempt, last_n in saved:
        identity = attempt.identity
        topics = wanted.get(identity.org_id)
        if not topics:
            continue
        answers = [
            SavedAnswer(question_id, answer.value, answer.n, answer.at_ms)
            for question_id, answer in attempt.answers.items()
            if answer.n > last_n
        ]
        told = tell(attempt, topics, answers, taken_back.get(identity.attempt_id, ()))
        if told:
            payload = OfSnapshot(
                identity.org_id, identity.user_id, {topic: msgspec.Raw(data) for topic, data in told.items()}
            )
            key = key_of(connection.dialect.name, identity.attempt_id)
            rows.append((key, -attempt.seq, SNAPSHOT, now_ms, _encode(payload).decode()))
    if rows:
        OUTBOX.run(connection, rows)


def _wanted(connection: Connection, orgs: Collection[str]) -> Mapping[str, set[str]]:
    """Organisation → the topics that some subscription of it takes."""
    table = subscriptions.c
    query = select(table.org_id, table.topics).where(table.org_id.in_(orgs), table.enabled.is_(True))
    found: dict[str, set[str]] = defaultdict(set)
    for row in connection.execute(query):
        patterns = _topics(row.topics)
        found[row.org_id] |= {topic for topic in TOLD if takes(patterns, topic)}
    return found
