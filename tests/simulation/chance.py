"""Chance from a seed: every part of the world draws from a stream of its own, so that taking one part out (as when a
failure is shortened) leaves the others as they were."""

import random
from typing import Final

EPOCH_MS: Final = 1_800_000_000_000
"""When every simulated day begins."""


class Chance:
    """Streams of random numbers by name."""

    def __init__(self, seed: int | str) -> None:
        self._seed = seed

    def stream(self, *names: object) -> random.Random:
        """The same seed and names, the same numbers."""
        return random.Random(":".join(str(part) for part in (self._seed, *names)))


class Keys:
    """Stands in for `token_bytes`: the keys of attempts, from a seed."""

    def __init__(self, chance: Chance) -> None:
        self._stream = chance.stream("keys")

    def __call__(self, size: int) -> bytes:
        return self._stream.randbytes(size)


class Bits:
    """Stands in for `randbits`: the seeds by which papers are drawn, from a seed."""

    def __init__(self, chance: Chance) -> None:
        self._stream = chance.stream("bits")

    def __call__(self, size: int) -> int:
        return self._stream.getrandbits(size)


class Ids:
    """Stands in for `uuid7`: identifiers that sort by time, from a seed."""

    def __init__(self, chance: Chance) -> None:
        self._stream = chance.stream("ids")
        self._count = 0

    def __call__(self) -> str:
        self._count += 1
        tail = f"{self._stream.getrandbits(48):012x}"
        return f"{self._count:08x}-0000-7000-8000-{tail}"
