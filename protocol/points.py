"""Points as people write them."""

from decimal import Decimal


def spell_points(mpt: int) -> str:
    """Thousandths of a point as points: "4", "4.25", "-0.5". Nothing is rounded."""
    return f"{Decimal(mpt) / 1_000:f}"
