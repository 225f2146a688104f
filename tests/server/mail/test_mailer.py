"""People get letters through a real mail server: candidates of what is about them, staff of the rest."""

import logging
import re
from collections.abc import AsyncIterator
from typing import Any

import pytest

from protocol.events.delivering import Tried
from protocol.limits import MAX_INSTANT_MS
from server.mail.digests import _DAY_MS
from server.mail.stops import Stop, link_of
from server.mail.wishes import may_send_from
from server.pages import stylesheet
from server.settings import Settings
from storage.deliveries import Claimed
from storage.subscriptions import Subscription
from tests.server.conftest import StartServer
from tests.server.delivery.test_courier import until
from tests.server.harness.exam import CANDIDATE, ORG, TEST
from tests.server.harness.running import RunningServer
from tests.services.smtp import Mailbox, mail_server

ADDRESS = "canary-address@example.org"
TO_ALL = ["attempt.started", "attempt.submitted", "attempt.expired", "attempt.completed", "audit.released"]


@pytest.fixture
async def box() -> AsyncIterator[Mailbox]:
    async with mail_server() as made:
        yield made


async def serving(start_server: StartServer, box: Mailbox, database_url: str = "", **rules: Any) -> RunningServer:
    server = await start_server(
        database_url=database_url,
        smtp_url=f"smtp+unencrypted://127.0.0.1:{box.port}",
        mail_from="exams@example.org",
        mail_domains=f"{ORG}=school.example,elsewhere=college.example",
    )
    await server.make_test(**rules)
    await put_person(server, {"name": "Ada Łovelace", "email": ADDRESS})
    return server


async def put_person(server: RunningServer, body: dict[str, Any], user: str = CANDIDATE) -> None:
    (await server.call("PUT", f"/people/{user}", server.service, body)).ok()


async def subscribe(server: RunningServer, topics: list[str], target: str = "candidates", **mail: Any) -> str:
    body = {"kind": "mail", "target": target, "topics": topics, "mail": mail or None}
    made = (await server.call("POST", "/subscriptions", server.service, body)).ok()
    assert made["secret"] is None
    return str(made["subscription"]["subscription_id"])


async def settled(server: RunningServer, total: int) -> list[dict[str, Any]]:
    """All deliveries, once so many are over."""
    over: list[dict[str, Any]] = []

    async def look() -> None:
        listed = (await server.call("GET", "/deliveries", server.service)).ok()["deliveries"]
        over[:] = [one for one in listed if one["state"] != "waiting"]

    while len(over) < total:
        await until(server, lambda: not server.node.courier._rounds)
        await look()
    return over


async def hand_in(server: RunningServer, user: str = CANDIDATE) -> str:
    attempt_id = await server.started(user)
    (await server.act("POST", f"/test-attempts/{attempt_id}/complete", server.token(user=user), {"n": 1})).ok()
    await server.reaches(attempt_id, "completed")
    return attempt_id


