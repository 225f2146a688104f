"""What Markdown becomes."""

import pytest

from server.writing.faults import WritingFault
from server.writing.markdown import Medium, html_of, inline_html_of

HASH = "0123456789abcdef" * 4
FILES = {
    "fish.png": Medium(HASH, "img", 390, 200),
    "bird song.mp3": Medium(HASH, "audio"),
    "film.mp4": Medium(HASH, "video", 320, 240),
}


@pytest.mark.parametrize(
    ("markdown", "html"),
    [
        ("A *b* **c** `d` ~~e~~", "<p>A <em>b</em> <strong>c</strong> <code>d</code> <s>e</s></p>"),
        ("It costs $5 and $6.", "<p>It costs $5 and $6.</p>"),
        ("Name {{ city }}: `{{city}}`", '<p>Name <pd-response id="city"></pd-response>: <code>{{city}}</code></p>'),
        ('{{a "b"}}', '<p><pd-response id="a &quot;b&quot;"></pd-response></p>'),
        ("```python\nif a < b:\n    pass\n```", "<pre><code>if a &lt; b:\n    pass\n</code></pre>"),
        ("    x = 1", "<pre><code>x = 1\n</code></pre>"),
        (
            "| a | b |\n|:-:|--:|\n| 1 | 2 |",
            (
                '<table>\n<thead>\n<tr>\n<th scope="col" align="center">a</th>\n<th scope="col" align="right">b</th>\n'
                '</tr>\n</thead>\n<tbody>\n<tr>\n<td align="center">1</td>\n<td align="right">2</td>\n</tr>\n</tbody>\n'
                "</table>"
            ),
        ),
        (
            "Salt[^n], more[^n]\n\n[^n]: NaCl",
            (
                '<p>Salt<sup><a href="#fn1" id="fnref1">[1]</a></sup>, '
                'more<sup><a href="#fn1" id="fnref1-1">[1]</a></sup></p>\n<hr>\n<section>\n<ol>\n'
                '<li id="fn1"><p>NaCl <a href="#fnref1">↩</a> <a href="#fnref1-1">↩</a></p>\n</li>\n</ol>\n</section>'
            ),
        ),
        (
            '![A *fish*](fish.png "Tip")',
            f'<p><img src="media:{HASH}" alt="A fish" width="390" height="200" title="Tip"></p>',
        ),
        ("![Birdsong](<bird song.mp3>)", f'<p><audio src="media:{HASH}" title="Birdsong"></audio></p>'),
        ("![Film](film.mp4)", f'<p><video src="media:{HASH}" title="Film" width="320" height="240"></video></p>'),
        (f"![x](media:{HASH})", f'<p><img src="media:{HASH}" alt="x"></p>'),
        ("a <u>b</u>", "<p>a <u>b</u></p>"),
    ],
)
def test_a_text(markdown: str, html: str) -> None:
    assert html_of(markdown, _find).strip() == html


def _find(name: str) -> Medium | None:
    return FILES.get(name.replace("%20", " "))


def test_formulas_stand_in_a_line_and_on_their_own() -> None:
    html = html_of("Half: $\\frac12$.\n\n$$\nx^2\n$$\n\nAnd $$y$$ here")
    assert html.count('display="inline"') == 1
    assert html.count('display="block"') == 2


@pytest.mark.parametrize("text", ["1984.", "- 5", "# 1", "> 3", "+ 2"])
def test_a_line_is_no_list_heading_or_quote(text: str) -> None:
    assert "<" not in inline_html_of(text)


def test_a_line_may_be_code() -> None:
    assert inline_html_of("```\na\nb\n```") == "<pre><code>a\nb\n</code></pre>"


@pytest.mark.parametrize(
    ("markdown", "said"),
    [
        ("a\n\nb $\\foo$", "Line 3: The formula `.foo` can't be used"),
        ("- a\n- b\n\n  $$x^$$", "Line 4: "),
        ("![](cat.png)", "Line 1: The file `cat.png` was not found"),
        ("![](https://example.org/cat.png)", "comes with the test"),
    ],
)
def test_a_fault_says_its_line(markdown: str, said: str) -> None:
    with pytest.raises(WritingFault, match=said):
        html_of(markdown)


def test_the_fault_of_a_line_says_none() -> None:
    with pytest.raises(WritingFault, match=r"^The formula"):
        inline_html_of("$\\foo$")
