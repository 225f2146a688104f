"""Messages with some bytes changed, put in, taken out or swapped with another's: read, or refused by name."""

import json
from contextlib import suppress
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

import protocol
from protocol import codec
from protocol.errors import WireError

VECTORS = Path(protocol.__file__).parent / "vectors"
MESSAGES = [
    bytes.fromhex(vector["hex"])
    for name in ("valid.json", "invalid.json")
    for vector in json.loads((VECTORS / name).read_text("utf-8"))
]

change = st.tuples(
    st.sampled_from(["change", "insert", "remove", "splice"]),
    st.integers(0, 400),
    st.binary(min_size=1, max_size=6),
    st.sampled_from(MESSAGES),
)


def mutated(message: bytes, changes: list[tuple[str, int, bytes, bytes]]) -> bytes:
    for kind, place, data, other in changes:
        at = place % (len(message) + 1)
        match kind:
            case "change":
                message = message[:at] + data + message[at + len(data) :]
            case "insert":
                message = message[:at] + data + message[at:]
            case "remove":
                message = message[:at] + message[at + len(data) :]
            case _:
                message = message[:at] + other[at % len(other) :]
    return message


@given(st.sampled_from(MESSAGES), st.lists(change, min_size=1, max_size=6))
def test_it_is_read_or_refused(message: bytes, changes: list[tuple[str, int, bytes, bytes]]) -> None:
    data = mutated(message, changes)
    for decode in (codec.decode_from_candidate, codec.decode_from_instructor):
        # Any other exception would end the connection without a word.
        with suppress(WireError):
            decode(data)
