import pytest

from clients.python.link import ABNORMAL_CLOSE, STABLE_MS, WELCOME_TIMEOUT_MS, Link, Phase
from protocol import limits
from protocol.codes import Close
from protocol.messages.connection import Beat, Echo, Goodbye
from protocol.messages.monitor import MonitorHello
from tests.clients.python.scene import NOW, welcome


def make_link(*, renewable: bool = False) -> Link:
    return Link("token-1", "test/1", lambda: 0.5, renewable=renewable)


def is_broken(link: Link) -> bool:
    return link.broken is not None


def online(link: Link, now_ms: int = NOW) -> Link:
    link.connecting()
    link.opened(now_ms)
    link.welcomed(welcome(now_ms=now_ms), now_ms)
    link.outgoing.clear()
    return link


def test_says_hello_first() -> None:
    link = make_link()
    link.connecting()
    link.opened(NOW)
    assert list(link.outgoing) == [MonitorHello(limits.PROTOCOL_VERSION, "token-1", "test/1", 1, [])]
    assert link.phase == Phase.GREETING


def test_a_server_that_does_not_answer_the_hello_is_left() -> None:
    link = make_link()
    link.connecting()
    link.opened(NOW)
    assert link.next_wake_ms() == NOW + WELCOME_TIMEOUT_MS
    link.wake(NOW + WELCOME_TIMEOUT_MS - 1)
    assert not is_broken(link)
    link.wake(NOW + WELCOME_TIMEOUT_MS)
    assert is_broken(link)
    assert link.next_wake_ms() is None


class TestHeartbeat:
    def test_the_first_comes_when_the_server_asked_for_it_then_one_an_interval(self) -> None:
        link = online(make_link())
        assert link.next_wake_ms() == NOW + 4_000
        link.wake(NOW + 3_999)
        assert not link.outgoing
        link.wake(NOW + 4_000)
        assert link.outgoing.pop() == Beat(NOW + 4_000)
        assert link.next_wake_ms() == NOW + 4_000 + limits.HEARTBEAT_MS

    def test_after_a_sleep_one_goes_and_not_all_that_were_missed(self) -> None:
        link = online(make_link())
        link.heard(NOW + 29_000)
        link.wake(NOW + 29_500)
        link.wake(NOW + 29_500)
        assert len(link.outgoing) == 1

    def test_its_echo_gives_the_servers_clock(self) -> None:
        link = online(make_link())
        link.echoed(Echo(NOW + 4_000, NOW + 5_010, NOW + 5_010), NOW + 4_020)
        assert link.clock.server_ms(NOW) == NOW + 1_000

    def test_silence_breaks_the_connection(self) -> None:
        link = online(make_link())
        silent_at_ms = NOW + limits.MISSED_BEATS * limits.HEARTBEAT_MS
        link.wake(silent_at_ms - 1)
        assert not is_broken(link)
        link.wake(silent_at_ms)
        assert is_broken(link)

    def test_any_message_is_a_sign_of_life(self) -> None:
        link = online(make_link())
        link.heard(NOW + 20_000)
        link.wake(NOW + limits.MISSED_BEATS * limits.HEARTBEAT_MS)
        assert not is_broken(link)


