"""What it costs to show a room that changes all the time to one instructor, to twenty, and to two hundred.

The candidates of one test answer at an even rate, all the time. Beside them instructors come and watch, and each hears
of every row that changes. What the watching costs is what the node uses more than with nobody there, without the time
in which instructors come. The log must have every answer in the end, and the instructors must hear of rows.
"""

from collections.abc import Sequence
from typing import Final

from loadtest.bench.bare_echo import echoed
from loadtest.bench.control import Invite, Make, Run, Seat
from loadtest.bench.figure import Figure
from loadtest.bench.generator import Measured
from loadtest.bench.log_check import check_log
from loadtest.bench.meter import Reading, read_for
from loadtest.bench.plan import Lost, Plan, Round, Say, together
from loadtest.bench.script import candidate_script
from loadtest.bench.stage import Stage, crowded_node
from loadtest.bench.stream import settled, streaming
from loadtest.sockets import allow_many_sockets

WATCHERS: Final = (1, 20, 200)
_RATE: Final = 2_000.0
_GOAL_CORES: Final = 0.3
_GOAL_GROWTH: Final = 1.1
"""A byte may cost so much more with all of them than with some of them."""


async def measure_watch(plan: Plan, say: Say) -> Round:
    """One database after the other. Raises `StageError` and `Lost`."""
    allow_many_sockets()
    bare = await echoed(plan.candidates, plan.rate or _RATE, plan.seconds)
    say(f"bare echo: {bare.server_utilisation:.0%} of its core")
    told = Figure.told("bare echo: its share of its core", round(bare.server_utilisation, 3), "cores")
    parts = [await _measure(database, plan, say) for database in plan.databases]
    return together([Round([told], round(bare.utilisation, 3)), *parts])


async def _measure(database: str, plan: Plan, say: Say) -> Round:
    settings = {"PENCILSDOWN_MAX_SEATS": str(2 * plan.candidates), "PENCILSDOWN_HEARTBEAT_MS": "60000"}
    async with crowded_node(database, settings) as stage:
        seats = (await stage.control.ask(Make(plan.candidates))).seats
        # Nobody may connect so often in a minute, so each is somebody else.
        instructors = (await stage.control.ask(Invite(max(WATCHERS)))).seats
        await stage.control.ask(Run(0))
        script = candidate_script(seats)
        async with streaming(script, stage.port, plan.rate or _RATE, stage.pid, stage.folder) as stream:
            await settled()
            alone = await read_for(plan.seconds, [stage.pid])
            say(f"{database}: all candidates are there: {alone.cores[0]:.0%} of the node's core")
            watched = [await _watch(stage, instructors[:count], plan.seconds, say) for count in WATCHERS]
        answers = stream.measured
        check_log(await stage.archive.answers(), script, [seat.id for seat in seats], answers.last_numbers)
    busy = answers.utilisation + max(one.listened.utilisation for one in watched)
    return Round(_figures(database, alone, watched), round(busy, 3))


class _Watched:
    """With so many watchers: what the node used, and what they heard."""

    def __init__(self, count: int, reading: Reading, listened: Measured) -> None:
        self.count = count
        self.cores = reading.cores[0]
        self.listened = listened
        self.bytes_per_s = listened.window_row_bytes / listened.window_s


async def _watch(stage: Stage, instructors: Sequence[Seat], seconds: float, say: Say) -> _Watched:
    count, script = len(instructors), candidate_script([], instructors)
    async with streaming(script, stage.port, None, stage.pid, stage.folder) as stream:
        await settled()
        reading = await read_for(seconds, [stage.pid])
    watched = _Watched(count, reading, stream.measured)
    if stream.measured.rows < count:
        raise Lost(f"{count} instructors watched, and heard {stream.measured.rows} messages with rows")
    say(
        f"{stage.database}, {count} watch: {watched.cores:.0%} of the node's core,"
        f" {watched.bytes_per_s / 1e6:.1f} MB/s; generator {stream.measured.utilisation:.0%} of a core"
    )
    return watched


def _figures(database: str, alone: Reading, watched: list[_Watched]) -> list[Figure]:
    base = alone.cores[0]
    figures = [Figure.told(f"{database}, nobody watches: the node's share of its core", round(base, 3), "cores")]
    for one in watched:
        more, name = one.cores - base, f"{database}, {one.count} watch"
        is_all = one.count == WATCHERS[-1]
        share = f"{name}: of the node's core, beside the answers"
        figures += [
            Figure.at_most(share, round(more, 3), "cores", _GOAL_CORES)
            if is_all
            else Figure.told(share, round(more, 3), "cores"),
            Figure.told(f"{name}: written", round(one.bytes_per_s / 1e6, 2), "MB/s"),
            Figure.told(f"{name}: a megabyte costs", round(_per_megabyte_ms(one, base), 3), "ms"),
        ]
    some, many = watched[-2], watched[-1]
    growth = _per_megabyte_ms(many, base) / max(1e-9, _per_megabyte_ms(some, base))
    name = f"{database}: a megabyte to {many.count} costs, of one to {some.count}"
    return [*figures, Figure.at_most(name, round(growth, 3), "times", _GOAL_GROWTH)]


def _per_megabyte_ms(one: _Watched, base: float) -> float:
    return (one.cores - base) * 1_000 / max(1e-9, one.bytes_per_s / 1e6)
