"""What the streams of events in Redis are called."""

from typing import Final

PREFIX: Final = "pencilsdown:events:"


def stream_of(org_id: str, name: str) -> str:
    """The key of a stream: no organisation names another one's, nor any other key."""
    return f"{PREFIX}{org_id}:{name}"
