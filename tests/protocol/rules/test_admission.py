"""Who may begin, and when: a table for each rule, with every boundary a millisecond before, at and after it."""

from typing import Any, Final

import pytest
from msgspec.structs import replace

from protocol.attempt.model import ENDED, Accommodation, Status
from protocol.attempt.sheet import terms_of
from protocol.codes import REFUSALS, Code
from protocol.content import Rules
from protocol.rules.access_codes import digest_of_code
from protocol.rules.admission import (
    Candidacy,
    Earlier,
    Presented,
    Reason,
    admission_under,
    may_begin,
    may_grant_another,
    may_make,
    may_reinstate,
    may_reopen,
    may_start,
    would_end_ms,
)
from tests.protocol.attempt.scene import Scene

NOW: Final = 1_800_000_000_000
MINUTE: Final = 60_000
NOTHING: Final = Presented("192.0.2.7", None)
"""What she brings who has typed no code."""


def earlier(number: int = 1, ended_ms: int | None = NOW, status: Status = Status.SUBMITTED) -> Earlier:
    """An attempt of hers that has ended at this instant."""
    return Earlier(f"attempt-{number}", number, status, NOW - 100 * MINUTE, ended_ms, counts=True)


def making(now_ms: int, *attempts: Earlier, **rules: Any) -> list[tuple[Code, int | None]]:
    """The reasons against a further attempt."""
    told = Rules(**rules)
    return plain(may_make(told, terms_of(told, Accommodation()), attempts, now_ms, enrolled=False))


def starting(
    now_ms: int, presented: Presented | None = NOTHING, *, admitted: bool = False, **rules: Any
) -> list[tuple[Code, int | None]]:
    """The reasons against the start of an attempt that is there."""
    told = Rules(**rules)
    return plain(
        may_start(admission_under(told), terms_of(told, Accommodation()), presented, now_ms, admitted=admitted)
    )


def plain(reasons: tuple[Reason, ...]) -> list[tuple[Code, int | None]]:
    assert all(reason.detail.endswith(".") for reason in reasons)
    return [(reason.code, reason.from_ms) for reason in reasons]


@pytest.mark.parametrize(
    ("now_ms", "start", "make"),
    [
        (NOW - 1, [(Code.NOT_OPEN_YET, NOW)], []),
        (NOW, [], []),
        (NOW + 1, [], []),
        (NOW + MINUTE - 1, [], []),
        (NOW + MINUTE, [(Code.WINDOW_CLOSED, None)], [(Code.WINDOW_CLOSED, None)]),
        (NOW + MINUTE + 1, [(Code.WINDOW_CLOSED, None)], [(Code.WINDOW_CLOSED, None)]),
    ],
)
def test_the_window(now_ms: int, start: list[Any], make: list[Any]) -> None:
    window: dict[str, Any] = {"opens_at_ms": NOW, "closes_at_ms": NOW + MINUTE}
    assert starting(now_ms, **window) == start
    assert making(now_ms, **window) == make, "a link may be opened before the test opens"


@pytest.mark.parametrize("off_ms", [-1, 0, 1])
def test_no_further_attempt_is_granted_in_vain(off_ms: int) -> None:
    """The delay would end with the window, or the window is over; an attempt that is open ends now at the earliest."""
    day = 24 * 60 * MINUTE
    had = {"ended": earlier(), "open": earlier(status=Status.IN_PROGRESS, ended_ms=None)}
    for name, attempt in had.items():
        rules = Rules(closes_at_ms=NOW + day + off_ms, delay_first_ms=day)
        refusal = may_grant_another(rules, terms_of(rules, Accommodation()), [attempt], NOW)
        assert (None if refusal is None else refusal.code) == (None if off_ms > 0 else Code.ATTEMPT_DELAY), name
        later = Accommodation(closes_at_ms=NOW + 2 * day)
        assert may_grant_another(rules, terms_of(rules, later), [attempt], NOW) is None, "she has a later end"
        void = replace(attempt, counts=False)
        assert may_grant_another(rules, terms_of(rules, Accommodation()), [void], NOW) is None
    rules = Rules(closes_at_ms=NOW + off_ms)
    refusal = may_grant_another(rules, terms_of(rules, Accommodation()), [had["ended"]], NOW)
    assert (None if refusal is None else refusal.code) == (None if off_ms > 0 else Code.WINDOW_CLOSED)


@pytest.mark.parametrize("now_ms", [NOW - 1, NOW, NOW + 1])
def test_a_test_that_is_not_active_is_neither_made_nor_started(now_ms: int) -> None:
    assert making(now_ms, active=False) == starting(now_ms, active=False) == [(Code.NOT_ACTIVE, None)]


