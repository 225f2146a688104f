"""Letters in mathematical styles."""

import pytest

from server.writing.letters import STYLES, styled


@pytest.mark.parametrize(
    ("text", "style", "expected"),
    [
        ("NZQRC", "double-struck", "\u2115\u2124\u211a\u211d\u2102"),
        ("A1", "double-struck", "\U0001d538\U0001d7d9"),
        ("Lg", "script", "\u2112\u210a"),
        ("gC", "fraktur", "\U0001d524\u212d"),
        ("v2", "bold", "\U0001d42f\U0001d7d0"),
        ("\u03b1", "bold-italic", "\U0001d736"),
        ("h", "italic", "\u210e"),
        ("ab", "monospace", "\U0001d68a\U0001d68b"),
        ("é 漢", "bold", "é 漢"),
    ],
)
def test_a_style(text: str, style: str, expected: str) -> None:
    assert styled(text, style) == expected


def test_no_style_loses_a_letter() -> None:
    for style in STYLES:
        assert len(styled("AbcΩω09", style)) == 7