async def test_a_candidate_is_told_of_her_attempt(
    start_server: StartServer, box: Mailbox, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    # That of the mail server, which is not ours.
    caplog.set_level(logging.CRITICAL, "mail.log")
    server = await serving(start_server, box)
    one = await subscribe(server, TO_ALL, sender="exams@school.example", sender_name="School", language="de")
    attempt_id = await hand_in(server)
    await until(server, lambda: len(box.letters) == 3)
    started, handed_in, result = box.letters
    assert box.recipients == [ADDRESS] * 3
    assert box.senders == ["exams@school.example"] * 3
    assert started["To"].addresses[0].display_name == "Ada Łovelace"
    assert started["Subject"] == "Ihre Prüfung hat begonnen: Algebra"
    assert (await server.status(attempt_id))["reference"] in box.said(1)
    assert result["Subject"] == "Ihr Ergebnis liegt vor: Algebra"
    assert "List-Unsubscribe" not in handed_in, "of what she handed in she must be told"
    # Whoever opens the link has stopped nothing; whoever presses the button has.
    link = re.fullmatch("<http://[0-9.:]+(/mail/stop.*)>", str(started["List-Unsubscribe"]))
    assert link is not None
    assert "ada" not in link[1].lower().partition("?t=gAAAA")[0]
    page = await server.call("GET", link[1])
    assert (page.status, page.headers["cache-control"]) == (200, "no-store")
    assert b'<html lang="de"' in page.raw
    assert stylesheet().encode() in page.raw
    assert "style-src 'self'" in page.headers["content-security-policy"]
    assert (await server.call("POST", link[1], raw=b"List-Unsubscribe=One-Click")).status == 200
    assert (await server.call("POST", link[1])).status == 200, "twice is no mistake"
    assert (await server.call("POST", link[1][:-4])).status == 404
    (
        await server.call(
            "POST", f"/test-attempts/{attempt_id}/reopen", server.instructor, {"left_ms": 60_000, "reason": "go on"}
        )
    ).ok()
    (await server.act("POST", f"/test-attempts/{attempt_id}/complete", server.token(), {"n": 2})).ok()
    await until(server, lambda: len(box.letters) == 4)
    assert box.letters[-1]["Subject"].startswith("Abgegeben")
    exported = (await server.call("GET", f"/users/{CANDIDATE}/export", server.service)).ok()
    assert exported["person"]["mail_stopped_at_ms"] is not None
    everything = (await server.call("GET", f"/deliveries?subscription_id={one}", server.service)).raw
    assert ADDRESS.encode() not in everything
    assert ADDRESS not in caplog.text


async def test_released_results_are_told_once_to_each(
    start_server: StartServer, box: Mailbox, migrated_url: str
) -> None:
    server = await serving(start_server, box, migrated_url, release="by_staff")
    for user in ("bob", "eve"):
        await put_person(server, {"name": user, "email": f"{user}@example.org" if user == "bob" else None}, user)
    await subscribe(server, ["attempt.completed", "audit.released"])
    for user in (CANDIDATE, "bob", "eve"):
        await hand_in(server, user)
    over = await settled(server, 3)
    assert {one["error"] for one in over} == {"the results are not shown yet", "nobody has said her address"}
    assert box.letters == []
    body = {"released": True, "reason": "marked"}
    (await server.call("POST", f"/tests/{TEST}/release", server.instructor, body)).ok()
    await until(server, lambda: len(box.letters) == 2)
    await settled(server, 6)
    assert sorted(box.recipients) == ["bob@example.org", ADDRESS]
    feed = (await server.call("GET", "/events", server.service)).raw
    assert b"mail.result_released" not in feed
    # Before the database goes.
    await server.stop()


async def test_what_the_mail_server_refuses_waits_as_a_dead_letter(start_server: StartServer, box: Mailbox) -> None:
    server = await serving(start_server, box)
    one = await subscribe(server, ["attempt.started"])
    box.on_recipient = f"550 5.1.1 {ADDRESS} is unknown"
    await server.started()
    await settled(server, 1)
    [dead] = (await server.call("GET", "/deliveries?state=dead", server.service)).ok()["deliveries"]
    assert (dead["status"], dead["tries"]) == (550, 1)
    assert ADDRESS not in dead["error"]
    box.on_recipient = "250 OK"
    (await server.call("POST", f"/subscriptions/{one}/replay", server.service, {})).ok()
    await until(server, lambda: len(box.letters) == 1)


async def test_nothing_is_sent_to_somebody_who_was_erased(start_server: StartServer, box: Mailbox) -> None:
    server = await serving(start_server, box)
    await subscribe(server, ["attempt.started", "attempt.submitted"])
    box.on_recipient = "450 later"
    await hand_in(server)
    await server.node.courier.take_over()
    (await server.call("DELETE", f"/users/{CANDIDATE}", server.service)).ok()
    box.on_recipient = "250 OK"
    server.pass_time(600_000)
    await until(server, lambda: not server.node.courier._rounds)
    assert box.letters == []
    assert (await server.call("GET", "/deliveries", server.service)).ok()["deliveries"] == []
    link = link_of(server.node.sealer, "", Stop(ORG, "user", CANDIDATE, "en"))
    assert (await server.call("POST", link)).status == 200
    assert not await server.node.mail_stops.has(ORG, CANDIDATE), "her mail may still have a link, and it writes nothing"


async def test_an_end_that_no_calendar_has_is_not_named(start_server: StartServer, box: Mailbox) -> None:
    server = await serving(start_server, box, duration_ms=None, closes_at_ms=MAX_INSTANT_MS)
    await subscribe(server, ["attempt.started"])
    await server.started()
    await until(server, lambda: len(box.letters) == 1)
    assert "ends" not in box.said()


async def test_a_letter_that_fails_is_one_try_and_those_beside_it_go_out_once(
    start_server: StartServer, box: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = await serving(start_server, box)
    await put_person(server, {"name": "Bob", "email": "bob@example.org"}, "bob")
    await subscribe(server, ["attempt.started"])
    send = server.node.courier.send

    async def failing(one: Subscription, claimed: Claimed, *more: Any) -> Tried:
        if '"bob"' in claimed.data:
            raise OverflowError
        return await send(one, claimed, *more)

    monkeypatch.setattr(server.node.courier, "send", failing)
    for user in (CANDIDATE, "bob"):
        await server.started(user)
    await until(server, lambda: server.node.tally.deliveries["failed"] == 1)
    await until(server, lambda: not server.node.courier._rounds)
    listed = (await server.call("GET", "/deliveries", server.service)).ok()["deliveries"]
    assert sorted((one["state"], one["tries"]) for one in listed) == [("delivered", 1), ("waiting", 1)]
    assert box.recipients == [ADDRESS]


async def test_staff_are_told_of_what_needs_them_and_of_the_day(start_server: StartServer, box: Mailbox) -> None:
    server = await serving(start_server, box)
    one = await subscribe(server, ["attempt.formally_warned", "mail.digest"], "office@school.example", language="fr")
    attempt_id = await server.started()
    body = {"reason": "a phone"}
    (await server.call("POST", f"/test-attempts/{attempt_id}/warn", server.instructor, body)).ok()
    await until(server, lambda: len(box.letters) == 1)
    assert box.recipients == ["office@school.example"]
    assert "Ada Łovelace" in box.said()
    assert f"{server.settings.url}/monitor#test={TEST}" in box.said()
    server.pass_time(_DAY_MS)
    for _ in range(2):
        server.node.digests._done.clear()
        await server.node.digests.look()
    await until(server, lambda: len(box.letters) == 2)
    assert "Algebra\u2069 : 1 commencées, 0 terminées" in box.said()
    await settled(server, 2)
    link = str(box.letters[-1]["List-Unsubscribe"])[1:-1].removeprefix(server.settings.url)
    assert (await server.call("POST", link)).status == 200
    shown = (await server.call("GET", f"/subscriptions/{one}", server.service)).ok()
    assert (shown["enabled"], shown["why_off"]) == (False, "stopped")


def test_a_domain_is_one_organisations_or_everybodys_and_the_operators_own_is_nobodys() -> None:
    settings = Settings(
        smtp_url="smtp+unencrypted://127.0.0.1",
        mail_from="exams@example.org",
        mail_domains="north=north.example, all.example",
    )
    for sender, orgs in (
        ("exams@north.example", {"north"}),
        ("Exams@NORTH.example", {"north"}),
        ("exams@all.example", {"north", "south"}),
        ("Exams@example.org", {"north", "south"}),
        ("director@example.org", set()),
        ("exams@evil.north.example", set()),
    ):
        assert {org for org in ("north", "south") if may_send_from(org, sender, settings)} == orgs, sender


async def test_a_domain_that_was_taken_away_stops_no_letter(start_server: StartServer, box: Mailbox) -> None:
    server = await serving(start_server, box)
    await subscribe(server, TO_ALL, sender="exams@school.example")
    server.node.settings = server.settings.model_copy(update={"mail_domains": ()})
    await hand_in(server)
    await until(server, lambda: len(box.letters) == 3)
    assert set(box.senders) == {"exams@example.org"}


async def test_wishes_that_cannot_be_are_refused(start_server: StartServer, box: Mailbox) -> None:
    server = await serving(start_server, box)
    for target, topics, mail in (
        ("candidates", ["attempt.hand_raised"], None),
        ("candidates", ["attempt.*"], None),
        ("office@school.example", ["attempt.started"], None),
        ("office@school.example\nBcc: eve@example.org", ["mail.digest"], None),
        ("candidates", ["attempt.started"], {"sender": "rector@other.example"}),
        ("candidates", ["attempt.started"], {"sender": "rector@college.example"}),
        ("candidates", ["attempt.started"], {"sender": "director@example.org"}),
        ("candidates", ["attempt.started"], {"reply_to": "nobody"}),
    ):
        body = {"kind": "mail", "target": target, "topics": topics, "mail": mail}
        assert (await server.call("POST", "/subscriptions", server.service, body)).code == "invalid_subscription", body
    nobody = {"name": "Eve", "email": "eve@example.org\r\nBcc: x@example.org"}
    assert (await server.call("PUT", "/people/eve", server.service, nobody)).code == "out_of_range"
    assert (await server.call("GET", "/people/eve", server.service)).code == "not_found"
    silent = await start_server(data=server.settings.data / "other")
    body = {"kind": "mail", "target": "candidates", "topics": ["attempt.started"]}
    assert "no mail server" in (await silent.call("POST", "/subscriptions", silent.service, body)).body["detail"]
