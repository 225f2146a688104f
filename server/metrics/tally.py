"""The counters of one node. Plain numbers: nothing here waits, allocates or names a person."""

from collections import defaultdict
from typing import Final, get_args

from protocol.attempt.commands import AnyCommand, Create, Operate, Steer
from protocol.codes import Code
from protocol.messages.operations import Operation
from protocol.messages.staff import StaffCommand
from server.metrics.histogram import Histogram

ALL_KINDS: Final = (
    Create,
    *(kind for kind in get_args(AnyCommand) if kind not in (Operate, Steer)),
    *get_args(Operation),
    *get_args(StaffCommand),
)
"""Every kind of command that is counted."""
_SECONDS: Final = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_RECORDS: Final = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000)


class Tally:
    """One per node. Seconds are by the monotonic clock of this process."""

    def __init__(self) -> None:
        self.commands: dict[str, defaultdict[type, int]] = {
            outcome: defaultdict(int) for outcome in ("done", "unchanged", "refused")
        }
        """By outcome and kind."""
        self.refusals: defaultdict[Code, int] = defaultdict(int)
        """What clients were told, by socket and REST."""
        self.ack_s = Histogram(_SECONDS)
        """From the receipt of the oldest operation that an ack covers until the ack is handed to the socket."""
        self.commit_s = Histogram(_SECONDS)
        self.commit_records = Histogram(_RECORDS)
        self.timer_late_s = Histogram(_SECONDS)
        """How long after the instant that it was armed for an attempt's timer looked at it."""
        self.loop_lag_s = Histogram(_SECONDS)
        self.reloads = 0
        self.superseded = 0
        self.expired = 0
        """Attempts that this node closed because their time was up, by timer or sweeper."""
        self.swept = 0
        """Attempts that the sweeper found overdue."""
        self.marked = 0
        self.marking_failures = 0
        self.snapshots = 0
        self.paced: dict[str, int] = dict.fromkeys(
            ("operations", "bytes", "connects", "organisation", "strangers", "half_open"), 0
        )
        """How often somebody had to wait, by the budget that was spent."""
        self.deliveries: dict[str, int] = dict.fromkeys(("delivered", "failed", "dead"), 0)
        """Tries of this node to deliver an event, by what came of them; `dead`: it was given up."""
        self.put_off = 0
        """Admissions put off because of overload."""

    def command(self, command: AnyCommand | Create, outcome: str) -> None:
        """One command has its answer."""
        # The most frequent by far, and one call less for it.
        kind = type(command.operation) if isinstance(command, Operate) else kind_of(command)
        self.commands[outcome][kind] += 1

    def refuse(self, code: Code) -> None:
        """A client was told no."""
        self.refusals[code] += 1

    def commit(self, records: int, took_s: float) -> None:
        """A transaction of the journal is durable."""
        self.commit_records.observe(records)
        self.commit_s.observe(took_s)


def kind_of(command: AnyCommand | Create) -> type:
    """A command's kind: its class, or the class of the message it carries."""
    if isinstance(command, Operate):
        return type(command.operation)
    return type(command.order) if isinstance(command, Steer) else type(command)


def kind_name(kind: type) -> str:
    """A kind of command as a label: the tag of a message, or the name of a command's class."""
    tag = getattr(getattr(kind, "__struct_config__", None), "tag", None)
    return str(tag) if tag else "".join(f"_{c.lower()}" if c.isupper() else c for c in kind.__name__).lstrip("_")
