"""What is written to the log: nothing that anybody could be harmed by."""

import json
import logging
from collections.abc import Iterator

import pytest
from yarl import URL

from server.process import logs
from tests.server.conftest import SECRET, StartServer
from tests.server.harness.exam import TEST

ATTEMPT = "01890a5d-ac96-774b-bcce-b302099a8057"
PRIVATE = ["Ada Lovelace", "ada@example.org", "my secret answer", "wrong answer", "a remark of mine", "Please breathe"]


@pytest.fixture
def root_as_it_was() -> Iterator[None]:
    """`configure` is for a whole process; a test gives the root logger back."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    levels = {name: logging.getLogger(name).level for name in logging.root.manager.loggerDict}
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    for name, kept in levels.items():
        logging.getLogger(name).setLevel(kept)


@pytest.mark.usefixtures("root_as_it_was")
@pytest.mark.parametrize("form", ["text", "json"])
@pytest.mark.parametrize("level", ["info", "debug"])
async def test_no_token_name_answer_or_query_is_logged(
    start_server: StartServer, capfd: pytest.CaptureFixture[str], level: str, form: str
) -> None:
    logs.configure(level, form)
    logging.getLogger("websockets.client").setLevel(logging.WARNING)  # that is the stranger's, not ours
    logging.getLogger("server.test").info("the log works")
    server = await start_server()
    await server.make_test(essay=True)
    attempt_id = await server.make_attempt("ada@example.org", display_name="Ada Lovelace")
    token = server.token(user="ada@example.org", name="Ada Lovelace")
    path = f"/test-attempts/{attempt_id}"
    for socket_path in (f"/ws/attempts/{attempt_id}", f"/ws/monitor/{TEST}"):
        async with await server.socket(f"{socket_path}?token={token}&secret=in-the-query") as socket:
            await socket.hello(token + "x")
            await socket.end()
    with pytest.raises(Exception, match="403"):
        await server.socket(f"/ws/attempts/{attempt_id}?secret=in-the-query", "https://evil.example")
    async with await server.socket(f"/ws/attempts/{attempt_id}?secret=in-the-query") as socket:
        await socket.hello(token)
        await socket.send("start", n=1, client_at_ms=0)
        await socket.send("answer", n=2, question_id="essay", value="my secret answer", client_at_ms=0)
        await socket.send("answer", n=3, question_id="single", value="wrong answer", client_at_ms=0)
        await socket.until("refused", n=3)
        await socket.raw(b"\xc1my secret answer")
        await socket.until("refused")
    for method, where, body in (
        ("GET", f"{path}/status?secret=in-the-query", None),
        ("POST", f"{path}/answers", {"answers": "my secret answer"}),
        ("POST", f"{path}/messages", {"text": "Please breathe"}),
        ("GET", "/nowhere?secret=in-the-query", None),
        ("GET", URL(f"/sit%23test=a&token={token}", encoded=True), None),
        ("GET", URL(f"/nowhere%23token={token}", encoded=True), None),
        ("POST", f"{path}/complete", {}),
    ):
        await server.call(method, where, token if "complete" in str(where) else server.service, body)
    await server.call("PUT", f"{path}/marks/essay", server.service, {"score_mpt": 1, "remark": "a remark of mine"})
    await server.stop()
    written = capfd.readouterr()
    text = written.out + written.err
    assert "the log works" in text
    for private in [*PRIVATE, token, token.split(".")[2], SECRET, "in-the-query"]:
        assert private not in text


def test_lines_have_a_time_in_utc(capfd: pytest.CaptureFixture[str], root_as_it_was: None) -> None:
    logs.configure("info")
    logging.getLogger("server.test").info("hello")
    line = capfd.readouterr().err
    assert line.endswith("Z INFO server.test: hello\n")
    assert line[4] == line[7] == "-"
    assert line[10] == "T"


def test_json_has_a_field_for_everything_one_searches_by(
    capfd: pytest.CaptureFixture[str], root_as_it_was: None
) -> None:
    logs.configure("info", "json")
    logs.speak_for("node-1")
    log = logging.getLogger("server.test")
    log.info("Attempt %s: paused", ATTEMPT, extra={"org_id": "school"})
    log.warning("attempt %s: spoken of in passing", ATTEMPT)
    log.info("nobody's \n line")
    first, second, third = (json.loads(line) for line in capfd.readouterr().err.splitlines())
    assert first.pop("at").endswith("Z")
    assert first == {
        "level": "info",
        "logger": "server.test",
        "node": "node-1",
        "message": f"Attempt {ATTEMPT}: paused",
        "attempt_id": ATTEMPT,
        "org_id": "school",
    }
    assert (second["attempt_id"], second["level"]) == (ATTEMPT, "warning")
    assert "attempt_id" not in third


def test_a_line_of_text_ends_its_logger_with_the_end_of_the_nodes_name(
    capfd: pytest.CaptureFixture[str], root_as_it_was: None
) -> None:
    logs.configure("info")
    logs.speak_for("019ab-cdef01")
    logging.getLogger("server.test").info("hello")
    assert capfd.readouterr().err.endswith("Z INFO server.test [cdef01]: hello\n")


@pytest.mark.parametrize("form", ["text", "json"])
def test_an_error_is_told_by_its_way_and_type_not_by_its_message(
    capfd: pytest.CaptureFixture[str], root_as_it_was: None, form: str
) -> None:
    logs.configure("info", form)
    try:
        try:
            raise ValueError("my secret answer")
        except ValueError as error:
            raise LookupError("my secret answer") from error
    except LookupError:
        logging.getLogger("server.test").exception("it failed")
    written = capfd.readouterr().err
    assert "ValueError" in written
    assert "LookupError" in written
    assert "test_logs.py" in written
    # The lines of our own code are shown, and here they hold the text; what the exceptions say is not.
    assert "Error: my secret" not in written


def test_a_warning_that_repeats_is_told_once_a_minute(caplog: pytest.LogCaptureFixture) -> None:
    now_s = 0.0
    fold = logs.Fold(lambda: now_s)
    logger = logging.getLogger("server.test")

    def told(level: int, text: str, *values: object) -> str | None:
        record = logger.makeRecord(logger.name, level, __file__, 1, text, values, None)
        return record.getMessage() if fold.filter(record) else None

    assert told(logging.WARNING, "%s is away", "Redis") == "Redis is away"
    assert [told(logging.WARNING, "%s is away", "Redis") for _ in range(100)] == [None] * 100
    assert told(logging.WARNING, "%s is away", "The disk") == "The disk is away", "another thing"
    assert told(logging.INFO, "Serving") == told(logging.INFO, "Serving") == "Serving", "only warnings are folded"
    now_s = 60.0
    assert told(logging.WARNING, "%s is away", "Redis") == "Redis is away (100 times more in the last 60 s)"
    now_s = 180.0
    assert told(logging.WARNING, "%s is away", "Redis") == "Redis is away"


def test_what_is_remembered_of_warnings_is_bounded() -> None:
    fold = logs.Fold(lambda: 0.0)
    logger = logging.getLogger("server.test")
    for number in range(3 * logs.Fold.MOST):
        assert fold.filter(logger.makeRecord(logger.name, logging.WARNING, __file__, 1, "%d", (number,), None))
    assert len(fold._told) == logs.Fold.MOST
