"""Ignores SIGHUP, which would end a server."""

import logging
import signal
from types import FrameType

log = logging.getLogger(__name__)


def ignore_hangup() -> None:
    """A closing terminal sends SIGHUP, and so may an operator who expects settings to be read again. By default it
    would end the process in the middle of an exam, without telling clients when to come back."""

    def told(number: int, frame: FrameType | None) -> None:
        log.warning("SIGHUP is ignored: settings are read at the start alone. SIGTERM stops this server in order")

    signal.signal(signal.SIGHUP, told)