@pytest.mark.parametrize(
    ("had", "most", "refused"),
    [(0, 1, False), (1, 1, True), (2, 1, True), (1, 2, False), (2, 2, True), (3, 2, True), (1_000, None, False)],
)
def test_the_limit_of_attempts(had: int, most: int | None, refused: bool) -> None:
    attempts = [earlier(number) for number in range(1, had + 1)]
    assert making(NOW, *attempts, max_attempts=most) == ([(Code.ATTEMPT_LIMIT, None)] if refused else [])


def test_an_attempt_that_does_not_count_uses_up_nothing() -> None:
    void = replace(earlier(status=Status.CANCELLED), counts=False)
    rules = {"max_attempts": 1, "delay_first_ms": MINUTE}
    assert making(NOW, void, **rules) == []
    assert making(NOW, void, earlier(2), **rules) == [(Code.ATTEMPT_LIMIT, None), (Code.ATTEMPT_DELAY, NOW + MINUTE)]


@pytest.mark.parametrize("status", sorted(ENDED))
@pytest.mark.parametrize(
    ("had", "wait_ms"), [(1, 10 * MINUTE), (2, 30 * MINUTE), (3, 30 * MINUTE)], ids=["first", "second", "third"]
)
@pytest.mark.parametrize("off_ms", [-1, 0, 1])
def test_the_delay_between_attempts(status: Status, had: int, wait_ms: int, off_ms: int) -> None:
    attempts = [earlier(number, NOW - (had - number) * MINUTE, status) for number in range(1, had + 1)]
    rules = {"max_attempts": None, "delay_first_ms": 10 * MINUTE, "delay_later_ms": 30 * MINUTE}
    expected = [(Code.ATTEMPT_DELAY, NOW + wait_ms)] if off_ms < 0 else []
    assert making(NOW + wait_ms + off_ms, *attempts, **rules) == expected, "it runs from the end of the last one"


def test_without_a_delay_the_next_attempt_may_follow_at_once() -> None:
    assert making(NOW, earlier(ended_ms=NOW), max_attempts=None) == []
    assert making(NOW - 1, earlier(ended_ms=NOW), max_attempts=None) == [(Code.ATTEMPT_DELAY, NOW)]


@pytest.mark.parametrize(
    ("closes_ms", "from_ms"),
    [(NOW + MINUTE - 1, None), (NOW + MINUTE, None), (NOW + MINUTE + 1, NOW + MINUTE), (None, NOW + MINUTE)],
)
def test_a_delay_that_ends_with_the_window_leaves_no_further_attempt(
    closes_ms: int | None, from_ms: int | None
) -> None:
    rules = Rules(max_attempts=None, delay_first_ms=MINUTE, closes_at_ms=closes_ms)
    (reason,) = may_make(rules, terms_of(rules, Accommodation()), [earlier()], NOW, enrolled=False)
    assert (reason.code, reason.from_ms) == (Code.ATTEMPT_DELAY, from_ms)
    assert (reason.detail == REFUSALS[Code.ATTEMPT_DELAY].sentence) == (from_ms is not None), "it says so"


@pytest.mark.parametrize(("closes_ms", "opens"), [(NOW + 1, True), (NOW, False), (NOW - 2, False)])
def test_a_window_that_closes_before_it_opens_never_opens(closes_ms: int, opens: bool) -> None:
    """The beginning is the test's, and the end the candidate's own."""
    rules = Rules(duration_ms=MINUTE, opens_at_ms=NOW)
    terms = terms_of(rules, Accommodation(closes_at_ms=closes_ms))
    found = may_start(admission_under(rules), terms, NOTHING, NOW - 3, admitted=False)
    assert plain(found) == [(Code.NOT_OPEN_YET, NOW if opens else None)]
    assert (found[0].detail == REFUSALS[Code.NOT_OPEN_YET].sentence) == opens, "it says so"
    assert (would_end_ms(terms, found, NOW - 3) is not None) == opens


@pytest.mark.parametrize(
    ("asked", "typed", "refused"),
    [
        (None, None, None),
        (None, "anything", None),
        ("Blue Harbour 7", None, Code.CODE_REQUIRED),
        ("Blue Harbour 7", "", Code.WRONG_CODE),
        ("Blue Harbour 7", "Blue Harbour 8", Code.WRONG_CODE),
        ("Blue Harbour 7", "Blue Harbour 7", None),
        ("Blue Harbour 7", "  blue\u00a0harbour7 ", None),
        ("Blue Harbour 7", "BLUE HARBOUR \uff17", None),
        ("Blue Harbour 7", "\ufeffblue\u200bharbour\u00ad7", None),
    ],
)
def test_the_access_code(asked: str | None, typed: str | None, refused: Code | None) -> None:
    found = starting(NOW, Presented("192.0.2.7", typed), access_code=asked)
    assert found == ([] if refused is None else [(refused, None)])


