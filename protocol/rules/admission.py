"""Whether a candidate may have one more attempt, and whether she may begin it now: every reason against it.

Reasons come in a fixed order, the one of `may_make` and `may_start`; whoever is refused is told the first. Intervals
are half-open: at the very instant `from_ms` a reason no longer holds.
"""

from collections.abc import Iterator, Sequence
from typing import Final

import msgspec

from protocol.attempt.deadlines import end_at_start, start_ends_ms
from protocol.attempt.model import ENDED, OPEN, SITTING, Accommodation, Attempt, Status, Terms
from protocol.codes import REFUSALS, Code
from protocol.content import Rules, TestContent
from protocol.errors import Refusal
from protocol.integrity.captures import Consent, lacks
from protocol.integrity.safe_exam_browser import Proof, is_proven
from protocol.rules.access_codes import digest_of_code, is_same_code
from protocol.rules.addresses import is_within


class Reason(msgspec.Struct, frozen=True):
    """Why not now. `from_ms` is the instant from which this reason no longer holds; None: nobody can tell, or never."""

    code: Code
    detail: str
    from_ms: int | None = None

    @property
    def refusal(self) -> Refusal:
        return Refusal(self.code, self.detail)

    @property
    def is_for_good(self) -> bool:
        """Whether nothing can take it away but what staff grant this candidate."""
        return self.code in _FOR_GOOD or (self.code in _UNTIL_THEN and self.from_ms is None)


_FOR_GOOD: Final = (Code.ATTEMPT_LIMIT, Code.WINDOW_CLOSED)
_UNTIL_THEN: Final = (Code.ATTEMPT_DELAY, Code.NOT_OPEN_YET)
"""Reasons that end at an instant; without one they never do."""


class Earlier(msgspec.Struct, frozen=True):
    """An attempt that the candidate has had at this test, or still has. `counts`: it is one of those that she may
    have."""

    attempt_id: str
    number: int
    status: Status
    started_at_ms: int | None
    ended_at_ms: int | None
    counts: bool


def at_the_opening(opens_ms: int) -> Earlier:
    """The shortest attempt that there can be: nobody has had it."""
    return Earlier("", 1, Status.SUBMITTED, opens_ms, opens_ms, counts=True)


class Admission(msgspec.Struct, frozen=True):
    """What decides whether an attempt may begin, besides its terms. `code` is the digest of the access code; None: none
    is asked for. `enrolled`: the candidate is, or need not be. `off`: her organisation has switched her account off."""

    rules: Rules
    code: bytes | None
    enrolled: bool
    off: bool = False


class Candidacy(msgspec.Struct, frozen=True):
    """What decides whether an attempt may be open once more, besides its own log: the newest rules of the test for its
    candidate, all her other attempts at it, by number, and what she is granted now."""

    rules: Rules
    others: tuple[Earlier, ...]
    granted: Accommodation


class Presented(msgspec.Struct, frozen=True):
    """What a candidate brings to her start: the address that she comes from, the access code that she typed, and what
    her browser proves."""

    address: str
    access_code: str | None
    proofs: tuple[Proof, ...] = ()


def asks_enrolments(content: TestContent) -> bool:
    """Whether it matters for the test who is enrolled, and with which access code and form of her own."""
    rules = content.rules
    return rules.enrolment == "required" or rules.access_code is not None or bool(content.forms)


def admission_under(
    rules: Rules, *, enrolled: bool = False, own_code: bytes | None = None, off: bool = False
) -> Admission:
    """What the rules of a test ask of a candidate who is enrolled or not, and whose account is on or `off`. `own_code`
    is the digest of an access code of her own, which takes the place of the test's."""
    code = own_code
    if code is None and rules.access_code is not None:
        code = digest_of_code(rules.access_code)
    return Admission(rules, code, enrolled or rules.enrolment == "open", off)


def may_make(
    rules: Rules, terms: Terms, earlier: Sequence[Earlier], now_ms: int, *, enrolled: bool, off: bool = False
) -> tuple[Reason, ...]:
    """Why a candidate may not have a further attempt at `now_ms`. `terms` are what the rules mean for her, `earlier`
    her attempts so far; none of them is open. `off`: her account is."""
    return tuple(_against_making(rules, terms, earlier, now_ms, enrolled, off))


