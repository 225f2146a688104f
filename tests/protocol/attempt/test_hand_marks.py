"""Marks by a person, before and after a reopening."""

from protocol.attempt.hand_marks import fingerprint, marks_in_force, outdated_marks
from protocol.attempt.model import Status
from protocol.messages.base import Value
from protocol.messages.operations import Answer
from tests.protocol.attempt.scene import MINUTE, Scene


def marked() -> Scene:
    scene = Scene().connected().started()
    give(scene, 1, "Because.")
    scene.submitted()
    scene.facts(scene.mark(500))
    assert [mark.score_mpt for mark in marks_in_force(scene.attempt).values()] == [500]
    return scene


def give(scene: Scene, n: int, value: Value) -> None:
    scene.facts(scene.operate(Answer(n, "essay", value, None, 0)))


def test_a_mark_holds_while_its_answer_is_what_was_marked() -> None:
    scene = marked()
    scene.facts(scene.reopen(10 * MINUTE))
    assert marks_in_force(scene.attempt) == scene.attempt.hand_marks != {}
    give(scene, 2, "Because of that.")
    assert marks_in_force(scene.attempt) == {}
    assert [mark.score_mpt for mark in outdated_marks(scene.attempt).values()] == [500]
    give(scene, 3, None)
    assert "essay" in outdated_marks(scene.attempt), "an answer that was taken back is another one too"
    give(scene, 4, "Because.")
    assert (list(marks_in_force(scene.attempt)), outdated_marks(scene.attempt)) == (["essay"], {})


def test_a_new_mark_is_for_the_new_answer() -> None:
    scene = marked()
    scene.facts(scene.reopen(10 * MINUTE))
    give(scene, 2, "Because of that.")
    scene.submitted()
    scene.facts(scene.mark(250))
    assert scene.status() is Status.SUBMITTED
    assert [mark.score_mpt for mark in marks_in_force(scene.attempt).values()] == [250]


def test_answers_are_told_apart() -> None:
    assert fingerprint({"x": ["a", "b"], "y": "1"}) == fingerprint({"y": "1", "x": ["a", "b"]})
    values: list[Value] = [None, "", "a", ["a"], ["a", "b"], ["b", "a"], [], [("a", "b")], {}, {"x": "a"}, {"y": "a"}]
    assert len({fingerprint(value) for value in values}) == len(values)
