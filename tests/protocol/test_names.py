"""Names from other people's programs become names that can be shown."""

import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol import limits
from protocol.names import alike, searchable, tidy_name


@pytest.mark.parametrize(
    ("given_name", "kept"),
    [
        ("Ada Lovelace", "Ada Lovelace"),
        ("  Ada\u00a0\n Lovelace\0 ", "Ada Lovelace"),
        ("Rene\u0301", "Ren\u00e9"),
        ("\u202eecalevoL", "ecalevoL"),
        ("\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645", "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645"),
        ("half \ud83d", "half"),
        ("a" * 200, "a" * 200),
        ("a" * 201, "a" * 199 + "…"),
        ("a" * 198 + " bc", "a" * 198 + "…"),
        ("", None),
        (" \t\u00a0", None),
        ("\u200b\ufeff\u3164", None),
    ],
)
def test_a_name_as_it_is_kept(given_name: str, kept: str | None) -> None:
    assert tidy_name(given_name) == kept


def test_whatever_breaks_a_line_or_controls_becomes_a_space() -> None:
    breaks = [code for code in range(sys.maxunicode + 1) if unicodedata.category(chr(code)) in ("Cc", "Cs", "Zl", "Zp")]
    assert tidy_name("".join(f"a{chr(code)}" for code in breaks[:60])) == " ".join("a" * 60)
    assert all(tidy_name(f"a{chr(code)}b") == "a b" for code in breaks)


@given(st.text(max_size=300))
def test_a_kept_name_is_kept_as_it_is(text: str) -> None:
    name = tidy_name(text)
    if name is not None:
        assert 1 <= len(name) <= limits.MAX_NAME_CHARS
        assert tidy_name(name) == name
        name.encode()


def test_a_search_sees_neither_case_nor_accents() -> None:
    assert searchable("Łukasz MÜLLER-Straße") == "lukasz muller-strasse"
    assert searchable("O'Neil_ADA@") == "o'neil_ada@"
    assert searchable("I\u0307stanbul") == searchable("istanbul") == searchable("\u0131stanbul")


@pytest.mark.parametrize(
    "twin",
    ["NOETHER 2", "No\u200dether\ufe0f 2", "\uff2eoether \uff12", "Noether2", "No\u034fether\u00a02", "Noether \u00b2"],
)
def test_names_that_differ_by_form_alone_have_something_in_common(twin: str) -> None:
    assert alike(twin) == alike("Noether 2")
    assert len({alike(name) for name in ("Noether", "Noether 3", "No\u00ebther 2", "Noether, 2")} - {alike(twin)}) == 4


@pytest.mark.parametrize(
    ("name", "twin"),
    [
        ("Noether", "N\u043eether"),
        ("NOETHER", "\u039d\u039fETHER"),
        ("Bob", "\u0412\u043eb"),
        ("peace", "\u0440\u0435\u0430\u0441\u0435"),
        ("Zo\u00eb", "Zo\u0451"),
        ("Bill", "BiII"),
        ("Team 10", "Team IO"),
        ("Anna", "\u0251nna"),
        ("house", "\u0570\u0585\u057dse"),
    ],
)
def test_names_that_look_alike_have_something_in_common(name: str, twin: str) -> None:
    assert alike(name) == alike(twin)


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=20))
def test_letter_case_makes_no_other_name_in_any_script(text: str) -> None:
    assert alike(text.casefold()) == alike(text)


def test_most_letters_are_like_no_other_one() -> None:
    latin = "abcdefghjklmnopqrstuvwxyz23456789"
    assert len({alike(letter) for letter in latin}) == len(latin)
    assert alike("\u042f\u0436\u043b\u0444\u044e") == "\u044f\u0436\u043b\u0444\u044e"
