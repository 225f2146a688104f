"""What the monitor's page costs whoever watches: a room in which everybody sits and 2,000 rows change in a second.

The candidates of one test answer at an even rate, all the time. Chromium shows its monitor meanwhile. Told are the
milliseconds for which the page's main thread ran its program in each second, how long each of some dozens of clicks and
keys took until what follows was on the screen (the browser's own figure, INP), and how much the page's memory grew. A
rate of 2,000 over 10,000 candidates changes 2,000 rows a second: nobody answers twice within five seconds.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, Final

from loadtest.bench.chromium import open_chromium
from loadtest.bench.control import Invite, Make, Run, Seat
from loadtest.bench.figure import Figure
from loadtest.bench.log_check import check_log
from loadtest.bench.meter import read_for
from loadtest.bench.plan import Plan, Round, Say, together
from loadtest.bench.script import candidate_script
from loadtest.bench.stage import Stage, crowded_node
from loadtest.bench.stream import settled, streaming
from loadtest.drill.process import HOST, StageError
from loadtest.sockets import allow_many_sockets

if TYPE_CHECKING:
    from playwright.async_api import CDPSession, Locator, Page

_RATE: Final = 2_000.0
_GOAL_SCRIPT_MS: Final = 200.0
"""Of the program in a second."""
_GOAL_INP_MS: Final = 100.0
_GOAL_GROWTH_MB: Final = 3.0
_PATIENCE_MS: Final = 120_000
_TIMES: Final = 3
"""Each click is made so often."""
_PAUSE_MS: Final = 400
"""Between two clicks: each is an interaction of its own."""
_WARM_S: Final = 20.0
"""Before the memory is looked at first: the page's code is compiled by then, and each row has come anew."""
_BESIDES_S: Final = 600.0
"""What comes before and after the measurement takes less, on however busy a machine."""
_MEGABYTE: Final = 1e6

_OBSERVE: Final = """
window.took = new Map()
new PerformanceObserver((list) => {
    for (const { interactionId, duration } of list.getEntries()) {
        if (interactionId) window.took.set(interactionId, Math.max(window.took.get(interactionId) ?? 0, duration))
    }
}).observe({ type: "event", durationThreshold: 16, buffered: true })
"""
"""An interaction takes as long as its longest event; the browser tells those from 16 ms on, in steps of 8 ms."""

_DRAWN: Final = "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done))))"


async def measure_page(plan: Plan, say: Say) -> Round:
    """One database after the other. Raises `StageError` and `Lost`."""
    allow_many_sockets()
    return together([await _measure(database, plan, say) for database in plan.databases])


async def _measure(database: str, plan: Plan, say: Say) -> Round:
    settings = {"PENCILSDOWN_MAX_SEATS": str(2 * plan.candidates), "PENCILSDOWN_HEARTBEAT_MS": "60000"}
    async with crowded_node(database, settings) as stage:
        seats = (await stage.control.ask(Make(plan.candidates))).seats
        (instructor,) = (await stage.control.ask(Invite())).seats
        await stage.control.ask(Run(0))
        script = candidate_script(seats)
        most_s = plan.seconds + _BESIDES_S
        async with streaming(script, stage.port, plan.rate or _RATE, stage.pid, stage.folder, most_s) as stream:
            await settled()
            figures = await _watch(stage, instructor, plan, say)
        answers = stream.measured
        check_log(await stage.archive.answers(), script, [seat.id for seat in seats], answers.last_numbers)
    rate = Figure.told(f"{database}: rows that changed", round(answers.per_s), "per second")
    return Round([rate, *figures], round(answers.utilisation, 3))


