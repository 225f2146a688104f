import pytest

from protocol.texts import shows_nothing

UNSEEN = ["", " \n\t", "\0", "\x07\x1b\x7f", "\x85\u2028\u2029", "\u200b\u200d\ufeff", "\u00ad\u061c\u180e"]
UNSEEN += ["\u115f\u3164\uffa0", "\u2800", "\u202e\u2066", "\ufe0f", "\ufff9", "\U000e0041", "\u3000\u00a0"]


@pytest.mark.parametrize("text", UNSEEN)
def test_what_nobody_can_see_is_nothing(text: str) -> None:
    assert shows_nothing(text)
    assert not shows_nothing(f"{text}!{text}")


@pytest.mark.parametrize("text", ["a", "…", "é", "👩‍🚀", "می‌شود", "\u0301", "−"])
def test_what_can_be_seen_is_something(text: str) -> None:
    assert not shows_nothing(text)
