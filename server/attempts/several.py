"""Several commands of one caller for one attempt: one in each turn of the event loop, so that others are served in
between."""

import asyncio
from collections.abc import Sequence
from functools import partial

from protocol.attempt.commands import Operate
from protocol.codes import Code
from protocol.errors import Refusal, refuse
from server.attempts.live import PATIENCE_S, LiveAttempt
from server.attempts.pending import Done
from server.pacing.turns import IN_ONE_STEP, turns


async def run_all(live: LiveAttempt, commands: Sequence[Operate], *, hasty: bool = False) -> list[Done | Refusal]:
    """Runs them in their order, each as `LiveAttempt.run` does; waits for all of them together, for `PATIENCE_S` at
    most. `hasty`: see `Budget.hasty`."""
    outcomes: dict[int, Done | Refusal] = {}
    complete = asyncio.Event()

    def reply(index: int, outcome: Done | Refusal) -> None:
        outcomes[index] = outcome
        if len(outcomes) == len(commands):
            complete.set()

    try:
        async with asyncio.timeout(PATIENCE_S):
            for index, command in enumerate(commands):
                if hasty and index and not index % IN_ONE_STEP:
                    await turns().take()
                elif index:
                    await asyncio.sleep(0)
                live.offer(command, partial(reply, index))
            if commands:
                await complete.wait()
    except TimeoutError:
        pass
    late = refuse(Code.STORAGE_UNAVAILABLE)
    return [outcomes.get(index, late) for index in range(len(commands))]
