"""What is left of HTML: the vectors, and what must hold of anything."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import protocol
from protocol import markup
from server.writing.faults import WritingFault
from server.writing.sanitise import sanitise

VECTORS: list[dict[str, Any]] = json.loads((Path(protocol.__file__).parent / "vectors/bodies.json").read_text("utf-8"))

PIECES = [
    *("<p>", "</p>", "<b>", "</b>", "<i>", "</i>", "<a href='https://x.example/'>", "</a>", "<a id=x href='#y'>"),
    *("<table>", "<tr>", "<td>", "</td>", "</table>", "<caption>", "<ul>", "<li>", "</ul>", "<pre>\n", "</pre>"),
    *("<math>", "<mi>", "</mi>", "<mtext>", "</mtext>", "</math>", "<mglyph>", "<mrow>", "<annotation-xml>", "<svg>"),
    *("</svg>", "<style>", "</style>", "<script>", "</script>", "<title>", "</title>", "<form>", "</form>", "<!--"),
    *("-->", "<![CDATA[", "]]>", "<img src=x onerror=y>", "<br>", "<hr>", "<ruby>", "<rt>", "<select>", "<template>"),
    *("</template>", "<noscript>", "</noscript>", "<h1>", "</h1>", "<div align=left>", "</div>", "<p title='-->'>"),
    *("&", "&lt;", "&nbsp;", "&#0;", "<", ">", '"', "'", "\n", " ", "\xa0", "\u2028", "a", "é", "\ufeff", "<x-y z=1>"),
]
SOUP = st.lists(st.sampled_from(PIECES) | st.text(max_size=5), max_size=25).map("".join)


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_the_vectors(vector: dict[str, Any]) -> None:
    assert sanitise(vector["html"]) == (vector["body"], vector["taken"])


@given(SOUP, st.booleans())
def test_to_clean_a_body_again_changes_nothing(html: str, line: bool) -> None:
    try:
        body = sanitise(html, line).body
    except WritingFault:
        return
    assert sanitise(body, line) == (body, [])


def test_a_line_has_no_blocks() -> None:
    body, taken = sanitise("<p>a <b>b</b></p><table><tr><td>c</table><pd-response id='x'></pd-response>", line=True)
    assert body == "a <b>b</b>c"
    assert "the element `<p>`" in taken
    assert "the element `<pd-response>`" in taken


def test_what_nests_too_deep_is_refused() -> None:
    depth = markup.MAX_DEPTH
    assert sanitise("<div>" * depth + "a" + "</div>" * depth).taken == []
    with pytest.raises(WritingFault, match="inside one another"):
        sanitise("<div>" * (depth + 1) + "a")


@pytest.mark.parametrize(
    ("html", "said"),
    [
        ("<pd-response id='a'>the rest", "is not closed at once"),
        ("<pd-gap id='a'><b>x</b></pd-gap>", "is not closed at once"),
        ("<pd-response></pd-response>", "has no `id`"),
        ("<pd-hot>a</pd-hot>", "has no `id`"),
    ],
)
def test_a_place_is_written_whole(html: str, said: str) -> None:
    with pytest.raises(WritingFault, match=said):
        sanitise(html)


def test_no_more_than_some_losses_are_told_one_by_one() -> None:
    assert len(sanitise("".join(f"<x{number}>" for number in range(100))).taken) == 20
