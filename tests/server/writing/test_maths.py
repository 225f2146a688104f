"""Formulas as schools and universities write them."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.writing.faults import WritingFault
from server.writing.maths import MAX_FORMULA_CHARS, mathml
from server.writing.sanitise import sanitise

READ = r"""
\frac13
\dfrac{a+b}{c} - \tfrac12
\sqrt{2} + \sqrt[3]{x+1}
\sum_{i=1}^{n} i^2
\prod_{k=0}^{\infty} a_k
\int_0^1 x^2\,dx
\oint_C \vec F\cdot d\vec r
\lim_{x \to 0} \frac{\sin x}{x} = 1
\begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix}
\begin{bmatrix} a & b \\ c & d \end{bmatrix}
\begin{vmatrix} a & b \\ c & d \end{vmatrix}
\left(\begin{array}{cc|c} 1 & 2 & 3 \\ \hline 4 & 5 & 6 \end{array}\right)
f(x) = \begin{cases} x & x \ge 0 \\ -x & \text{otherwise} \end{cases}
\begin{aligned} a &= b + c \\ &= d \end{aligned}
\begin{align} a &= b \\ c &= d \end{align}
\begin{gather} a \\ b \end{gather}
\vec{v} = \overrightarrow{AB}
\hat{x}, \bar{y}, \tilde z, \dot q, \ddot q, \mathring{A}
\overline{AB}, \underline{x}, \underbrace{a+b}_{n}, \overbrace{a+b}^{n}
\mathrm{SO_4^{2-}}
2\,\mathrm{H_2} + \mathrm{O_2} \rightarrow 2\,\mathrm{H_2O}
^{14}_{6}\mathrm{C}
9.81\,\mathrm{m/s^2}
5~\text{kg}\cdot\text{m}^2
20\,^\circ\mathrm{C}
\left( \frac{1}{2} \right)^n
\left\{ x \middle| x > 0 \right\}
\left.\frac{df}{dx}\right|_{x=0}
\left< x, y \right>
\bigl( x \bigr)
\binom{n}{k}
{n \choose k}
x_1, x_2, \ldots, x_n
x^{2^{3}}
a_{ij}^{(k)}
\mathbb{R} \subset \mathbb C, \mathcal{L}, \mathfrak{g}
\mathbf{A}\mathbf{x}=\mathbf{b}, \boldsymbol{\alpha}
\alpha\beta\gamma\Gamma\Delta\Omega\varepsilon\varphi
A \cup B \cap C \subseteq E \in F \notin G \setminus \emptyset
\forall x \exists y : x \neq y
p \land q \lor \lnot r \implies s \iff t
\Rightarrow \Leftarrow \to \mapsto
\angle ABC = 90^\circ
\triangle ABC \sim \triangle DEF
|x| \le 3, \|v\|, \lfloor x \rfloor, \lceil y \rceil
\frac{\partial f}{\partial x} + \nabla \times \vec{E}
e^{i\pi} + 1 = 0
\sin^2\theta + \cos^2\theta = 1
\tan^{-1} x, \log_{10} x, \ln(x)
f''(x), x'^2
\pm \times \div \cdot
50\,\% + \$5
a \equiv b \pmod{n}
\operatorname{lcm}(a,b)
\text{if } x < y & \text{A \& B}
\xrightarrow{\Delta}
\overset{?}{=}
\hbar \ell \Re \Im
\sum_{\substack{i<n \\ j<m}} a_{ij}
1{,}5
\begin{matrix} 1 & \cdots & n \\ \vdots & \ddots & \vdots \end{matrix}
\phantom{x} y
3 \bmod 2
"""

LATEX = [formula for formula in READ.strip().splitlines() if "& \\text{A" not in formula]


def inner(latex: str, block: bool = False) -> str:
    return re.sub(r"^<math [^>]*>|</math>$", "", mathml(latex, block))


@pytest.mark.parametrize("latex", LATEX)
def test_a_formula_is_read_whole_and_is_a_body(latex: str) -> None:
    for block in (False, True):
        written = mathml(latex, block)
        body, taken = sanitise(written)
        assert taken == []
        assert "\\" not in re.sub(r'alttext="[^"]*"', "", body)
        assert f'display="{"block" if block else "inline"}"' in body


@pytest.mark.parametrize(
    ("latex", "expected"),
    [
        (r"\frac13", "<mrow><mfrac><mn>1</mn><mn>3</mn></mfrac></mrow>"),
        ("1{,}5", "<mrow><mn>1,5</mn></mrow>"),
        (r"\text{a < b & c}", "<mrow><mtext>a\xa0&lt;\xa0b\xa0&amp;\xa0c</mtext></mrow>"),
        (r"\mathrm{V}", '<mrow><mrow><mrow><mi mathvariant="normal">V</mi></mrow></mrow></mrow>'),
        (r"\mathbb N", "<mrow><mi>\u2115</mi></mrow>"),
        (r"\lnot p", "<mrow><mo>¬</mo><mi>p</mi></mrow>"),
        (
            r"2\sin x",
            (
                '<mrow><mn>2</mn><mspace width="0.167em"></mspace><mi>sin</mi><mo>\u2061</mo>'
                '<mspace width="0.167em"></mspace><mi>x</mi></mrow>'
            ),
        ),
        (
            r"\ln(x)",
            '<mrow><mi>ln</mi><mo>\u2061</mo><mo stretchy="false">(</mo><mi>x</mi><mo stretchy="false">)</mo></mrow>',
        ),
        (
            r"\sum_{i}^{n}",
            (
                '<mrow><munderover><mo movablelimits="true">∑</mo><mrow><mi>i</mi></mrow><mrow><mi>n</mi></mrow>'
                "</munderover></mrow>"
            ),
        ),
        (r"\overline{x}", '<mrow><mover><mrow><mi>x</mi></mrow><mo stretchy="true">‾</mo></mover></mrow>'),
        (
            r"\begin{array}{c|c} a & b \\ \hline c & d \end{array}",
            (
                '<mrow><mtable><mtr><mtd columnalign="center"><mi>a</mi></mtd>'
                '<mtd columnalign="center" columnlines="solid"><mi>b</mi></mtd></mtr>'
                '<mtr><mtd columnalign="center" rowlines="solid"><mi>c</mi></mtd>'
                '<mtd columnalign="center" columnlines="solid" rowlines="solid"><mi>d</mi></mtd></mtr></mtable></mrow>'
            ),
        ),
    ],
)
def test_what_a_formula_becomes(latex: str, expected: str) -> None:
    assert inner(latex) == expected


def test_the_alternative_text_is_the_latex() -> None:
    assert mathml('a <  b\n\\text{"}').startswith('<math alttext="a &lt; b \\text{&quot;}" display="inline">')


@pytest.mark.parametrize(
    ("latex", "said"),
    [
        ("", "it is empty"),
        (r"\unknown{x}", r"`\\unknown` is not known"),
        (r"\ce{H2O}", r"`\\ce` is not known"),
        (r"\newcommand{\x}{y}\x", r"`\\newcommand` is not known here"),
        (r"\href{javascript:alert(1)}{x}", "`.href`"),
        (r"\style{position:fixed}{x}", "`.style`"),
        (r"\color{white}{x}", "`.color`"),
        (r"\boxed{x}", "`.boxed`"),
        (r"\cancel{x}", "`.cancel`"),
        (r"\rule{1cm}{1cm}", "`.rule`"),
        (r"\frac{1}", "something is missing"),
        (r"\frac", "something is missing"),
        ("x^", "nothing follows"),
        ("x^1^2", "two superscripts"),
        ("x_1_2", "two subscripts"),
        (r"\left( x", "`.left`"),
        (r"\begin{pmatrix} 1", "`.begin`"),
        ("}", "closed that was not opened"),
        ("{x", "not closed"),
        ("a & b", "`&` stands outside"),
        (r"a \\ b", "outside of a table"),
        ("50%", "begins a comment"),
        (r"\text{a $x$ b}", "end the text before it"),
        (r"\text{\alpha}", "end the text before it"),
        ("{" * 30 + "}" * 30, "braces stand inside"),
        ("^" * 1000, "can't be read"),
        ("x" * (MAX_FORMULA_CHARS + 1), "characters"),
        ("a\x01b", "shows nothing"),
    ],
)
def test_what_can_not_be_read_is_refused_by_name(latex: str, said: str) -> None:
    with pytest.raises(WritingFault, match=said):
        mathml(latex)


WORDS = [
    *(r"\frac", r"\sqrt", r"\left", r"\right", r"\begin", r"\end", r"\text", r"\mathrm", r"\mathbb", r"\over"),
    *(r"\limits", r"\middle", r"\hline", r"\sum", r"\sin"),
]
SIGNS = [*"{}[]()^_&%$#~'|<>\\,.1ax ", "{matrix}", "{array}", "{cases}", "\\\\"]


@given(st.lists(st.sampled_from(WORDS + SIGNS) | st.text(max_size=3), max_size=20).map("".join))
def test_anything_is_read_or_refused(latex: str) -> None:
    try:
        written = mathml(latex)
    except WritingFault:
        return
    assert sanitise(written).taken == []
