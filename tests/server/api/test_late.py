"""Answers that come after the end over REST: from the device to staff, to the marks, the events and the audit log."""

import re
from typing import Any

from protocol.attempt.model import Role
from protocol.codes import Code
from protocol.rules.second_marking import handle_of
from tests.server.harness.running import Reply, RunningServer
from tests.server.harness.sealing import sealed

LATE: dict[str, Any] = {"late_answers": "evidence", "late_ms": 1_800_000}


async def ended(server: RunningServer, user: str = "ada", **rules: Any) -> str:
    """An attempt that was handed in with a wrong answer, while another device had a right one; where the test asks for
    an essay, with one."""
    await server.make_test(**(LATE | rules))
    attempt_id = await server.started(user)
    path = f"/test-attempts/{attempt_id}"
    answers = [{"n": 1, "question_id": "single", "value": "a", "client_at_ms": 0}]
    if rules.get("essay"):
        answers.append({"n": 2, "question_id": "essay", "value": "Once upon a time", "client_at_ms": 0})
    (await server.call("POST", f"{path}/answers", server.service, {"answers": answers})).ok()
    (await server.call("POST", f"{path}/complete", server.service, {})).ok()
    await server.node.marker.mark([attempt_id])
    return attempt_id


async def bring(server: RunningServer, attempt_id: str, token: str | None = None, **given: Any) -> Reply:
    now_ms = server.node.clock.now_ms()
    answer = {"question_id": "single", "value": "b", "client_at_ms": now_ms, "base": 0} | given
    body = {"device": "d", "client_now_ms": now_ms, "answers": [answer]}
    return await server.call("POST", f"/test-attempts/{attempt_id}/late-answers", token or server.service, body)


async def late_of(server: RunningServer, attempt_id: str) -> Any:
    (one,) = (await server.call("GET", f"/test-attempts/{attempt_id}/late-answers", server.instructor)).ok()["late"]
    return one


async def score(server: RunningServer, attempt_id: str) -> Any:
    return (await server.call("GET", f"/test-attempts/{attempt_id}/result", server.instructor)).ok()["score_mpt"]


async def decide(server: RunningServer, attempt_id: str, late_id: str, *accepted: str, token: str = "") -> Reply:
    path = f"/test-attempts/{attempt_id}/late-answers/{late_id}/decision"
    body = {"accepted": list(accepted), "reason": "The network of the room was down."}
    return await server.call("POST", path, token or server.instructor, body)


async def test_from_the_device_to_the_marks(server: RunningServer) -> None:
    attempt_id = await ended(server)
    before = await score(server, attempt_id)
    state = (await bring(server, attempt_id, server.token(Role.CANDIDATE, "ada"))).ok()["state"]
    assert state["late"] == {"policy": "evidence", "for_ms": 1_800_000, "waiting": 1, "counted": 0, "rejected": 0}
    assert await score(server, attempt_id) == before
    late = await late_of(server, attempt_id)
    (answer,) = late["answers"]
    assert (answer["held_words"], answer["words"], answer["overtaken"]) == ("Option a", "Option b", True)
    assert answer["claimed_at_ms"] <= late["ended_at_ms"] + 2_000
    assert late["ended_at_ms"] <= late["received_at_ms"]
    assert late["contact_at_ms"] <= late["received_at_ms"]

    state = (await decide(server, attempt_id, late["late_id"], "single")).ok()["state"]
    assert (state["late"]["waiting"], state["late"]["counted"]) == (0, 1)
    assert (await late_of(server, attempt_id))["decision"]["accepted"] == ["single"]
    assert await score(server, attempt_id) > before
    assert (await decide(server, attempt_id, late["late_id"])).code == Code.LATE_DECIDED
    assert (await late_of(server, attempt_id))["answers"][0]["held"] == "a"
    log = (await server.call("GET", f"/test-attempts/{attempt_id}/log", server.instructor)).ok()["entries"]
    assert [one["kind"] for one in log if one["kind"].startswith("late_")] == ["late_received", "late_decided"]
    entries = (await server.call("GET", "/audit", server.token(Role.ADMINISTRATOR, "root"))).ok()["entries"]
    assert any(entry["entry"].get("what") == "late" for entry in entries)


