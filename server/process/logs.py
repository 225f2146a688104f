"""Logs: one line an event, to standard error, as text or JSON. Attempts are named by id; names, answers and tokens
never appear.

A line about an attempt begins with `Attempt ID:`; JSON has the id as the field `attempt_id`. Events that hit thousands
of attempts in the same second (an end by time, a reload) are logged one by one at `debug`, and as a sum at `info`.
"""

import json
import logging
import re
import sys
import time
import traceback
from collections.abc import Callable
from typing import Any, Final

FIELDS: Final = ("attempt_id", "org_id")
"""What a line may carry beside its message, as `extra`."""
_ATTEMPT: Final = re.compile(r"\b[Aa]ttempt ([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\b")
_SHORT: Final = 6
"""Characters of a node's name in a line of text: enough to tell a handful apart."""


class Text(logging.Formatter):
    """For people. `node`, once it is known, is the end of the node's name."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s%(node)s: %(message)s")
        self.node = ""

    @staticmethod
    def converter(seconds: float | None) -> time.struct_time:
        return time.gmtime(seconds)

    default_time_format = "%Y-%m-%dT%H:%M:%S"
    default_msec_format = "%s.%03dZ"

    def format(self, record: logging.LogRecord) -> str:
        record.node = f" [{self.node[-_SHORT:]}]" if self.node else ""
        return super().format(record)

    def formatException(self, ei: Any) -> str:  # noqa: N802 (the name is the library's)
        return where(ei[1])


class Json(Text):
    """For machines: one object a line."""

    def format(self, record: logging.LogRecord) -> str:
        message = record.getMessage()
        line: dict[str, Any] = {
            "at": self.formatTime(record),
            "level": record.levelname.lower(),
            "logger": record.name,
            "node": self.node or None,
            "message": message,
        }
        line |= {name: value for name in FIELDS if (value := getattr(record, name, None)) is not None}
        if "attempt_id" not in line and (named := _ATTEMPT.search(message)):
            line["attempt_id"] = named[1]
        if record.exc_info:
            line["where"] = where(record.exc_info[1])
        return json.dumps(line, ensure_ascii=False)


class Fold(logging.Filter):
    """Lets each warning pass once in `EVERY_S`. The next one adds how often the warning was held back in between."""

    EVERY_S: Final = 60.0
    MOST: Final = 1_000
    """Different warnings that are remembered."""

    def __init__(self, now_s: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._now_s = now_s
        self._told: dict[tuple[str, str], tuple[float, int]] = {}
        """Logger and message → when it was last told, and how often it was kept back since."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.levelno < logging.WARNING:
            return True
        message = record.getMessage()
        key = (record.name, message)
        now_s = self._now_s()
        told_s, kept_back = self._told.pop(key, (-self.EVERY_S, 0))
        if now_s - told_s < self.EVERY_S:
            self._told[key] = (told_s, kept_back + 1)
            return False
        self._told[key] = (now_s, 0)
        if len(self._told) > self.MOST:
            del self._told[next(iter(self._told))]
        if kept_back:
            record.msg, record.args = f"{message} ({kept_back} times more in the last {now_s - told_s:.0f} s)", ()
        return True


def where(error: BaseException | None) -> str:
    """The traceback of an error and of its causes, with their types but without their messages: a message may contain a
    candidate's words."""
    parts: list[str] = []
    while error is not None:
        parts.insert(0, "".join(traceback.format_tb(error.__traceback__)) + type(error).__qualname__)
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return "\n".join(parts)


def configure(level: str, form: str = "text") -> None:
    """Sets up logging for the whole process."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Json() if form == "json" else Text())
    handler.addFilter(Fold())
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    # uvicorn's own lines name every socket with its whole address.
    for noisy in ("uvicorn.error", "uvicorn.access", "alembic", "asyncio"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


def speak_for(node: str) -> None:
    """Adds a node's name to all further lines of this process."""
    for handler in logging.getLogger().handlers:
        if isinstance(handler.formatter, Text):
            handler.formatter.node = node
