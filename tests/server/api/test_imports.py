"""Exams that are brought as files over REST: stored whole, or not at all."""

import asyncio
import zipfile
from io import BytesIO
from urllib.parse import urlencode

import pytest

from protocol.attempt.model import Role
from protocol.codes import Code
from server.importing import apart
from tests.server.harness.exam import TEST
from tests.server.harness.running import Reply, RunningServer
from tests.server.importing import hostile

NEW = "new"
GIFT = b"::one::Is it so?{T}\n\n::two::Which?{~a =b}\n"
HALF = b"::one::Is it so?{T}\n\n::two::Which?{~a ~b}\n"
YAML = b"test_id: algebra\ntitle: Algebra\nquestions:\n  - {id: one, type: true_false, prompt: So, correct: true}\n"


async def bring(server: RunningServer, data: bytes, token: str | None = None, **query: str) -> Reply:
    return await server.call("POST", f"/imports?{urlencode(query)}", token or server.service, raw=data)


async def tests_of(server: RunningServer) -> list[str]:
    found = (await server.call("GET", "/tests", server.service)).ok()["tests"]
    return [one["test_id"] for one in found if one["test_id"] != TEST]


async def test_a_file_is_stored_with_a_report_and_a_dry_run_stores_nothing(server: RunningServer) -> None:
    looked = (await bring(server, GIFT, name="logic.gift", test_id="logic", title="Logic", dry_run="yes")).ok()
    item = {"source": "logic.gift", "item": "line 1, one", "outcome": "taken", "reasons": []}
    assert looked["items"][0] == {**item, "interactions": ["true_false"]}
    assert (looked["test_id"], looked["version"], len(looked["items"]), looked["files"]) == ("logic", None, 2, 0)
    assert await tests_of(server) == []
    stored = (await bring(server, GIFT, name="logic.gift", test_id="logic", title="Logic")).ok()
    assert stored == {**looked, "version": 1}
    test = (await server.call("GET", "/tests/logic", server.service)).ok()
    assert (test["title"], [one["question_id"] for one in test["questions"]]) == ("Logic", ["one", "two"])


async def test_our_own_format_says_its_id(server: RunningServer) -> None:
    assert (await bring(server, YAML, test_id="other")).ok()["test_id"] == "algebra"
    assert await tests_of(server) == ["algebra"]


async def test_nothing_is_stored_where_a_part_is_refused_unless_it_is_to_be_left_out(server: RunningServer) -> None:
    refused = await bring(server, HALF, test_id=NEW)
    assert refused.code == Code.INVALID_TEST
    assert "line 3, two: No answer is right." in refused.body["detail"]
    assert await tests_of(server) == []
    looked = (await bring(server, HALF, test_id=NEW, dry_run="yes")).ok()
    assert [one["outcome"] for one in looked["items"]] == ["taken", "refused"]
    assert (await bring(server, HALF, test_id=NEW, leave_out="yes")).ok()["version"] == 1


@pytest.mark.parametrize(
    ("data", "query", "code", "said"),
    [
        (GIFT, {}, Code.MISSING_FIELD, "does not say the id"),
        (GIFT, {"test_id": "a/b"}, Code.INVALID_ID, "slash"),
        (b"Hello", {"test_id": NEW}, Code.INVALID_TEST, "in no format"),
        (b"PK\x03\x04", {"test_id": NEW}, Code.INVALID_TEST, "not a zip file"),
        (YAML.replace(b"So", b"''"), {}, Code.INVALID_TEST, "`prompt` is blank"),
        (GIFT, {"test_id": NEW, "dry_run": "maybe"}, Code.OUT_OF_RANGE, "`dry_run`"),
    ],
)
async def test_what_can_not_be_taken_is_refused_by_name(
    server: RunningServer, data: bytes, query: dict[str, str], code: Code, said: str
) -> None:
    refused = await bring(server, data, **query)
    assert refused.code == code
    assert said in refused.body["detail"]
    assert await tests_of(server) == []


def _bomb() -> bytes:
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as file:
        file.writestr("imsmanifest.xml", b"<manifest>" + b" " * 70_000_000 + b"</manifest>")
    return packed.getvalue()


async def test_a_file_that_asks_for_too_much_harms_nobody(server: RunningServer) -> None:
    # On the loop, which is the server's too, this would take longer than a connection is kept.
    refused = await bring(server, await asyncio.to_thread(_bomb), test_id=NEW)
    assert refused.code == Code.INVALID_TEST
    assert "larger than 64 MiB" in refused.body["detail"]
    assert (await bring(server, GIFT, test_id=NEW)).ok()["version"] == 1


async def test_the_files_of_one_organisation_wait_in_a_queue_of_their_own(server: RunningServer) -> None:
    bringing = server.node.bringing
    bringing._rota._most_waiting = 0
    async with bringing._rota.of("college"):
        refused = await bring(server, GIFT, test_id="quiz")
    assert refused.code == Code.OVERLOADED
    assert int(refused.headers["retry-after"]) > 0
    assert (await bring(server, GIFT, test_id="quiz")).ok()["version"] == 1


async def test_hostile_files_are_refused_by_name_and_nothing_of_them_is_stored(server: RunningServer) -> None:
    for family, name, said in (
        (hostile.documents, "an entity that is never used", "entities of its own"),
        (hostile.packages, "symbolic link link", "symbolic link"),
        (hostile.processing, "processing: squares of squares", "too many digits"),
        (hostile.markup, "Cloze: spaces in a brace", "no place for an answer"),
    ):
        file = hostile.hostile_file(family, name)
        refused = await bring(server, file.data, name=file.file, test_id=NEW)
        assert refused.code == Code.INVALID_TEST
        assert said in refused.body["detail"]
    assert await tests_of(server) == []


async def test_only_who_stores_tests_brings_them_and_where_her_token_reaches(server: RunningServer) -> None:
    for role in (Role.INSTRUCTOR, Role.MARKER, Role.CHIEF_INVIGILATOR, Role.CANDIDATE):
        assert (await bring(server, GIFT, server.token(role), test_id=NEW)).code == Code.FORBIDDEN
    limited = server.token(Role.ADMINISTRATOR, "ada", tests=["logic"])
    assert (await bring(server, GIFT, limited, test_id=NEW)).code == Code.NOT_FOUND
    assert (await bring(server, GIFT, limited, test_id="logic")).ok()["version"] == 1
    part = server.token(Role.ADMINISTRATOR, "ada", branches=["north"])
    assert (await bring(server, GIFT, part, test_id=NEW)).code == Code.FORBIDDEN


def test_the_process_says_what_it_has_read() -> None:
    read = apart.answer(apart.Order("logic.gift", "Logic"), GIFT)
    assert read.fault is None
    assert read.content is not None
    assert read.content.title == "Logic"
    assert apart.answer(apart.Order("x", None), b"Hello").fault is not None
