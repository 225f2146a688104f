"""Makes the attempts of a benchmark, as the rest of a platform does: over REST."""

import asyncio
from collections.abc import Iterator
from typing import Final, Protocol

from clients.python.errors import Refused
from clients.python.rest import OwnedRest, Rest
from loadtest.bench.control import Seat
from loadtest.bench.exam import TEST, content
from protocol.codes import Code
from protocol.rest.attempts import NewAttempt

_AT_ONCE: Final = 32
_AGAIN_S: Final = 0.2
_PREFIX: Final = "organisation"
IN_AN_ORGANISATION: Final = 100
"""In one organisation: more of them would have to share a rate that a fast server exceeds."""


class Platform(Protocol):
    """Something with nodes."""

    def service(self, org: str) -> OwnedRest:
        """The REST API as the rest of a platform uses it."""
        ...


async def make_seats(stage: Platform, candidates: int, prefix: str = _PREFIX) -> list[Seat]:
    """So many attempts at the exam. The organisations are called by `prefix` and a number."""
    made = [await _organisation(stage, org, people) for org, people in _organisations(candidates, prefix)]
    return [seat for seats in made for seat in seats]


def organisation(number: int, prefix: str = _PREFIX) -> str:
    """Its id."""
    return f"{prefix}-{number}"


def _organisations(candidates: int, prefix: str) -> Iterator[tuple[str, int]]:
    for begin in range(0, candidates, IN_AN_ORGANISATION):
        yield organisation(begin // IN_AN_ORGANISATION, prefix), min(IN_AN_ORGANISATION, candidates - begin)


async def _organisation(stage: Platform, org: str, people: int) -> list[Seat]:
    door = asyncio.Semaphore(_AT_ONCE)
    async with stage.service(org) as rest:
        await rest.put_test(TEST, content())

        async def make(number: int) -> Seat:
            async with door:
                return await _made(rest, NewAttempt(test_id=TEST, user_id=f"candidate-{number:06}"))

        return await asyncio.gather(*map(make, range(people)))


async def _made(rest: Rest, attempt: NewAttempt) -> Seat:
    while True:
        try:
            made = await rest.make_attempt(attempt)
        except Refused as refused:
            if refused.code != Code.OVERLOADED:
                raise
            # A node that is busy puts newcomers off.
            await asyncio.sleep(_AGAIN_S)
        else:
            assert made.token is not None
            return Seat(made.attempt_id, made.token)
