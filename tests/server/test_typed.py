"""What people type, through the whole server: the same answer however a keyboard writes it."""

from typing import Any

import pytest

from tests.server.harness.exam import TEST, asked
from tests.server.harness.running import RunningServer

TEXTS = [
    ("Paris", "\ufeffPa\u200bris ", True),
    ("10³", "103", False),
    ("103", "10³", False),
    ("10³", "10^3", True),
    ("don't", "don’t", True),
    ('"yes"', "„yes“", True),
    ("well-known", "well—known", True),
    ("½", "1/2", True),
    ("1½", "11/2", False),
]


@pytest.mark.parametrize("case_sensitive", [False, True])
async def test_texts_and_numbers_as_they_are_typed(server: RunningServer, case_sensitive: bool) -> None:
    texts: list[dict[str, Any]] = [
        asked(f"text-{at}", "?", "short_text", accepted=[accepted], case_sensitive=case_sensitive)
        for at, (accepted, _, _) in enumerate(TEXTS)
    ]
    turkish = asked("city", "?", "short_text", accepted=["istanbul"])
    numbers = [
        asked(
            f"number-{sign}",
            "?",
            "numeric",
            accepted=[{"value": "1234.5".replace(".", sign)}],
            decimal_sign=sign,
        )
        for sign in (".", ",")
    ]
    body: dict[str, Any] = {"title": "Typed", "language": "tr", "questions": [*texts, turkish, *numbers]}
    (await server.call("PUT", f"/tests/{TEST}", server.service, body)).ok()
    attempt_id = await server.started()
    typed = [typed for _, typed, _ in TEXTS] + ["İSTANBUL", "\u200b1 234.5", "−1,234.5"]
    names = [question["question_id"] for question in body["questions"]]
    answers = [
        {"n": n, "question_id": name, "value": value, "client_at_ms": 0}
        for n, (name, value) in enumerate(zip(names, typed, strict=True), 1)
    ]
    path = f"/test-attempts/{attempt_id}"
    (await server.call("POST", f"{path}/answers", server.service, {"answers": answers})).ok()
    (await server.call("POST", f"{path}/complete", server.service, {})).ok()
    await server.reaches(attempt_id, "completed")
    marks = (await server.call("GET", f"{path}/result", server.instructor)).ok()["marks"]
    right = {mark["question_id"]: mark["score_mpt"] == mark["max_mpt"] for mark in marks}
    assert right == {
        **{f"text-{at}": same for at, (_, _, same) in enumerate(TEXTS)},
        "city": True,
        "number-.": True,
        "number-,": False,
    }
    kept = (await server.call("GET", f"{path}/answers", server.instructor)).ok()["answers"]
    assert {one["question_id"]: one["value"] for one in kept} == dict(zip(names, typed, strict=True)), "as it was typed"
