"""Rosters: who sits, in which groups, and what is granted, as one table."""

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import partial
from itertools import islice
from typing import Final

from protocol import limits
from protocol.codes import Code
from protocol.errors import Refused, refuse
from protocol.rest.rosters import RosterBody, RosterInstant, RosterMistake, RosterReply
from protocol.rules.rights import Act
from protocol.rules.roster import Mistake, read_roster
from server.api.endpoint import Call, Endpoint
from server.api.enrolments import course_id_of, one_of
from server.api.lookup import find_test
from server.api.people import org_of
from server.instants import ms_of, read_moment
from storage.enrolments import COURSE, TEST
from storage.overrides import EVERY_TEST, Who
from storage.people import USER
from storage.rosters import Contradicted, Report, import_roster

_SAID: Final = 5
"""Mistakes that a refusal names; a dry run names them all."""
_NONE: Final = timedelta()
_MS: Final = timedelta(milliseconds=1)


async def import_(call: Call) -> RosterReply:
    org_id, body, node = org_of(call), call.body, call.node
    to_kind, to_id = one_of({"test_id": body.test_id, "course_id": body.course_id}, TEST, COURSE)
    to_id = (await find_test(call, to_id)).test_id if to_kind == TEST else course_id_of(to_id)
    rules = await node.tests.rules(org_id, to_id) if to_kind == TEST else None
    # Thousands of lines take longer than others may be kept waiting.
    written: dict[str, datetime] = {}

    def read_instant(text: str) -> int:
        written[text] = moment = read_moment(text)
        return ms_of(moment)

    read = partial(read_roster, now_ms=node.clock.now_ms())
    entries, mistakes = await asyncio.to_thread(read, body.csv, read_instant)
    report: Report | None = None
    if not mistakes:
        try:
            report = await import_roster(
                node.database,
                org_id,
                entries,
                to_kind,
                to_id,
                rules=rules,
                now_ms=node.clock.now_ms(),
                by=call.principal.actor,
                dry_run=body.dry_run,
            )
        except Contradicted as error:
            mistakes = error.mistakes
    if report is None:
        return _mistaken(mistakes, dry_run=body.dry_run)
    if report.revision is not None:
        # A group that somebody has joined may grant something at other tests too.
        who = [Who(USER, entry.user_id) for entry in entries]
        node.granting.changed(org_id, report.revision, who, EVERY_TEST)
    return RosterReply(
        made=report.made, changed=report.changed, unchanged=report.unchanged, mistakes=[], instants=_instants(written)
    )


def _instants(written: Mapping[str, datetime]) -> list[RosterInstant]:
    return [
        RosterInstant(written=text, at_ms=ms_of(moment), offset_ms=(moment.utcoffset() or _NONE) // _MS)
        for text, moment in islice(written.items(), limits.MAX_ROSTER_INSTANTS)
    ]


def _mistaken(mistakes: list[Mistake], *, dry_run: bool) -> RosterReply:
    """All mistakes, for a dry run. Raises `Refused(invalid_roster)` with the first ones otherwise."""
    if not dry_run:
        more = len(mistakes) - _SAID
        said = "; ".join(map(str, mistakes[:_SAID])) + (f"; and {more} more" if more > 0 else "")
        raise Refused(refuse(Code.INVALID_ROSTER, f"Nothing was imported: {said}."))
    named = [
        RosterMistake(line=one.line, column=one.column, reason=one.reason)
        for one in mistakes[: limits.MAX_ROSTER_MISTAKES]
    ]
    return RosterReply(made=0, changed=0, unchanged=0, mistakes=named, instants=[])


ENDPOINTS = [
    Endpoint(
        method="POST",
        path="/rosters",
        summary="Import a roster: people, groups, enrolments, what is granted. All of it, or nothing.",
        handle=import_,
        body=RosterBody,
        reply=RosterReply,
        act=Act.ENROL,
        refusals=(Code.MISSING_FIELD, Code.INVALID_ID, Code.NOT_FOUND, Code.INVALID_ROSTER),
        max_body_bytes=limits.MAX_ROSTER_BYTES,
    ),
]
