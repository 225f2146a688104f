"""Texts of questions, and rich text of answers, as fuzz targets: each is taken, or refused by a sentence."""

import json
from pathlib import Path
from typing import Final

import protocol
from protocol.rich import check, count_words, text_of
from server.writing.bodies import body_of, inline_of
from server.writing.faults import WritingFault
from server.writing.sanitise import sanitise

VECTORS: Final = Path(protocol.__file__).parent / "vectors" / "bodies.json"
RICH: Final = Path(protocol.__file__).parent / "vectors" / "rich.json"


def said(fault: WritingFault) -> None:
    """A sentence that a log and a client can take."""
    assert 1 <= len(str(fault).encode()) <= 3_000, fault


def check_html(data: bytes) -> None:
    html = data.decode("utf-8", "replace")
    for line in (False, True):
        try:
            body = sanitise(html, line).body
        except WritingFault as fault:
            said(fault)
            continue
        assert sanitise(body, line) == (body, [])


def check_markdown(data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    for write, line in ((body_of, False), (inline_of, True)):
        try:
            body = write(text)
        except WritingFault as fault:
            said(fault)
            continue
        assert sanitise(body, line) == (body, [])


def check_rich(data: bytes) -> None:
    """What is taken says the same to a reader of HTML: nothing in it is taken out or means something else there."""
    markup = data.decode("utf-8", "replace")
    if check(markup) is None:
        assert count_words(text_of(markup)) <= len(markup)
        # A reader of HTML passes over a line break at the beginning of `pre`, and writes a reference for its space.
        plain = markup.replace("<pre>\n", "<pre>").replace("\u00a0", "&nbsp;")
        assert sanitise(plain, line=False) == (plain, [])


def some_rich() -> list[bytes]:
    return [vector["markup"].encode() for vector in json.loads(RICH.read_text("utf-8"))]


def some_html() -> list[bytes]:
    return [vector[name].encode() for vector in json.loads(VECTORS.read_text("utf-8")) for name in ("html", "body")]


def some_markdown() -> list[bytes]:
    return [
        b"# A\n\n*b* **c** `d` ~~e~~ [f](https://example.org/) <b>g</b>\n\n- h\n- i\n\n> j\n",
        b"| a | b |\n|:--|--:|\n| $x$ | {{y}} |\n\n```python\nif a < b:\n```\n\n    code\n",
        b"$\\frac{1}{2}$ and $$\\begin{pmatrix}1&2\\\\3&4\\end{pmatrix}$$\n\nNote[^1] ^[here]\n\n[^1]: There\n",
        b"$\\begin{cases}x & \\text{if } x<0 \\\\ \\left(\\sum_{i}^{n} i\\right) & \\end{cases}$ costs $5",
        b"![a](media:00) ![b](c.png)",
    ]
