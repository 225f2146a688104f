"""Courses as they are kept."""

from hypothesis import given
from hypothesis import strategies as st

from protocol.analytics.course import AtQuestion, Course
from protocol.analytics.packing import SHAPE, pack, unpack

INSTANTS = st.none() | st.integers(0, 2**48)
QUESTIONS = st.builds(AtQuestion, *[st.integers(0, 2**40)] * 4, INSTANTS, INSTANTS, st.booleans())
COURSES = st.builds(
    Course,
    seq=st.integers(0, 2**40),
    started_ms=INSTANTS,
    ended=st.booleans(),
    away=st.lists(st.integers(0, 2**48)),
    questions=st.dictionaries(st.text(), QUESTIONS),
)


@given(COURSES)
def test_what_is_packed_is_unpacked(course: Course) -> None:
    assert unpack(pack(course)) == course


def test_a_long_paper_takes_some_kilobytes() -> None:
    at = 1_800_000_000_000
    questions = {
        f"question-{n:03}": AtQuestion(n * 977 % 90_000, 1 + n % 3, 2, n % 2, at + n * 61_000, at + n * 67_003, True)
        for n in range(180)
    }
    assert len(pack(Course(400, at, at + 9_000_000, True, questions=questions))) < 5_000
    assert len(SHAPE) == 8
