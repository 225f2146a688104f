"""LaTeX becomes MathML. A formula that can't be read whole is refused by name, and never shown half."""

import re
from collections.abc import Callable
from typing import Final
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from latex2mathml.converter import convert
from latex2mathml.exceptions import (
    DenominatorNotFoundError,
    DoubleSubscriptsError,
    DoubleSuperscriptsError,
    ExtraLeftOrMissingRightError,
    InvalidAlignmentError,
    InvalidStyleForGenfracError,
    InvalidWidthError,
    LimitsMustFollowMathOperatorError,
    MissingEndError,
    MissingSuperScriptOrSubscriptError,
    NoAvailableTokensError,
    NumeratorNotFoundError,
)

from server.writing.faults import WritingFault, cut
from server.writing.mathml import tidied

MAX_FORMULA_CHARS: Final = 4_000
"""A page of aligned equations. The converter takes 60 ms for so many, and its time grows with their square."""
MAX_BRACES: Final = 24
"""Braces inside one another. The converter calls itself for each."""

_FAULTS: Final[dict[type[Exception], str]] = {
    DenominatorNotFoundError: "a denominator is missing",
    DoubleSubscriptsError: "two subscripts follow one another; put braces around what they belong to",
    DoubleSuperscriptsError: "two superscripts follow one another; put braces around what they belong to",
    ExtraLeftOrMissingRightError: "a `\\left` and its `\\right` do not match",
    InvalidAlignmentError: "a column of an array is none of `l`, `c`, `r` and `|`",
    InvalidStyleForGenfracError: "the style of a `\\genfrac` is not known",
    InvalidWidthError: "a width is not known",
    LimitsMustFollowMathOperatorError: "`\\limits` stands behind something that has no limits",
    MissingEndError: "a `\\begin` and its `\\end` do not match",
    MissingSuperScriptOrSubscriptError: "nothing follows a `^` or `_`",
    NoAvailableTokensError: "something is missing at its end",
    NumeratorNotFoundError: "a numerator is missing",
}
_REFUSED: Final = re.compile(
    r"\\(?:newcommand|renewcommand|providecommand|def|let|href|url|class|style|cssId|html\w*|color|textcolor|colorbox"
    r"|fcolorbox|boxed|fbox|b?cancel|xcancel|enclose|rule|require|unicode|label|ref|eqref|tag|hspace|hskip|kern|mkern"
    r"|mskip|mathchoice)(?![A-Za-z])"
)
"""What the converter passes over in silence, and what a page can't show or must not."""
_TEXTS: Final = re.compile(r"\\(?:text|textbf|textit|textrm|textsf|texttt|mbox|hbox|operatorname\*?)\s*\{[^{}]*\}")
_COMMENT: Final = re.compile(r"(?<!\\)(?:\\\\)*%")
_UPRIGHT: Final = re.compile(r"\\mathrm\s*\{\s*([A-Za-z])\s*\}")
_SAME: Final = {"aligned": "split", "align": "align*", "eqnarray": "align*", "eqnarray*": "align*"}
"""Environments that the converter does not know, or would number."""
_GATHERED: Final = re.compile(r"\\(begin|end)\{(?:gather|gathered|multline)\*?\}")
_NO_TEXT: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\uf8ff\ufffe\uffff]")
_SIGNS: Final = {"<": "\ue000", ">": "\ue001", "&": "\ue002"}
"""Signs of XML inside of a text: the converter would write them as they are."""


def mathml(latex: str, block: bool = False) -> str:
    """The `<math>` element of a formula, with the LaTeX as its `alttext`. Raises `WritingFault` with what is wrong."""
    written = " ".join(latex.split())
    refuse = _refusing(written)
    if len(latex) > MAX_FORMULA_CHARS:
        raise refuse(f"it has more than {MAX_FORMULA_CHARS} characters")
    _check(written, refuse)
    try:
        xml = convert(_prepared(written), display="block" if block else "inline")
    except tuple(_FAULTS) as fault:
        raise refuse(_FAULTS[type(fault)]) from None
    except (IndexError, KeyError, ValueError, TypeError, AttributeError, RuntimeError, StopIteration):
        # The converter has no name for everything that it can't read.
        raise refuse("it can't be read") from None
    try:
        # No `<` was given to the converter, so that all markup is its own.
        root: Element = ElementTree.fromstring(xml)  # noqa: S314
    except ElementTree.ParseError:
        raise refuse("an `&` stands outside of a table; write `\\&` for the sign") from None
    return tidied(root, written, refuse)


def _refusing(latex: str) -> Callable[[str], WritingFault]:
    return lambda why: WritingFault(f"The formula `{cut(latex)}` can't be used: {why}.")


def _check(latex: str, refuse: Callable[[str], WritingFault]) -> None:
    if not latex:
        raise refuse("it is empty")
    if _NO_TEXT.search(latex):
        raise refuse("it has a character that shows nothing")
    if found := _REFUSED.search(latex):
        raise refuse(f"`{found[0]}` is not known here")
    if _COMMENT.search(latex):
        raise refuse("a `%` begins a comment; write `\\%` for the sign")
    depth = 0
    for sign in re.findall(r"\\.|[{}]", latex):
        depth += {"{": 1, "}": -1}.get(sign, 0)
        if depth < 0:
            raise refuse("a brace is closed that was not opened")
        if depth > MAX_BRACES:
            raise refuse(f"more than {MAX_BRACES} braces stand inside one another")
    if depth:
        raise refuse("a brace is not closed")


def _prepared(latex: str) -> str:
    """The formula in words that the converter knows."""
    for there, here in _SAME.items():
        for end in ("begin", "end"):
            latex = latex.replace(f"\\{end}{{{there}}}", f"\\{end}{{{here}}}")
    latex = _GATHERED.sub(r"\\\1{matrix}", latex)
    latex = _UPRIGHT.sub(r"\\mathrm{{\1}}", latex)
    latex = _TEXTS.sub(lambda text: "".join(_SIGNS.get(sign, sign) for sign in _plain(text[0])), latex)
    for sign, angle, name in (("<", "langle", "lt"), (">", "rangle", "gt")):
        latex = re.sub(rf"\\(left|right|middle|[bB]igg?[lrm]?)\s*{sign}", rf"\\\1\\{angle} ", latex)
        latex = latex.replace(sign, f"\\{name} ")
    return latex


def _plain(text: str) -> str:
    return text.replace("\\&", "&").replace("\\%", "%").replace("\\_", "_").replace("\\#", "#").replace("\\$", "$")
