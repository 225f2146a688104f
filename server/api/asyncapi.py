"""The AsyncAPI document: the two sockets, webhooks, and streams of events."""

from collections.abc import Iterable
from types import UnionType
from typing import Any, Final, get_args

import msgspec

from protocol.codec import tag_of
from protocol.events import schemas
from protocol.events.streams import PREFIX
from protocol.events.topics import TOPICS
from protocol.messages.base import Message
from protocol.messages.directions import FromCandidate, FromInstructor, ToCandidate, ToInstructor

_REF: Final = "#/components/schemas/{name}"
_SPOKEN: Final = "application/msgpack"
_FRAMES: Final = "Each binary frame has one message in MessagePack; the first is `hello`, with a token."
_SOCKETS: Final[tuple[tuple[str, str, str, UnionType, UnionType], ...]] = (
    ("candidate", "/ws/attempts/{attempt_id}", "A candidate sits an attempt.", FromCandidate, ToCandidate),
    ("monitor", "/ws/monitor/{test_id}", "Staff watch over a test.", FromInstructor, ToInstructor),
)
"""Channel, address, what for, what the server hears, what it says."""
_EVENTS: Final[dict[str, tuple[str | None, str]]] = {
    "webhook": (None, "Each event is posted to the URL of a subscription, signed by Standard Webhooks."),
    "stream": (
        f"{PREFIX}{{org_id}}:{{target}}",
        "Each event is an entry of a stream of Redis, with the fields `id`, `type` and `event`.",
    ),
}
"""Channel, where it is (nil: a subscription says it), what for."""


def document(version: str) -> dict[str, Any]:
    """AsyncAPI 3.0. What the server does is seen from its side: it receives what others send."""
    spoken = _messages_of(kind for *_, heard, said in _SOCKETS for kind in (heard, said))
    found, parts = msgspec.json.schema_components(spoken, ref_template=_REF)
    messages: dict[str, Any] = {
        kind.__name__: {
            "name": tag_of(kind),
            "title": kind.__name__,
            "contentType": _SPOKEN,
            "payload": schema,
        }
        for kind, schema in zip(spoken, found, strict=True)
    }
    messages |= {
        topic: {
            "name": topic,
            "title": topic,
            "summary": sentence,
            "contentType": "application/json",
            "payload": {"$ref": _REF.format(name=topic)},
        }
        for topic, sentence in TOPICS.items()
    }
    channels: dict[str, Any] = {}
    operations: dict[str, Any] = {}
    for name, address, says, heard, said in _SOCKETS:
        channels[name] = {
            "address": address,
            "description": f"{says} {_FRAMES}",
            "messages": _refs(_names(heard, said)),
            "parameters": _parameters(address),
            "bindings": {"ws": {"method": "GET"}},
        }
        operations[f"hear_{name}"] = _operation("receive", name, _names(heard))
        operations[f"tell_{name}"] = _operation("send", name, _names(said))
    for name, (where, says) in _EVENTS.items():
        channels[name] = {"address": where, "description": says, "messages": _refs(TOPICS)}
        if where is not None:
            channels[name]["parameters"] = _parameters(where)
        operations[f"tell_{name}"] = _operation("send", name, TOPICS)
    operations["tell_webhook"]["bindings"] = {"http": {"method": "POST"}}
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Pencils Down",
            "version": version,
            "description": "What goes over its sockets, and the events that it tells. REST is in /openapi.json.",
            "license": {"name": "Apache-2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0"},
        },
        "defaultContentType": _SPOKEN,
        "channels": channels,
        "operations": operations,
        "components": {"messages": messages, "schemas": parts | schemas.components(_REF)},
    }


def _messages_of(kinds: Iterable[UnionType]) -> list[type[Message]]:
    """Each once."""
    return list(dict.fromkeys(one for kind in kinds for one in get_args(kind)))


def _names(*kinds: UnionType) -> list[str]:
    return [kind.__name__ for kind in _messages_of(kinds)]


def _parameters(address: str) -> dict[str, Any]:
    """What stands between braces."""
    return {part.partition("}")[0]: {} for part in address.split("{")[1:]}


def _refs(names: Iterable[str]) -> dict[str, Any]:
    return {name: {"$ref": f"#/components/messages/{name}"} for name in names}


def _operation(action: str, channel: str, names: Iterable[str]) -> dict[str, Any]:
    return {
        "action": action,
        "channel": {"$ref": f"#/channels/{channel}"},
        "messages": [{"$ref": f"#/channels/{channel}/messages/{name}"} for name in names],
    }
