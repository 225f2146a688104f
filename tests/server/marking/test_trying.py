from protocol.content import Essay, Option, Question, ShortText, SingleChoice, TestContent
from server.marking.trying import try_answers


def _content() -> TestContent:
    choice = SingleChoice(options=[Option("a", "A"), Option("b", "B")], correct="a", points_mpt=1_500)
    gaps = [ShortText(response_id=name, accepted=[name]) for name in ("x", "y")]
    return TestContent(
        title="T",
        questions=[
            Question(question_id="q1", body="?", interactions=[choice]),
            Question(question_id="q2", body="?", interactions=[*gaps]),
            Question(question_id="q3", body="?", interactions=[Essay()]),
        ],
    )


def test_answers_are_marked_and_summed() -> None:
    tried = try_answers(_content(), {"q1": "a", "q2": {"x": "x", "y": "z"}, "q3": "Because."})
    assert (tried.score_mpt, tried.max_mpt, tried.awaiting, tried.unknown) == (2_500, 4_500, 1, [])
    assert [mark.score_mpt for mark in tried.marks] == [1_500, 1_000, None]
    assert [part.score_mpt for part in tried.marks[1].parts or []] == [1_000, 0]


def test_what_is_no_answer_is_said() -> None:
    tried = try_answers(_content(), {"q1": "c", "q2": 7, "q9": "a"})
    first, second, third = tried.marks
    assert first.refused == "This is no answer to it (unknown_option)."
    assert second.refused is not None
    assert second.refused.startswith("This is no answer: ")
    assert (third.score_mpt, tried.awaiting, tried.unknown) == (0, 0, ["q9"])
