"""What candidates are granted in place of the rules of a test: of her own and by group, and what that comes to.

A field that is nil says nothing: what the next layer says holds, and in the end the test. Two things have several
forms: the time (extra minutes, a share of the duration, or no limit) and the end of the window (an instant, or none).
Whatever says one form of them says the thing. Every other field stands for itself.

    1. the candidate's own, for this test
    2. the candidate's own, for every test
    3. of her groups together, the most generous

An earlier layer beats a later one even where it is stricter.
"""

from collections.abc import Iterable, Sequence
from typing import TypeVar

from msgspec.structs import astuple, replace

from protocol.attempt.model import Accommodation, Terms
from protocol.attempt.sheet import NOTHING_GRANTED, accommodated, terms_for_anybody
from protocol.codes import Code
from protocol.content import Rules
from protocol.errors import Refusal, refuse
from protocol.integrity.signals import MEANINGS
from protocol.messages.page_settings import PageSettings
from protocol.override import NOTHING, Override
from protocol.rules import page_settings

_Number = TypeVar("_Number", int, bool)


def check_override(override: Override) -> Refusal | None:
    """Why the override makes no sense by itself; None: it does."""
    if override == NOTHING:
        return refuse(Code.INVALID_OVERRIDE, "The override says nothing: delete it instead.")
    if override.extra_time_ms is not None and override.extra_time_permille is not None:
        return refuse(Code.INVALID_OVERRIDE, "Give the extra time in minutes or as a factor, not both.")
    for signal in override.exempt or ():
        if signal not in MEANINGS:
            return refuse(Code.INVALID_OVERRIDE, f"Nothing that is noticed is called {signal!r}.")
    unknown = None if override.page is None else page_settings.unknown_in(override.page)
    if unknown is not None:
        return refuse(Code.INVALID_OVERRIDE, unknown)
    if override.unlimited_time and (override.extra_time_ms or override.extra_time_permille):
        return refuse(Code.INVALID_OVERRIDE, "Whoever has unlimited time has no extra time.")
    if override.never_closes and override.closes_at_ms is not None:
        return refuse(Code.INVALID_OVERRIDE, "A window that never closes has no end.")
    opens_ms, closes_ms = override.opens_at_ms, override.closes_at_ms
    if opens_ms is not None and closes_ms is not None and closes_ms <= opens_ms:
        return refuse(Code.INVALID_OVERRIDE, "The window closes before it opens.")
    return None


def check_window(override: Override, rules: Rules, besides: Accommodation = NOTHING_GRANTED) -> Refusal | None:
    """Why the window that the override makes can't be; None: it can, or it changes none. What an override leaves out is
    that of what its person is granted `besides`, and else the test's: a later opening alone may lie after both ends."""
    if override.opens_at_ms is None and override.closes_at_ms is None:
        return None
    terms = accommodated(terms_for_anybody(rules), besides)
    opens_ms = terms.window_opens_at_ms if override.opens_at_ms is None else override.opens_at_ms
    closes_ms = terms.window_closes_at_ms if override.closes_at_ms is None else override.closes_at_ms
    if override.never_closes or opens_ms is None or closes_ms is None or opens_ms < closes_ms:
        return None
    if override.closes_at_ms is None:
        whose = "the test has closed" if besides.closes_at_ms is None else "the end that is granted besides has passed"
        return refuse(Code.INVALID_OVERRIDE, f"The window would open when {whose}: give its end too.")
    whose = "the test opens" if besides.opens_at_ms is None else "the beginning that is granted besides"
    return refuse(Code.INVALID_OVERRIDE, f"The window would close before {whose}: give its beginning too.")


def check_not_over(override: Override, now_ms: int, before: Override = NOTHING) -> Refusal | None:
    """Why the override makes no sense at this instant: its window is over already, and was not so `before`."""
    closes_ms = override.closes_at_ms
    if closes_ms is None or closes_ms > now_ms or closes_ms == before.closes_at_ms:
        return None
    return refuse(Code.INVALID_OVERRIDE, "The window is over already: give a later end.")


def over(first: Override, then: Override) -> Override:
    """What two layers come to, of which the first beats the second."""
    says_time = first.extra_time_ms is not None or first.extra_time_permille is not None
    time = first if says_time or first.unlimited_time else then
    unlimited = first.unlimited_time
    if unlimited is None:
        unlimited = False if says_time else then.unlimited_time
    says_end = first.closes_at_ms is not None
    never_closes = first.never_closes
    if never_closes is None:
        never_closes = False if says_end else then.never_closes
    return Override(
        extra_time_ms=time.extra_time_ms,
        extra_time_permille=time.extra_time_permille,
        unlimited_time=unlimited,
        extra_attempts=_first(first.extra_attempts, then.extra_attempts),
        opens_at_ms=_first(first.opens_at_ms, then.opens_at_ms),
        closes_at_ms=first.closes_at_ms if says_end or first.never_closes else then.closes_at_ms,
        never_closes=never_closes,
        pause_budget_ms=_first(first.pause_budget_ms, then.pause_budget_ms),
        exempt=then.exempt if first.exempt is None else first.exempt,
        page=page_settings.over(first.page, then.page),
    )


