"""Names for simulated candidates, so that a demonstration looks like a room and not like a table of numbers."""

from random import Random
from typing import Final

_FIRST: Final = (
    "Amara", "Anselm", "Beatriz", "Chidi", "Clara", "Dmitri", "Elif", "Farah", "Gabriel", "Hana", "Ibrahim", "Ines",
    "Jonas", "Kavya", "Lars", "Leila", "Mateo", "Mei", "Nadia", "Noah", "Olga", "Priya", "Rafael", "Sana", "Sofia",
    "Tariq", "Theo", "Umut", "Vera", "Wanjiru", "Yara", "Zoe",
)  # fmt: skip
_LAST: Final = (
    "Abe", "Adeyemi", "Almeida", "Bauer", "Costa", "Demir", "Eriksen", "Fischer", "Garcia", "Haddad", "Ivanova",
    "Jansen", "Kim", "Kowalski", "Larsson", "Mbeki", "Moreau", "Nguyen", "Okafor", "Patel", "Quispe", "Rossi", "Sato",
    "Silva", "Tanaka", "Usman", "Varga", "Weber", "Yilmaz", "Zhang",
)  # fmt: skip


def random_name(chance: Random) -> str:
    """A first and a last name."""
    return f"{chance.choice(_FIRST)} {chance.choice(_LAST)}"
