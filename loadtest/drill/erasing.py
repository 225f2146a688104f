"""When a day is over some of its people are erased, and a node dies meanwhile: nothing of them is left, and every chain
still holds."""

import asyncio
import random
import re
import time
from collections.abc import AsyncIterator, Sequence
from typing import Final

import aiohttp

from clients.python.errors import Refused
from clients.python.rest import Rest
from loadtest.checker import Violation
from loadtest.drill.process import StageError
from loadtest.drill.sitter import Sitter
from loadtest.drill.stage import Stage
from loadtest.drill.watcher import Watcher
from protocol.codes import Code

_MOST: Final = 3
_ERASED_WITHIN_S: Final = 30.0
_SHOWN_WITHIN_S: Final = 30.0
"""Nodes may have to find out by themselves, and monitors to show it."""
_TIMEOUT: Final = aiohttp.ClientTimeout(total=5)


async def erase_and_look(
    stage: Stage, sitters: Sequence[Sitter], watchers: Sequence[Watcher], chance: random.Random
) -> list[Violation]:
    """Erases some of those who have come to their end."""
    done = [sitter for sitter in sitters if sitter.done and sitter.attempt_id is not None]
    chosen = chance.sample(done, min(_MOST, len(done)))
    dying = asyncio.create_task(_die(stage, chance), name="a node dies")
    try:
        erased = await asyncio.gather(*(_erase(stage, sitter) for sitter in chosen))
    finally:
        await dying
    found = [
        Violation("erasure", sitter.user_id, "nobody could erase her")
        for sitter, is_erased in zip(chosen, erased, strict=True)
        if not is_erased
    ]
    return found or await _look(stage, chosen, watchers)


async def _die(stage: Stage, chance: random.Random) -> None:
    node = chance.choice(stage.nodes)
    await asyncio.sleep(chance.uniform(0, 0.1))
    await node.kill()
    await node.start()


async def _erase(stage: Stage, sitter: Sitter) -> bool:
    """Asks until she is erased: whoever has asked a node that died can't know whether she is."""
    headers = {"authorization": f"Bearer {stage.token('service', 'platform', sitter.org)}"}
    give_up_s = time.monotonic() + _ERASED_WITHIN_S
    async with aiohttp.ClientSession(timeout=_TIMEOUT) as http:
        while time.monotonic() < give_up_s:
            try:
                async with http.delete(f"{stage.url}/users/{sitter.user_id}", headers=headers) as reply:
                    if reply.status == 200:
                        return True
            except (aiohttp.ClientError, TimeoutError):
                pass
            await asyncio.sleep(0.2)
    return False


async def _look(stage: Stage, erased: Sequence[Sitter], watchers: Sequence[Watcher]) -> list[Violation]:
    give_up_s = time.monotonic() + _SHOWN_WITHIN_S
    while True:
        found = [one async for one in _left(stage, erased, watchers)]
        if not found or time.monotonic() > give_up_s:
            return found
        await asyncio.sleep(0.5)


async def _left(stage: Stage, erased: Sequence[Sitter], watchers: Sequence[Watcher]) -> AsyncIterator[Violation]:
    try:
        said = await stage.verify_log()
    except StageError as error:
        said = ""
        yield Violation("erasure", "verify-log", str(error))
    for sitter in erased:
        assert sitter.attempt_id is not None
        attempt_id = sitter.attempt_id
        for where in await stage.archive.holding(_name(sitter)):
            yield Violation("erasure", sitter.user_id, f"is still in {where}")
        if f"attempt {attempt_id}: the bodies of records 1 to" not in said:
            yield Violation("erasure", attempt_id, "its log does not say that she was erased")
        for node in stage.nodes:
            told = await _told(stage, node.url, sitter)
            if told != Code.ERASED:
                yield Violation("erasure", attempt_id, f"{node.name} says {told} of it")
        for watcher in watchers:
            row = watcher.rows.get(attempt_id)
            if row is not None and not (row.user_id.startswith("erased-") and row.name == ""):
                yield Violation("erasure", attempt_id, f"{watcher.name} shows {row.user_id} ({row.name})")


def _name(sitter: Sitter) -> re.Pattern[bytes]:
    """Her id, in an organisation where nobody else has it."""
    return re.compile(re.escape(sitter.user_id.encode()) + rb"(?![0-9])")


async def _told(stage: Stage, url: str, sitter: Sitter) -> str:
    assert sitter.attempt_id is not None
    async with Rest.open(url, stage.token("service", "platform", sitter.org)) as rest:
        try:
            return (await rest.status(sitter.attempt_id)).state.status
        except Refused as error:
            return error.code
        except (aiohttp.ClientError, TimeoutError) as error:
            return type(error).__name__
