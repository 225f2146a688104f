"""Reports as PDF say what the page says, in every language, whatever a name has in it."""

from io import BytesIO
from typing import Any

import pytest
from pypdf import PdfReader

from protocol.attempt.model import Role
from protocol.codes import Code
from server.analysis import report_file
from server.api import report_files
from server.exporting.report import percent, span, words_in
from tests.server.api.test_statistics import sat
from tests.server.harness.exam import ANSWERS, TEST, exam
from tests.server.harness.running import RunningServer

PATH = f"/tests/{TEST}/report.pdf"
_TURNS = dict.fromkeys(map(ord, "\u2066\u2067\u2068\u2069"))


async def text_of(server: RunningServer, path: str, token: str = "", **headers: Any) -> str:
    """What the pages say, as one line."""
    reply = await server.call("GET", path, token or server.instructor, **headers)
    assert reply.headers["content-type"] == "application/pdf", reply.raw
    assert reply.headers["content-disposition"] == 'attachment; filename="report.pdf"'
    said = " ".join(page.extract_text() for page in PdfReader(BytesIO(reply.raw)).pages)
    return " ".join(said.translate(_TURNS).split())


async def test_the_figures_of_a_report_are_those_of_the_page(server: RunningServer) -> None:
    ada = await sat(server, "ada", ANSWERS, display_name="<b>Ada</b> =1+1")
    await sat(server, "bob", {})
    found: Any = (await server.call("GET", f"/tests/{TEST}/analytics", server.instructor)).ok()
    said = await text_of(server, PATH)
    assert "Report: Algebra" in said
    assert "<b>Ada</b> =1+1" in said
    for one in found["candidates"]:
        share = percent(one["score_mpt"] * 1_000_000 // one["max_mpt"])
        assert f"{share} {span(one['ran_ms'])} {one['answered']} / {one['questions']}" in said, one["user_id"]
    for one in found["questions"]:
        times = " ".join(span(one[name]) for name in ("lower_ms", "median_ms", "upper_ms"))
        counts = " ".join(str(one[name]) for name in ("seen", "answered", "changes", "rapid"))
        assert f"{times} {counts} {percent(one['share_ppm'])}" in said, one["question_id"]
    hers: Any = (await server.call("GET", f"/test-attempts/{ada}/analytics", server.instructor)).ok()
    said = await text_of(server, f"/test-attempts/{ada}/report.pdf?language=de")
    for one in hers["questions"]:
        assert f"{span(one['time_ms'])} {one['visits']} {one['saves']} {one['changes']}" in said
    assert f"{hers['answered']} / {len(hers['questions'])}" in said


async def test_who_may_have_one_and_where(server: RunningServer, monkeypatch: pytest.MonkeyPatch) -> None:
    attempt_id = await sat(server, "ada", ANSWERS)
    of_attempt = f"/test-attempts/{attempt_id}/report.pdf"
    for path in (PATH, of_attempt):
        assert (await server.call("GET", path, server.token(Role.MARKER, "mia"))).code == Code.FORBIDDEN
        other = server.token(Role.INSTRUCTOR, "eva", "college")
        assert (await server.call("GET", path, other)).code == Code.NOT_FOUND
        refused = await server.call("GET", f"{path}?language=shoe", server.instructor)
        assert refused.code == Code.OUT_OF_RANGE
    said = await text_of(server, f"{PATH}?language=ar")
    assert "Algebra" in said
    assert "100 %" in said
    # As on a server without the extra.
    monkeypatch.setattr(report_files, "find_spec", lambda name: None)
    assert (await server.call("GET", PATH, server.instructor)).code == Code.NOT_INSTALLED


async def test_one_that_takes_too_much_is_told_from_one_that_was_ended(
    server: RunningServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refused(name: str, program: str) -> str:
        monkeypatch.setattr(report_file, "__name__", f"tests.server.analysis.{program}")
        attempt_id = await sat(server, name, ANSWERS, display_name=name)
        return (await server.call("GET", f"/test-attempts/{attempt_id}/report.pdf", server.instructor)).code

    assert await refused("memory", "greedy") == Code.TOO_LARGE
    assert await refused("time", "greedy") == Code.TOO_LARGE
    assert await refused("nothing", "ending") == Code.INTERNAL


async def test_one_organisation_has_its_turn_while_the_queue_of_another_is_full(server: RunningServer) -> None:
    attempt_id = await sat(server, "ada", ANSWERS)
    analyst = server.node.analyst
    analyst._rota._most_waiting = 0
    async with analyst._rota.of("college"):
        refused = await server.call("GET", f"/test-attempts/{attempt_id}/report.pdf", server.instructor)
        assert refused.code == Code.OVERLOADED
        assert int(refused.headers["retry-after"]) > 0
    (await server.call("GET", PATH.replace("report.pdf", "statistics"), server.instructor)).ok()


async def test_it_is_in_the_language_of_the_browser_unless_another_one_is_named(server: RunningServer) -> None:
    attempt_id = await sat(server, "ada", ANSWERS)
    path = f"/test-attempts/{attempt_id}/report.pdf"
    asked = {"accept-language": "xx, de-CH;q=0.9, en;q=0.8"}
    assert words_in("de")["candidate"]["visits"] in await text_of(server, path, **asked)
    assert words_in("fr")["candidate"]["visits"] in await text_of(server, f"{path}?language=fr", **asked)


async def test_nobody_is_in_it_who_was_erased_or_is_of_another_branch(server: RunningServer) -> None:
    for user, branch in (("ada", "north"), ("bob", "south")):
        body = {"name": user, "branch_id": branch}
        (await server.call("PUT", f"/people/{user}", server.service, body)).ok()
    ada = await sat(server, "ada", ANSWERS, display_name="Ada Lovelace")
    bob = await sat(server, "bob", ANSWERS, display_name="Bob Hall")
    south = server.token(Role.INSTRUCTOR, "grace", branches=["south"])
    said = await text_of(server, PATH, south)
    assert "Bob Hall" in said
    assert "Ada Lovelace" not in said
    assert (await server.call("GET", f"/test-attempts/{ada}/report.pdf", south)).code == Code.NOT_FOUND
    (await server.call("DELETE", "/users/bob", server.token(Role.ADMINISTRATOR, "root"))).ok()
    assert (await server.call("GET", f"/test-attempts/{bob}/report.pdf", south)).code == Code.ERASED
    said = await text_of(server, PATH)
    assert "Ada Lovelace" in said
    assert "Bob Hall" not in said


async def test_whatever_names_and_titles_are_made_of_the_report_has_all_of_it(server: RunningServer) -> None:
    hostile = (
        "<style>*{display:none}</style>",
        "]]></title><script>",
        "\u202e\u2067abc",
        "\u2069\u2069 def",
        "a" + "\u0301\u0489" * 40,
        "W" * 100,
    )
    for n, name in enumerate(hostile):
        await sat(server, f"user-{n}", ANSWERS if n else {}, display_name=name)
    title = "<img src=x onerror=y> {title} &amp; \u202e"
    (await server.call("PUT", f"/tests/{TEST}", server.service, exam() | {"title": title})).ok()
    for language in ("en", "ar"):
        said = await text_of(server, f"{PATH}?language={language}")
        assert "<img src=x onerror=y> {title} &amp;" in said
        for shown in (*hostile[:2], "abc", "def", "\u00e1", "W" * 20):
            assert shown in said or shown[::-1] in said, (language, shown)
