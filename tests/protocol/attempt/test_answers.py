"""The packed answers behave as a dictionary would."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.attempt.answers import Answers, Saved
from protocol.limits import MAX_INT
from protocol.messages.base import Value
from storage.snapshots import _decode, _encode
from tests.protocol.attempt.scene import Scene

_ids = st.sampled_from(["q1", "q10", "q2", "", "é", "z", "\x00"])
_values: st.SearchStrategy[Value] = st.one_of(
    st.text(max_size=3), st.booleans(), st.lists(st.text(max_size=2), max_size=3), st.none()
)
_numbers = st.integers(0, MAX_INT)


@given(st.lists(st.tuples(_ids, _values, _numbers, _numbers), max_size=30))
def test_they_read_like_a_dictionary(steps: list[tuple[str, Value, int, int]]) -> None:
    plain: dict[str, Saved] = {}
    packed = Answers()
    for question_id, value, n, at_ms in steps:
        before, as_it_was = packed, dict(packed.items())
        if value is None:
            plain.pop(question_id, None)
            packed, _ = packed.without(question_id)
        else:
            plain[question_id] = Saved(value, n, at_ms)
            packed, _ = packed.with_answer(question_id, value, n, at_ms)
        assert dict(before.items()) == as_it_was, "no state changes the one before"
        assert packed.get(question_id) == plain.get(question_id)
    assert dict(packed.items()) == plain
    assert list(packed) == sorted(plain)
    assert len(packed) == len(plain)
    assert Answers.of(plain.items()) == packed
    for question_id in ("q1", "q10", "nothing"):
        assert (question_id in packed) == (question_id in plain)


def test_an_answer_that_is_not_there() -> None:
    with pytest.raises(KeyError):
        Answers()["q1"]
    assert Answers().without("q1") == (Answers(), None)


def test_a_snapshot_keeps_them() -> None:
    scene = Scene().started()
    for n, value in enumerate(["a", "b", "a"], start=1):
        scene.facts(scene.answer(n, value))
    assert _decode(_encode(scene.attempt)) == scene.attempt