@pytest.mark.parametrize(
    ("ranges", "address", "let_in"),
    [
        ([], "203.0.113.9", True),
        (["192.0.2.0/24"], "192.0.1.255", False),
        (["192.0.2.0/24"], "192.0.2.0", True),
        (["192.0.2.0/24"], "192.0.2.255", True),
        (["192.0.2.0/24"], "192.0.3.0", False),
        (["192.0.2.7"], "192.0.2.7", True),
        (["192.0.2.7"], "192.0.2.8", False),
        (["198.51.100.0/24", "192.0.2.0/24"], "192.0.2.1", True),
        (["192.0.2.0/24"], "::ffff:192.0.2.1", True),
        (["2001:db8::/32"], "2001:db8::1", True),
        (["2001:db8::/32"], "2001:db9::1", False),
        (["fe80::/10"], "fe80::1%eth0", True),
        (["192.0.2.0/24"], "2001:db8::1", False),
        (["0.0.0.0/0"], "", False),
        (["0.0.0.0/0"], "unknown", False),
    ],
)
def test_the_address_that_she_starts_from(ranges: list[str], address: str, let_in: bool) -> None:
    found = starting(NOW, Presented(address, None), address_ranges=ranges)
    assert found == ([] if let_in else [(Code.WRONG_ADDRESS, None)])


def test_whoever_acts_for_her_is_asked_for_no_code_and_may_be_anywhere() -> None:
    assert starting(NOW, None, access_code="harbour", address_ranges=["192.0.2.0/24"]) == []


@pytest.mark.parametrize("presented", [NOTHING, None], ids=["herself", "by a service"])
@pytest.mark.parametrize("now_ms", [NOW - 1, NOW, NOW + 1])
def test_nobody_leaves_the_waiting_room_by_herself(presented: Presented | None, now_ms: int) -> None:
    assert starting(now_ms, presented, waiting_room=True) == [(Code.WAITING, None)]
    assert starting(now_ms, presented, waiting_room=True, admitted=True) == []
    assert starting(now_ms, presented, waiting_room=False) == []


@pytest.mark.parametrize(
    ("others", "most", "code"),
    [
        ([], 1, None),
        ([(Status.INITIATED, True)], None, Code.ATTEMPT_OPEN),
        ([(Status.PAUSED, True)], 5, Code.ATTEMPT_OPEN),
        ([(Status.SUBMITTED, True)], 1, Code.ATTEMPT_LIMIT),
        ([(Status.SUBMITTED, True)], 2, None),
        ([(Status.CANCELLED, False), (Status.ABSENT, False)], 1, None),
        ([(Status.CANCELLED, True)], 1, Code.ATTEMPT_LIMIT),
    ],
)
def test_what_is_reinstated_beats_neither_the_limit_nor_the_one_open_attempt(
    others: list[tuple[Status, bool]], most: int | None, code: Code | None
) -> None:
    had = tuple(replace(earlier(n, status=status), counts=counts) for n, (status, counts) in enumerate(others, 2))
    candidacy = Candidacy(Rules(max_attempts=most), had, Accommodation())
    refusal, reopened = may_reinstate(candidacy), may_reopen(candidacy)
    assert (None if refusal is None else refusal.code) is code
    # One that had ended counted already.
    assert (reopened is not None) is (code is Code.ATTEMPT_OPEN)


@pytest.mark.parametrize(
    ("asked", "enrolled", "let_in"), [(True, False, False), (True, True, True), (False, False, True)]
)
def test_who_is_not_enrolled_neither_makes_an_attempt_nor_starts_one(asked: bool, enrolled: bool, let_in: bool) -> None:
    rules = Rules(enrolment="required" if asked else "open")
    terms, expected = terms_of(rules, Accommodation()), [] if let_in else [(Code.NOT_ENROLLED, None)]
    assert plain(may_make(rules, terms, [], NOW, enrolled=enrolled)) == expected
    admission = admission_under(rules, enrolled=enrolled)
    assert plain(may_start(admission, terms, NOTHING, NOW, admitted=False)) == expected


def test_whose_account_is_off_neither_makes_an_attempt_nor_starts_one() -> None:
    rules = Rules()
    terms, expected = terms_of(rules, Accommodation()), [(Code.ACCOUNT_OFF, None)]
    assert plain(may_make(rules, terms, [], NOW, enrolled=False, off=True)) == expected
    admission = admission_under(rules, off=True)
    assert plain(may_start(admission, terms, NOTHING, NOW, admitted=False)) == expected
    assert plain(may_begin(Candidacy(rules, (), Accommodation()), None, admission, terms, NOTHING, NOW)) == expected


