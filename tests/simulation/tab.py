"""One tab of a browser with a page in it: it gets what happens, and its sockets are simulated wires."""

from typing import Any

from tests.simulation.browser import browsers
from tests.simulation.device import DeviceClock, Outside
from tests.simulation.loop import NOBODY
from tests.simulation.network import ABNORMAL, Signal, Wire


class Tab:
    """See above. What a page does is handed to a method with its name: `_on_open`, `_on_send` …"""

    def __init__(self, outside: Outside, name: str, org: str, clock: DeviceClock) -> None:
        self.name = name
        self.signal = Signal()
        self.clock = clock
        self.dead = False
        self.shown: dict[str, Any] = {}
        """What the page shows, as it was last told of itself."""
        self._outside = outside
        self._org = org
        self._wires: dict[int, Wire] = {}
        self._code = ABNORMAL
        """With what its last connection was closed."""
        self._timer: Any = None

    def happens(self, what: str, *values: Any) -> None:
        """One step of the page, and all that follows from it."""
        if self.dead:
            return
        self._disarm()
        out, wake_ms = browsers().step(self.name, self.clock.now_ms(), self.clock.jump_ms, what, *values)
        for name, *more in out:
            getattr(self, f"_on_{name}")(*more)
        if wake_ms is not None:
            delay_s = max(0, wake_ms - self.clock.now_ms()) / 1_000
            self._timer = self._outside.loop.call_later(delay_s + 0.000_5, self.happens, "ring", context=NOBODY)
        self._after()

    def cut(self) -> None:
        """The connection breaks."""
        for wire in self._wires.values():
            wire.cut()

    def go_on(self) -> None:
        """What stood still on the way moves again."""
        for wire in self._wires.values():
            wire.go_on()

    def _stop(self, *, leaving: bool) -> None:
        self.dead = True
        self._wires.clear()
        browsers().step(self.name, self.clock.now_ms(), self.clock.jump_ms, "stop", leaving)
        self._disarm()

    def _after(self) -> None:
        """To be overridden: the page has done all that it had to do."""

    def _frame(self, data: bytes) -> None:
        """To be overridden: this is about to reach the page."""

    def _message(self, data: bytes) -> None:
        """To be overridden: this is about to leave it."""

    # ── its sockets ────────────────────────────────────────────────────────────────────────────────────────────

    def arrived(self, number: int, data: bytes) -> None:
        """A frame for one of them."""
        if not self.dead and number in self._wires:
            self._outside.recorder.look(self.name, self._org, "a frame", data)
            self._frame(data)
            self.happens("message", number, data)

    def closed(self, number: int, code: int, reason: str) -> None:
        """One of them is closed, or could not be opened."""
        if self._wires.pop(number, None) is not None:
            self._code = code
            self.happens("closed", number, code, reason)

    def _on_open(self, number: int, path: str) -> None:
        wire = self._outside.wire(self.name, self.signal, _Socket(self, number))
        self._wires[number] = wire
        wire.open(path)

    def _on_send(self, number: int, data: bytes) -> None:
        wire = self._wires.get(number)
        if wire is not None:
            self._message(data)
            wire.send(data)

    def _on_close(self, number: int) -> None:
        wire = self._wires.pop(number, None)
        if wire is not None:
            wire.close(1000)

    # ── within ─────────────────────────────────────────────────────────────────────────────────────────────────

    def _disarm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _now(self) -> int:
        return self._outside.recorder.now_ms()

    def _note(self, event: Any) -> None:
        self._outside.recorder.note(event)


class _Socket:
    """The page's end of one wire."""

    def __init__(self, tab: Tab, number: int) -> None:
        self._tab = tab
        self._number = number

    def opened(self) -> None:
        self._tab.happens("opened", self._number)

    def arrived(self, data: bytes) -> None:
        self._tab.arrived(self._number, data)

    def closed(self, code: int, reason: str) -> None:
        self._tab.closed(self._number, code, reason)
