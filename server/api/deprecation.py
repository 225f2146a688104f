"""How callers hear that an endpoint goes: by headers of every answer (`Deprecation` of RFC 9745, `Sunset` of RFC 8594),
and in the OpenAPI document, to which a `Link` leads."""

from email.utils import formatdate
from typing import Final

import msgspec

DOCUMENT: Final = "/openapi.json"


class Deprecated(msgspec.Struct, frozen=True):
    """An endpoint is not to be called any more from `since_ms` on, and goes at `gone_ms` at the earliest. `instead`
    says what to call in its place, as a sentence."""

    since_ms: int
    gone_ms: int
    instead: str

    @property
    def headers(self) -> dict[str, str]:
        """Those of its answers."""
        return {
            "deprecation": f"@{self.since_ms // 1_000}",
            "sunset": formatdate(self.gone_ms / 1_000, usegmt=True),
            "link": f'<{DOCUMENT}>; rel="deprecation"; type="application/json"',
        }

    @property
    def says(self) -> str:
        """What the document says of it."""
        return f"Deprecated: it goes on {formatdate(self.gone_ms / 1_000, usegmt=True)}. {self.instead}"
