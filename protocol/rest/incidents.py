"""Bodies of the REST API about outages of the server, JSON."""

from protocol.messages.base import Int
from protocol.rest.body import Body


class Incident(Body, frozen=True, kw_only=True):
    """A time in which no server was there, or (`server_died`) in which one that had died left its candidates alone."""

    from_ms: Int
    until_ms: Int
    server_died: bool


class LostTime(Body, frozen=True, kw_only=True):
    """What one candidate lost of a running clock, between `from_ms` and `until_ms`. `connected`: she was there when it
    began. `given_ms`: what staff have given her since then."""

    attempt_id: str
    user_id: str
    name: str
    status: str
    lost_ms: Int
    from_ms: Int
    until_ms: Int
    connected: bool
    given_ms: Int


class IncidentPage(Body, frozen=True, kw_only=True):
    """Outages of the last day, and who among the attempts of this page lost time by them; `next` continues with further
    attempts. It is a proposal: nobody has been given anything. Whoever gives time by it names `now_ms` as `seen_ms` of
    the order, so that no two give it."""

    test_id: str
    now_ms: Int
    incidents: list[Incident]
    lost: list[LostTime]
    next: str | None
