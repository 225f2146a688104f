"""What a candidate is granted: of her own and by her groups."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol import limits
from protocol.attempt.model import Accommodation, Terms
from protocol.attempt.sheet import accommodated, terms_of
from protocol.codes import Code
from protocol.content import Rules
from protocol.messages.page_settings import PageSettings
from protocol.override import NOTHING, Override, SetPage
from protocol.rules.overrides import at_least, check_override, most_generous, over, resolve
from tests.protocol.attempt.scene import HOUR, MINUTE, T0, TERMS

NONE: dict[str, Any] = {}


# ── own beats group, this test beats every test ────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("here", "everywhere", "groups", "granted"),
    [
        (NONE, NONE, [], NONE),
        (NONE, NONE, [{"extra_time_ms": 5}], {"extra_time_ms": 5}),
        # Own beats group, also where it is stricter, and zero is a value.
        ({"extra_time_ms": 1}, NONE, [{"extra_time_ms": 5}], {"extra_time_ms": 1}),
        ({"extra_time_ms": 0}, NONE, [{"extra_time_ms": 5}], NONE),
        (NONE, {"extra_time_ms": 1}, [{"extra_time_ms": 5}], {"extra_time_ms": 1}),
        ({"extra_time_ms": 1}, {"extra_time_ms": 9}, [{"extra_time_ms": 5}], {"extra_time_ms": 1}),
        # Minutes and a share are two forms of one thing, and so is having no limit.
        ({"extra_time_ms": 1}, NONE, [{"extra_time_permille": 500}], {"extra_time_ms": 1}),
        ({"extra_time_permille": 100}, {"extra_time_ms": 9}, [], {"extra_time_permille": 100}),
        ({"extra_time_ms": 1}, NONE, [{"unlimited_time": True}], {"extra_time_ms": 1}),
        ({"unlimited_time": True}, {"extra_time_ms": 9}, [{"extra_time_ms": 5}], {"unlimited_time": True}),
        ({"unlimited_time": False}, NONE, [{"unlimited_time": True}], NONE),
        ({"unlimited_time": False}, NONE, [{"extra_time_ms": 5}], {"extra_time_ms": 5}),
        # So are an end of the window and none.
        ({"closes_at_ms": 7}, NONE, [{"never_closes": True}], {"closes_at_ms": 7}),
        ({"never_closes": True}, {"closes_at_ms": 7}, [], {"never_closes": True}),
        ({"never_closes": False}, NONE, [{"never_closes": True}], NONE),
        ({"never_closes": False}, NONE, [{"closes_at_ms": 7}], {"closes_at_ms": 7}),
        # Everything else field by field.
        ({"opens_at_ms": 9}, {"closes_at_ms": 12}, [{"opens_at_ms": 1, "extra_attempts": 2}],
         {"opens_at_ms": 9, "closes_at_ms": 12, "extra_attempts": 2}),
        ({"extra_attempts": 0}, NONE, [{"extra_attempts": 2}], NONE),
        ({"pause_budget_ms": 0}, NONE, [{"pause_budget_ms": 5}], {"pause_budget_ms": 0}),
        # Among groups the most generous value wins, field by field.
        (NONE, NONE, [{"extra_time_ms": 5}, {"extra_time_ms": 7}, {}], {"extra_time_ms": 7}),
        (NONE, NONE, [{"opens_at_ms": 5}, {"opens_at_ms": 3}], {"opens_at_ms": 3}),
        (NONE, NONE, [{"closes_at_ms": 5}, {"closes_at_ms": 3}], {"closes_at_ms": 5}),
        (NONE, NONE, [{"closes_at_ms": 5}, {"never_closes": True}], {"never_closes": True}),
        (NONE, NONE, [{"never_closes": False}, {"never_closes": True}], {"never_closes": True}),
        (NONE, NONE, [{"extra_time_ms": 5}, {"unlimited_time": True}], {"unlimited_time": True}),
        (NONE, NONE, [{"extra_attempts": 1}, {"pause_budget_ms": 4}], {"extra_attempts": 1, "pause_budget_ms": 4}),
        (NONE, NONE, [{"extra_time_ms": 5}, {"extra_time_permille": 1}],
         {"extra_time_ms": 5, "extra_time_permille": 1}),
        # Of how her page looks each setting stands for itself, and groups give whatever one of their members needs.
        ({"page": SetPage(size=115)}, {"page": SetPage(size=150, spaced=False)},
         [{"page": SetPage(spaced=True, still=True)}],
         {"page": PageSettings(size=115, spaced=False, still=True)}),
        (NONE, NONE,
         [{"page": SetPage("de", "dark", 130)}, {"page": SetPage("tr", "contrast", 115, time_hidden=False)}, {}],
         {"page": PageSettings(None, "contrast", 130, time_hidden=False)}),
        (NONE, NONE, [{"page": SetPage("de")}, {"page": SetPage(still=True)}],
         {"page": PageSettings("de", still=True)}),
    ],
)  # fmt: skip
def test_layers(
    here: dict[str, Any], everywhere: dict[str, Any], groups: list[dict[str, Any]], granted: dict[str, Any]
) -> None:
    found = resolve(Override(**here), Override(**everywhere), [Override(**group) for group in groups])
    assert found == Accommodation(**granted)


# ── what the terms are then ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("duration_ms", "granted", "extra_ms"),
    [
        (HOUR, {"extra_time_permille": 250}, 15 * MINUTE),
        (HOUR, {"extra_time_permille": 0}, 0),
        (HOUR, {"extra_time_permille": 1}, 4_000),
        (100_000, {"extra_time_permille": 10}, 1_000),
        (100_000, {"extra_time_permille": 11}, 2_000),
        (99_999, {"extra_time_permille": 10}, 1_000),
        (100_001, {"extra_time_permille": 10}, 2_000),
        (HOUR, {"extra_time_permille": 250, "extra_time_ms": 15 * MINUTE - 1}, 15 * MINUTE),
        (HOUR, {"extra_time_permille": 250, "extra_time_ms": 15 * MINUTE + 1}, 15 * MINUTE + 1),
        (None, {"extra_time_permille": 250, "extra_time_ms": 7}, 7),
    ],
)
def test_a_share_of_the_duration_is_rounded_up_to_a_second(
    duration_ms: int | None, granted: dict[str, Any], extra_ms: int
) -> None:
    terms = terms_of(Rules(duration_ms=duration_ms), Accommodation(**granted))
    assert (terms.duration_ms, terms.extra_time_ms) == (duration_ms, extra_ms)
    assert terms.extra_time_permille == (0 if duration_ms else granted["extra_time_permille"])


def test_who_is_granted_nothing_has_the_terms_of_the_test() -> None:
    assert accommodated(TERMS, Accommodation()) is TERMS


# ── what makes no sense ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "override",
    [
        {},
        {"extra_time_ms": 1, "extra_time_permille": 1},
        {"unlimited_time": True, "extra_time_ms": 1},
        {"unlimited_time": True, "extra_time_permille": 1},
        {"never_closes": True, "closes_at_ms": 1},
        {"opens_at_ms": 1, "closes_at_ms": 1},
        {"opens_at_ms": 2, "closes_at_ms": 1},
        {"page": SetPage()},
        {"page": SetPage(language="tlh")},
        {"page": SetPage(theme="pink")},
        {"page": SetPage(size=400)},
    ],
)
def test_an_override_that_makes_no_sense_is_refused(override: dict[str, Any]) -> None:
    refusal = check_override(Override(**override))
    assert refusal is not None
    assert refusal.code is Code.INVALID_OVERRIDE


@pytest.mark.parametrize(
    "override",
    [
        {"unlimited_time": True, "extra_time_ms": 0},
        {"unlimited_time": False, "extra_time_ms": 1},
        {"never_closes": False, "closes_at_ms": 1},
        {"opens_at_ms": 1, "closes_at_ms": 2},
        {"extra_attempts": 0},
        {"page": SetPage("ar", "cream", 150, spaced=True, still=False, time_hidden=True)},
    ],
)
def test_an_override_that_says_something(override: dict[str, Any]) -> None:
    assert check_override(Override(**override)) is None


@pytest.mark.parametrize(
    "override",
    [
        {"extra_time_ms": -1},
        {"extra_time_ms": limits.MAX_EXTENSION_MS + 1},
        {"extra_time_permille": -1},
        {"extra_time_permille": limits.MAX_EXTRA_PERMILLE + 1},
        {"extra_attempts": -1},
        {"pause_budget_ms": -1},
        {"extra_minutes": 5},
    ],
)
def test_negative_and_absurd_values_are_no_override(override: dict[str, Any]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(override, Override)


# ── whatever is granted ────────────────────────────────────────────────────────────────────────────────────────

_MS = st.none() | st.sampled_from([0, 1, MINUTE, 10 * MINUTE])
_INSTANTS = st.none() | st.integers(T0 - 3, T0 + 3) | st.sampled_from([T0 - HOUR, T0 + HOUR, T0 + 3 * HOUR])
OVERRIDES = st.builds(
    Override,
    extra_time_ms=_MS,
    extra_time_permille=st.none() | st.sampled_from([0, 1, 250]),
    unlimited_time=st.none() | st.booleans(),
    extra_attempts=st.none() | st.integers(0, 2),
    opens_at_ms=_INSTANTS,
    closes_at_ms=_INSTANTS,
    never_closes=st.none() | st.booleans(),
    pause_budget_ms=_MS,
).filter(lambda override: override == NOTHING or check_override(override) is None)
TERM_SETS = st.builds(
    lambda **rules: terms_of(Rules(**rules), Accommodation()),
    duration_ms=st.sampled_from([None, 1_000, 59_999, HOUR]),
    opens_at_ms=_INSTANTS,
    closes_at_ms=_INSTANTS,
    on_disconnect=st.sampled_from(["run", "pause"]),
    pause_budget_ms=st.sampled_from([0, 5 * MINUTE]),
)


@given(OVERRIDES, OVERRIDES, st.lists(OVERRIDES, max_size=4))
def test_what_her_own_says_counts(here: Override, everywhere: Override, groups: list[Override]) -> None:
    granted = resolve(here, everywhere, groups)
    for field in ("opens_at_ms", "pause_budget_ms", "extra_attempts"):
        said = [getattr(one, field) for one in (here, everywhere) if getattr(one, field) is not None]
        if said:
            assert getattr(granted, field) == said[0]
    if here.unlimited_time is not None:
        assert granted.unlimited_time is here.unlimited_time
    if here.extra_time_ms is not None and not here.unlimited_time:
        assert (granted.extra_time_ms, granted.extra_time_permille) == (here.extra_time_ms, 0)
        assert not granted.unlimited_time
    if here.closes_at_ms is not None:
        assert (granted.closes_at_ms, granted.never_closes) == (here.closes_at_ms, False)
    if here.never_closes:
        assert (granted.closes_at_ms, granted.never_closes) == (None, True)


@given(st.lists(OVERRIDES, max_size=4), st.randoms(use_true_random=False))
def test_neither_the_order_of_groups_nor_being_in_one_twice_matters(groups: list[Override], chance: Any) -> None:
    shuffled = [*groups, *groups]
    chance.shuffle(shuffled)
    assert resolve(NOTHING, NOTHING, shuffled) == resolve(NOTHING, NOTHING, groups)


@given(TERM_SETS, st.lists(OVERRIDES, max_size=3), OVERRIDES)
def test_one_more_group_takes_nothing_that_the_others_grant(
    terms: Terms, groups: list[Override], another: Override
) -> None:
    """Field by field: where nobody said anything of a window or a budget, the first word for it counts."""
    before, after = most_generous(groups), most_generous([*groups, another])
    for field in ("extra_time_ms", "extra_time_permille", "extra_attempts", "pause_budget_ms"):
        had = getattr(before, field)
        assert had is None or after.unlimited_time or getattr(after, field) >= had
    assert not before.unlimited_time or after.unlimited_time
    assert not before.never_closes or after.never_closes
    assert before.closes_at_ms is None or after.never_closes or (after.closes_at_ms or 0) >= before.closes_at_ms
    assert before.opens_at_ms is None or (after.opens_at_ms or 0) <= before.opens_at_ms


_POSITIVE = OVERRIDES.filter(
    lambda override: override.unlimited_time is not False and override.never_closes is not False
)
"""Without "not unlimited" and "does close": they take away only what the very next layer says."""


@given(_POSITIVE, _POSITIVE, _POSITIVE)
def test_layers_can_be_put_together_in_any_order(one: Override, two: Override, three: Override) -> None:
    def says(override: Override) -> Accommodation:
        return resolve(override, NOTHING, [])

    assert says(over(over(one, two), three)) == says(over(one, over(two, three)))
    assert says(over(one, NOTHING)) == says(one) == says(over(NOTHING, one))


@given(TERM_SETS, OVERRIDES, OVERRIDES)
def test_a_running_attempt_loses_nothing(terms: Terms, was: Override, now: Override) -> None:
    had, granted = resolve(was, NOTHING, []), resolve(now, NOTHING, [])
    kept = at_least(terms, had, granted)
    before, after, wanted = (accommodated(terms, one) for one in (had, kept, granted))
    for other in (before, wanted):
        assert _time(after) >= _time(other)
        assert _end(after) >= _end(other)
        assert _budget(after) >= _budget(other)
    assert at_least(terms, kept, granted) == kept == at_least(terms, kept, kept)
    assert (kept.opens_at_ms, kept.extra_attempts) == (granted.opens_at_ms, granted.extra_attempts)


@pytest.mark.parametrize("kind", [Override, Rules])
@pytest.mark.parametrize("name", ["opens_at_ms", "closes_at_ms"])
def test_a_window_ends_with_the_calendar(kind: type[Override | Rules], name: str) -> None:
    """So that the longest times added to it are still an instant which all clients read."""
    last = {name: limits.MAX_INSTANT_MS}
    assert getattr(msgspec.convert(last, kind), name) == limits.MAX_INSTANT_MS
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({name: limits.MAX_INSTANT_MS + 1}, kind)


def _time(terms: Terms) -> tuple[float, float, int]:
    if terms.unlimited_time:
        return (float("inf"), float("inf"), 0)
    whole = float("inf") if terms.duration_ms is None else terms.duration_ms + terms.extra_time_ms
    return (whole, terms.extra_time_ms, terms.extra_time_permille)


def _end(terms: Terms) -> float:
    return float("inf") if terms.window_closes_at_ms is None else terms.window_closes_at_ms


def _budget(terms: Terms) -> int:
    return terms.pause_budget_ms if terms.pause_on_disconnect else 0
