"""An ordinary minute of a large exam: what a room costs in which everybody sits and twenty instructors watch.

Everybody beats, looks at another question once a minute and answers one (`crowd.py`). How long an instructor waits
counts from the sending of an answer to the row that shows it, for each of the twenty. At the end the log must have
every answer once.
"""

import asyncio
import time
from typing import Final

from loadtest.bench.coming import come_in
from loadtest.bench.control import Invite, Make, Run
from loadtest.bench.crowd import Crowd, Member
from loadtest.bench.figure import Figure
from loadtest.bench.plan import Plan, Round, Say
from loadtest.bench.stage import Stage, on_each_database
from loadtest.bench.watching import Watch

MONITORS: Final = 20
_CALM_S: Final = 5.0
"""From the coming of the last one until it is measured."""
_WINDOW_S: Final = 60.0
"""Everybody answers once."""
_PATIENCE_S: Final = 10.0
_GOAL_CORE: Final = 0.20
_GOAL_ACK_MS: Final = 15.0
_GOAL_MONITOR_MS: Final = 300.0


async def measure_room(plan: Plan, say: Say) -> Round:
    """One database after the other. Raises `StageError`."""
    settings = {"PENCILSDOWN_MAX_SEATS": str(2 * plan.candidates)}
    return await on_each_database(plan, settings, lambda stage: _Room(stage, plan.candidates, say).measure())


class _Room:
    """One node and its candidates."""

    def __init__(self, stage: Stage, candidates: int, say: Say) -> None:
        self._stage = stage
        self._candidates = candidates
        self._say = say
        self._watch = Watch()

    async def measure(self) -> Round:
        stage, name, watch = self._stage, self._stage.database, self._watch
        crowd = Crowd((await stage.control.ask(Make(self._candidates))).seats, self._note)
        await stage.control.ask(Run(0))
        await come_in(stage, crowd, name, self._say)
        await watch.come((await stage.control.ask(Invite(MONITORS))).seats, stage.port)
        crowd.begin()
        await asyncio.sleep(_CALM_S)
        crowd.begin_anew()
        watch.begin_anew()
        began_s, generator_s = time.monotonic(), time.process_time()
        node_s, database_s = stage.node_cpu_s, stage.database_cpu_s
        await asyncio.sleep(_WINDOW_S)
        took_s = time.monotonic() - began_s
        core = (stage.node_cpu_s - node_s) / took_s
        database_core = (stage.database_cpu_s - database_s) / took_s
        generator = (time.process_time() - generator_s) / took_s
        acks, lateness = crowd.acks, watch.lateness
        await crowd.stop()
        await crowd.settle(_PATIENCE_S)
        await watch.settle(_PATIENCE_S)
        crowd.check()
        watch.check()
        self._say(
            f"{name}: {core:.1%} of a core (database {database_core:.1%}); ack p50 {acks.percentile_ms(50):.1f}, p99"
            f" {acks.percentile_ms(99):.1f}, last {acks.max_ms:.1f} ms; monitor p50 {lateness.percentile_ms(50):.0f},"
            f" p99 {lateness.percentile_ms(99):.0f}, last {lateness.max_ms:.0f} ms"
        )
        figures = [
            Figure.at_most(f"{name}: the node's share of a core", round(core, 3), "cores", _GOAL_CORE),
            Figure.told(f"{name}: the database's share of a core", round(database_core, 3), "cores"),
            Figure.at_most(f"{name}: acknowledged after, p99", acks.percentile_ms(99), "ms", _GOAL_ACK_MS),
            Figure.at_most(f"{name}: seen by a monitor after, p99", lateness.percentile_ms(99), "ms", _GOAL_MONITOR_MS),
            Figure.at_most(f"{name}: not acknowledged", crowd.unacknowledged, "operations", 0),
            Figure.at_most(f"{name}: not seen by a monitor", watch.unseen, "answers", 0),
            Figure.at_most(f"{name}: not exactly once in the log", await crowd.lost(stage), "attempts", 0),
        ]
        return Round(figures, round(generator, 2))

    def _note(self, member: Member, since_s: float) -> None:
        self._watch.expect(member.seat.id, member.sitter.seq, since_s)
