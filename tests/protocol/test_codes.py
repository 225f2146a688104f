"""Every name has its rule, and every close its meaning."""

import pytest

from protocol.codes import CLOSES, REFUSALS, Close, Code, Reconnect, Retry, reconnect_rule


@pytest.mark.parametrize("code", Code)
def test_every_refusal_has_a_rule_and_a_sentence(code: Code) -> None:
    rule = REFUSALS[code]
    assert rule.http in {400, 401, 403, 404, 405, 409, 410, 412, 413, 422, 429, 500, 503}
    assert rule.sentence.endswith(".")
    assert rule.sentence[0].isupper()
    assert code.value == code.name.lower()
    if rule.http >= 500 or rule.http == 429:
        assert rule.retry is Retry.LATER


def test_the_tables_are_in_the_order_of_the_names_and_hold_no_others() -> None:
    assert list(REFUSALS) == list(Code)
    assert list(CLOSES) == list(Close)
    assert all(sentence.endswith(".") for sentence in CLOSES.values())


def test_what_staff_read_speaks_to_no_candidate() -> None:
    """Of a candidate herself they read in the third person."""
    ours = {code: rule for code, rule in REFUSALS.items() if "invigilator" in rule.sentence.lower()}
    for_candidates_alone = {
        Code.NOT_ACTIVE, Code.ATTEMPT_DELAY, Code.WAITING, Code.WRONG_ADDRESS, Code.CODE_REQUIRED, Code.LINK_USED
    }  # fmt: skip
    assert {code for code, rule in ours.items() if rule.for_staff is None} <= for_candidates_alone
    for rule in REFUSALS.values():
        said = rule.for_staff
        assert said is None or (
            "invigilator" not in said and "you" not in said.lower().split() and said != rule.sentence
        )


def test_two_refusals_never_say_the_same() -> None:
    assert len({rule.sentence for rule in REFUSALS.values()}) == len(Code)


@pytest.mark.parametrize(
    ("close_code", "rule"),
    [
        (1000, Reconnect.NEVER),
        (1001, Reconnect.BACKOFF),
        (1005, Reconnect.BACKOFF),
        (1006, Reconnect.BACKOFF),
        (1009, Reconnect.NEVER),
        (1011, Reconnect.BACKOFF),
        (1012, Reconnect.BACKOFF),
        (3999, Reconnect.BACKOFF),
        (4000, Reconnect.BACKOFF),
        (4099, Reconnect.BACKOFF),
        (4100, Reconnect.FRESH_TOKEN),
        (4199, Reconnect.FRESH_TOKEN),
        (4200, Reconnect.BACKOFF),
        (4499, Reconnect.BACKOFF),
        (4500, Reconnect.NEVER),
        (4599, Reconnect.NEVER),
        (4600, Reconnect.BACKOFF),
    ],
)
def test_the_range_of_a_close_says_whether_to_come_back(close_code: int, rule: Reconnect) -> None:
    assert reconnect_rule(close_code) is rule


def test_what_each_close_of_ours_asks_for() -> None:
    assert {close for close in Close if reconnect_rule(close) is Reconnect.NEVER} == {
        Close.NORMAL, Close.TOO_LARGE, Close.TOKEN_INVALID, Close.FORBIDDEN, Close.NOT_FOUND, Close.SUPERSEDED,
        Close.PROTOCOL_ERROR, Close.CONNECTION_EXISTS, Close.LINK_USED,
    }  # fmt: skip
    assert {close for close in Close if reconnect_rule(close) is Reconnect.FRESH_TOKEN} == {Close.TOKEN_EXPIRED}


def test_a_replaced_connection_costs_no_answer() -> None:
    """What it could not deliver stays on the device; the close, not the refusal, ends that window."""
    assert REFUSALS[Code.SUPERSEDED].retry is Retry.LATER
    assert reconnect_rule(Close.SUPERSEDED) is Reconnect.NEVER


def test_a_close_s_sentence_fits_into_the_frame_that_carries_it() -> None:
    """RFC 6455: 125 bytes, of which the code takes two. A longer one ends the connection without a code."""
    for sentence in CLOSES.values():
        assert len(sentence.encode()) <= 123, sentence
