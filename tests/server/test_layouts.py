"""An exam with sections, pools and shuffles on real servers: one paper for each candidate, the same one everywhere."""

from itertools import combinations
from typing import Any

import pytest

from protocol.codes import Code
from tests.server.conftest import Pair, StartServer
from tests.server.harness.exam import TEST, asked, exam
from tests.server.harness.running import RunningServer

CLASS = [f"candidate-{number}" for number in range(12)]


def pools() -> dict[str, Any]:
    """Two of three short questions, then a question whose options are shuffled and one that is worth more."""
    content = exam()
    single, *_ = content["questions"]
    single["interactions"][0] |= {"shuffle": True, "pinned": ["c"]}
    drawn = [
        asked(f"drawn-{number}", f"{number}?", "short_text", accepted=[str(number)], points_mpt=2_000)
        for number in (1, 2, 3)
    ]
    content["questions"] += drawn
    content["sections"] = [
        {"section_id": "short", "title": "Short", "items": [{"count": 2, "of": ["drawn-1", "drawn-2", "drawn-3"]}]},
        {"section_id": "long", "title": "Long", "instructions": "Think.", "items": ["single", "word"], "shuffle": True},
    ]
    return content


async def store(server: RunningServer, content: dict[str, Any]) -> None:
    (await server.call("PUT", f"/tests/{TEST}", server.service, content)).ok()


async def paper_of(server: RunningServer, attempt_id: str, user: str) -> dict[str, Any]:
    paper = (await server.call("GET", f"/test-attempts/{attempt_id}/paper", server.token(user=user))).ok()
    assert isinstance(paper, dict)
    return paper


def order_of(paper: dict[str, Any]) -> tuple[str, ...]:
    """Questions and options, in the order in which she sees them."""
    return tuple(
        f"{question['question_id']}:{''.join(option['option_id'] for option in asked.get('options', []))}"
        for question in paper["questions"]
        for asked in question["interactions"]
    )


async def test_each_candidate_has_her_own_paper_and_keeps_it_everywhere(deaf_pair: Pair) -> None:
    one, two = deaf_pair
    await store(one, pools())
    papers: dict[str, tuple[str, dict[str, Any]]] = {}
    for user in CLASS:
        attempt_id = await one.started(user)
        papers[user] = attempt_id, await paper_of(one, attempt_id, user)
    orders = {order_of(paper) for _, paper in papers.values()}
    # There are twelve. That twelve people have two of them is one chance in thirty million.
    assert len(orders) > 2
    for user, (attempt_id, paper) in papers.items():
        assert await paper_of(two, attempt_id, user) == paper
        names = [question["question_id"] for question in paper["questions"]]
        assert names[:2] in (["drawn-1", "drawn-2"], ["drawn-1", "drawn-3"], ["drawn-2", "drawn-3"])
        assert sorted(names[2:]) == ["single", "word"]
        (single,) = (question for question in paper["questions"] if question["question_id"] == "single")
        assert single["interactions"][0]["options"][-1]["option_id"] == "c"
        assert [(part["section_id"], part["first"], part["count"]) for part in paper["sections"]] == [
            ("short", 0, 2),
            ("long", 2, 2),
        ]
    await store(two, exam())
    for user, (attempt_id, paper) in papers.items():
        assert await paper_of(one, attempt_id, user) == paper, "what comes later changes nothing"


async def test_equal_papers_can_be_told_from_the_log_alone(server: RunningServer) -> None:
    await store(server, pools())
    laid: dict[str, Any] = {}
    shown: dict[str, Any] = {}
    for user in CLASS * 2:
        name = user if user not in laid else f"{user}-again"
        attempt_id = await server.started(name)
        records = await server.node.attempts.records(attempt_id)
        (started,) = (record.entry.fact for record in records if record.header and record.entry.seq == 2)
        laid[name] = started.layout  # type: ignore[attr-defined]
        shown[name] = order_of(await paper_of(server, attempt_id, name))
    for name, other in combinations(laid, 2):
        assert (laid[name] == laid[other]) is (shown[name] == shown[other])
    assert len(set(shown.values())) < len(shown), "24 candidates, and 24 papers that there can be"


async def test_a_paper_outlives_a_restart(start_server: StartServer) -> None:
    first = await start_server()
    await store(first, pools())
    attempt_id = await first.started()
    paper = await paper_of(first, attempt_id, "ada")
    await first.stop()
    second = await start_server()
    assert await paper_of(second, attempt_id, "ada") == paper
    again = (await second.call("POST", f"/test-attempts/{attempt_id}/resume", second.token(), second.arrival())).ok()
    assert again["question_total"] == 4