def may_reinstate(candidacy: Candidacy) -> Refusal | None:
    """Why an attempt that did not count may not be made valid again; None: it may."""
    return may_reopen(candidacy) or (
        because(Code.ATTEMPT_LIMIT).refusal if _is_used_up(candidacy.rules, candidacy.others) else None
    )


def may_reopen(candidacy: Candidacy) -> Refusal | None:
    """Why an attempt that counts anyhow may not be open again; None: it may."""
    return because(Code.ATTEMPT_OPEN).refusal if any(one.status in OPEN for one in candidacy.others) else None


def may_grant_another(rules: Rules, terms: Terms, attempts: Sequence[Earlier], now_ms: int) -> Refusal | None:
    """Why a further attempt would be granted in vain, in words for staff; None: there is time for it. `terms` are what
    the rules mean for the candidate, `attempts` all that she has had."""
    closes_ms = start_ends_ms(terms)
    if closes_ms is None:
        return None
    if now_ms >= closes_ms:
        return Refusal(Code.WINDOW_CLOSED, "The window is over for this candidate: give her a longer one first.")
    # One that is open ends from now on.
    counted = [_ended_at(one, now_ms) if one.status in OPEN else one for one in attempts if one.counts]
    again_ms = _again_from_ms(rules, counted)
    if again_ms is None or again_ms < closes_ms:
        return None
    return Refusal(
        Code.ATTEMPT_DELAY,
        "The time between two attempts ends when the window is over for this candidate: give her a longer one first.",
    )


def may_start(
    admission: Admission,
    terms: Terms,
    presented: Presented | None,
    now_ms: int,
    *,
    admitted: bool,
    consents: Sequence[Consent] = (),
) -> tuple[Reason, ...]:
    """Why an attempt that was made may not begin at `now_ms`. `terms` are those it would be sat under. `presented`
    None: somebody acts for the candidate, who is asked for no code and may be anywhere. `admitted`: staff have let her
    in. `consents` are what she has said of pictures."""
    return tuple(_against_starting(admission, terms, presented, now_ms, admitted, consents))


def may_begin(
    candidacy: Candidacy,
    attempt: Attempt | None,
    admission: Admission,
    terms: Terms,
    presented: Presented | None,
    now_ms: int,
) -> tuple[Reason, ...]:
    """Why a candidate may not begin at `now_ms`: each reason once, in the order in which they would be met. `attempt`
    is the one that she has open; None: it would have to be made first, and `candidacy` and `admission` say who she is.
    The rest as in `may_start`."""
    if attempt is not None and attempt.status in SITTING:
        return (because(Code.ALREADY_STARTED),)
    found: tuple[Reason, ...] = ()
    if attempt is None:
        of_hers = {"enrolled": admission.enrolled, "off": admission.off}
        found = may_make(candidacy.rules, terms, candidacy.others, now_ms, **of_hers)
    admitted = attempt is not None and attempt.admitted
    consents = () if attempt is None else attempt.consents
    found += may_start(admission, terms, presented, now_ms, admitted=admitted, consents=consents)
    return tuple({reason.code: reason for reason in reversed(found)}.values())[::-1]


def would_end_ms(terms: Terms, reasons: Sequence[Reason], now_ms: int) -> int | None:
    """When an attempt would end that begins as soon as the reasons with a known instant are over; None: it has no
    limit, or no attempt can begin any more."""
    if any(reason.is_for_good for reason in reasons):
        return None
    begins_ms = max([now_ms, *(reason.from_ms for reason in reasons if reason.from_ms is not None)])
    closes_ms = start_ends_ms(terms)
    return None if closes_ms is not None and begins_ms >= closes_ms else end_at_start(terms, begins_ms)


