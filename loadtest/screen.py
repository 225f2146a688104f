"""The progress display of a replay."""

import asyncio
from typing import Final

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from loadtest.tally import Tally

_REFRESH_S: Final = 0.5


async def show(console: Console, tally: Tally, candidates: int, answers: int | None) -> None:
    """Draws the counters until it is cancelled. `answers` nil: nobody knows how many there will be."""
    columns = (
        TextColumn("answers acked"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("[dim]online {task.fields[online]}, handed in {task.fields[done]}, p99 {task.fields[p99]:.1f} ms"),
    )
    with Progress(*columns, console=console, auto_refresh=False) as progress:
        bar = progress.add_task("answers", total=answers, online=0, done=0, p99=0.0)
        try:
            while True:
                _draw(progress, bar, tally, candidates)
                await asyncio.sleep(_REFRESH_S)
        finally:
            _draw(progress, bar, tally, candidates)


def _draw(progress: Progress, bar: TaskID, tally: Tally, candidates: int) -> None:
    progress.update(
        bar,
        completed=tally.acked,
        online=f"{tally.connected}/{candidates}",
        done=len(tally.submitted),
        p99=tally.ack.percentile_ms(99),
        refresh=True,
    )
