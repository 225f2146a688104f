"""A small exam with a question of every type, as its author would send it."""

from typing import Any

TEST = "algebra-1"
ORG = "school"
CANDIDATE = "ada"

ANSWERS: dict[str, Any] = {"single": "b", "multiple": ["a", "c"], "fact": "true", "number": "3.5", "word": "Euler"}
"""The right answers, in the order of the paper."""
SCORE_MPT = 7_000
"""What they are worth."""


def exam(*, essay: bool = False, **rules: Any) -> dict[str, Any]:
    """The body of `PUT /tests/{test_id}`."""
    questions: list[dict[str, Any]] = [
        asked("single", "Which one?", "single_choice", options=_options("abc"), correct="b"),
        asked(
            "multiple",
            "Which ones?",
            "multiple_choice",
            points_mpt=3_000,
            options=_options("abcd"),
            correct=["a", "c"],
        ),
        asked("fact", "Is it so?", "true_false", correct=True),
        asked("number", "How much?", "numeric", accepted=[{"value": "3.5", "tolerance": "0.1"}]),
        asked("word", "Who?", "short_text", accepted=["Euler"], max_chars=20),
    ]
    if essay:
        questions.append(asked("essay", "Why?", "essay", points_mpt=5_000))
    return {
        "title": "Algebra",
        "instructions": "Answer all.",
        "rules": {"duration_ms": 600_000, "grace_ms": 2_000, "warnings_ms": [60_000], **rules},
        "questions": questions,
    }


def asked(question_id: str, body: str, kind: str, **interaction: Any) -> dict[str, Any]:
    """A question with one interaction."""
    return {"question_id": question_id, "body": body, "interactions": [{"type": kind, **interaction}]}


def _options(names: str) -> list[dict[str, str]]:
    return [{"option_id": name, "body": f"Option {name}"} for name in names]
