"""A server that forgets to take a person's name out of her results."""

from protocol.rest.results import Result
from storage import erasing


def keep_results() -> None:
    """From now on an erasure leaves results as they are."""
    erasing._stripped = _as_it_is


def _as_it_is(text: str, alias: str) -> Result:
    return erasing._decode_result(text)
