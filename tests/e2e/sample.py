"""The sample exam of `pencilsdown demo`: its links, and what to answer."""

import re
from dataclasses import dataclass
from typing import Final

from protocol.messages.base import Value
from tests.e2e.deployment import ServerNode

TEST_ID: Final = "sample-exam"

RIGHT: Final[dict[str, Value]] = {
    "coins": "four",
    "planet": ["second"],
    "primes": ["b", "d"],
    "monuments": ["pyramid", "parthenon", "colosseum", "cathedral", "mausoleum"],
    "mammals": ["bat", "dolphin", "platypus"],
    "zorps": "false",
    "earth": {"angle": "7.2", "rays": "a", "around": "250000"},
    "units": [("force", "newton"), ("energy", "joule"), ("power", "watt"), ("pressure", "pascal")],
    "squares": "30",
    "sunlight": "150.2",
    "oceans": "70",
}
"""Every question that needs no person to mark it, in the order of the paper; the last one is an essay."""
ESSAY: Final = "heads"


@dataclass(frozen=True)
class Links:
    """What the demonstration prints."""

    sit: str
    monitor: str
    service_token: str

    @property
    def candidate_token(self) -> str:
        return self.sit.rpartition("token=")[2]


async def links(node: ServerNode) -> Links:
    """Reads them as a person would copy them."""
    assert node.process is not None
    service = await node.process.line(r"loadtest simulate .*--token (\S+)")
    sit = re.search(r"^(http\S+/sit#\S+)$", node.output, re.MULTILINE)
    monitor = re.search(r"^(http\S+/monitor#\S+)$", node.output, re.MULTILINE)
    assert sit is not None
    assert monitor is not None
    return Links(sit[1], monitor[1], service[1])
