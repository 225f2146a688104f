"""How often a cache had what it was asked for."""


class CacheUses:
    """Counted by the cache itself."""

    def __init__(self) -> None:
        self.hits = 0
        self.misses = 0