class TestClose:
    @pytest.mark.parametrize(
        "code",
        [ABNORMAL_CLOSE, Close.GOING_AWAY, Close.RESTART, Close.TRY_AGAIN, Close.SLOW_CONSUMER, Close.HEARTBEAT_LOST],
    )
    def test_comes_back_after_a_jittered_wait(self, code: int) -> None:
        link = online(make_link())
        link.closed(code, "", NOW + 100)
        assert link.phase == Phase.WAITING
        assert link.retry_at_ms == NOW + 100 + 250

    @pytest.mark.parametrize(
        "code",
        [
            Close.NORMAL,
            Close.TOO_LARGE,
            Close.TOKEN_INVALID,
            Close.NOT_FOUND,
            Close.SUPERSEDED,
            Close.CONNECTION_EXISTS,
        ],
    )
    def test_stays_away(self, code: int) -> None:
        link = online(make_link())
        link.closed(code, "", NOW + 100)
        assert link.phase == Phase.ENDED
        assert link.ended is not None
        assert link.ended.code == code

    def test_waits_grow_until_a_connection_has_lasted(self) -> None:
        link = make_link()
        waits = []
        for _ in range(3):
            link.connecting()
            link.closed(ABNORMAL_CLOSE, "refused", NOW)
            waits.append(link.retry_at_ms - NOW)
        online(link)
        link.closed(ABNORMAL_CLOSE, "", NOW + STABLE_MS - 1)
        waits.append(link.retry_at_ms - NOW - STABLE_MS + 1)
        online(link)
        link.closed(ABNORMAL_CLOSE, "", NOW + STABLE_MS)
        waits.append(link.retry_at_ms - NOW - STABLE_MS)
        assert waits == [250, 500, 1_000, 2_000, 250]

    def test_what_was_not_sent_is_forgotten(self) -> None:
        link = online(make_link())
        link.wake(NOW + 4_000)
        link.closed(ABNORMAL_CLOSE, "", NOW + 4_001)
        assert not link.outgoing

    def test_with_a_fresh_token_where_one_can_be_had(self) -> None:
        link = online(make_link(renewable=True))
        link.closed(Close.TOKEN_EXPIRED, "", NOW + 100)
        assert link.phase == Phase.WAITING
        assert link.needs_token
        link.renewed("token-2")
        link.connecting()
        link.opened(NOW + 1_000)
        hello = link.outgoing.pop()
        assert isinstance(hello, MonitorHello)
        assert hello.token == "token-2"
        assert not link.needs_token

    def test_for_good_where_no_fresh_token_can_be_had(self) -> None:
        link = online(make_link())
        link.closed(Close.TOKEN_EXPIRED, "", NOW + 100)
        assert link.phase == Phase.ENDED

    def test_after_stopping_changes_nothing(self) -> None:
        link = online(make_link())
        link.stop()
        link.closed(ABNORMAL_CLOSE, "", NOW)
        assert link.ended is not None
        assert link.ended.code is None


class TestGoodbye:
    def test_names_the_time_to_come_back(self) -> None:
        link = online(make_link())
        link.goodbye(Goodbye(Close.TRY_AGAIN, "restarting", 2_000))
        link.closed(Close.TRY_AGAIN, "", NOW + 100)
        assert link.retry_at_ms == NOW + 100 + 2_000 + 250

    def test_holds_for_a_close_frame_that_was_lost(self) -> None:
        link = online(make_link())
        link.goodbye(Goodbye(Close.TRY_AGAIN, "restarting", 2_000))
        link.closed(ABNORMAL_CLOSE, "", NOW + 100)
        assert link.retry_at_ms == NOW + 100 + 2_000 + 250

    def test_says_why_before_a_close_frame_that_was_lost(self) -> None:
        link = online(make_link())
        link.goodbye(Goodbye(Close.SUPERSEDED, "opened elsewhere", None))
        link.closed(ABNORMAL_CLOSE, "", NOW + 100)
        assert link.ended is not None
        assert (link.ended.code, link.ended.detail) == (Close.SUPERSEDED, "opened elsewhere")

    def test_without_a_time_leaves_it_to_the_code(self) -> None:
        link = online(make_link(renewable=True))
        link.goodbye(Goodbye(Close.TOKEN_EXPIRED, "expired", None))
        link.closed(Close.TOKEN_EXPIRED, "", NOW + 100)
        assert link.phase == Phase.WAITING
        assert link.needs_token

    def test_is_forgotten_with_the_next_connection(self) -> None:
        link = online(make_link())
        link.goodbye(Goodbye(Close.TRY_AGAIN, "restarting", 60_000))
        link.closed(Close.TRY_AGAIN, "", NOW)
        online(link, NOW + 61_000)
        link.closed(ABNORMAL_CLOSE, "", NOW + 62_000)
        assert link.retry_at_ms < NOW + 63_000
