"""A candidate's client comes, over a socket or over REST: both ways in go through here, under one rule."""

import msgspec

from protocol.attempt.commands import Connect
from protocol.codes import Code
from protocol.errors import Refusal, Refused, refuse
from server.attempts.live import LiveAttempt
from server.node import Node
from server.principal import Principal


class Arrival(msgspec.Struct, frozen=True):
    """What a client says of itself (see `hello`), and where it comes from."""

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
    """Connects the candidate; False where she only looks at an ended attempt, which leaves no record. `holder` names
    the node that holds her socket; None: REST. Raises `Refused`."""
    terms = live.committed.terms
    policy_asks = terms.pause_on_disconnect or not terms.newest_connection_wins
    gone = await node.find_loss(live) if policy_asks else None
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
        # Another one came while this one waited for the log.
        raise Refused(refuse(Code.SUPERSEDED))
    node.addresses.note(live.attempt_id, arrival.address, arrival.browser)
    return bool(outcome.records)
