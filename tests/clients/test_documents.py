"""PROTOCOL.md says all there is, and says it of the server that is here."""

import re
from pathlib import Path

import pytest

import protocol
from clients.documents import DOCUMENTS, REGIONS, documents
from protocol import limits
from protocol.attempt.kinds import EDGES, KINDS
from protocol.codes import Close, Code
from server.app import ENDPOINTS
from server.limits.http_limits import MAX_HEAD_BYTES
from server.sockets.frames import MAX_FRAGMENTS

ROOT = Path(protocol.__file__).parent.parent
PROTOCOL = (ROOT / "protocol" / "PROTOCOL.md").read_text("utf-8")


def test_the_documents_are_fresh() -> None:
    for path, text in documents(ROOT).items():
        assert (ROOT / path).read_text("utf-8") == text, f"run `python -m clients.generate` ({path})"


def test_every_region_is_shown_somewhere() -> None:
    shown = {name for path in DOCUMENTS for name in re.findall(r"<!-- generated: (.+?) -->", (ROOT / path).read_text())}
    assert shown == set(REGIONS)


@pytest.mark.parametrize("name", REGIONS)
def test_every_region_says_something(name: str) -> None:
    assert len(REGIONS[name]().splitlines()) > 3


def test_the_tables_are_whole() -> None:
    assert all(f"| `{code}` |" in REGIONS["refusals"]() for code in Code)
    assert all(f"| {int(close)} |" in REGIONS["closes"]() for close in Close)
    assert all(f"{origin} --> {target}: {tag}" in REGIONS["states"]() for (origin, target), tag in EDGES.items())
    assert REGIONS["limits"]().count("\n| `") == len(re.findall(r"^[A-Z_]+: Final", limits_source(), re.MULTILINE))
    assert "| `MAX_INT` | 9,007,199,254,740,991 | The largest integer" in REGIONS["limits"]()
    assert "| `HELLO_TIMEOUT_MS` | 5,000 ms |" in REGIONS["limits"]()
    assert all(f"#### Fact `{kind.tag}`" in REGIONS["log"]() for kind in KINDS)


def limits_source() -> str:
    return (ROOT / "protocol" / "limits.py").read_text("utf-8")


def test_a_region_is_filled_and_the_text_around_it_kept(tmp_path: Path) -> None:
    document = tmp_path / DOCUMENTS[0]
    document.write_text("Before\n<!-- generated: states -->\nstale\n<!-- end -->\nAfter\n", "utf-8")
    (filled,) = documents(tmp_path).values()
    assert filled.startswith("Before\n<!-- generated: states -->\n```mermaid\n")
    assert filled.endswith("```\n<!-- end -->\nAfter\n")
    assert "stale" not in filled
    document.write_text(filled, "utf-8")
    assert list(documents(tmp_path).values()) == [filled]


def test_an_unknown_region_is_an_error(tmp_path: Path) -> None:
    (tmp_path / DOCUMENTS[0]).write_text("<!-- generated: weather -->\n<!-- end -->\n", "utf-8")
    with pytest.raises(KeyError, match="weather"):
        documents(tmp_path)


def documented_calls() -> set[tuple[str, str]]:
    calls = set()
    for cell in re.findall(r"^\| `((?:GET|PUT|POST|DELETE|PATCH) .+?)` \|", PROTOCOL, re.MULTILINE):
        methods, _, path = cell.rpartition(" ")
        for method in methods.split(" or "):
            calls.add((method, path.partition("?")[0].replace("…", "/test-attempts/{attempt_id}")))
    return calls


def test_the_rest_calls_are_those_of_the_server() -> None:
    assert documented_calls() == {(endpoint.method, endpoint.path) for endpoint in ENDPOINTS}


def test_every_body_of_a_call_is_named_beside_it() -> None:
    for endpoint in ENDPOINTS:
        for kind in (endpoint.body, endpoint.reply):
            assert kind is None or f"`{kind.__name__}`" in PROTOCOL


def test_every_link_inside_the_page_leads_somewhere() -> None:
    headings = re.findall(r"^#+ (.+)$", PROTOCOL, re.MULTILINE)
    anchors = {re.sub(r"[^a-z0-9 _-]", "", heading.lower()).replace(" ", "-") for heading in headings}
    assert set(re.findall(r"\]\(#(.+?)\)", PROTOCOL)) <= anchors


def text_of_the_page() -> str:
    """Without marks and line breaks."""
    return " ".join(re.sub(r"<!-- test: \S+ -->", "", PROTOCOL).split())


@pytest.mark.parametrize(
    "said",
    [
        f"A message from a client has at most {limits.MAX_FRAME_BYTES // 1024} KiB.",
        f"It has at most {limits.MAX_TOKEN_BYTES // 1024} KiB.",
        f"have 1 to {limits.MAX_ID_CHARS} characters",
        f"One of more than {limits.MAX_NAME_CHARS} characters is cut.",
        f"may lie {limits.TOKEN_LEEWAY_MS // 1000} seconds ahead",
        f"send `hello` within {limits.HELLO_TIMEOUT_MS // 1000} seconds",
        f"({limits.RECONNECT_BASE_MS} and {limits.RECONNECT_CAP_MS:,} before there was one)",
        f"Keep at most {limits.SEND_WINDOW} operations on the wire",
        f"An attempt takes {limits.MAX_OPERATIONS:,} accepted operations.",
        f"takes up to {limits.MAX_REST_OPERATIONS} answers",
        f"may send {limits.RATE_PER_SECOND} operations and {limits.BYTES_PER_SECOND // 1024} KiB a second",
        f"connect {limits.CONNECTS_PER_MINUTE} times a minute; at once, {limits.RATE_BURST} operations",
        f"{limits.BYTES_BURST // 1024} KiB, and {limits.CONNECTS_BURST} connections",
        f"waits for its `welcome`, at most {limits.MAX_CONNECT_WAIT_MS // 1000} seconds",
        f"{limits.MAX_STRIKES} of them close the connection",
        f"A body has at most {limits.MAX_REST_BODY_BYTES // 1024} KiB",
        f"a test at most {limits.MAX_TEST_BYTES // 1024**2} MiB.",
        f"at most {MAX_FRAGMENTS} of them",
        f"below {MAX_HEAD_BYTES // 1024} KiB",
    ],
)
def test_a_number_in_the_text_is_the_limit(said: str) -> None:
    assert said in text_of_the_page()


def test_the_client_gives_up_a_beat_before_the_server() -> None:
    words = {3: "three", 4: "four"}
    assert f"for {words[limits.MISSED_BEATS]} intervals, take the connection for dead" in text_of_the_page()
    assert f"The server waits for {words[limits.MISSED_BEATS + 1]}," in text_of_the_page()
