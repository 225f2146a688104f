"""SIGHUP, which must not end a server."""

import logging
import signal
from types import FrameType

log = logging.getLogger(__name__)


def ignore_hangup() -> None:
    """A terminal that goes away, or an operator who wants settings to be read again, sends SIGHUP. By default it would
    end the process in the middle of an exam, and nobody would be sent away politely."""

    def told(number: int, frame: FrameType | None) -> None:
        log.warning("SIGHUP is ignored: settings are read at the start alone. SIGTERM stops this server in order")

    signal.signal(signal.SIGHUP, told)
