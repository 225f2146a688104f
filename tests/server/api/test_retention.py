"""How long an organisation keeps things: said over REST, within what the operator allows, and tried before it is."""

from pathlib import Path

from protocol.attempt.model import Role
from protocol.codes import Code
from protocol.rules.retention import DAY_MS
from storage.audit import verify_audit
from tests.server.conftest import StartServer
from tests.server.harness.exam import ORG
from tests.server.harness.running import RunningServer
from tests.server.media.files import SVG, png

NOTHING = dict.fromkeys(("archive_after_days", "drop_after_days", "audit_days", "delivery_days", "media_days"))

USUAL = NOTHING | {"delivery_days": 3}


async def test_a_rule_is_replaced_by_who_has_seen_it(server: RunningServer) -> None:
    token = server.service
    first = await server.call("GET", "/retention", token)
    assert first.ok() == {
        "rule": NOTHING,
        "at_most": NOTHING,
        "at_least": NOTHING,
        "in_force": USUAL,
        "moves_logs": False,
        "etag": first.headers["etag"],
    }
    seen = {"if-match": first.headers["etag"]}
    rule = NOTHING | {"audit_days": 400}
    said = await server.call("PUT", "/retention", token, {"audit_days": 400}, None, **seen)
    assert (said.ok()["rule"], said.ok()["in_force"]) == (rule, rule | {"delivery_days": 3})
    assert (await server.call("PUT", "/retention", token, {}, None, **seen)).code == Code.CHANGED_MEANWHILE
    again = await server.call("GET", "/retention", token)
    assert (again.ok(), again.headers["etag"]) == (said.ok(), said.headers["etag"])
    (entry,) = (await server.call("GET", "/audit?kind=retention_changed", token)).ok()["entries"]
    assert (entry["by"], entry["entry"]["audit_days"]) == ("platform", 400)
    other = server.token(Role.SERVICE, "platform", "college")
    assert (await server.call("GET", "/retention", other)).ok()["rule"] == NOTHING
    for forbidden in (server.instructor, server.token(Role.ADMINISTRATOR, "kim", tests=["algebra-1"])):
        for method, body in (("GET", None), ("PUT", {})):
            assert (await server.call(method, "/retention", forbidden, body)).code == Code.FORBIDDEN


async def test_nobody_goes_beyond_what_the_operator_allows(start_server: StartServer, tmp_path: Path) -> None:
    server = await start_server(
        archives_folder=tmp_path, keep_at_most=("audit_days=730", "delivery_days=2"), keep_at_least=("audit_days=365",)
    )
    allowed = (await server.call("GET", "/retention", server.service)).ok()
    in_force = NOTHING | {"audit_days": 730, "delivery_days": 2}
    assert (allowed["at_most"], allowed["in_force"], allowed["moves_logs"]) == (in_force, in_force, True)
    for days in (364, 731):
        refused = await server.call("PUT", "/retention", server.service, {"audit_days": days})
        assert refused.code == Code.OUT_OF_RANGE
        assert "`audit_days`: the operator keeps this for at least 365 days, and at most 730." in refused.body["detail"]
    kept = (await server.call("PUT", "/retention", server.service, {"audit_days": 365})).ok()["in_force"]
    assert kept == in_force | {"audit_days": 365}


async def test_what_would_go_is_counted_and_then_goes(server: RunningServer) -> None:
    node = server.node
    entries = len(await node.audit.page(ORG, limit=99))
    server.clock.advance(40 * DAY_MS)
    fresh = server.service
    preview = (await server.call("GET", "/retention/preview?audit_days=30", fresh)).ok()
    assert (preview["audit_entries"], preview["clock_doubtful"]) == (entries, True)
    assert (await server.call("GET", "/retention/preview", fresh)).ok()["audit_entries"] == 0
    (await server.call("PUT", "/retention", fresh, {"audit_days": 30})).ok()
    await node.housekeeping.prune()
    assert len(await node.audit.page(ORG, limit=99)) == entries + 1, "the clock is in doubt"
    await node.ages.accept(server.clock.now_ms())
    assert not (await server.call("GET", "/retention/preview", fresh)).ok()["clock_doubtful"]
    await node.housekeeping.prune()
    told = (await server.call("GET", "/audit", fresh)).ok()["entries"]
    assert [one["body"] for one in told[:entries]] == [""] * entries
    assert told[-1]["entry"] == {"t": "entries_dropped", "upto": entries}
    assert (told[-1]["by"], told[-1]["role"]) == ("retention", "system")
    assert [wrong async for _, _, wrong in verify_audit(node.database)] == [None]


async def test_the_bound_of_the_operator_reaches_who_has_no_test(start_server: StartServer) -> None:
    server = await start_server(keep_at_most=("audit_days=30",))
    node = server.node
    acted = server.token(Role.ADMINISTRATOR, "kim", "school-without-tests")
    (await server.call("PUT", "/people/ada", acted, {"name": "Ada"})).ok()
    assert await node.audit.organisations() == ["school-without-tests"]
    server.clock.advance(32 * DAY_MS)
    await node.ages.accept(server.clock.now_ms())
    await node.housekeeping.prune()
    said = [one.line.body is not None for one in await node.audit.page("school-without-tests", limit=99)]
    assert said == [False, True], "but for the entry that tells of it"


async def test_files_that_no_test_names_go_by_the_rule(server: RunningServer) -> None:
    node, clock = server.node, server.clock
    used = (await server.call("POST", "/media", server.service, raw=png())).ok()
    left = (await server.call("POST", "/media", server.service, raw=SVG)).ok()
    question = {"question_id": "q", "body": f'<img src="media:{used["hash"]}" alt="">', "interactions": []}
    (await server.call("PUT", "/tests/pictures", server.service, {"title": "T", "questions": [question]})).ok()
    (await server.call("PUT", "/retention", server.service, {"media_days": 2})).ok()

    async def preview() -> tuple[int, int]:
        told = (await server.call("GET", "/retention/preview", server.service)).ok()
        return told["media"], told["unused_media"]

    assert await preview() == (0, 1)
    await node.housekeeping.prune()
    clock.advance(2 * DAY_MS + 1)
    assert await preview() == (1, 1)
    await node.housekeeping.prune()
    assert await preview() == (0, 0)
    assert (await node.media.find(ORG, left["hash"]), await node.media.total(ORG)) == (None, used["size"])
    (entry,) = (await server.call("GET", "/audit?kind=media_dropped", server.service)).ok()["entries"]
    assert (entry["by"], entry["entry"]) == ("retention", {"t": "media_dropped", "files": 1, "bytes": left["size"]})
