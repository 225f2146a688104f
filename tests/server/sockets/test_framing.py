"""Where frames end, against the parser that reads all of them."""

from hypothesis import example, given
from hypothesis import strategies as st
from websockets.frames import BINARY, Frame, Opcode
from websockets.protocol import OPEN
from websockets.server import ServerProtocol

from server.sockets.framing import first_frame, short_frame, whole_message
from tests.server.harness.raw import frame

MOST = 1_000
frames = st.builds(
    frame,
    st.integers(0, 15),
    st.binary(max_size=300),
    fin=st.booleans(),
    reserved=st.sampled_from([0, 0, 0, 0, 1, 4, 7]),
    masked=st.sampled_from([True, True, True, False]),
    wide=st.booleans(),
)


def parser() -> ServerProtocol:
    return ServerProtocol(state=OPEN, max_size=MOST)


def is_refused(data: bytes) -> bool:
    """Whether the parser says no to these bytes, although more may come."""
    peer = parser()
    peer.receive_data(data)
    return peer.parser_exc is not None


@given(frames, st.binary(max_size=20), st.integers(0, 20))
@example(frame(2, bytes(125)), b"", 1)
@example(frame(2, bytes(126)), b"", 1)
@example(frame(2, bytes(MOST)), b"", 1)
@example(frame(2, bytes(MOST + 1)), b"", 1)
def test_a_frame_is_found_as_soon_as_it_is_whole(whole: bytes, more: bytes, missing: int) -> None:
    end = first_frame(whole + more, MOST)
    if end == len(whole + more) and more:
        # Nothing is waited for where the parser says no anyway.
        assert is_refused(whole + more)
        return
    assert end == len(whole)
    for cut in range(max(1, len(whole) - missing), len(whole)):
        if first_frame(whole[:cut], MOST):
            assert is_refused(whole[:cut])


@given(frames, st.binary(max_size=3))
@example(frame(2, b""), b"")
@example(frame(2, bytes(125)), b"")
@example(frame(2, bytes(126)), b"")
@example(frame(2, bytes(127), wide=True), b"")
def test_a_whole_message_says_what_the_parser_says(whole: bytes, more: bytes) -> None:
    message = whole_message(whole + more)
    peer = parser()
    peer.receive_data(whole + more)
    events = peer.events_received()
    first = events[0] if events else None
    is_plain = isinstance(first, Frame) and first.opcode is BINARY and first.fin
    # A length in more bytes than it needs is read by the parser alone.
    if message is not None:
        assert is_plain
        assert first == Frame(Opcode.BINARY, message)
    elif isinstance(first, Frame) and is_plain and not more:
        assert whole[1] & 0x7F > (125 if len(first.data) <= 125 else 126)


@given(st.binary(max_size=200))
@example(bytes(125))
@example(bytes(126))
def test_a_short_frame_is_as_the_parser_would_write_it(message: bytes) -> None:
    written = short_frame(message)
    if len(message) <= 125:
        assert written == Frame(Opcode.BINARY, message).serialize(mask=False)
    else:
        assert written is None
