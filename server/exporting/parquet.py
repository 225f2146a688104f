"""Results of a test as a Parquet file. To be imported where nobody waits: by `server.analysis.gradebook_file`, and only
where the extra `parquet` is installed.
"""

from collections.abc import Sequence
from decimal import Decimal
from io import BytesIO
from typing import Final

import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.parquet as pq  # type: ignore[import-untyped]

from protocol.gradebooks import Entry, percent_of, points_of

_POINTS: Final = pa.decimal128(18, 3)
"""A test has 1,000 questions at most, each with some answers to give, and each of these a million points."""
_SCHEMA: Final = pa.schema(
    [
        ("user_id", pa.string()),
        ("name", pa.string()),
        ("email", pa.string()),
        ("branch_id", pa.string()),
        ("attempts", pa.int32()),
        ("waiting", pa.int32()),
        ("counting_attempt_id", pa.string()),
        ("points", _POINTS),
        ("of", _POINTS),
        ("percent", pa.decimal128(8, 2)),
        ("grade", pa.string()),
    ]
)
"""The columns of the plain CSV, under the same names: amounts are decimals, and no text is changed."""


def write_parquet(entries: Sequence[Entry]) -> bytes:
    """The file, one row for each candidate."""
    rows = [
        [
            one.user_id,
            one.name,
            one.email,
            one.branch_id,
            one.attempts,
            one.waiting,
            one.counting_attempt_id,
            _scaled(points_of(one.score_mpt), 3),
            _scaled(points_of(one.max_mpt), 3),
            _scaled(percent_of(one), 2),
            one.grade,
        ]
        for one in entries
    ]
    columns = [pa.array([row[at] for row in rows], type=field.type) for at, field in enumerate(_SCHEMA)]
    made = BytesIO()
    pq.write_table(pa.table(columns, schema=_SCHEMA), made, compression="zstd")
    return made.getvalue()


def _scaled(number: Decimal | None, digits: int) -> Decimal | None:
    return None if number is None else number.quantize(Decimal(1).scaleb(-digits))
