"""Attempts that run, and their copies."""

from typing import Any

from protocol.attempt.commands import Begin
from server.attempts.live import LiveAttempt
from tests.server.attempts.bench import ADA, Writer, done

HOUR = 3_600_000


async def running(one: Writer, **terms: Any) -> LiveAttempt:
    live = await one.make(**terms)
    done(await live.run(Begin(ADA, 0)))
    return live


async def copy_of(live: LiveAttempt, other: Writer) -> LiveAttempt:
    copy = await other.registry.get(live.attempt_id)
    assert copy is not None
    return copy
