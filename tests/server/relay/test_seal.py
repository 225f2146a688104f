"""The authentication code of messages between nodes."""

import pytest

from server.relay.seal import OLDEST_MS, REMEMBERED_MS, Seal, relay_key
from tests.server.harness.clock import StillClock

KEY = relay_key("a secret that all nodes share")


@pytest.fixture
def clock() -> StillClock:
    return StillClock()


def seal(name: str, clock: StillClock, key: bytes = KEY) -> Seal:
    return Seal(key, name, clock.now_ms)


def test_what_a_node_seals_others_open_and_it_knows_its_own(clock: StillClock) -> None:
    one, two = seal("one", clock), seal("two", clock)
    for data in (b"", b"word", bytes(100_000)):
        message = one.close("c", data)
        assert two.open("c", message) == (False, data)
        assert one.open("c", message) == (True, data)


def test_every_bit_counts(clock: StillClock) -> None:
    one, two = seal("one", clock), seal("two", clock)
    message = one.close("c", b"word")
    for place in range(len(message)):
        changed = bytearray(message)
        changed[place] ^= 1
        assert two.open("c", bytes(changed)) == "forged", place
    for length in range(len(message)):
        assert two.open("c", message[:length]) == "forged", length
    assert two.open("c", message + b"\0") == "forged"
    assert two.open("c", message) == (False, b"word")


def test_another_channel_or_key_is_forged(clock: StillClock) -> None:
    one, two = seal("one", clock), seal("two", clock)
    assert two.open("d", one.close("c", b"word")) == "forged"
    assert two.open("ab", one.close("a", b"bword")) == "forged", "the channel's name has an end"
    assert two.open("c", seal("one", clock, relay_key("another secret")).close("c", b"word")) == "forged"


def test_what_was_heard_is_not_heard_again_nor_what_is_older(clock: StillClock) -> None:
    one, two = seal("one", clock), seal("two", clock)
    first, second, third = (one.close("c", b"%d" % n) for n in range(3))
    assert two.open("c", second) == (False, b"1")
    assert two.open("c", second) == two.open("c", first) == "replayed"
    assert two.open("c", third) == (False, b"2")
    other_channel = [one.close(channel, b"") for channel in "abc"]
    for channel, message in zip("cba", reversed(other_channel), strict=True):
        assert two.open(channel, message) == (False, b""), "channels come on different ways"


def test_what_was_withheld_for_long_is_not_heard_even_by_who_is_new(clock: StillClock) -> None:
    one = seal("one", clock)
    message = one.close("c", b"word")
    clock.advance(OLDEST_MS)
    assert seal("two", clock).open("c", message) == (False, b"word")
    clock.advance(1)
    assert seal("two", clock).open("c", message) == "late"
    clock.advance(REMEMBERED_MS - OLDEST_MS)
    assert seal("two", clock).open("c", message) == "replayed"


@pytest.mark.parametrize("hearer", ["two", "one"])
def test_a_late_message_is_no_replayed_one_until_it_comes_again(clock: StillClock, hearer: str) -> None:
    """A node that has too much to do hears its own words late."""
    one = seal("one", clock)
    two = one if hearer == "one" else seal("two", clock)
    heard, first, second = (one.close("c", b"%d" % n) for n in range(3))
    assert two.open("c", heard) == (hearer == "one", b"0")
    clock.advance(OLDEST_MS + 1)
    assert [two.open("c", message) for message in (first, second)] == ["late", "late"]
    assert [two.open("c", message) for message in (heard, first, second)] == ["replayed"] * 3
    assert two.open("c", one.close("c", b"prompt")) == (hearer == "one", b"prompt")


def test_no_message_can_be_replayed_after_it_was_forgotten(clock: StillClock) -> None:
    one, two = seal("one", clock), seal("two", clock)
    kept = []
    for step in range(60):
        kept.append(one.close(f"c{step % 7}", b"word"))
        assert two.open(f"c{step % 7}", kept[-1]) == (False, b"word")
        clock.advance(OLDEST_MS // 5)
        for number, message in enumerate(kept):
            assert two.open(f"c{number % 7}", message) == "replayed"
    assert len(two._newest) <= 7
    clock.advance(REMEMBERED_MS + 1)
    two.open("new", one.close("new", b""))
    assert len(two._newest) == 1, "what nobody can replay is forgotten"


def test_the_key_is_derived_and_not_the_secret() -> None:
    assert len(KEY) == 32
    assert relay_key("a secret that all nodes share") == KEY != relay_key("a secret that all nodes sharE")
    # RFC 5869 with SHA-256, no salt, and our label as info: computed with another implementation.
    assert relay_key("secret").hex() == "14fe0ec9e069f9f6de0025ad463c8b05fa11903c292d7dfcf27738d7bc4b2242"
