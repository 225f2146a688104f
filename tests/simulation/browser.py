"""The pages' own TypeScript in a Node process, one step at a time: the simulation owns its clock, network and chance.

One process serves all worlds of this Python process, one after the other. What it gets and gives is described in
`clients/web/tests/simulation/host.ts`.
"""

import atexit
import struct
import subprocess
import tempfile
from functools import cache
from pathlib import Path
from typing import Any, Final

import msgspec

from tests.services.patience import PATIENCE_S

_WEB: Final = Path(__file__).parents[2] / "clients" / "web"
_HOST: Final = _WEB / "tests" / "simulation" / "host.ts"

Out = list[Any]


class PageFailed(Exception):
    """An exception in the page's code, with its stack."""


class Browsers:
    """The Node process."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="simulated-pages-")
        bundle = Path(self._folder.name) / "host.mjs"
        rolldown = str(_WEB / "node_modules" / ".bin" / "rolldown")
        form = ["--format", "esm", "--platform", "node", "--sourcemap", "inline"]
        bundling = [rolldown, str(_HOST), *form, "-o", str(bundle)]
        subprocess.run(bundling, cwd=_WEB, check=True, capture_output=True, timeout=60)
        self._node = subprocess.Popen(
            ["node", "--enable-source-maps", bundle], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        self._encode = msgspec.msgpack.Encoder().encode
        self._decode = msgspec.msgpack.Decoder(tuple[bool, Any, int | None]).decode
        atexit.register(self.close)

    def step(self, seat: str, now_ms: int, wrong_ms: int, what: str, *values: Any) -> tuple[list[Out], int | None]:
        """One thing happens to a page: what it does, in order, and when its next timer rings (its own clock; nil:
        none). Raises `PageFailed`."""
        frame = self._encode((seat, now_ms, wrong_ms, what, values))
        to_node, from_node = self._node.stdin, self._node.stdout
        assert to_node is not None
        assert from_node is not None
        to_node.write(struct.pack(">I", len(frame)) + frame)
        to_node.flush()
        (size,) = struct.unpack(">I", from_node.read(4))
        done, out, wake_ms = self._decode(from_node.read(size))
        if not done:
            raise PageFailed(out)
        return out, wake_ms

    def reset(self, seed: int) -> None:
        """Every page and every browser goes: another day begins."""
        self.step("", 0, 0, "reset", seed)

    def cpu_s(self) -> float:
        """What the process has used so far."""
        out, _ = self.step("", 0, 0, "cpu")
        return float(out[0][1]) / 1e6

    def close(self) -> None:
        if self._node.stdin is not None:
            self._node.stdin.close()
        self._node.wait(timeout=PATIENCE_S)
        self._folder.cleanup()


@cache
def browsers() -> Browsers:
    """The one of this process, started when it is needed first."""
    return Browsers()