async def test_the_same_again_is_kept_once_and_nothing_without_a_policy(server: RunningServer) -> None:
    attempt_id = await ended(server)
    now_ms = server.node.clock.now_ms()
    for _ in range(2):
        (await bring(server, attempt_id, client_at_ms=now_ms - 5_000)).ok()
    await late_of(server, attempt_id)
    other = await ended(server, "bea", late_answers="nothing")
    assert (await bring(server, other)).code == Code.LATE_NOT_TAKEN


async def test_who_may_see_and_decide(server: RunningServer) -> None:
    attempt_id = await ended(server)
    (await bring(server, attempt_id)).ok()
    late = await late_of(server, attempt_id)
    path = f"/test-attempts/{attempt_id}/late-answers"
    for role in (Role.CANDIDATE, Role.INVIGILATOR, Role.CHIEF_INVIGILATOR):
        assert (await server.call("GET", path, server.token(role, "ada"))).code == Code.FORBIDDEN
    for role in (Role.CANDIDATE, Role.CHIEF_INVIGILATOR, Role.MARKER):
        refused = await decide(server, attempt_id, late["late_id"], token=server.token(role, "ada"))
        assert refused.code == Code.FORBIDDEN
    assert (await bring(server, attempt_id, server.token(Role.CANDIDATE, "eve"))).code == Code.NOT_FOUND


async def test_who_marks_blind_sees_no_instants_and_nobody(server: RunningServer) -> None:
    attempt_id = await ended(server, essay=True, blind_marking=True)
    live = await server.node.registry.get(attempt_id)
    assert live is not None
    path = f"/test-attempts/{handle_of(live.committed.key)}/late-answers"
    (await bring(server, attempt_id)).ok()
    (await decide(server, attempt_id, (await late_of(server, attempt_id))["late_id"], "single")).ok()
    seen = (await server.call("GET", path, server.token(Role.MARKER, "mark"))).ok()
    (answer,) = seen["late"][0]["answers"]
    assert answer["words"] == "Option b"
    numbers = re.findall(r"\d{10,}", re.sub(r"late-[0-9a-f]+", "", str(seen)))
    assert (numbers, "network" in str(seen), "instructor" in str(seen)) == ([], False, False)
    assert (await server.call("GET", path, server.instructor)).status == 404


async def saved(server: RunningServer, of: str, key_of: str = "", **other: str) -> bytes:
    """The file that the page of the attempt has saved."""
    path = f"/test-attempts/{key_of or of}/answer-file-key"
    key = (await server.call("GET", path, server.service)).ok()["key"]
    now_ms = server.node.clock.now_ms()
    answer = {"question_id": "single", "value": "b", "client_at_ms": now_ms, "base": 0}
    content = {"device": "d", "client_now_ms": now_ms, "server_now_ms": now_ms, "answers": [answer]}
    return sealed(key, of, content, **other)


async def bring_file(server: RunningServer, attempt_id: str, data: bytes) -> Reply:
    token = server.token(Role.INVIGILATOR, "ida")
    return await server.call("POST", f"/test-attempts/{attempt_id}/answer-file", token, raw=data)


async def test_a_file_is_opened_for_its_attempt_alone_and_taken_once(server: RunningServer) -> None:
    attempt_id, other = await ended(server, late_answers="file"), await ended(server, "bea", late_answers="file")
    data = await saved(server, attempt_id)
    assert b"single" not in data
    assert (await bring_file(server, attempt_id, data)).ok()["state"]["late"]["waiting"] == 1
    assert (await late_of(server, attempt_id))["from_file"] is True
    assert (await bring_file(server, attempt_id, data)).code == Code.ANSWER_FILE_KNOWN
    for wrong in (
        data,
        b"{",
        b"[" * 100_000,
        await saved(server, attempt_id, attempt_id=other),
        await saved(server, other, key_of=attempt_id),
        await saved(server, other, box="AAAA"),
        await saved(server, other, key="AAAA"),
        await saved(server, other, iv=""),
        await saved(server, other, format="another"),
    ):
        assert (await bring_file(server, other, wrong)).code == Code.WRONG_ANSWER_FILE
    assert (await server.call("GET", f"/test-attempts/{other}/late-answers", server.instructor)).ok()["late"] == []
