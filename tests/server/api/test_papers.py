"""Two candidates' papers, compared over REST."""

from typing import Any

from protocol.codes import Code
from server.ids import new_id
from tests.server.conftest import StartServer
from tests.server.harness.exam import TEST
from tests.server.harness.running import Reply, RunningServer
from tests.server.test_layouts import CLASS, order_of, paper_of, pools, store


async def compared(server: RunningServer, one: str, other: str, token: str | None = None) -> Reply:
    path = f"/tests/{TEST}/papers?attempt={one}&other={other}"
    return await server.call("GET", path, token or server.instructor)


async def test_it_says_whether_two_candidates_had_equal_papers(server: RunningServer) -> None:
    await store(server, pools())
    attempts = {user: await server.started(user) for user in CLASS[:6]}
    shown = {user: order_of(await paper_of(server, attempt_id, user)) for user, attempt_id in attempts.items()}
    assert len(set(shown.values())) > 1
    first, *others = attempts
    for user in others:
        body = (await compared(server, attempts[first], attempts[user])).ok()
        assert body["equal"] is (shown[first] == shown[user])
        assert body["of_equal_worth"] is True
        assert [paper["max_mpt"] for paper in body["papers"]] == [6_000, 6_000]
        assert {one["what"] for one in body["differences"]} <= {"question", "options"}


async def test_what_can_not_be_compared_is_refused_by_name(server: RunningServer) -> None:
    await store(server, pools())
    one, waiting = await server.started(), await server.make_attempt("bob")
    assert (await compared(server, one, waiting)).code == Code.NOT_STARTED
    assert (await compared(server, one, new_id())).code == Code.NOT_FOUND
    assert (await compared(server, one, "nobody")).code == Code.OUT_OF_RANGE
    await server.make_test("other")
    elsewhere = await server.make_attempt("eve", test_id="other")
    assert (await compared(server, one, elsewhere)).code == Code.NOT_FOUND
    assert (await compared(server, one, one, server.token())).code == Code.FORBIDDEN


async def test_a_drawn_paper_stays_what_it_was(start_server: StartServer) -> None:
    """What is recorded at the start counts, whatever the blueprint says later: after a resume, and on a new server."""
    content: dict[str, Any] = pools()
    for question in content["questions"]:
        if question["question_id"].startswith("drawn"):
            question["tags"] = ["short"]
    content["sections"][0]["items"] = [{"count": 2, "tag": "short"}]
    first = await start_server()
    await store(first, content)
    attempt_id = await first.started()
    paper = await paper_of(first, attempt_id, "ada")
    assert all(name["question_id"].startswith("drawn") for name in paper["questions"][:2])
    content["sections"][0]["items"] = [{"count": 1, "tag": "short"}]
    await store(first, content)
    (await first.call("POST", f"/test-attempts/{attempt_id}/resume", first.token(), first.arrival())).ok()
    assert await paper_of(first, attempt_id, "ada") == paper
    await first.stop()
    second = await start_server()
    assert await paper_of(second, attempt_id, "ada") == paper
