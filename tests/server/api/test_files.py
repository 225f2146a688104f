"""Files that candidates hand in: what may be handed in, when, who reads it, and what becomes of it."""

from typing import Any

import pytest

from protocol.attempt.model import Role
from protocol.codes import Code
from protocol.media import hash_of
from tests.server.conftest import StartServer
from tests.server.harness.exam import TEST, asked
from tests.server.harness.running import RunningServer
from tests.server.media.files import OTHERS, png

PDF = OTHERS["application/pdf"]
SKETCH = {"question_id": "sketch"}


def uploads(**rules: Any) -> dict[str, Any]:
    several = {
        "question_id": "both",
        "body": "Both",
        "interactions": [
            {"type": "upload", "response_id": "scan", "kinds": ["pdf"], "max_bytes": 1_000_000},
            {"type": "essay", "response_id": "why"},
        ],
    }
    questions = [asked("sketch", "Draw it.", "upload", points_mpt=3_000, kinds=["picture"], max_bytes=1_000), several]
    return {"title": "Files", "rules": {"duration_ms": 600_000, **rules}, "questions": questions}


async def started(server: RunningServer, **rules: Any) -> str:
    (await server.call("PUT", f"/tests/{TEST}", server.service, uploads(**rules))).ok()
    return f"/test-attempts/{await server.started()}"


async def answer(server: RunningServer, path: str, question_id: str, value: Any) -> None:
    body = [{"n": 1, "question_id": question_id, "value": value, "client_at_ms": 0}]
    (await server.act("POST", f"{path}/answers", server.token(), {"answers": body})).ok()


async def test_a_file_is_handed_in_marked_and_saved(server: RunningServer) -> None:
    path = await started(server)
    kept = (await server.call("POST", f"{path}/files?question_id=sketch", server.token(), raw=png())).ok()
    assert kept == {"hash": hash_of(png()), "type": "image/png", "size": len(png())}
    assert kept == (await server.call("POST", f"{path}/files?question_id=sketch", server.token(), raw=png())).ok()
    scan = (await server.call("POST", f"{path}/files?question_id=both&response_id=scan", server.token(), raw=PDF)).ok()
    await answer(server, path, "sketch", kept["hash"])
    assert (await server.call("GET", f"{path}/files", server.token())).ok() == {"files": [kept, scan]}
    (await server.act("POST", f"{path}/complete", server.token(), {})).ok()

    marker = server.token(Role.MARKER, "mo")
    (essay,) = (await server.call("GET", f"{path}/essays", marker)).ok()["essays"]
    (part,) = essay["parts"]
    assert (part["file"], part["value"], part["score_mpt"]) == (kept["hash"], "A file was handed in.", None)
    saved = await server.call("GET", f"{path}/files/{part['file']}", marker)
    assert saved.raw == png()
    assert saved.headers["content-type"] == "application/octet-stream"
    assert saved.headers["content-disposition"] == f'attachment; filename="answer-{kept["hash"][:8]}.png"'
    assert "sandbox" in saved.headers["content-security-policy"]
    assert saved.headers["cache-control"] == "no-store"
    mark = {"score_mpt": 2_000, "remark": "", "command_id": "m1"}
    (await server.call("PUT", f"{path}/marks/sketch", server.token(Role.MARKER, "mo"), mark)).ok()


@pytest.mark.parametrize(
    ("query", "data", "code", "said"),
    [
        ("question_id=sketch", PDF, Code.INVALID_MEDIA, "a picture (PNG, JPEG, GIF, WebP)"),
        ("question_id=sketch", b"", Code.INVALID_MEDIA, "not what is asked for"),
        ("question_id=sketch", png() + b"\0" * 1_000, Code.TOO_LARGE, "larger than 1 KiB"),
        ("question_id=other", png(), Code.UNKNOWN_QUESTION, ""),
        ("question_id=both", PDF, Code.UNKNOWN_PART, ""),
        ("question_id=both&response_id=why", PDF, Code.UNKNOWN_PART, ""),
        ("", png(), Code.MISSING_FIELD, "question_id"),
    ],
)
async def test_what_is_not_asked_for_is_refused(
    server: RunningServer, query: str, data: bytes, code: Code, said: str
) -> None:
    path = await started(server)
    refused = await server.call("POST", f"{path}/files?{query}", server.token(), raw=data)
    assert refused.code == code
    assert said in refused.body["detail"]
    assert (await server.call("GET", f"{path}/files", server.token())).ok() == {"files": []}


async def test_files_are_handed_in_while_the_attempt_is_sat(server: RunningServer) -> None:
    (await server.call("PUT", f"/tests/{TEST}", server.service, uploads())).ok()
    path = f"/test-attempts/{await server.make_attempt()}"
    files = f"{path}/files?question_id=sketch"
    assert (await server.call("POST", files, server.token(), raw=png())).code == Code.NOT_STARTED
    (await server.call("POST", f"{path}/start", server.service, {})).ok()
    (await server.act("POST", f"{path}/complete", server.token(), {})).ok()
    assert (await server.call("POST", files, server.token(), raw=png())).code == Code.ALREADY_SUBMITTED


async def test_nobody_reads_or_hands_in_files_of_others(server: RunningServer) -> None:
    path = await started(server)
    kept = (await server.call("POST", f"{path}/files?question_id=sketch", server.token(), raw=png())).ok()
    other = server.token(user="bob")
    for method, name in (("POST", "files?question_id=sketch"), ("GET", "files"), ("GET", f"files/{kept['hash']}")):
        assert (await server.call(method, f"{path}/{name}", other, raw=None)).code == Code.NOT_FOUND
        stranger = server.token(Role.SERVICE, "platform", "college")
        assert (await server.call(method, f"{path}/{name}", stranger)).code == Code.NOT_FOUND
    for role in (Role.INVIGILATOR, Role.INSTRUCTOR):
        reply = await server.call("GET", f"{path}/files/{kept['hash']}", server.token(role, "grace"))
        assert (reply.status == 200) is (role is Role.INSTRUCTOR)
    assert (await server.call("GET", f"{path}/files/{'0' * 64}", server.token())).code == Code.NOT_FOUND
    assert (await server.call("GET", f"{path}/files/nothing", server.token())).code == Code.NOT_FOUND


async def test_there_is_no_room_for_any_number_of_files(start_server: StartServer) -> None:
    server = await start_server(answer_files_quota_bytes=len(png()))
    path = await started(server)
    (await server.call("POST", f"{path}/files?question_id=sketch", server.token(), raw=png())).ok()
    (await server.call("POST", f"{path}/files?question_id=sketch", server.token(), raw=png())).ok()
    refused = await server.call("POST", f"{path}/files?question_id=sketch", server.token(), raw=png(4, 4))
    assert refused.code == Code.MEDIA_FULL
