"""Connects a candidate's client. A socket and REST both use this module, so both follow the same rule."""

import msgspec

from protocol.attempt.commands import Connect
from protocol.codes import Code
from protocol.errors import Refusal, Refused, refuse
from server.attempts.live import LiveAttempt
from server.node import Node
from server.principal import Principal


class Arrival(msgspec.Struct, frozen=True):
    """The client's own statements (see `hello`), and its address and browser."""

    client: str
    device: str
    connect_n: int
    takeover: bool
    seen_seq: int | None
    address: str
    browser: str


async def arrive(
    node: Node, live: LiveAttempt, principal: Principal, arrival: Arrival, connection_id: str, holder: str | None
) -> bool:
    """Connects the candidate. Returns False for an ended attempt: she only looks at it, and nothing is recorded.
    `holder` is the node that holds her socket, or None over REST. Raises `Refused`."""
    terms = live.terms
    policy_asks = terms.pause_on_disconnect or not terms.newest_connection_wins
    gone = await node.losses.find(live) if policy_asks else None
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
    )
    outcome = await live.run(command)
    if isinstance(outcome, Refusal):
        raise Refused(outcome)
    if outcome.records and live.committed.connection_id != connection_id:
        # Another connection arrived while this one waited for the log.
        raise Refused(refuse(Code.SUPERSEDED))
    node.addresses.note(live.attempt_id, arrival.address, arrival.browser)
    return bool(outcome.records)