async def _watch(stage: Stage, instructor: Seat, plan: Plan, say: Say) -> list[Figure]:
    name = stage.database
    async with open_chromium() as chromium:
        page = await chromium.new_page(viewport={"width": 1280, "height": 800})
        page.set_default_timeout(_PATIENCE_MS)
        await page.add_init_script(_OBSERVE)
        session = await page.context.new_cdp_session(page)
        await session.send("Performance.enable", {"timeDomain": "threadTicks"})
        watched = _Watched(page, session)
        await page.goto(f"http://{HOST}:{stage.port}/monitor#test={instructor.id}&token={instructor.token}")
        await page.get_by_role("button", name=f"All {plan.candidates}", exact=True).wait_for()
        await asyncio.sleep(_WARM_S)
        before_mb = await watched.heap_mb()
        spent = await watched.spent_ms_per_s(plan.seconds)
        say(f"{name}: in a second {spent['ScriptDuration']:.0f} ms of program, {spent['TaskDuration']:.0f} ms in all")
        node = await read_for(min(plan.seconds, 10.0), [stage.pid])
        of_clicks = await _use(watched)
        dearest_ms, dearest = of_clicks[-1]
        took = await watched.interactions_ms()
        after_mb = await watched.heap_mb()
        say(f"{name}: {len(took)} clicks and keys over 16 ms, the longest {took[-1]:.0f} ms")
        say(f"{name}: memory {before_mb:.1f} MB, then {after_mb:.1f} MB")
        say(f"{name}: {dearest} cost most of the processor: {dearest_ms:.0f} ms")
        if await page.get_by_test_id("stale").count():
            raise StageError("the page lost its connection: what it cost means nothing")
    return [
        Figure.at_most(f"{name}: program of the page", round(spent["ScriptDuration"], 1), "ms/s", _GOAL_SCRIPT_MS),
        Figure.told(
            f"{name}: layout and styles", round(spent["LayoutDuration"] + spent["RecalcStyleDuration"], 1), "ms/s"
        ),
        Figure.told(f"{name}: the page's main thread, all", round(spent["TaskDuration"], 1), "ms/s"),
        Figure.at_most(f"{name}: the longest click or key", took[-1], "ms", _GOAL_INP_MS),
        Figure.told(f"{name}: the middle one of those over 16 ms", took[len(took) // 2], "ms"),
        Figure.told(f"{name}: processor time of the dearest", round(dearest_ms, 1), "ms"),
        Figure.told(f"{name}: processor time of the middle one", round(of_clicks[len(of_clicks) // 2][0], 1), "ms"),
        Figure.told(f"{name}: memory of the page's program", round(after_mb, 1), "MB"),
        Figure.at_most(f"{name}: more memory at the end", round(after_mb - before_mb, 1), "MB", _GOAL_GROWTH_MB),
        Figure.told(f"{name}: the node's share of its core", round(node.cores[0], 3), "cores"),
    ]


class _Watched:
    """The page's own figures."""

    def __init__(self, page: "Page", session: "CDPSession") -> None:
        self.page = page
        self._session = session

    async def spent_ms_per_s(self, seconds: float) -> dict[str, float]:
        """Of the main thread's processor time, by what for, while nobody touches the page."""
        before, began_s = await self._metrics(), asyncio.get_running_loop().time()
        await asyncio.sleep(seconds)
        after, took_s = await self._metrics(), asyncio.get_running_loop().time() - began_s
        return {name: (after[name] - before[name]) * 1_000 / took_s for name in after if name.endswith("Duration")}

    async def heap_mb(self) -> float:
        """What the program holds, without what is garbage."""
        await self._session.send("HeapProfiler.collectGarbage")
        return (await self._metrics())["JSHeapUsedSize"] / _MEGABYTE

    async def interactions_ms(self) -> list[float]:
        """The shortest first; those that took less than 16 ms are told as none."""
        took: list[float] = await self.page.evaluate("[...window.took.values()]")
        return sorted(took) or [0.0]

    async def cost_ms(self, step: Callable[[], Awaitable[object]]) -> float:
        """Processor time of the main thread until what follows from a step was drawn. News cost some of it."""
        before = await self._metrics()
        await step()
        await self.page.evaluate(_DRAWN)
        return ((await self._metrics())["TaskDuration"] - before["TaskDuration"]) * 1_000

    async def _metrics(self) -> dict[str, float]:
        found: list[dict[str, Any]] = (await self._session.send("Performance.getMetrics"))["metrics"]
        return {one["name"]: float(one["value"]) for one in found}


async def _use(watched: _Watched) -> list[tuple[float, str]]:
    """Sorts, filters, chooses, opens, searches: what somebody does who looks for candidates. Gives what each of that
    cost and its name, the cheapest first."""
    page, costs = watched.page, list[tuple[float, str]]()
    part = page.get_by_test_id
    filters, all_of_them = part("filter-in_progress"), part("select-all")
    chosen, menu = (page.locator(f"[data-testid^={name}-]").first for name in ("choose", "row-menu"))
    steps: list[tuple[str, Callable[[], Awaitable[object]]]] = [
        *((f"sort by {name}", _clicked(part(f"sort-{name}"))) for name in ("status", "answered", "left", "name")),
        ("show one status", _clicked(filters)),
        ("show everybody", _clicked(filters)),
        ("choose all", _clicked(all_of_them)),
        ("choose nobody", _clicked(all_of_them)),
        ("choose one", _clicked(chosen)),
        ("choose her no longer", _clicked(chosen)),
        ("open a row's menu", _clicked(menu)),
        ("leave it", lambda: page.keyboard.press("Escape")),
        ("search", lambda: part("search").press("7")),
        ("search for nothing", lambda: part("search").press("Backspace")),
        ("go to the plots", _clicked(part("page-live"))),
        ("go back to the list", _clicked(part("page-room"))),
    ]
    for name, step in steps * _TIMES:
        costs.append((await watched.cost_ms(step), name))
        await page.wait_for_timeout(_PAUSE_MS)
    return sorted(costs)


def _clicked(what: "Locator") -> Callable[[], Awaitable[object]]:
    return lambda: what.click(force=True)