def _against_making(
    rules: Rules, terms: Terms, earlier: Sequence[Earlier], now_ms: int, enrolled: bool, off: bool
) -> Iterator[Reason]:
    if off:
        yield because(Code.ACCOUNT_OFF)
    if not rules.active:
        yield because(Code.NOT_ACTIVE)
    if rules.enrolment == "required" and not enrolled:
        yield because(Code.NOT_ENROLLED)
    if _is_used_up(rules, earlier):
        yield because(Code.ATTEMPT_LIMIT)
    again_ms = _again_from_ms(rules, [one for one in earlier if one.counts])
    if again_ms is not None and now_ms < again_ms:
        yield _delayed(again_ms, start_ends_ms(terms))
    if _is_over(terms, now_ms):
        yield because(Code.WINDOW_CLOSED)


def _against_starting(
    admission: Admission,
    terms: Terms,
    presented: Presented | None,
    now_ms: int,
    admitted: bool,
    consents: Sequence[Consent],
) -> Iterator[Reason]:
    rules = admission.rules
    if admission.off:
        yield because(Code.ACCOUNT_OFF)
    if not rules.active:
        yield because(Code.NOT_ACTIVE)
    if not admission.enrolled:
        yield because(Code.NOT_ENROLLED)
    opens_ms = terms.window_opens_at_ms
    if opens_ms is not None and now_ms < opens_ms:
        yield _not_open_yet(opens_ms, start_ends_ms(terms))
    if _is_over(terms, now_ms):
        yield because(Code.WINDOW_CLOSED)
    if rules.waiting_room and not admitted:
        yield because(Code.WAITING)
    if presented is None:
        return
    if rules.address_ranges and not is_within(presented.address, rules.address_ranges):
        yield because(Code.WRONG_ADDRESS)
    if not browser_fits(rules, presented.proofs):
        yield because(Code.SAFE_EXAM_BROWSER)
    if lacks(consents, terms.captures):
        yield because(Code.CONSENT_REQUIRED)
    if admission.code is not None:
        if presented.access_code is None:
            yield because(Code.CODE_REQUIRED)
        elif not is_same_code(admission.code, presented.access_code):
            yield because(Code.WRONG_CODE)


def browser_fits(rules: Rules, proofs: Sequence[Proof]) -> bool:
    """Whether the candidate may begin, and go on, in the browser that she is in."""
    return rules.safe_exam_browser is None or is_proven(rules.safe_exam_browser, proofs)


def _is_used_up(rules: Rules, attempts: Sequence[Earlier]) -> bool:
    return rules.max_attempts is not None and sum(one.counts for one in attempts) >= rules.max_attempts


def _is_over(terms: Terms, now_ms: int) -> bool:
    ends_ms = start_ends_ms(terms)
    return ends_ms is not None and now_ms >= ends_ms


def _ended_at(attempt: Earlier, at_ms: int) -> Earlier:
    return msgspec.structs.replace(attempt, status=Status.SUBMITTED, ended_at_ms=at_ms)


def _again_from_ms(rules: Rules, counted: Sequence[Earlier]) -> int | None:
    """When the time between two attempts is over. It runs from the end of the last one."""
    ends = [one.ended_at_ms for one in counted if one.status in ENDED and one.ended_at_ms is not None]
    if not ends:
        return None
    return max(ends) + (rules.delay_first_ms if len(counted) == 1 else rules.delay_later_ms)


def _delayed(again_ms: int, closes_ms: int | None) -> Reason:
    if closes_ms is not None and again_ms >= closes_ms:
        return Reason(
            Code.ATTEMPT_DELAY,
            "Some time must pass between two attempts at this test, and the test closes before that: there is no"
            " further attempt. If that is wrong, ask your invigilator.",
        )
    return because(Code.ATTEMPT_DELAY, again_ms)


def _not_open_yet(opens_ms: int, closes_ms: int | None) -> Reason:
    """Each half of her window may come from elsewhere: the test, her groups, what she is granted here or everywhere."""
    if closes_ms is not None and closes_ms <= opens_ms:
        return Reason(
            Code.NOT_OPEN_YET,
            "Your time at this test ends before it begins, so you can't begin. Ask your invigilator to correct it.",
        )
    return because(Code.NOT_OPEN_YET, opens_ms)


def because(code: Code, from_ms: int | None = None) -> Reason:
    """A reason with the sentence of the table."""
    return Reason(code, REFUSALS[code].sentence, from_ms)
