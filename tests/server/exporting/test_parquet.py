"""Results as a Parquet file: what its columns hold."""

from decimal import Decimal
from io import BytesIO

import pyarrow.parquet as parquet  # type: ignore[import-untyped]

from protocol import limits
from protocol.gradebooks import Entry
from server.exporting.parquet import write_parquet

MOST_MPT = limits.MAX_QUESTIONS * limits.MAX_INTERACTIONS * 1_000_000_000


def test_a_test_that_is_worth_as_much_as_one_can_be_has_its_place() -> None:
    entry = Entry("ada", "=Ada\0\u202e", None, None, 1, 0, "a", MOST_MPT - 1, MOST_MPT, None)
    (row,) = parquet.read_table(BytesIO(write_parquet([entry]))).to_pylist()
    assert (row["points"], row["of"]) == (Decimal(MOST_MPT - 1).scaleb(-3), Decimal(MOST_MPT).scaleb(-3))
    assert (row["percent"], row["name"]) == (Decimal("100.00"), "=Ada\0\u202e")
