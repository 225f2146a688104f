"""Looking at a test before it is used."""

from protocol.attempt.model import Role
from protocol.codes import Code
from tests.server.api.test_trail import OF_STAFF
from tests.server.harness.exam import ANSWERS, TEST, exam
from tests.server.harness.running import Reply, RunningServer
from tests.server.media.files import png


async def test_the_preview_is_the_paper_of_a_candidate(server: RunningServer) -> None:
    await server.make_test()
    attempt_id = await server.started()
    paper = (await server.call("GET", f"/test-attempts/{attempt_id}/paper", server.token())).ok()
    preview = (await server.call("GET", f"/tests/{TEST}/preview", server.instructor)).ok()
    assert preview == {"paper": paper, "forms": [], "seed": 0, "varies": False, "duration_ms": 600_000, "unscored": []}


async def test_a_form_and_a_seed_are_chosen(server: RunningServer) -> None:
    body = exam()
    body["forms"] = {"A": ["word"], "B": ["single", "fact"]}
    body["questions"][0]["interactions"][0]["shuffle"] = True
    (await server.call("PUT", f"/tests/{TEST}", server.service, body)).ok()
    first = (await server.call("GET", f"/tests/{TEST}/preview", server.instructor)).ok()
    assert (first["paper"]["form_id"], first["forms"], first["varies"]) == ("A", ["A", "B"], False)
    orders = set()
    for seed in range(8):
        shown = (await server.call("GET", f"/tests/{TEST}/preview?form=B&seed={seed}", server.instructor)).ok()
        assert (shown["seed"], shown["varies"]) == (seed, True)
        orders.add(tuple(one["option_id"] for one in shown["paper"]["questions"][0]["interactions"][0]["options"]))
    assert len(orders) > 1


async def test_the_preview_has_no_key_and_the_key_has(server: RunningServer) -> None:
    body = exam()
    body["questions"][4]["feedback"] = "It was Leonhard."
    (await server.call("PUT", f"/tests/{TEST}", server.service, body)).ok()
    preview = await server.call("GET", f"/tests/{TEST}/preview", server.instructor)
    assert not any(key in preview.raw for key in (b"correct", b"accepted", b"Euler", b"Leonhard"))
    key = (await server.call("GET", f"/tests/{TEST}/key", server.instructor)).ok()
    assert {one["question_id"]: one["right"] for one in key["questions"]} == ANSWERS
    assert key["questions"][4]["feedback"] == "It was Leonhard."
    audit = (await server.call("GET", "/audit", server.service)).ok()["entries"]
    assert [one["entry"]["t"] for one in audit].count("keys_read") == 1


async def test_the_lint_names_what_to_look_at_and_tells_no_key(server: RunningServer) -> None:
    medium = (await server.call("POST", "/media", server.service, raw=png())).ok()
    body = exam(counts="latest")
    body["questions"][0]["body"] = f'<p><img src="media:{medium["hash"]}" alt=""></p>'
    body["questions"][0]["interactions"][0]["options"][1]["body"] = "Option a"
    (await server.call("PUT", f"/tests/{TEST}", server.service, body)).ok()
    reply = await server.call("GET", f"/tests/{TEST}/lint", server.instructor)
    assert [(one["code"], one["question_id"]) for one in reply.ok()["findings"]] == [
        ("rule_without_effect", None),
        ("missing_alt", "single"),
        ("equal_options", "single"),
    ]
    assert b"Euler" not in reply.raw


async def test_only_who_reads_tests_looks_at_them(server: RunningServer) -> None:
    await server.make_test()
    for what in ("preview", "key", "lint"):
        assert f"GET /tests/{{test_id}}/{what}" in OF_STAFF
        for role in (Role.CANDIDATE, Role.INVIGILATOR, Role.CHIEF_INVIGILATOR, Role.MARKER):
            assert (await server.call("GET", f"/tests/{TEST}/{what}", server.token(role))).code == Code.FORBIDDEN
        assert (await server.call("GET", f"/tests/nowhere/{what}", server.instructor)).code == Code.NOT_FOUND
        other = server.token(Role.INSTRUCTOR, "ivy", "college")
        assert (await server.call("GET", f"/tests/{TEST}/{what}", other)).code == Code.NOT_FOUND


async def test_an_older_version_is_looked_at_as_it_was(server: RunningServer) -> None:
    await server.make_test()
    newer = exam()
    newer["questions"] = newer["questions"][:1]
    (await server.call("PUT", f"/tests/{TEST}", server.service, newer)).ok()

    async def look(what: str, query: str) -> Reply:
        return await server.call("GET", f"/tests/{TEST}/{what}{query}", server.instructor)

    before, now = [(await look("preview", query)).ok()["paper"] for query in ("?version=1", "")]
    assert (before["test_version"], now["test_version"]) == (1, 2)
    assert len(before["questions"]) == len(exam()["questions"]) > len(now["questions"]) == 1
    keys = (await look("key", "?version=1")).ok()
    assert (keys["version"], len(keys["questions"])) == (1, len(exam()["questions"]))
    assert (await look("lint", "?version=1")).ok()["version"] == 1
    for what in ("preview", "key", "lint"):
        assert (await look(what, "?version=3")).code == Code.NOT_FOUND
