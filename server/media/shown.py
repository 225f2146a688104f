"""Files as whoever may see a text gets them: with the address at which each is served."""

from collections.abc import Callable

import msgspec

from protocol.media import media_in
from protocol.paper import PaperMedium

Address = Callable[[str, str], str]
"""Organisation, hash of a file → where it is served."""


def shown_media(address: Address, org_id: str, said: object) -> list[PaperMedium]:
    """The files that are named in what is said: a paper, a question, texts."""
    return [PaperMedium(name, address(org_id, name)) for name in media_in(msgspec.json.encode(said))]
