"""The listeners of each channel in this process."""

import logging
from collections.abc import Callable

from server.relay import Listener, Unsubscribe

log = logging.getLogger(__name__)


class Subscribers:
    """Listeners by channel. One that raises does not keep the others from hearing."""

    def __init__(self) -> None:
        self._by_channel: dict[str, list[Listener]] = {}

    def add(self, channel: str, listener: Listener) -> tuple[Unsubscribe, bool]:
        """The way to leave again, and whether the channel is new."""
        listeners = self._by_channel.setdefault(channel, [])
        listeners.append(listener)

        def leave() -> None:
            if listener in listeners:
                listeners.remove(listener)
            if not listeners and self._by_channel.get(channel) is listeners:
                del self._by_channel[channel]

        return leave, len(listeners) == 1

    @property
    def channels(self) -> list[str]:
        return list(self._by_channel)

    def __contains__(self, channel: str) -> bool:
        return channel in self._by_channel

    def tell(self, channel: str, data: bytes) -> None:
        for listener in list(self._by_channel.get(channel, ())):
            guarded(lambda listener=listener: listener(data), "A listener of the relay failed")  # type: ignore[misc]


def guarded(call: Callable[[], None], what: str) -> None:
    """Calls the listener; an exception is logged and swallowed."""
    try:
        call()
    except Exception:
        log.exception(what)
