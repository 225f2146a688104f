import pytest

from protocol.content import Rules
from protocol.integrity.captures import Capture
from protocol.lint.consent import consent_required
from tests.protocol.lint.made import FACT, content, q


@pytest.mark.parametrize(
    ("captures", "named"),
    [
        ([], []),
        ([Capture("camera", "offered", 30_000, 30)], []),
        ([Capture("camera", "required", 30_000, 30)], ["camera_ended: say"]),
        ([Capture("screen", "if_able", 30_000, 30)], ["screen_ended, and who says that her device can't: say"]),
    ],
)
def test_pictures_that_are_required_are_something_to_look_at(captures: list[Capture], named: list[str]) -> None:
    found = list(consent_required(content(q(FACT), rules=Rules(captures=captures))))
    assert [one.code for one in found] == ["consent_required"] * len(named)
    assert all(words in one.says for one, words in zip(found, named, strict=True))
