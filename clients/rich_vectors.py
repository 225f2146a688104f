"""Rich text as vectors: what is right, with its text and its words, and what is not, with its fault."""

# ruff: noqa: RUF001 (characters that are easily taken for others are what this is about)

from collections.abc import Iterator, Sequence
from random import Random
from typing import Any, Final

from protocol.rich import check, count_words, text_of

_WRITTEN: Final = 120
_HURT: Final = 240

_RIGHT: Final = (
    "",
    "<p>One word.</p>",
    "<p>Two<br>words</p>",
    "<h2>Why</h2><p>Because <strong>it</strong> <em>is</em>.</p><h3>So</h3>",
    "<p></p><p>x</p><p></p>",
    "<p>a &lt; b &amp;&amp; c &gt; d</p>",
    "<p>&amp;lt;</p>",
    "<pre>if a:\n\tb</pre>",
    "<pre>\nx</pre><p>y</p>",
    "<ul><li><p>one</p></li><li><p>two</p><ol><li><p>three</p></li></ol></li></ul>",
    "<ol><li><p></p><pre>x</pre></li></ol>",
    "<blockquote><blockquote><p>q</p></blockquote><ul><li><p>r</p></li></ul></blockquote>",
    "<p><strong><em><u><s><sub><code>x</code></sub></s></u></em></strong></p>",
    "<p>x<sup>2</sup> H<sub>2</sub>O</p>",
    "<p>a  b   c</p>",
    "<p>a\u00a0b\u3000c\u2009d</p>",
    "<p>日本語のテスト 二〇二六 abc</p>",
    "<p>مرحبا بالعالم 123</p>",
    "<p>\u2067مرحبا\u2069 \u200fx\u200e</p>",
    "<p>don't – re-use … 3,5 ½ ² Ⅷ</p>",
    "<p>𝄞 Zoë \U0001f600 \U00020000</p>",
    "<ul><li><p>x</p></li></ul>" * 3,
)
_WRONG: Final = (
    "x",
    " ",
    "<p> </p>",
    "<p>\u200b</p>",
    "<p></p>",
    "<p><br></p>",
    "<pre>\n</pre>",
    "<p>x</p>\n<p>y</p>",
    "<p>x</p> ",
    "<p>x",
    "<p>x</p></p>",
    "<p>x</div>",
    "<p><em>x</p></em>",
    "<p><em>x</strong></p>",
    "<p><em></em>x</p>",
    "<p><em>a<em>b</em></em></p>",
    "<P>x</P>",
    "<p >x</p>",
    '<p class="a">x</p>',
    "<p dir='rtl'>x</p>",
    "<p onclick=alert(1)>x</p>",
    "<p>x<br/></p>",
    "<p>x</br></p>",
    "<p><br>x</br></p>",
    "<br>",
    "<p><p>x</p></p>",
    "<p><ul><li><p>x</p></li></ul></p>",
    "<ul>x</ul>",
    "<ul></ul>",
    "<ul><p>x</p></ul>",
    "<ul><li>x</li></ul>",
    "<ul><li></li></ul>",
    "<ul><li><ul><li><p>x</p></li></ul></li></ul>",
    "<li><p>x</p></li>",
    "<blockquote>x</blockquote>",
    "<blockquote></blockquote><p>x</p>",
    "<pre><code>x</code></pre>",
    "<pre>x<br></pre>",
    "<em>x</em>",
    "<div>x</div>",
    "<script>alert(1)</script>",
    "<p><script>alert(1)</script></p>",
    "<p>x</p><script>",
    "<p><img src=x onerror=alert(1)></p>",
    '<p><a href="javascript:alert(1)">x</a></p>',
    "<p><svg><g onload=alert(1)></svg></p>",
    "<p><math><mi>x</mi></math></p>",
    '<p><pd-response id="a"></pd-response></p>',
    "<p><template>x</template></p>",
    "<style>p{}</style><p>x</p>",
    "<iframe>",
    "<!-- x --><p>x</p>",
    "<p><![CDATA[x]]></p>",
    '<?xml version="1.0"?><p>x</p>',
    "<!DOCTYPE html><p>x</p>",
    "<p>a < b</p>",
    "<p>a <b</p>",
    "<p>a > b</p>",
    "<p>a & b</p>",
    "<p>&nbsp;x</p>",
    "<p>&#60;x</p>",
    "<p>&#x3c;x</p>",
    "<p>&quot;x</p>",
    "<p>&amp</p>",
    "<p>&AMP;</p>",
    "<p>a\x00b</p>",
    "<p>a\x07b</p>",
    "<p>a\x1bb</p>",
    "<p>a\x7fb</p>",
    "<p>a\x85b</p>",
    "<p>a\rb</p>",
    "<p>a\nb</p>",
    "<p>a\tb</p>",
    "<p>a\u2028b</p>",
    "<p>a\u202eb</p>",
    "<p>a\u202ab\u202c</p>",
    "<p>a\ufffeb</p>",
    "<p>x</p" + "<",
    "<",
    "</p>",
    "<>",
    "</>",
    "<blockquote>" * 9 + "<p>x</p>" + "</blockquote>" * 9,
    "<p>" + "<em>" * 50 + "x" + "</em>" * 50 + "</p>",
    "<ul><li><p>x</p>" * 9 + "</li></ul>" * 9,
)
_WORDS: Final = (
    "word",
    "zwei",
    "ثلاثة",
    "四",
    "5",
    "–",
    " ",
    "  ",
    "&amp;",
    "&lt;",
    "x²",
    "\u00a0",
    "\u3000",
    "é",
    "👩‍🎓",
)
_BITS: Final = (
    *("<", ">", "&", "</p>", "<p>", "<em>", "</em>", "<br>", "<ul>", "<li>", "</li>", "</ul>", "<pre>", "\n", "\t"),
    *(' class="x"', "<b>", "&nbsp;", "\x00", "\u202e", "\u2067", "<strong>", "<blockquote>", "</blockquote>", "<h2>"),
)


