"""A node that nobody else uses, as the target of a control: what a mischief done to it costs the room is the machine's
doing, and not the server's."""

import secrets
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from clients.python.rest import Rest
from loadtest.capacity.stage import ORG
from loadtest.drill.node import Node
from loadtest.drill.process import HOST, run_program
from loadtest.drill.version import CURRENT, Version
from loadtest.tokens import mint

_AFTER_ALL_ELSE = ("chrt", "--other", "0", "nice", "-n", "19")


@asynccontextmanager
async def spare_node() -> AsyncIterator[tuple[str, Rest]]:
    """Its URL, and its REST API as a service uses it. It has an embedded database, runs where we run, and after all
    else. Raises `StageError`."""
    with tempfile.TemporaryDirectory(prefix="pencilsdown-spare-") as name:
        folder = Path(name)
        secret = secrets.token_urlsafe(48)
        env = {"PENCILSDOWN_DATA": str(folder / "data"), "PENCILSDOWN_TOKEN_SECRET": secret}
        command = (*_AFTER_ALL_ELSE, *CURRENT.command)
        await run_program(["env", *(f"{key}={value}" for key, value in env.items()), *command, "migrate"], folder)
        node = Node("spare", folder, HOST, Version(name="spare", command=command), env)
        try:
            await node.start()
            async with Rest.open(node.url, mint(secret, "service", "platform", ORG), connections=4) as rest:
                yield node.url, rest
        finally:
            await node.close()
