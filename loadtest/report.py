"""The outcome of a replay, as the JSON that is written and as the table that is shown."""

from dataclasses import asdict, dataclass
from pathlib import Path

import msgspec
from rich.table import Table


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """All times of the acknowledgement are from the call of the client to its future, in milliseconds.

    `lost` counts every answer of the trace that the server does not hold, sent or not; `broken_promises` those of them
    that it had acknowledged: there must never be any. `extra_time` is how many have some by the roster, `wrong_times`
    how many were told another time than it gives. `pilot_sets` is how many sets of pilot items were drawn; a paper is
    wrong that the blueprint does not allow, or that is another one afterwards. `behind_ms_p99`: how late answers left
    against the trace's times, which is the load generator's own delay. CPU seconds are user and system mode together;
    the server's are known only where the replay started it.
    """

    trace: str
    speed: float
    server: str
    database: str
    redis: bool
    candidates: int
    submitted: int
    answers_in_trace: int
    answers_sent: int
    answers_acked: int
    answers_stored: int
    lost: int
    broken_promises: int
    unexpected: int
    score_mismatches: int
    extra_time: int
    wrong_times: int
    pilot_sets: int
    wrong_papers: int
    ack_ms_p50: float
    ack_ms_p99: float
    ack_ms_max: float
    behind_ms_p99: float
    acks_per_second: float
    reconnects: int
    refusals: dict[str, int]
    sitting_seconds: float
    wall_seconds: float
    client_cpu_seconds: float
    server_cpu_seconds: float | None
    faults: list[str]
    server_log: str | None

    @property
    def passed(self) -> bool:
        """Everybody has handed in, nothing is lost, every score, paper and time is right."""
        faults = self.lost + self.unexpected + self.score_mismatches + self.wrong_times + self.wrong_papers
        return faults == 0 and self.submitted == self.candidates

    def write(self, path: Path) -> None:
        """Raises `OSError`."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(msgspec.json.format(msgspec.json.encode(asdict(self)), indent=2) + b"\n")

    def table(self) -> Table:
        """The same for people."""
        table = Table(title="Replay: passed" if self.passed else "Replay: FAILED", show_header=False)
        for name, value in asdict(self).items():
            if name != "faults":
                table.add_row(name, f"{value:,}" if isinstance(value, int) and value is not True else str(value))
        for fault in self.faults:
            table.add_row("fault", fault)
        return table
