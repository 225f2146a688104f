"""The link of a test-taker's device: it says which device this is, how often it has tried, and who asked for it."""

from collections.abc import Callable

from clients.python.link import CAPABILITIES, Link
from protocol import limits
from protocol.messages.candidate import Hello, Welcome


class CandidateLink(Link):
    """See above. `device` is this program instance's own name, used by no other.

    The first connect takes the attempt over from another device, unless `takeover` is false; a reconnect never does.
    """

    def __init__(
        self,
        token: str,
        client: str,
        random: Callable[[], float],
        *,
        renewable: bool,
        device: str,
        takeover: bool = True,
    ) -> None:
        super().__init__(token, client, random, renewable=renewable)
        self.device = device
        self.connect_n = 0
        """How often this device has tried to connect."""
        self.seen_seq: int | None = None
        """The highest log position that the server has told this device of as durable."""
        self.seen_head: str | None = None
        """The hash of the record there."""
        self._takeover = takeover

    def hello(self) -> Hello:
        """The next one: each has a greater number, so that the server never takes an old one for new."""
        self.connect_n += 1
        return Hello(
            limits.PROTOCOL_VERSION,
            self._token,
            self._client,
            limits.OLDEST_PROTOCOL_VERSION,
            CAPABILITIES,
            self.device,
            self.connect_n,
            self._takeover,
            self.seen_seq,
            self.seen_head,
        )

    def welcomed_candidate(self, welcome: Welcome, now_ms: int) -> bool:
        """As `welcomed`. From now on the log of this welcome is the one that is known. True: it is not the one that was
        known before, because the database was restored from an older copy."""
        self.welcomed(welcome, now_ms)
        self._takeover = False
        # The server may have told of something since it read the hello.
        restored = welcome.restored or (self.seen_seq or 0) > welcome.state.seq
        self.seen_seq, self.seen_head = welcome.state.seq, welcome.state.head
        return restored

    def saw(self, seq: int, head: str) -> None:
        """The server has told of this position, and of the hash of the record there."""
        if seq > (self.seen_seq or 0):
            self.seen_seq, self.seen_head = seq, head
