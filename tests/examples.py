"""Records the examples of the OpenAPI document, as the tour of `tests/server/api/test_openapi.py` meets them: those
that are missing, or no longer as the document says; with `--all`, each anew."""

import asyncio
import json
import re
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import msgspec
from jsonschema import ValidationError
from msgspec import UNSET

from loadtest.ports import free_port
from server.api.endpoint import Endpoint
from server.api.examples import NAME, Example, examples
from server.api.openapi import document
from server.app import ENDPOINTS, VERSION
from server.settings import Settings
from storage.migrate import migrate
from tests.server.api.test_openapi import Tour, _successes
from tests.server.api.test_trail import _the_rest
from tests.server.conftest import SECRET
from tests.server.harness.clock import MovableClock
from tests.server.harness.document import Document
from tests.server.harness.running import Reply, RunningServer

FILE: Final = Path(__file__).parent.parent / "server/api" / NAME
_MOST_ITEMS: Final = 2
"""Of each list in a reply."""
_MOST_CHARS: Final = 5_000
_TOKEN: Final = re.compile(r"eyJ[\w-]+\.[\w-]+\.[\w-]+")
_BYTES: Final = {"POST /oneroster", "POST /test-attempts/{attempt_id}/captured-pictures"}
"""Calls that send what is no text."""


def key_of(endpoint: Endpoint) -> str:
    return f"{endpoint.method} {endpoint.path}"


def lacks(endpoint: Endpoint, example: Example) -> list[str]:
    """The bodies of the operation that the example doesn't show."""
    takes = endpoint.body is not None or (endpoint.raw and key_of(endpoint) not in _BYTES)
    told = "json" in endpoint.media_type and endpoint.status != 204
    return [
        *(["request"] if takes and example.request is UNSET else []),
        *(["reply"] if told and example.reply is UNSET else []),
    ]


def hold(endpoint: Endpoint, example: Example, document: Document) -> None:
    """Raises where the example isn't as the document says."""
    operation = document.operation(endpoint.method, endpoint.path)
    if example.reply is not UNSET:
        content = operation["responses"][str(endpoint.status)]["content"]
        document.hold(example.reply, content[endpoint.media_type]["schema"])
    if example.request is not UNSET:
        for content in operation["requestBody"]["content"].values():
            document.hold(example.request, content["schema"])


class Recorder(Tour):
    """Keeps of each operation the call that shows most and isn't too long."""

    found: dict[str, Example]

    async def call(
        self, method: str, path: str, token: str | None = None, body: Any = None, raw: bytes | None = None
    ) -> Reply:
        reply = await super().call(method, path, token, body, raw)
        if reply.status < 300:
            template = self.told.template_of(path)
            key = f"{method} {template}"
            sent: Any = UNSET
            if "requestBody" in self.told.operation(method, template):
                sent = self._shown(body if raw is None else _text(raw))
            example = Example(sent, UNSET if reply.body is None else self._shown(_short(reply.body)))
            self.found[key] = max(self.found.get(key, example), example, key=_worth)
        return reply

    def _shown(self, told: Any) -> Any:
        """Without what opened anything on this server, and without its address."""
        match told:
            case list():
                return [self._shown(one) for one in told]
            case dict():
                return {
                    name: f"{value[:6]}…" if name == "secret" else self._shown(value) for name, value in told.items()
                }
            case str():
                return _TOKEN.sub("eyJhbGciOi…", told.replace(self.server.settings.url, "https://exams.example.org"))
            case _:
                return told


def _worth(example: Example) -> tuple[bool, int]:
    # What was done shows as much as what was not.
    chars = len(msgspec.json.encode(example).replace(b"false", b"true"))
    fits = chars <= _MOST_CHARS
    return fits, chars if fits else -chars


def _text(raw: bytes) -> Any:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return UNSET


def _short(told: Any) -> Any:
    match told:
        case list():
            return [_short(one) for one in told[:_MOST_ITEMS]]
        case dict():
            return {name: _short(value) for name, value in told.items()}
        case _:
            return told


async def record() -> dict[str, Example]:
    """What the tour meets on a server of its own."""
    with TemporaryDirectory() as folder:
        await migrate(f"sqlite:///{folder}/pencilsdown.sqlite3")
        settings = Settings(
            data=Path(folder),
            token_secret=SECRET,
            port=free_port(),
            ops_port=free_port(),
            drain_ms=0,
            connects_per_minute=100_000,
            rate_per_second=10_000,
            rate_burst=100_000,
            bytes_per_second=1 << 30,
        )
        server = RunningServer(settings, MovableClock())
        await server.start()
        try:
            recorder = Recorder(server, (await server.call("GET", "/openapi.json")).ok())
            recorder.found = {}
            await _successes(recorder)
            await _the_rest(recorder)
            return recorder.found
        finally:
            await server.stop()


def _is_good(endpoint: Endpoint, example: Example, document: Document) -> bool:
    try:
        hold(endpoint, example, document)
    except (ValidationError, KeyError):
        return False
    return not lacks(endpoint, example)


def main(arguments: list[str]) -> int:
    told = Document(document(ENDPOINTS, VERSION))
    before = {} if arguments == ["--all"] else examples()
    known = {key_of(one): before[key_of(one)] for one in ENDPOINTS if key_of(one) in before}
    behind = [one for one in ENDPOINTS if not _is_good(one, known.get(key_of(one), Example()), told)]
    if behind:
        found = asyncio.run(record())
        known |= {key_of(one): found[key_of(one)] for one in behind if key_of(one) in found}
    lines = (f"{json.dumps(key)}: {_json(example)}" for key, example in sorted(known.items()))
    FILE.write_text("{\n" + ",\n".join(lines) + "\n}\n", "utf-8")
    sys.stdout.writelines(f"recorded: {key_of(one)}\n" for one in behind)
    return 0


def _json(example: Example) -> str:
    return json.dumps(msgspec.to_builtins(example), ensure_ascii=False, indent=1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
