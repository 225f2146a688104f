"""SVG pictures that do nothing and fetch nothing."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.media.faults import MediaFault
from server.media.svg import MAX_DEPTH, clean_svg

HEAD = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 30 20">'


def clean(inside: str) -> tuple[str, list[str]]:
    data, _, taken = clean_svg(f"{HEAD}{inside}</svg>".encode())
    text = data.decode()
    assert clean_svg(data)[0] == data
    return text.partition(">")[2].removesuffix("</svg>"), taken


@pytest.mark.parametrize(
    ("inside", "left"),
    [
        ('<path d="M0 0L9 9" stroke="#123"/>', '<path d="M0 0L9 9" stroke="#123"></path>'),
        ("<text x='1'>a &lt; <tspan>b</tspan> c</text>", '<text x="1">a &lt; <tspan>b</tspan> c</text>'),
        ('<g style="fill: #fff; stroke:url(#a);-inkscape-x:1"/>', '<g fill="#fff" stroke="url(#a)"></g>'),
        ('<use xlink:href="#a"/>', '<use href="#a"></use>'),
        ("<metadata>who</metadata><!-- a --><g/>", "<g></g>"),
        ('<g xmlns:i="http://example.org/i" i:label="x"><i:grid/></g>', "<g></g>"),
    ],
)
def test_what_stays(inside: str, left: str) -> None:
    assert clean(inside) == (left, [])


@pytest.mark.parametrize(
    ("inside", "left", "taken"),
    [
        ("<script>alert(1)</script>", "", "the element `<script>`"),
        ('<g onload="alert(1)"/>', "<g></g>", "`onload` of `<g>`"),
        ("<style>*{fill:red}</style>", "", "the element `<style>`"),
        ('<image href="https://example.org/x.png"/>', "", "the element `<image>`"),
        ('<use href="https://example.org/x.svg#a"/>', "<use></use>", "a link of `<use>`"),
        ('<use xlink:href="data:image/svg+xml,x"/>', "<use></use>", "a link of `<use>`"),
        ("<foreignObject><iframe xmlns='http://www.w3.org/1999/xhtml'/></foreignObject>", "", "`<foreignObject>`"),
        ('<a href="javascript:alert(1)"><text>a</text></a>', "", "the element `<a>`"),
        ('<animate attributeName="href" to="javascript:alert(1)"/>', "", "the element `<animate>`"),
        ('<set attributeName="onload" to="alert(1)"/>', "", "the element `<set>`"),
        ('<g fill="url(https://example.org/x)"/>', "<g></g>", "what `fill` of `<g>` says"),
        ('<g style="fill:URL( //example.org/x )"/>', "<g></g>", "what `fill` of `<g>` says"),
        ('<g style="fill:\\75rl(x)"/>', "<g></g>", "what `fill` of `<g>` says"),
        ('<g style="background:red"/>', "<g></g>", "the style `background` of `<g>`"),
        ("<filter><feImage href='x'/></filter>", "", "the element `<filter>`"),
    ],
)
def test_what_goes_is_told(inside: str, left: str, taken: str) -> None:
    body, gone = clean(inside)
    assert body == left
    assert any(taken in one for one in gone)


@pytest.mark.parametrize(
    ("attributes", "size"),
    [
        ('width="30" height="20px"', (30, 20)),
        ('width="1in" height="25.4mm"', (96, 96)),
        ('width="100%" height="100%" viewBox="0 0 300.4 200"', (300, 200)),
        ('viewBox="0,0,3,2"', (3, 2)),
        ('viewBox="0 0 . 2"', None),
        ("", None),
    ],
)
def test_its_size(attributes: str, size: tuple[int, int] | None) -> None:
    assert clean_svg(f'<svg xmlns="http://www.w3.org/2000/svg" {attributes}/>'.encode())[1] == size


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b'<!DOCTYPE svg [<!ENTITY a "b">]><svg/>', "defines entities"),
        (b'<!DOCTYPE svg [<!ENTITY a SYSTEM "file:///etc/passwd">]><svg>&a;</svg>', "defines entities"),
        (b"<svg", "no XML"),
        (b"<svg>&nbsp;</svg>", "no XML"),
        (b"<svg/>", "no SVG picture"),
        (b"<html xmlns='http://www.w3.org/1999/xhtml'/>", "no SVG picture"),
        ("<svg/>".encode("utf-16"), "not written in UTF-8"),
        (HEAD.encode() + b"<g>" * MAX_DEPTH + b"</g>" * MAX_DEPTH + b"</svg>", "in one another"),
        (HEAD.encode() + b"<g/>" * 20_001 + b"</svg>", "more than 20000 elements"),
        (HEAD.encode() + b"<g>" * 200_000 + b"</g>" * 200_000 + b"</svg>", "in one another"),
        (b"<svg>" + b"x" * 2_100_000, "larger than 2 MiB"),
    ],
    ids=[str(number) for number in range(11)],
)
def test_what_is_refused(data: bytes, said: str) -> None:
    with pytest.raises(MediaFault, match=said):
        clean_svg(data)


def test_a_plain_document_type_is_no_harm() -> None:
    named = '<?xml version="1.0"?><!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/TR/svg11.dtd">'
    assert clean_svg((named + HEAD + "</svg>").encode())[1] == (30, 20)


PIECES = [
    *'<>"/= ',
    "<g>",
    "</g>",
    "<a href='x'>",
    "</a>",
    "<i:x/>",
    "style='",
    "fill:url(",
    "&lt;",
    "]]>",
    "<![CDATA[",
    "é",
]


@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=3), max_size=15).map("".join))
def test_any_picture_is_taken_or_refused(inside: str) -> None:
    with suppress(MediaFault):
        clean(inside)
