"""The session that PROTOCOL.md shows is what a server says."""

from typing import Any

import msgpack  # type: ignore[import-untyped]
import msgspec

from clients.documented.session import STEPS
from protocol.codec import encode
from tests.server.harness.running import RunningServer

DIFFERS = frozenset(
    {"attempt_id", "connection_id", "now_ms", "started_at_ms", "deadline_ms", "closes_at_ms", "ended_at_ms"}
    | {"committed_at_ms", "t1_ms", "t2_ms", "reference", "first_beat_ms", "head"}
)
"""Fields that are others each time."""

TEST = {
    "title": "Geometry",
    "questions": [
        {
            "question_id": "q1",
            "body": "How many sides has a triangle?",
            "interactions": [
                {
                    "type": "single_choice",
                    "options": [{"option_id": "a", "body": "Two"}, {"option_id": "b", "body": "Three"}],
                    "correct": "b",
                }
            ],
        },
        {
            "question_id": "q2",
            "body": "A circle is round.",
            "interactions": [{"type": "true_false", "correct": True}],
        },
    ],
}


def settled(value: Any, name: str = "") -> Any:
    """The value with what differs each time reduced to its type."""
    if isinstance(value, dict):
        return {key: settled(item, key) for key, item in value.items()}
    if isinstance(value, list):
        return [settled(item, name) for item in value]
    return type(value).__name__ if name in DIFFERS else value


async def test_a_server_answers_as_the_page_says(server: RunningServer) -> None:
    (await server.call("PUT", "/tests/geometry", server.service, TEST)).ok()
    attempt_id = await server.make_attempt(test_id="geometry", display_name="Ada Lovelace")
    socket = await server.socket(f"/ws/attempts/{attempt_id}")
    for arrow, message in STEPS:
        told = msgspec.to_builtins(message)
        assert msgpack.unpackb(encode(message)) == told
        if arrow == "→":
            if told["t"] == "hello":
                told["token"] = server.token()
            await socket.raw(msgpack.packb(told))
        else:
            said = await socket.next()
            assert settled(said) == settled(told)
            assert list(said) == list(told), "the order of the fields"
