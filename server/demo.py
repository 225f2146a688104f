"""The demonstration: a sample exam on the embedded database, and the links to sit and to watch it."""

from importlib.resources import files
from typing import TYPE_CHECKING, Final

import typer

from protocol.attempt.model import Role

if TYPE_CHECKING:
    from protocol.content import TestContent
    from server.node import Node

ORG: Final = "demo"
_LIFETIME_MS: Final = 7 * 24 * 3600 * 1000


def _sample_exam() -> "tuple[str, TestContent]":
    from server.exam_file import read_exam

    return read_exam(files("server").joinpath("sample_exam.yaml").read_bytes())


async def prepare(node: "Node") -> None:
    """Stores the sample exam."""
    test_id, content = _sample_exam()
    await node.tests.put(ORG, test_id, content, node.clock.now_ms())


def links(node: "Node") -> str:
    """Text for a terminal: the candidate's link, the monitor's, and how to fill the room."""
    url = node.settings.url
    test_id, _ = _sample_exam()

    def token(role: Role, user_id: str, name: str, *tests: str) -> str:
        return node.tokens.mint(role, user_id, ORG, lifetime_ms=_LIFETIME_MS, name=name, tests=tests or None)

    candidate = token(Role.CANDIDATE, "demo-candidate", "Demo candidate", test_id)
    # For the whole organisation: the monitor's pages about people and groups are not about one test.
    instructor = token(Role.INSTRUCTOR, "demo-instructor", "Demo instructor")
    service = token(Role.SERVICE, "demo-service", "Demo service", test_id)
    return f"""
{_bold("Pencils Down")} is running.

{_bold("Sit the sample exam:")}
{url}/sit#test={test_id}&token={candidate}

{_bold("Watch it live:")}
{url}/monitor#test={test_id}&token={instructor}

{_bold("Fill the room")} with simulated candidates, from another terminal:
.venv/bin/python -m loadtest simulate --url {url} --test {test_id} --candidates 20 --token {service}

The links are good for seven days. Stop with Ctrl+C; the data stays in the data folder.
"""


def _bold(text: str) -> str:
    return typer.style(text, bold=True)
