import pytest

from protocol.content.text import plain_text

FRACTION = '<math alttext="\\frac{1}{2}"><mfrac><mn>1</mn><mn>2</mn></mfrac></math>'


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (f"<p>Is {FRACTION} more?</p>", "Is \\frac{1}{2} more?"),
        (f"<p>{FRACTION}{FRACTION} and <b>that</b></p>", "\\frac{1}{2}\\frac{1}{2} and that"),
        ("<p>Is <math><mn>3</mn><mo>+</mo><mn>4</mn></math> more?</p>", "Is 3+4 more?"),
        ('<p>See <img src="x" alt="the curve">.</p>', "See the curve."),
        ("<p>A</p><p>B<br>C</p>", "A\nB\nC"),
    ],
)
def test_formulas_and_pictures_are_said_by_their_words(body: str, text: str) -> None:
    assert plain_text(body) == text
