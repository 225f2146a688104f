"""JSON Schemas of all events, made from their types."""

from typing import Any, Final

import msgspec

from protocol.attempt.events import AlertEvent, AttemptEvent, OfAttempt, WarnedEvent
from protocol.attempt.facts import Alerted, Warned
from protocol.attempt.kinds import KIND_OF
from protocol.events import presence, security
from protocol.events.envelope import AuditEvent
from protocol.events.progress import TOLD
from protocol.events.topics import AUDIT, TOPICS
from protocol.rules.audit import ENTRIES, Entry

VERSION: Final = 1
"""Of the shapes of events. New topics and fields do not raise it: only a field that goes, or means something else."""
_DEFS: Final = "#/$defs/{name}"


def components(ref: str) -> dict[str, Any]:
    """Name → schema of each topic's event, and of what they consist of. `ref` is how one refers to another, with
    `{name}` for the name."""
    entries = ENTRIES.values()
    said = [AttemptEvent, AuditEvent, AlertEvent, WarnedEvent, *_told().values(), *entries]
    (attempt, _, *others), parts = msgspec.json.schema_components(said, ref_template=ref)
    # No entry is but an entry: each topic has its own in the place of this one.
    audit = parts.pop(AuditEvent.__name__)
    del parts[Entry.__name__]
    of_facts = [str(KIND_OF[fact].topic) for fact in (Alerted, Warned)]
    own = dict(zip([*of_facts, *_told(), *(f"{AUDIT}{kind}" for kind in ENTRIES)], others, strict=True))
    told: dict[str, Any] = {}
    for topic, sentence in TOPICS.items():
        data = own.get(topic, attempt)
        if topic.startswith(AUDIT):
            data = audit | {"properties": audit["properties"] | {"entry": data}}
        told[topic] = _event(topic, sentence, data)
    return told | parts


def _told() -> dict[str, type[OfAttempt]]:
    return TOLD | presence.TOLD | security.TOLD


def document() -> dict[str, Any]:
    """One schema that every event fits, with that of each topic under `$defs`."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:pencilsdown:events:{VERSION}",
        "title": "Events of Pencils Down",
        "oneOf": [{"$ref": _DEFS.format(name=topic)} for topic in TOPICS],
        "$defs": components(_DEFS),
    }


def _event(topic: str, sentence: str, data: dict[str, Any]) -> dict[str, Any]:
    return {
        "title": topic,
        "description": sentence,
        "type": "object",
        "properties": {
            "id": {"type": "string", "description": "The same whenever and however this event is told."},
            "type": {"const": topic},
            "timestamp": {
                "type": "string",
                "format": "date-time",
                "description": "When it happened, by the server's clock.",
            },
            "data": data,
        },
        "required": ["id", "type", "timestamp", "data"],
    }
