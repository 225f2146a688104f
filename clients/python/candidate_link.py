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
        )

    def welcomed_candidate(self, welcome: Welcome, now_ms: int) -> None:
        """As `welcomed`. From now on the log of this welcome is the one that is known, older or not."""
        self.welcomed(welcome, now_ms)
        self._takeover = False
        self.seen_seq = welcome.state.seq

    def saw(self, seq: int) -> None:
        """The server has told of this position."""
        self.seen_seq = max(self.seen_seq or 0, seq)
