"""Measures the round trip of a message from this process to a server and back."""

import time


class Probe:
    """Sends a message to itself through the server. A lost one is sent again, and its time keeps counting."""

    def __init__(self, channel: str) -> None:
        self.channel = channel
        self._word: bytes | None = None
        self._sent_s = self._lag_s = 0.0

    @property
    def lag_s(self) -> float:
        """How long the newest probe took, or has been on its way."""
        return self._lag_s if self._word is None else max(self._lag_s, time.monotonic() - self._sent_s)

    def word(self) -> bytes:
        """The probe to send now."""
        if self._word is None:
            self._sent_s = time.monotonic()
            self._word = repr(self._sent_s).encode()
        return self._word

    def back(self, channel: str, word: bytes) -> None:
        """One of our own probes has arrived."""
        if channel == self.channel and word == self._word:
            self._lag_s, self._word = time.monotonic() - self._sent_s, None
