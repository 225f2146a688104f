"""Skills over REST: of a test, of a person in all her tests, and what she herself is shown."""

import asyncio
from typing import Any

import pytest

from protocol.attempt.model import Role
from protocol.skills import Tallies, tallies_of
from server.exam.file import read_exam
from tests.server.api.test_statistics import PATH, sat
from tests.server.harness.exam import ANSWERS, TEST, exam
from tests.server.harness.running import RunningServer

SKILLS = {"logic": "Thinking", "facts": "Knowing"}
TAGS = {"single": ["logic"], "multiple": ["logic"], "fact": ["facts", "old"], "number": ["facts"], "word": []}


def tagged(**rules: Any) -> dict[str, Any]:
    made = exam(**rules)
    questions = [question | {"tags": TAGS[question["question_id"]]} for question in made["questions"]]
    return made | {"questions": questions, "skills": SKILLS}


async def put(server: RunningServer, test_id: str = TEST, **rules: Any) -> None:
    (await server.call("PUT", f"/tests/{test_id}", server.service, tagged(**rules))).ok()


def brief(skills: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    return [(one["tag"], one["questions"], one["score_mpt"], one["max_mpt"], one["standing"]) for one in skills]


async def test_a_test_a_person_and_she_herself(either_server: RunningServer) -> None:
    server = either_server
    await put(server, max_attempts=None, shows="questions")
    first = await sat(server, "ada", {"single": "b", "fact": "true"})
    await sat(server, "bob", ANSWERS)
    await sat(server, "ada", ANSWERS)

    found = (await server.call("GET", PATH, server.instructor)).ok()
    assert found["goal_permille"] == 700
    assert [one["title"] for one in found["skills"]] == ["Thinking", "Knowing"]
    assert brief(found["skills"]) == [("logic", 4, 5_000, 8_000, "open"), ("facts", 4, 3_000, 4_000, "open")]
    low = (await server.call("GET", f"{PATH}?goal_permille=150", server.instructor)).ok()
    assert [one["standing"] for one in low["skills"]] == ["reached", "reached"]

    her = (await server.call("GET", "/users/ada/skills", server.instructor)).ok()
    assert brief(her["skills"]) == [("logic", 4, 5_000, 8_000, "open"), ("facts", 4, 3_000, 4_000, "open")]
    newest, before = her["attempts"]
    assert (newest["attempt_number"], before["attempt_number"], before["attempt_id"]) == (2, 1, first)
    assert brief(before["skills"]) == [("logic", 2, 1_000, 4_000, "open"), ("facts", 2, 1_000, 2_000, "open")]
    entries = (await server.call("GET", "/audit", server.token(Role.ADMINISTRATOR, "root"))).ok()["entries"]
    read = [one for one in entries if one["entry"]["t"] == "results_read"]
    assert {"test_id": TEST, "user_id": "ada"}.items() <= read[-1]["entry"].items()

    shown = (await server.call("GET", f"/test-attempts/{first}/result", server.token())).ok()
    assert brief(shown["skills"]) == brief(before["skills"])
    await put(server, max_attempts=None, shows="score")
    assert (await server.call("GET", f"/test-attempts/{first}/result", server.token())).ok()["skills"] is None


async def test_a_person_in_several_tests_and_whoever_may_see_which(server: RunningServer) -> None:
    await put(server)
    await sat(server, "ada", ANSWERS)
    (await server.call("PUT", "/people/nora", server.service, {"name": "Nora"})).ok()
    for user in ("nora", "nobody"):
        assert (await server.call("GET", f"/users/{user}/skills", server.instructor)).ok()["attempts"] == []
    elsewhere: list[dict[str, Any]] = [{"tests": ["other"]}, {"branches": ["north"]}, {"groups": ["room"]}]
    for limits in elsewhere:
        token = server.token(Role.INSTRUCTOR, "grace", **limits)
        assert (await server.call("GET", "/users/ada/skills", token)).ok()["skills"] == []
    for token in (server.token(), server.token(Role.MARKER, "mia"), server.token(Role.INVIGILATOR, "ida")):
        assert (await server.call("GET", "/users/ada/skills", token)).code == "forbidden"
    stranger = server.token(Role.INSTRUCTOR, "grace", org="elsewhere")
    assert (await server.call("GET", "/users/ada/skills", stranger)).ok()["attempts"] == []


async def test_whoever_sits_is_served_between_two_results(
    server: RunningServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    await put(server, max_attempts=None)
    for _ in range(3):
        await sat(server, "ada", ANSWERS)
    turn = 0
    added_in: list[int] = []

    async def count() -> None:
        nonlocal turn
        while len(added_in) < 3:
            turn += 1
            await asyncio.sleep(0)

    def added(*given: Any) -> Tallies:
        added_in.append(turn)
        return tallies_of(*given)

    monkeypatch.setattr("server.api.skills.tallies_of", added)
    counting = asyncio.create_task(count())
    (await server.call("GET", "/users/ada/skills", server.instructor)).ok()
    await counting
    assert len(set(added_in)) == 3


def test_a_file_says_which_tags_are_skills() -> None:
    text = """
test_id: sums
title: Sums
skills:
  add: Adding up
questions:
  - id: one
    type: numeric
    prompt: 1 + 1?
    correct: 2
    tags: [add]
"""
    _, content = read_exam(text.encode())
    assert content.skills == {"add": "Adding up"}
