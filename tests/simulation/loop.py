"""An event loop in virtual time, and processes in it that can be stopped, continued and killed.

Nothing ever waits: when no callback is ready, the clock jumps to the next timer. Every callback belongs to the process
in whose context it was scheduled, so that a kill drops all a process still had to do, in the middle of whatever it did,
and a stop lets it wait: like SIGKILL and SIGSTOP.
"""

import asyncio
import heapq
import traceback
from collections.abc import Callable, Coroutine
from contextvars import Context, ContextVar, copy_context
from enum import Enum
from typing import Any, Final

NOBODY: Final = Context()
"""For callbacks that belong to no process: the network, the database, the people."""

_MOST_CALLBACKS: Final = 1_000_000
"""Callbacks without a step of the clock, after which somebody is running in circles."""

_MOST_CANCELLED: Final = 200
"""Cancelled timers that are kept before anybody clears them away."""


class Condition(Enum):
    """What a process may do."""

    RUNNING = "running"
    STOPPED = "stopped"
    DEAD = "dead"


class Process:
    """A group of callbacks and tasks that lives and dies together."""

    def __init__(self, loop: "VirtualLoop", name: str) -> None:
        self.name = name
        self.condition = Condition.RUNNING
        self._loop = loop
        self._held: list[asyncio.Handle] = []
        self._context = copy_context()
        self._context.run(_PROCESS.set, self)
        loop.adopt(self)

    def call(self, work: Callable[..., object], *arguments: Any) -> None:
        """Has the process do something as soon as it can."""
        self._loop.call_soon(work, *arguments, context=self._context)

    def call_later(self, delay_s: float, work: Callable[..., object], *arguments: Any) -> None:
        """Has the process do something after a while."""
        self._loop.call_later(delay_s, work, *arguments, context=self._context)

    def spawn(self, work: Coroutine[Any, Any, None], name: str) -> asyncio.Task[None]:
        """Starts a task that belongs to the process."""
        return self._loop.create_task(work, name=name, context=self._context.copy())

    def hold(self, handle: asyncio.Handle) -> None:
        self._held.append(handle)

    def stop(self) -> None:
        if self.condition is Condition.RUNNING:
            self.condition = Condition.STOPPED

    def resume(self) -> None:
        if self.condition is Condition.STOPPED:
            self.condition = Condition.RUNNING
            held, self._held = self._held, []
            self._loop.again(held)

    def kill(self) -> None:
        """Nothing of it runs any more; its tasks stay where they are, until the world is cleared away."""
        self.condition = Condition.DEAD

    def bury(self) -> list[asyncio.Handle]:
        """What it would still have done."""
        held, self._held = self._held, []
        return held


_PROCESS: Final[ContextVar[Process | None]] = ContextVar("process", default=None)


class OfProcess:
    """In place of a mapping from the running loop to what belongs to it: here all processes run in one loop, and each
    has its own."""

    def __init__(self) -> None:
        self._kept: dict[Process | None, Any] = {}

    def get(self, loop: asyncio.AbstractEventLoop) -> Any:
        return self._kept.get(_PROCESS.get())

    def __setitem__(self, loop: asyncio.AbstractEventLoop, value: Any) -> None:
        self._kept[_PROCESS.get()] = value


class _Soon(asyncio.Handle):
    """A handle without what only debugging needs: a day has a million of them."""

    __slots__ = ()
    _repr = None
    _source_traceback = None

    def __init__(
        self, loop: "VirtualLoop", callback: Callable[..., object], args: tuple[Any, ...], context: Context
    ) -> None:
        self._loop = loop
        self._callback = callback
        self._args = args
        self._context = context
        self._cancelled = False


class _Timer(asyncio.TimerHandle):
    """The same with a time. Cancelled after it has rung, it is nobody's business any more."""

    __slots__ = ()
    _repr = None
    _source_traceback = None

    def __init__(
        self, loop: "VirtualLoop", when: float, callback: Callable[..., object], args: tuple[Any, ...], context: Context
    ) -> None:
        self._loop = loop
        self._when = when
        self._callback = callback
        self._args = args
        self._context = context
        self._cancelled = False
        self._scheduled = True

    def cancel(self) -> None:
        if not self._cancelled:
            self._cancelled = True
            if self._scheduled:
                self._loop._timer_handle_cancelled(self)
            self._callback = self._args = None  # type: ignore[assignment]


