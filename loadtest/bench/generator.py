"""The load generator: compiles it, runs it, and says what it measured."""

import hashlib
import os
import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec

from loadtest.bench.plan import Lost
from loadtest.bench.script import Script
from loadtest.drill.process import Impossible, StageError, find_program, run_program
from protocol import codec
from protocol.messages.connection import Goodbye, RefusedOp

SOURCES: Final = Path(__file__).with_name("generator")
_BUILD: Final = Path("build/bench")
_PATIENCE_S: Final = 10.0
"""Whoever has no acknowledgement after this time has lost an answer, or will believe so."""
_CONNECTING_S: Final = 130.0
"""All connections are open before that, or the generator gives up."""


class Load(msgspec.Struct, frozen=True):
    """`rate`: messages a second of all peers together; nil: each sends the next one when the last is acknowledged.
    `database_pid`: of a database that runs in processes of its own. `opened`: a file that is made when all are there;
    `until`: one that ends the window before its time."""

    port: int
    rate: float | None
    warm_s: float
    window_s: float
    server_pid: int
    database_pid: int | None = None
    opened: Path | None = None
    until: Path | None = None


class Measured(msgspec.Struct, frozen=True, kw_only=True):
    """Processor time and latencies are those of the window, counts those of the whole run. A latency counts from the
    moment at which a message was to be sent; `late_p99_ms` is how late the generator itself was. `opening_s` is how
    long it took until everybody had come, `opening_cpu_s` what the server used for it. `rows` are the messages with
    rows that watchers have heard, and `window_row_bytes` all bytes that they have. `last_numbers`: the last
    acknowledged number of each peer. `failure`: the first one, with what the server said, in hexadecimal."""

    opened: int
    lost: int
    refused: int
    unexpected: int
    sent: int
    acked: int
    unacknowledged: int
    window_s: float
    window_acked: int
    server_cpu_s: float
    database_cpu_s: float
    generator_cpu_s: float
    opening_s: float
    opening_cpu_s: float
    rows: int
    window_rows: int
    window_row_bytes: int
    p50_ms: float
    p99_ms: float
    p999_ms: float
    max_ms: float
    late_p99_ms: float
    last_numbers: Sequence[int]
    failure: str | None = None
    said: str = ""

    @property
    def per_s(self) -> float:
        """Acknowledged messages a second."""
        return self.window_acked / self.window_s

    @property
    def server_us(self) -> float:
        """The server's processor time for each acknowledged message."""
        return self.server_cpu_s / max(1, self.window_acked) * 1e6

    @property
    def database_us(self) -> float:
        """That of its database."""
        return self.database_cpu_s / max(1, self.window_acked) * 1e6

    @property
    def server_utilisation(self) -> float:
        """The share of one core that it used."""
        return self.server_cpu_s / self.window_s

    @property
    def utilisation(self) -> float:
        """That of the generator."""
        return self.generator_cpu_s / self.window_s

    def check(self) -> None:
        """Raises `Lost` unless every message was acknowledged, in time and once."""
        if self.failure is not None:
            raise Lost(f"{self.failure}{_in_words(bytes.fromhex(self.said))}")
        if self.unacknowledged:
            waited = f"{_PATIENCE_S:.0f} s after the last one was sent"
            raise Lost(f"{self.unacknowledged:,} of {self.sent:,} answers were not acknowledged {waited}")
        if self.max_ms > _PATIENCE_S * 1_000:
            raise Lost(f"an answer was acknowledged after {self.max_ms / 1_000:.1f} s")


def _in_words(said: bytes) -> str:
    if not said:
        return ""
    try:
        message = codec.decode_to_candidate(said)
    except (msgspec.DecodeError, UnicodeDecodeError):
        # Another server's.
        return f": {said.decode(errors='replace')}"
    return f": {message.code}, {message.detail}" if isinstance(message, RefusedOp | Goodbye) else f": {message}"


async def generate(script: Script, load: Load, folder: Path) -> Measured:
    """Runs it in this folder, on the cores of this process. Raises `StageError`."""
    program = await compiled()
    path = folder / f"script-{secrets.token_hex(4)}"
    path.write_bytes(script.encoded())
    options = {
        "script": path,
        "port": load.port,
        "rate": load.rate or 0,
        "warm": load.warm_s,
        "window": load.window_s,
        "patience": _PATIENCE_S,
        # At a rate the latencies are what is measured, and no other process of the core should add to them.
        "first": int(load.rate is not None),
        "server": load.server_pid,
        "database": load.database_pid or 0,
    }
    options |= {"opened": load.opened} if load.opened is not None else {}
    options |= {"until": load.until} if load.until is not None else {}
    arguments = [part for name, value in options.items() for part in (f"--{name}", str(value))]
    timeout_s = _CONNECTING_S + load.warm_s + load.window_s + _PATIENCE_S
    output = await run_program([program, *arguments], folder, timeout_s)
    try:
        return msgspec.json.decode(output, type=Measured)
    except msgspec.DecodeError as error:
        raise StageError(f"the load generator says: {output[-500:]}") from error


async def compiled() -> Path:
    """The program, compiled anew where its source has changed. Raises `StageError`."""
    sources = sorted(SOURCES.glob("*.[ch]"))
    digest = hashlib.sha256(b"".join(source.read_bytes() for source in sources)).hexdigest()
    program = (_BUILD / f"generator-{digest[:12]}").absolute()
    if program.exists():
        return program
    try:
        compiler = find_program("cc")
    except Impossible:
        raise Impossible("the load generator is written in C, and no C compiler (cc) is installed") from None
    _BUILD.mkdir(parents=True, exist_ok=True)
    # Another run may compile it at the same moment.
    fresh = program.with_suffix(f".{os.getpid()}")
    code = [source for source in sources if source.suffix == ".c"]
    await run_program([compiler, "-O2", "-o", fresh, *code], _BUILD)
    fresh.replace(program)
    return program