async def test_what_is_not_on_her_paper_is_refused_and_her_own_questions_are_marked(server: RunningServer) -> None:
    await store(server, pools())
    attempt_id = await server.make_attempt()
    async with await server.sit(attempt_id) as socket:
        await socket.send("start", n=1, client_at_ms=0)
        await socket.until("ack", n=1)
        names = [question["question_id"] for question in (await paper_of(server, attempt_id, "ada"))["questions"]]
        (missing,) = {"drawn-1", "drawn-2", "drawn-3"} - set(names)
        for n, refused in enumerate(("fact", missing), 2):
            await socket.send("answer", n=n, question_id=refused, value="x", position=None, client_at_ms=0)
            assert (await socket.until("refused", n=n))["code"] == Code.UNKNOWN_QUESTION
            await socket.send("flag", n=n + 10, question_id=refused, flagged=True, client_at_ms=0)
            assert (await socket.until("refused", n=n + 10))["code"] == Code.UNKNOWN_QUESTION
        await socket.send("progress", n=20, question_index=4, client_at_ms=0)
        assert (await socket.until("refused", n=20))["code"] == Code.UNKNOWN_QUESTION
        await socket.send("progress", n=21, question_index=3, client_at_ms=0)
        for n, name in enumerate(names, 30):
            value = {"single": "b", "word": "Euler"}.get(name, name[-1])
            await socket.send("answer", n=n, question_id=name, value=value, position=n - 30, client_at_ms=0)
        await socket.send("submit", n=40, client_at_ms=0)
        await socket.until("ack", n=40)
    await server.reaches(attempt_id, "completed")
    result = (await server.call("GET", f"/test-attempts/{attempt_id}/result", server.instructor)).ok()
    assert [mark["question_id"] for mark in result["marks"]] == names
    points = 2_000 + 2 * 2_000
    assert (result["score_mpt"], result["max_mpt"], result["complete"]) == (points, points, True)
    rows = (await server.call("GET", f"/tests/{TEST}/attempts", server.instructor)).ok()["attempts"]
    assert [(row["total"], row["answered"]) for row in rows] == [(4, 4)]


async def test_what_counts_is_which_option_was_chosen_and_not_where_it_stood(server: RunningServer) -> None:
    """The log, the marks and what statistics count have the option's id: a distractor is the same one for everybody."""
    content = pools()
    content["sections"] = [{"section_id": "s", "title": "S", "items": ["single", "multiple"]}]
    content["questions"][1]["interactions"][0] |= {"shuffle": True, "pinned": ["d"]}
    await store(server, content)
    places: set[int] = set()
    for number, user in enumerate(CLASS):
        attempt_id = await server.started(user)
        single, multiple = (await paper_of(server, attempt_id, user))["questions"]
        shown = [option["option_id"] for option in single["interactions"][0]["options"]]
        assert (shown[-1], [option["option_id"] for option in multiple["interactions"][0]["options"]][-1]) == ("c", "d")
        chosen = ["b", "a", "c"][number % 3]
        places.add(shown.index("b"))
        answers = [
            {"n": 1, "question_id": "single", "value": chosen, "position": 0, "client_at_ms": 0},
            {"n": 2, "question_id": "multiple", "value": ["c", "a"], "position": 1, "client_at_ms": 0},
        ]
        path, token = f"/test-attempts/{attempt_id}", server.token(user=user)
        (await server.act("POST", f"{path}/answers", token, {"answers": answers})).ok()
        (await server.act("POST", f"{path}/complete", token, {})).ok()
        await server.reaches(attempt_id, "completed")
        saved = (await server.call("GET", f"{path}/answers", server.instructor)).ok()["answers"]
        assert {one["question_id"]: one["value"] for one in saved} == {"single": chosen, "multiple": ["c", "a"]}
        marks = (await server.call("GET", f"{path}/result", server.instructor)).ok()["marks"]
        assert [mark["score_mpt"] for mark in marks] == [1_000 if chosen == "b" else 0, 3_000]
    assert places == {0, 1}, "the right one stood in several places, and never in the pinned one"


async def test_staff_mark_essays_of_her_paper_alone(server: RunningServer) -> None:
    content = exam(essay=True)
    content["questions"].append(asked("other", "How?", "essay", points_mpt=5_000))
    draw = {"count": 1, "of": ["essay", "other"]}
    content["sections"] = [{"section_id": "s", "title": "S", "items": [draw]}]
    await store(server, content)
    attempt_id = await server.started()
    (question,) = (await paper_of(server, attempt_id, "ada"))["questions"]
    hers = question["question_id"]
    (others,) = {"essay", "other"} - {hers}
    path = f"/test-attempts/{attempt_id}"
    answer = {"n": 1, "question_id": hers, "value": "Because.", "position": 0, "client_at_ms": 0}
    (await server.act("POST", f"{path}/answers", server.token(), {"answers": [answer]})).ok()
    (await server.act("POST", f"{path}/complete", server.token(), {})).ok()
    essays = (await server.call("GET", f"{path}/essays", server.instructor)).ok()["essays"]
    assert [essay["question_id"] for essay in essays] == [hers]
    refused = await server.call("PUT", f"{path}/marks/{others}", server.instructor, {"score_mpt": 1})
    assert refused.code == Code.UNKNOWN_QUESTION
    result = (await server.call("PUT", f"{path}/marks/{hers}", server.instructor, {"score_mpt": 4_000})).ok()
    assert (result["score_mpt"], result["max_mpt"], result["complete"]) == (4_000, 5_000, True)


@pytest.mark.parametrize("way", ["socket", "rest"])
async def test_the_number_of_her_questions_is_known_before_the_start(server: RunningServer, way: str) -> None:
    await store(server, pools())
    attempt_id = await server.make_attempt()
    if way == "socket":
        socket = await server.socket(f"/ws/attempts/{attempt_id}")
        await socket.hello(server.token())
        told = await socket.until("welcome")
        await socket.connection.close()
    else:
        told = (await server.call("POST", f"/test-attempts/{attempt_id}/resume", server.token(), server.arrival())).ok()
    assert told["question_total"] == 4