def test_a_code_of_her_own_takes_the_place_of_the_test_s() -> None:
    rules = Rules(access_code="harbour")
    admission = admission_under(rules, own_code=digest_of_code("lighthouse"))
    for typed, code in (("harbour", Code.WRONG_CODE), ("Lighthouse", None)):
        found = may_start(
            admission, terms_of(rules, Accommodation()), Presented("192.0.2.7", typed), NOW, admitted=False
        )
        assert [reason.code for reason in found] == ([] if code is None else [code])


def test_every_reason_is_told_in_one_order() -> None:
    rules: dict[str, Any] = {"active": False, "max_attempts": 1, "delay_first_ms": MINUTE, "closes_at_ms": NOW}
    rules |= {"waiting_room": True, "access_code": "harbour", "address_ranges": ["203.0.113.0/24"]}
    codes = [code for code, _ in making(NOW, earlier(), **rules)]
    assert codes == [Code.NOT_ACTIVE, Code.ATTEMPT_LIMIT, Code.ATTEMPT_DELAY, Code.WINDOW_CLOSED]
    codes = [code for code, _ in starting(NOW, **rules)]
    assert codes == [
        Code.NOT_ACTIVE,
        Code.WINDOW_CLOSED,
        Code.WAITING,
        Code.WRONG_ADDRESS,
        Code.CODE_REQUIRED,
    ]


def test_each_reason_is_told_once_in_the_order_in_which_it_is_met() -> None:
    rules = Rules(active=False, opens_at_ms=NOW + 1, waiting_room=True, enrolment="required")
    terms = terms_of(rules, Accommodation())
    found = may_begin(Candidacy(rules, (), Accommodation()), None, admission_under(rules), terms, NOTHING, NOW)
    assert [one.code for one in found] == [Code.NOT_ACTIVE, Code.NOT_ENROLLED, Code.NOT_OPEN_YET, Code.WAITING]


def test_of_an_open_attempt_it_is_not_asked_whether_it_may_be_made() -> None:
    rules = Rules(max_attempts=1)
    candidacy, terms = Candidacy(rules, (earlier(),), Accommodation()), terms_of(rules, Accommodation())
    admission = admission_under(rules)
    closed = may_begin(candidacy, None, admission, terms, NOTHING, NOW)
    assert [one.code for one in closed] == [Code.ATTEMPT_LIMIT]
    scene = Scene()
    assert may_begin(candidacy, scene.attempt, admission, terms, NOTHING, NOW) == ()
    started = may_begin(candidacy, scene.started().attempt, admission, terms, NOTHING, NOW)
    assert [one.code for one in started] == [Code.ALREADY_STARTED]


@pytest.mark.parametrize(("off_ms", "ends"), [(-1, True), (0, False), (1, False)])
def test_when_it_would_end_counts_from_the_instant_of_the_last_reason(off_ms: int, ends: bool) -> None:
    rules = Rules(duration_ms=60 * MINUTE, closes_at_ms=NOW + 30 * MINUTE)
    terms = terms_of(rules, Accommodation())
    waits = Reason(Code.ATTEMPT_DELAY, "", NOW + 30 * MINUTE + off_ms)
    assert would_end_ms(terms, [waits], NOW) == (NOW + 30 * MINUTE if ends else None)
    assert would_end_ms(terms, [], NOW) == NOW + 30 * MINUTE
    free = terms_of(Rules(duration_ms=60 * MINUTE), Accommodation())
    assert would_end_ms(free, [Reason(Code.ATTEMPT_DELAY, "", NOW + 5)], NOW) == NOW + 5 + 60 * MINUTE


@pytest.mark.parametrize(
    ("code", "ends"),
    [
        (Code.ATTEMPT_LIMIT, False),
        (Code.ATTEMPT_DELAY, False),
        (Code.WINDOW_CLOSED, False),
        (Code.NOT_ACTIVE, True),
        (Code.NOT_ENROLLED, True),
        (Code.WAITING, True),
        (Code.CODE_REQUIRED, True),
        (Code.WRONG_ADDRESS, True),
    ],
)
def test_what_can_never_begin_any_more_has_no_end(code: Code, ends: bool) -> None:
    """What somebody may still do about, the candidate or staff, leaves the end that it would have."""
    terms = terms_of(Rules(duration_ms=60 * MINUTE), Accommodation())
    reasons = [Reason(code, ""), Reason(Code.NOT_OPEN_YET, "", NOW + 5)]
    assert would_end_ms(terms, reasons, NOW) == (NOW + 5 + 60 * MINUTE if ends else None)
