"""What attributes may say."""

import pytest

from protocol import markup
from server.writing.values import MAX_SPAN, MAX_WORDS, kept


@pytest.mark.parametrize(
    ("element", "attribute", "value", "expected"),
    [
        ("a", "href", "https://example.org/a?b=1#c", "https://example.org/a?b=1#c"),
        ("a", "href", "https://example.org/a b", None),
        ("a", "href", "HTTPS://example.org/", None),
        ("a", "href", "#x", "#b-x"),
        ("a", "href", "#b-x", "#b-x"),
        ("a", "href", "#1", None),
        ("a", "rel", "opener", "noopener noreferrer"),
        ("a", "id", "x y", None),
        ("pd-response", "id", "x y", "x y"),
        ("pd-response", "id", "x" * 129, None),
        ("td", "headers", "a b-b 1", "b-a b-b"),
        ("td", "colspan", str(MAX_SPAN), str(MAX_SPAN)),
        ("td", "colspan", str(MAX_SPAN + 1), None),
        ("td", "colspan", "0", None),
        ("td", "colspan", "²", None),
        ("td", "align", "RIGHT", "right"),
        ("img", "width", "390", "390"),
        ("img", "width", "0", None),
        ("img", "width", "50%", None),
        ("mspace", "width", "-0.167em", "-0.167em"),
        ("mspace", "width", "em", None),
        ("mspace", "width", "100em", None),
        ("img", "alt", "x" * MAX_WORDS, "x" * MAX_WORDS),
        ("img", "alt", "x" * (MAX_WORDS + 1), None),
        ("p", "lang", "de-CH", "de-CH"),
        ("mi", "lang", "de", None),
        ("p", "onclick", "x", None),
        ("script", "src", "media:" + "0" * 64, None),
    ],
)
def test_an_attribute(element: str, attribute: str, value: str, expected: str | None) -> None:
    assert kept(element, attribute, value) == expected


def test_every_attribute_that_an_element_may_have_has_a_check() -> None:
    for element, attributes in markup.ATTRIBUTES.items():
        for attribute in attributes | markup.EVERYWHERE:
            kept(element, attribute, "x")
