"""Regrades as the commands that attempts take, and who takes one without being among those that had ended."""

import asyncio
from collections.abc import Sequence

from protocol.attempt.commands import Regrade
from protocol.attempt.model import Actor, Role
from protocol.rules.regrading import lacks
from server.attempts.live import LiveAttempt
from storage.regrades import Job, Regrades


def command_of(job: Job) -> Regrade:
    """What a regrade asks of each attempt."""
    return Regrade(Actor(Role(job.role), job.by_id), job.command_id, job.key_version, job.reason)


async def regrade_late(regrades: Regrades, ended: Sequence[LiveAttempt]) -> None:
    """Gives the newest regrade of its test to each of these attempts that was begun before it was asked for: whoever
    hands in later was asked by the same wrong key. Raises `StorageUnavailable`."""
    identities = [live.committed.identity for live in ended]
    tests = sorted({(identity.org_id, identity.test_id) for identity in identities})
    newest = {test: await regrades.newest(*test) for test in tests}
    due = [
        (live, job)
        for live, identity in zip(ended, identities, strict=True)
        if (job := newest[identity.org_id, identity.test_id]) is not None and lacks(live.committed, job.ordered)
    ]
    await asyncio.gather(*(live.run(command_of(job)) for live, job in due))
