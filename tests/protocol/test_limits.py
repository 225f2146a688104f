"""Limits that lean on one another."""

from protocol import limits


def test_every_limit_is_a_whole_number_above_zero() -> None:
    found = {name: value for name, value in vars(limits).items() if name.isupper()}
    assert len(found) > 20
    assert all(isinstance(value, int) and value > 0 for value in found.values())


def test_limits_fit_together() -> None:
    assert limits.MAX_INT == 2**53 - 1
    assert limits.MAX_ANSWER_CHARS * 4 + limits.MAX_ID_CHARS * 4 + 128 < limits.MAX_FRAME_BYTES
    assert limits.MAX_ANSWER_OPTIONS * (limits.MAX_ID_CHARS * 4 + 5) < limits.MAX_FRAME_BYTES
    assert limits.MAX_TOKEN_BYTES < limits.MAX_FRAME_BYTES
    assert limits.MAX_REST_OPERATIONS <= limits.SEND_WINDOW
    # A page that comes back sends its whole window at once.
    assert limits.RATE_BURST > limits.SEND_WINDOW
    # What is read of such a window comes before its sender counts as lost.
    window_bytes = limits.SEND_WINDOW * (limits.MAX_ANSWER_CHARS + limits.MAX_ID_CHARS)
    patience_s = limits.MISSED_BEATS * limits.HEARTBEAT_MS / 1_000
    assert (window_bytes - limits.BYTES_BURST) / limits.BYTES_PER_SECOND < patience_s
    # The longest answer in an alphabet of three bytes, saved every two seconds without an end.
    assert limits.MAX_ANSWER_CHARS * 3 / 2 < limits.BYTES_PER_SECOND
    # One answer of any kind waits for nothing.
    assert limits.MAX_FRAME_BYTES < limits.BYTES_BURST
    assert patience_s > limits.SEND_WINDOW / limits.RATE_PER_SECOND
    assert patience_s * 1_000 > limits.MAX_CONNECT_WAIT_MS
    assert limits.HELLO_TIMEOUT_MS < limits.HEARTBEAT_MS * limits.MISSED_BEATS
    assert limits.RECONNECT_BASE_MS < limits.RECONNECT_CAP_MS
    # The last window's longest test, extended as often as staff can, ends at an instant that JavaScript carries.
    latest_ms = limits.MAX_INSTANT_MS + limits.MAX_DURATION_MS + limits.MAX_STAFF_COMMANDS * limits.MAX_EXTENSION_MS
    assert latest_ms < limits.MAX_INT