class VirtualLoop(asyncio.BaseEventLoop):
    """See above. `time()` begins at 0."""

    def __init__(self) -> None:
        super().__init__()
        self._now_s = 0.0
        self._tasks: set[asyncio.Task[Any]] = set()
        self._processes: list[Process] = []
        self._timers: list[tuple[float, int, Any]] = []
        self._made = 0
        self._cancelled = 0
        self._everybody_runs = False
        self.complaints: list[str] = []
        """What nobody caught."""
        self.set_task_factory(self._make_task)  # type: ignore[arg-type]
        self.set_exception_handler(self._note)

    def time(self) -> float:
        return self._now_s

    def adopt(self, process: Process) -> None:
        self._processes.append(process)

    def again(self, handles: list[asyncio.Handle]) -> None:
        """What was held is ready now, in its order."""
        self._ready.extend(handles)  # type: ignore[attr-defined]

    # Threads do not exist here: what would go to one is done at once.

    def run_in_executor(  # type: ignore[override]
        self, executor: Any, func: Callable[..., Any], *args: Any
    ) -> asyncio.Future[Any]:
        future = self.create_future()
        try:
            future.set_result(func(*args))
        except Exception as error:  # noqa: BLE001 (it belongs to whoever waits)
            future.set_exception(error)
        return future

    def call_soon(  # type: ignore[override]
        self, callback: Callable[..., object], *args: Any, context: Context | None = None
    ) -> asyncio.Handle:
        handle = _Soon(self, callback, args, copy_context() if context is None else context)
        self._ready.append(handle)  # type: ignore[attr-defined]
        return handle

    def call_soon_threadsafe(  # type: ignore[override]
        self, callback: Callable[..., object], *args: Any, context: Context | None = None
    ) -> asyncio.Handle:
        return self.call_soon(callback, *args, context=context)

    def _write_to_self(self) -> None:
        pass

    def _process_events(self, event_list: Any) -> None:
        pass

    # Timers of one instant keep the order in which they were made: `asyncio`'s own heap does not.

    def call_later(  # type: ignore[override]
        self, delay: float, callback: Callable[..., object], *args: Any, context: Context | None = None
    ) -> asyncio.TimerHandle:
        when = self._now_s + delay
        timer = _Timer(self, when, callback, args, copy_context() if context is None else context)
        self._made += 1
        heapq.heappush(self._timers, (when, self._made, timer))
        return timer

    def call_at(  # type: ignore[override]
        self, when: float, callback: Callable[..., object], *args: Any, context: Context | None = None
    ) -> asyncio.TimerHandle:
        timer = _Timer(self, when, callback, args, copy_context() if context is None else context)
        self._made += 1
        heapq.heappush(self._timers, (when, self._made, timer))
        return timer

    def _timer_handle_cancelled(self, handle: asyncio.TimerHandle) -> None:
        self._cancelled += 1
        if self._cancelled > _MOST_CANCELLED and 2 * self._cancelled > len(self._timers):
            # In place: `_run_once` holds it.
            self._timers[:] = [timer for timer in self._timers if not timer[2]._cancelled]
            heapq.heapify(self._timers)
            self._cancelled = 0

    def _run_once(self) -> None:
        """Runs until somebody stops the loop. All that is ready is done before the clock moves."""
        ready, timers = self._ready, self._timers  # type: ignore[attr-defined]
        running = Condition.RUNNING
        left = _MOST_CALLBACKS
        while True:
            while ready:
                handle = ready.popleft()
                if handle._cancelled:
                    continue
                process = handle._context.get(_PROCESS)
                if process is None or process.condition is running or self._everybody_runs:
                    handle._run()
                else:
                    process.hold(handle)
                left -= 1
                if self._stopping:  # type: ignore[attr-defined]
                    return
                if not left:
                    raise RuntimeError(f"the clock stands at {self._now_s} s while callbacks call callbacks")
            while not ready:
                if not timers:
                    raise RuntimeError("nothing will ever happen any more")
                when_s, _, timer = heapq.heappop(timers)
                if timer._cancelled:
                    self._cancelled -= 1
                    continue
                if when_s > self._now_s:
                    self._now_s = when_s
                    left = _MOST_CALLBACKS
                timer._scheduled = False
                ready.append(timer)

    def _make_task(
        self, loop: asyncio.AbstractEventLoop, work: Coroutine[Any, Any, Any], **more: Any
    ) -> asyncio.Task[Any]:
        # Kept, so that no task of a dead process is collected: that would run its `finally` in somebody else's name.
        task: asyncio.Task[Any] = asyncio.Task(work, loop=loop, **more)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard, context=NOBODY)
        return task

    def _note(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        if self._everybody_runs:
            return
        error = context.get("exception")
        where = "".join(traceback.format_tb(error.__traceback__)) if error is not None else ""
        who = context.get("task") or context.get("future") or context.get("handle")
        self.complaints.append(f"{context.get('message')}: {type(error).__name__} {error} in {who}\n{where}")

    def clear(self) -> None:
        """Ends every task that is left, those of the dead too, and forgets every timer. Nobody may be listening."""
        self._everybody_runs = True
        # A task whose wake-up is missing could not even be cancelled.
        for process in self._processes:
            self.again(process.bury())
        self._timers.clear()
        for _ in range(50):
            for task in list(self._tasks):
                task.cancel()
            if not self._tasks:
                break
            self.call_soon(self.stop, context=NOBODY)
            self.run_forever()
