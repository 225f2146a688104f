"""The demonstration: a sample exam on the embedded database, and the links to sit and to watch it."""

from typing import TYPE_CHECKING, Final

import typer

from protocol.attempt.model import Role

if TYPE_CHECKING:
    from server.node import Node

ORG: Final = "demo"
TEST_ID: Final = "sample-exam"
_LIFETIME_MS: Final = 7 * 24 * 3600 * 1000


async def prepare(node: "Node") -> None:
    """Stores the sample exam."""
    from server.media.storing import store_media
    from server.sample import read_sample

    sample = read_sample()
    assert sample.content is not None
    now_ms = node.clock.now_ms()
    await store_media(node.media, ORG, sample.files, node.settings.media_quota_bytes, now_ms)
    await node.tests.put(ORG, TEST_ID, sample.content, now_ms)


def links(node: "Node") -> str:
    """Text for a terminal: the candidate's link, the monitor's, and how to fill the room."""
    url = node.settings.url

    def token(role: Role, user_id: str, name: str, *tests: str) -> str:
        return node.tokens.mint(role, user_id, ORG, lifetime_ms=_LIFETIME_MS, name=name, tests=tests or None)

    candidate = token(Role.CANDIDATE, "demo-candidate", "Demo candidate", TEST_ID)
    # For the whole organisation: the monitor's pages about people and groups are not about one test.
    instructor = token(Role.INSTRUCTOR, "demo-instructor", "Demo instructor")
    service = token(Role.SERVICE, "demo-service", "Demo service", TEST_ID)
    return f"""
{_bold("Pencils Down")} is running.

{_bold("Sit the sample exam:")}
{url}/sit#test={TEST_ID}&token={candidate}

{_bold("Watch it live:")}
{url}/monitor#test={TEST_ID}&token={instructor}

{_bold("Fill the room")} with simulated candidates, from another terminal:
.venv/bin/python -m loadtest simulate --url {url} --test {TEST_ID} --candidates 20 --token {service}

The links are good for seven days. Stop with Ctrl+C; the data stays in the data folder.
"""


def _bold(text: str) -> str:
    return typer.style(text, bold=True)
