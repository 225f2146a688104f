"""Which candidates are connected to this node."""

from protocol.attempt.model import ENDED
from server.attempts.live import LiveAttempt
from server.attempts.presence import Seated
from server.clock import Clock
from server.limits.capacity import Capacity
from server.monitor.rooms import Rooms
from server.snapshotter import Snapshotter


class Seats:
    """Candidates who sit down, get up, and give signs of life."""

    def __init__(self, clock: Clock, capacity: Capacity, rooms: Rooms, snapshotter: Snapshotter) -> None:
        self._clock = clock
        self._capacity = capacity
        self._rooms = rooms
        self._snapshotter = snapshotter

    def seat(self, live: LiveAttempt, session: Seated) -> None:
        """A candidate's connection is in force on this node."""
        live.presence.sit(session)
        self._capacity.seat(live.attempt_id)
        self.heard_of(live, self._clock.now_ms())

    def unseat(self, live: LiveAttempt, session: Seated) -> None:
        """The connection is gone."""
        live.presence.rise(session)
        if not live.presence.sessions:
            self._capacity.unseat(live.attempt_id)
        live.last_used_ms = self._clock.now_ms()
        attempt = live.committed
        if attempt.status in ENDED:
            # The log does not say whether she has come anywhere else since the end.
            live.presence.fell_silent()
        elif attempt.connection_id in (None, session.connection_id):
            # Otherwise a newer connection is in force, and its node reports whether the candidate is online.
            live.presence.tick = live.last_used_ms
        self._snapshotter.hurry(live.attempt_id)
        self._rooms.changed(live)

    def heard_of(self, live: LiveAttempt, now_ms: int) -> None:
        """The candidate has given a sign of life."""
        live.presence.saw(now_ms)
        self._rooms.changed(live)
