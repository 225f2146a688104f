"""What the nodes on a database speak, for whoever decides."""

from typing import Final, Protocol

from protocol.since import SPEAKS


class Spoken(Protocol):
    """A version that may rise at any moment."""

    @property
    def version(self) -> int:
        """The version that every node speaks: nothing newer may be written."""
        ...


class _ThisRelease:
    version: int = SPEAKS


ALL_OF_THIS_RELEASE: Final = _ThisRelease()
"""Every node is of this release."""
