"""What browsers need beyond what the converter writes. Whole formulas stand in `test_maths`."""

import pytest

from server.writing.maths import mathml


@pytest.mark.parametrize("latex", [r"\sin x", r"\sin^2 x", r"\log_2 8", r"\sin\cos x", r"\sin\frac{1}{2}"])
def test_a_thin_space_stands_behind_the_name_of_a_function(latex: str) -> None:
    assert '<mo>\u2061</mo><mspace width="0.167em">' in mathml(latex) or "</mi><mo>\u2061</mo><mi>cos" in mathml(latex)


@pytest.mark.parametrize("latex", [r"\sin(x)", r"\sin -x"])
def test_none_stands_before_a_bracket_or_a_sign(latex: str) -> None:
    assert "mspace" not in mathml(latex)


def test_widths_are_lengths() -> None:
    assert 'width="-0.167em"' in mathml(r"a\!b")
    assert "voffset" not in mathml(r"\xrightarrow{x}")


def test_equations_have_no_numbers() -> None:
    assert "(1)" not in mathml(r"\begin{align} a &= b \\ c &= d \end{align}")
