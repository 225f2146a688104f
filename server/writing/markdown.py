"""Markdown becomes HTML: CommonMark with tables, footnotes, strikethrough, formulas and places of interactions.

What comes out is not safe: `sanitise` makes a body of it.
"""

import re
from collections.abc import Callable, Sequence
from html import escape
from typing import Final, Literal, NamedTuple

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict
from mdit_py_plugins.dollarmath import dollarmath_plugin
from mdit_py_plugins.footnote import footnote_plugin

from server.writing.faults import WritingFault, cut
from server.writing.maths import mathml

MAX_NESTING: Final = 20
"""Lists and quotes inside one another."""
_PLACE: Final = re.compile(r"\{\{[ \t]*([^{}\n]{1,128}?)[ \t]*\}\}")
_SCHEME: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")


class Medium(NamedTuple):
    """A stored file: its hash, what plays it, and for pictures their size in pixels."""

    hash: str
    kind: Literal["img", "audio", "video"]
    width: int | None = None
    height: int | None = None


Find = Callable[[str], Medium | None]
"""Looks a file up by the name that the text has for it; None: there is none."""


def no_media(name: str) -> Medium | None:
    return None


def html_of(markdown: str, find: Find = no_media) -> str:
    """The HTML of a text of several blocks. Raises `WritingFault` for a formula that can't be read, and for a file that
    is not there."""
    return str(_PARSER.render(markdown, {"find": find}))


def inline_html_of(markdown: str, find: Find = no_media) -> str:
    """The HTML of one line, without a block around it. A text with a fence is read in blocks: an option may be code."""
    text = markdown.strip()
    if "\n" in text and re.search(r"^(```|~~~)", text, re.MULTILINE):
        html = html_of(text, find).strip()
        return re.sub(r"</?p>", "", html)
    return str(_PARSER.renderInline(text.replace("\n", " "), {"find": find, "one_line": True}))


def _place(state: StateInline, silent: bool) -> bool:
    """The rule for `{{name}}`."""
    found = _PLACE.match(state.src, state.pos)
    if found is None:
        return False
    if not silent:
        state.push("place", "", 0).content = found[1]
    state.pos = found.end()
    return True


def _draw_all(state: StateCore) -> None:
    """Draws what this project draws in its own way, while the line where it stands is known."""
    for token in state.tokens:
        for part in (token, *(token.children or ())):
            try:
                html = _drawn(part, state)
            except WritingFault as fault:
                where = f"Line {token.map[0] + 1}: " if token.map and "one_line" not in state.env else ""
                raise WritingFault(f"{where}{fault}") from None
            if html is not None:
                part.type, part.content = "drawn", html


def _drawn(token: Token, state: StateCore) -> str | None:
    match token.type:
        case "math_inline":
            return mathml(token.content)
        case "math_inline_double":
            return mathml(token.content, block=True)
        case "math_block":
            return mathml(token.content, block=True) + "\n"
        case "place":
            return f'<pd-response id="{escape(token.content)}"></pd-response>'
        case "image":
            return _picture(token, state)
        case "fence" | "code_block":
            return f"<pre><code>{escape(token.content, quote=False)}</code></pre>\n"
        case "th_open" | "td_open":
            return _cell(token)
        case "footnote_ref":
            number, name = _note(token)
            return f'<sup><a href="#fn{number}" id="fnref{name}">[{number}]</a></sup>'
        case "footnote_block_open":
            return "<hr>\n<section>\n<ol>\n"
        case "footnote_open":
            return f'<li id="fn{_note(token)[0]}">'
        case "footnote_anchor":
            return f' <a href="#fnref{_note(token)[1]}">↩</a>'
    return None


def _picture(token: Token, state: StateCore) -> str:
    source = str(token.attrs.get("src", ""))
    assert isinstance(state.md.renderer, RendererHTML)
    words = state.md.renderer.renderInlineAsText(token.children or [], state.md.options, state.env)
    medium = state.env["find"](source)
    if medium is None and not source.startswith("media:"):
        what = "is no file of this test; a picture comes with the test" if _SCHEME.match(source) else "was not found"
        raise WritingFault(f"The file `{cut(source)}` {what}.")
    found = medium or Medium(source.removeprefix("media:"), "img")
    attributes = {"src": f"media:{found.hash}", "alt" if found.kind == "img" else "title": words}
    if found.kind != "audio" and found.width and found.height:
        attributes |= {"width": str(found.width), "height": str(found.height)}
    if found.kind == "img" and token.attrs.get("title"):
        attributes["title"] = str(token.attrs["title"])
    written = "".join(f' {name}="{escape(value)}"' for name, value in attributes.items())
    return f"<{found.kind}{written}>" + ("" if found.kind == "img" else f"</{found.kind}>")


def _cell(token: Token) -> str:
    """The parser aligns cells by a style, which no page allows."""
    side = str(token.attrs.get("style", "")).removeprefix("text-align:")
    return f"<{token.tag}" + (' scope="col"' if token.tag == "th" else "") + (f' align="{side}">' if side else ">")


def _note(token: Token) -> tuple[str, str]:
    """The number of a footnote, and the name of one reference to it."""
    number, again = str(token.meta["id"] + 1), token.meta.get("subId", 0)
    return number, f"{number}-{again}" if again > 0 else number


def _written(self: RendererHTML, tokens: Sequence[Token], at: int, options: OptionsDict, env: EnvType) -> str:
    return tokens[at].content


def _ended(self: RendererHTML, tokens: Sequence[Token], at: int, options: OptionsDict, env: EnvType) -> str:
    return "</ol>\n</section>\n"


def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": True, "maxNesting": MAX_NESTING})
    parser.enable(["table", "strikethrough"])
    parser.use(footnote_plugin)
    parser.use(
        dollarmath_plugin,
        allow_space=False,
        allow_digits=False,
        allow_labels=False,
        allow_blank_lines=False,
        double_inline=True,
    )
    parser.inline.ruler.before("emphasis", "place", _place)
    parser.core.ruler.push("draw", _draw_all)
    parser.add_render_rule("drawn", _written)
    parser.add_render_rule("footnote_block_close", _ended)
    return parser


_PARSER: Final = _parser()
