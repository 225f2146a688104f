"""Connects a candidate's client. A socket and REST both use this module, so both follow the same rule."""

from typing import NamedTuple

import msgspec
from msgspec.structs import asdict

from protocol.attempt import view
from protocol.attempt.commands import Connect
from protocol.attempt.model import SITTING
from protocol.codes import Code
from protocol.errors import Refusal, Refused, refuse
from protocol.integrity.safe_exam_browser import Proof
from protocol.rest.connection import ResumeReply
from protocol.rules.admission import browser_fits
from server.access.principal import Principal
from server.attempts.live import LiveAttempt
from server.node import Node


class Arrival(msgspec.Struct, frozen=True):
    """The client's own statements (see `hello`), its address and browser, and what that proves."""

    client: str
    device: str
    connect_n: int
    takeover: bool
    seen_seq: int | None
    seen_head: str | None
    address: str
    browser: str
    proofs: tuple[Proof, ...] = ()


class Arrived(NamedTuple):
    """`recorded` is False for an ended attempt: she only looks at it. `restored`: its log is not the one that her
    device was told of."""

    recorded: bool
    restored: bool


async def arrive(
    node: Node, live: LiveAttempt, principal: Principal, arrival: Arrival, connection_id: str, holder: str | None
) -> Arrived:
    """Connects the candidate; the caller keeps the attempt at hand (`LiveAttempt.arriving`). `holder` is the node that
    holds her socket, or None over REST. Raises `Refused`, and `StorageUnavailable` where the log that her device knows
    can't be compared."""
    if live.committed.status in SITTING and not browser_fits(live.sheet.admission.rules, arrival.proofs):
        raise Refused(refuse(Code.SAFE_EXAM_BROWSER))
    restored = await _is_restored(node, live, arrival.seen_seq, arrival.seen_head)
    terms = live.terms
    policy_asks = terms.pause_on_disconnect or not terms.newest_connection_wins
    gone = await node.losses.find(live) if policy_asks or node.absences.may_be_long(live.committed) else None
    command = Connect(
        principal.actor,
        connection_id,
        arrival.client,
        arrival.device,
        arrival.connect_n,
        arrival.takeover,
        arrival.address,
        arrival.browser,
        holder,
        arrival.seen_seq,
        gone,
        restored,
    )
    outcome = await live.run(command)
    if isinstance(outcome, Refusal):
        if outcome.code is Code.LINK_USED:
            node.refused_devices.note(live.committed, arrival.device, arrival.address, node.clock.now_ms())
        raise Refused(outcome)
    if outcome.records and live.committed.connection_id != connection_id:
        # Another connection arrived while this one waited for the log.
        raise Refused(refuse(Code.SUPERSEDED))
    node.addresses.note(live.attempt_id, arrival.address, arrival.browser)
    return Arrived(bool(outcome.records), restored)


def where_the_log_ends(
    node: Node,
    live: LiveAttempt,
    connection_id: str | None,
    address: str,
    proofs: tuple[Proof, ...] = (),
    *,
    restored: bool,
) -> ResumeReply:
    """All that a client needs to go on, over REST and, in `welcome`, over a socket."""
    attempt, now_ms = live.committed, node.clock.now_ms()
    return ResumeReply(
        attempt_id=live.attempt_id,
        test_id=attempt.identity.test_id,
        candidate_name=live.display_name,
        connection_id=connection_id,
        now_ms=now_ms,
        heartbeat_ms=node.settings.heartbeat_ms,
        last_n=attempt.last_n,
        question_index=attempt.question_index,
        state=view.state(attempt),
        lost_records=attempt.lost_records,
        answers=view.answers(attempt),
        flagged=list(attempt.flagged),
        unseen=view.unseen(attempt),
        warning=view.warning(attempt),
        restored=restored,
        **asdict(view.offer(attempt, live.sheet, address, now_ms, proofs)),
    )


async def _is_restored(node: Node, live: LiveAttempt, seen_seq: int | None, seen_head: str | None) -> bool:
    """Whether the log lacks the record that the device was told of. A database that was restored from an older copy may
    have grown as long again by now, so the hash counts, and not only the position."""
    if not seen_seq:
        return False
    attempt = live.committed
    known = attempt.head if attempt.seq == seen_seq else await node.attempts.hash_at(live.attempt_id, seen_seq)
    return known is None or seen_head not in (None, known.hex())
