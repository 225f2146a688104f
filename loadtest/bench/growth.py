"""What an answer costs a node while few candidates sit, and while many do.

One node, at which more and more attempts are made. For each size all of its candidates connect and answer at the same
rate of all together, so that only their number differs. A bare web server with as many connections gets the same
messages at the same rate, in the same round: caches grow cold for it too.
"""

from typing import Final

from loadtest.bench.bare_echo import echoed
from loadtest.bench.control import Make, Run, Seat
from loadtest.bench.figure import Figure
from loadtest.bench.generator import Load, Measured, generate
from loadtest.bench.log_check import check_log
from loadtest.bench.plan import Plan, Round, Say
from loadtest.bench.script import FIRST_NUMBER, candidate_script
from loadtest.bench.stage import Stage, crowded_node
from loadtest.sockets import allow_many_sockets

SIZES: Final = (100, 1_000, 10_000, 15_000)
_RATE: Final = 1_000.0
_WARM_S: Final = 1.5
_GOAL: Final = 1.15
_NUMBERS: Final = 10_000
"""Of a candidate in one run: the next one begins so much higher."""


async def measure_growth(plan: Plan, say: Say) -> Round:
    """Up to so many candidates as the plan says. Raises `StageError` and `Lost`."""
    allow_many_sockets()
    sizes = [size for size in SIZES if size < plan.candidates] + [plan.candidates]
    bare = {size: await _bare(size, plan, say) for size in sizes}
    figures: list[Figure] = []
    busiest = max(one.utilisation for one in bare.values())
    for database in plan.databases:
        measured = await _measure(database, sizes, plan, say)
        busiest = max(busiest, *(one.utilisation for one in measured.values()))
        figures += _figures(database, measured, bare)
    told = [Figure.told(f"bare echo, {size:,} connections", round(bare[size].server_us, 1), "µs") for size in sizes]
    return Round([*told, *figures], round(busiest, 3))


def _figures(database: str, measured: dict[int, Measured], bare: dict[int, Measured]) -> list[Figure]:
    figures = []
    for size, one in measured.items():
        name = f"{database}, {size:,} candidates"
        figures += [
            Figure.told(f"{name}: the node's processor time of an answer", round(one.server_us, 1), "µs"),
            Figure.told(f"{name}: to that of a bare echo", round(one.server_us / bare[size].server_us, 3), "times"),
            Figure.told(f"{name}: acknowledged after, p99", one.p99_ms, "ms"),
            Figure.told(f"{name}: the node's processor time of coming", round(_coming_us(one)), "µs"),
        ]
    costs = [one.server_us for one in measured.values()]
    name = f"{database}: the dearest answer to the cheapest"
    return [*figures, Figure.at_most(name, round(max(costs) / min(costs), 3), "times", _GOAL)]


def _coming_us(one: Measured) -> float:
    return one.opening_cpu_s / max(1, one.opened) * 1e6


async def _bare(size: int, plan: Plan, say: Say) -> Measured:
    measured = await echoed(size, plan.rate or _RATE, plan.seconds)
    say(f"bare echo, {size:,} connections: {measured.server_us:.1f} µs each")
    return measured


async def _measure(database: str, sizes: list[int], plan: Plan, say: Say) -> dict[int, Measured]:
    settings = {"PENCILSDOWN_MAX_SEATS": str(2 * plan.candidates), "PENCILSDOWN_HEARTBEAT_MS": "60000"}
    async with crowded_node(database, settings) as stage:
        await stage.control.ask(Run(0))
        seats: list[Seat] = []
        measured: dict[int, Measured] = {}
        for step, size in enumerate(sizes):
            seats += (await stage.control.ask(Make(size - len(seats)))).seats
            one = measured[size] = await _answer(stage, seats, FIRST_NUMBER + step * _NUMBERS, plan)
            say(
                f"{database}, {size:,} candidates: {one.server_us:.1f} µs an answer, p99 {one.p99_ms:.1f} ms;"
                f" {_coming_us(one):,.0f} µs to come; generator {one.utilisation:.0%} of a core"
            )
        return measured


async def _answer(stage: Stage, seats: list[Seat], first_number: int, plan: Plan) -> Measured:
    script = candidate_script(seats, first_number=first_number)
    database = stage.postgres.pid if stage.postgres is not None else None
    load = Load(stage.port, plan.rate or _RATE, _WARM_S, plan.seconds, stage.pid, database)
    measured = await generate(script, load, stage.folder)
    measured.check()
    ids = [seat.id for seat in seats]
    check_log(script.its_part(await stage.archive.answers()), script, ids, measured.last_numbers)
    return measured