def rich() -> Iterator[dict[str, Any]]:
    """Texts; what is wrong with each, or null; then how it reads without its markup, its characters and its words."""
    chance = Random("rich")  # noqa: S311 (the vectors are the same each time)
    written = [_blocks(chance, 0) for _ in range(_WRITTEN)]
    hurt = [_hurt(chance, chance.choice((*_RIGHT, *written))) for _ in range(_HURT)]
    for markup in (*_RIGHT, *_WRONG, *written, *hurt):
        fault = check(markup)
        text = text_of(markup)
        if fault is None:
            yield {"markup": markup, "fault": None, "text": text, "chars": len(text), "words": count_words(text)}
        else:
            yield {"markup": markup, "fault": fault}


def _blocks(chance: Random, depth: int) -> str:
    return "".join(_block(chance, depth) for _ in range(chance.choice((1, 1, 2, 3))))


def _block(chance: Random, depth: int) -> str:
    kind = chance.choice(("p", "p", "p", "h2", "h3", "pre", "ul", "ol", "blockquote"))
    if kind == "pre":
        return f"<pre>{''.join(chance.choice((*_WORDS, chr(10))) for _ in range(chance.randint(0, 5)))}</pre>"
    if kind == "blockquote" and depth < 3:
        return f"<blockquote>{_blocks(chance, depth + 1)}</blockquote>"
    if kind in ("ul", "ol") and depth < 3:
        items = [f"<li><p>{_phrases(chance, ())}</p>{_more(chance, depth)}</li>" for _ in range(chance.randint(1, 3))]
        return f"<{kind}>{''.join(items)}</{kind}>"
    line = kind if kind in ("h2", "h3") else "p"
    return f"<{line}>{_phrases(chance, ())}</{line}>"


def _more(chance: Random, depth: int) -> str:
    return _blocks(chance, depth + 1) if chance.random() < 0.3 else ""


def _phrases(chance: Random, marks: Sequence[str]) -> str:
    parts: list[str] = []
    for _ in range(chance.randint(1, 4)):
        mark = chance.choice(("strong", "em", "u", "s", "sub", "sup", "code"))
        if chance.random() < 0.3 and mark not in marks and len(marks) < 3:
            parts.append(f"<{mark}>{_phrases(chance, (*marks, mark))}</{mark}>")
        else:
            parts.append(chance.choice((*_WORDS, *_WORDS, "<br>")))
    return "".join(parts)


def _hurt(chance: Random, markup: str) -> str:
    at = chance.randint(0, len(markup))
    cut = chance.choice((0, 0, 1, 4))
    return markup[:at] + chance.choice(("", *_BITS)) + markup[at + cut :]
