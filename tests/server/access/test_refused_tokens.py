"""What the log says of tokens that were refused."""

import logging
from pathlib import Path
from typing import Any

import jwt
import pytest

from protocol.codes import Code
from protocol.errors import Refused
from server.access.refused_tokens import RefusedTokens
from server.access.tokens import Tokens
from server.settings import Settings
from tests.server.conftest import SECRET
from tests.server.harness.clock import MovableClock

CANARY = "zebra-of-the-token"


def made(clock: MovableClock, key: str = SECRET, algorithm: str = "HS256", **claims: Any) -> str:
    now_s = clock.now_ms() // 1000
    said = {"aud": "pencilsdown", "sub": CANARY, "org": CANARY, "role": "candidate", "iat": now_s, "exp": now_s + 60}
    return jwt.encode(said | claims, key, algorithm)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"key": "another key, which has more than 32 bytes"}, "not signed with the key"),
        ({"key": SECRET * 2, "algorithm": "HS512"}, "in a way that is not accepted"),
        ({"aud": CANARY}, "`aud`"),
        ({"role": CANARY}, "`role`"),
        ({"org": 7}, "`org`"),
        ({"exp": CANARY}, "`exp`"),
    ],
)
async def test_the_log_has_the_reason_and_nothing_of_the_token(
    given: dict[str, Any], said: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    clock = MovableClock()
    tokens = Tokens(Settings(data=Path("/nonexistent"), token_secret=SECRET), clock)
    text = made(clock, **given)
    with pytest.raises(Refused) as refused:
        await tokens.verify(text)
    assert refused.value.refusal.code is Code.TOKEN_INVALID
    (line,) = (record.getMessage() for record in caplog.records if record.name == "server.access.refused_tokens")
    assert said in line
    assert CANARY not in caplog.text
    assert not any(part in caplog.text for part in text.split("."))


async def test_what_is_no_token_is_said_without_its_text(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    tokens = Tokens(Settings(data=Path("/nonexistent"), token_secret=SECRET), MovableClock())
    with pytest.raises(Refused):
        await tokens.verify(CANARY)
    assert "It is no token that can be read." in caplog.text
    assert CANARY not in caplog.text


def test_a_flood_of_wrong_tokens_is_counted(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    clock = MovableClock()
    refused = RefusedTokens(clock.now_ms)
    for _ in range(1_000):
        refused.note("It is odd.")
    assert len(caplog.records) == 10
    clock.advance(60_000)
    refused.note("It is odd.")
    assert [record.getMessage() for record in caplog.records[10:]] == [
        "Tokens refused without a line of their own: 990",
        "A token was refused: It is odd.",
    ]
