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
        {
            "type": "single_choice",
            "question_id": "single",
            "prompt": "Which one?",
            "options": _options("abc"),
            "correct": "b",
        },
        {
            "type": "multiple_choice",
            "question_id": "multiple",
            "prompt": "Which ones?",
            "points_mpt": 3_000,
            "options": _options("abcd"),
            "correct": ["a", "c"],
        },
        {"type": "true_false", "question_id": "fact", "prompt": "Is it so?", "correct": True},
        {
            "type": "numeric",
            "question_id": "number",
            "prompt": "How much?",
            "accepted": [{"value": "3.5", "tolerance": "0.1"}],
        },
        {"type": "short_text", "question_id": "word", "prompt": "Who?", "accepted": ["Euler"], "max_chars": 20},
    ]
    if essay:
        questions.append({"type": "essay", "question_id": "essay", "prompt": "Why?", "points_mpt": 5_000})
    return {
        "title": "Algebra",
        "instructions": "Answer all.",
        "rules": {"duration_ms": 600_000, "grace_ms": 2_000, "warnings_ms": [60_000], **rules},
        "questions": questions,
    }


def _options(names: str) -> list[dict[str, str]]:
    return [{"option_id": name, "text": f"Option {name}"} for name in names]
