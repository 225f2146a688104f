"""What a message costs BASE, in the same round as ours."""

from typing import Final

from loadtest.bench.bare import bare_server
from loadtest.bench.generator import Load, Measured, generate
from loadtest.bench.priority import keep_priority
from loadtest.bench.script import echo_script

_WARM_S: Final = 1.5


async def echoed(connections: int, rate: float, seconds: float) -> Measured:
    """At so many messages a second of all connections together. Raises `StageError` and `Lost`."""
    async with bare_server() as (server, port, folder):
        keep_priority([server.pid])
        load = Load(port, rate, _WARM_S, seconds, server.pid)
        measured = await generate(echo_script(connections), load, folder)
    measured.check()
    return measured
