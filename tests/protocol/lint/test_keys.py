import pytest

from protocol.content import AcceptedText, ShortText
from protocol.lint.keys import untypable_key
from tests.protocol.lint.made import content, q


@pytest.mark.parametrize("text", ["x\x07", "\ue000", "a\U0010fffeb"])
def test_a_key_that_can_not_be_typed_is_found(text: str) -> None:
    [found] = untypable_key(content(q(ShortText(accepted=["right", AcceptedText(text=text)]))))
    assert found.says.startswith("Accepted answer 2 can't be typed: it has the character U+")
    assert text not in found.says


@pytest.mark.parametrize("text", ["Zürich", "a\tb\nc", "東京", "10³", "e\u0301", "👩\u200d🔬"])
def test_what_people_type_is_no_finding(text: str) -> None:
    assert not list(untypable_key(content(q(ShortText(accepted=[text])))))