def most_generous(overrides: Iterable[Override]) -> Override:
    """What several groups grant together: of each field the most generous value that one of them gives. Extra time may
    then come in both forms: the one that is more counts."""
    given = list(overrides)
    never_closes = _greatest(one.never_closes for one in given)
    unlimited = _greatest(one.unlimited_time for one in given)
    opens = [one.opens_at_ms for one in given if one.opens_at_ms is not None]
    return Override(
        extra_time_ms=None if unlimited else _greatest(one.extra_time_ms for one in given),
        extra_time_permille=None if unlimited else _greatest(one.extra_time_permille for one in given),
        unlimited_time=unlimited,
        extra_attempts=_greatest(one.extra_attempts for one in given),
        opens_at_ms=min(opens, default=None),
        closes_at_ms=None if never_closes else _greatest(one.closes_at_ms for one in given),
        never_closes=never_closes,
        pause_budget_ms=_greatest(one.pause_budget_ms for one in given),
        exempt=_all_signals(one.exempt for one in given),
        page=page_settings.of_all(one.page for one in given),
    )


def resolve(own_here: Override, own_everywhere: Override, groups: Sequence[Override]) -> Accommodation:
    """What a candidate is granted at a test: by her own override for this test, by her own for every test, and by those
    of her groups."""
    said = over(over(own_here, own_everywhere), most_generous(groups))
    return Accommodation(
        extra_time_ms=said.extra_time_ms or 0,
        extra_time_permille=said.extra_time_permille or 0,
        unlimited_time=bool(said.unlimited_time),
        opens_at_ms=said.opens_at_ms,
        closes_at_ms=None if said.never_closes else said.closes_at_ms,
        never_closes=bool(said.never_closes),
        pause_budget_ms=said.pause_budget_ms,
        extra_attempts=said.extra_attempts or 0,
        exempt=tuple(signal for signal in MEANINGS if signal in (said.exempt or ())),
        page=None if said.page is None else PageSettings(*astuple(said.page)),
    )


def with_extra_attempts(rules: Rules, granted: Accommodation) -> Rules:
    """The rules of a test for a candidate who has so many attempts more."""
    if rules.max_attempts is None or not granted.extra_attempts:
        return rules
    return replace(rules, max_attempts=rules.max_attempts + granted.extra_attempts)


def at_least(of_test: Terms, was: Accommodation, now: Accommodation) -> Accommodation:
    """`now`, but for what it would take from a candidate who sits under `was`: her time, the end of her window, for how
    long lost connections stop her clock, and what she is exempt from. `of_test` are the test's terms for anybody."""
    before, after = accommodated(of_test, was), accommodated(of_test, now)
    closes_earlier = after.window_closes_at_ms is not None and (
        before.window_closes_at_ms is None or after.window_closes_at_ms < before.window_closes_at_ms
    )
    end = was if closes_earlier else now
    opens_ms = before.window_opens_at_ms, after.window_opens_at_ms
    # In a synchronised test her time counts from the opening.
    counts_from_earlier = of_test.synchronised and (opens_ms[1] or 0) < (opens_ms[0] or 0)
    pauses_less = _budget_ms(after) < _budget_ms(before)
    unlimited = was.unlimited_time or now.unlimited_time
    return replace(
        now,
        extra_time_ms=0 if unlimited else max(was.extra_time_ms, now.extra_time_ms),
        extra_time_permille=0 if unlimited else max(was.extra_time_permille, now.extra_time_permille),
        unlimited_time=unlimited,
        opens_at_ms=was.opens_at_ms if counts_from_earlier else now.opens_at_ms,
        closes_at_ms=end.closes_at_ms,
        never_closes=end.never_closes,
        pause_budget_ms=was.pause_budget_ms if pauses_less else now.pause_budget_ms,
        exempt=tuple(signal for signal in MEANINGS if signal in was.exempt or signal in now.exempt),
    )


def _budget_ms(terms: Terms) -> int:
    return terms.pause_budget_ms if terms.pause_on_disconnect else 0


def _all_signals(given: Iterable[Sequence[str] | None]) -> list[str] | None:
    said = [signals for signals in given if signals is not None]
    return sorted({signal for signals in said for signal in signals}) if said else None


def _first(one: int | None, other: int | None) -> int | None:
    return other if one is None else one


def _greatest(values: Iterable[_Number | None]) -> _Number | None:
    return max((value for value in values if value is not None), default=None)
