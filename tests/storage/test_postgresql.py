"""What PostgreSQL's engine says of its troubles."""

import asyncio

import pytest

from storage.postgresql import _in_words


async def test_a_time_out_is_told_as_one() -> None:
    """A driver raises it from the cancellation with which it has ended the work."""
    with pytest.raises(TimeoutError) as raised:
        async with asyncio.timeout(0):
            await asyncio.Event().wait()
    assert isinstance(raised.value.__cause__, asyncio.CancelledError)
    assert _in_words(raised.value) == "it did not answer in time"
