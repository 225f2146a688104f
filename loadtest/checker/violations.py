"""What the checker finds."""

import msgspec


class Violation(msgspec.Struct, frozen=True, order=True):
    """One invariant that does not hold: which (`I1`…), where (an attempt, a node, a name), and what was found."""

    invariant: str
    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.invariant} {self.where}: {self.what}"
