"""What commands print for a person."""

from typing import Any

import pytest

from server.commands.printing import print_fields, print_rows


def test_a_table_has_names_above_its_columns_and_one_line_for_each_row(capsys: pytest.CaptureFixture[str]) -> None:
    rows: list[dict[str, Any]] = [
        {"id": "a", "made_at_ms": 0, "on": True, "more": [1, 2]},
        {"id": "b\n\x1b[31m", "made_at_ms": None, "on": False},
    ]
    print_rows(rows, as_json=False, columns=("id", "made_at_ms", "on", "more"))
    assert capsys.readouterr().out.splitlines() == [
        "id       made_at_ms            on   more",
        "a        1970-01-01 00:00:00Z  yes  1, 2",
        "b\ufffd\ufffd[31m  -                     no   -",
    ]


def test_nothing_is_no_line_for_a_person_and_an_empty_list_for_a_program(capsys: pytest.CaptureFixture[str]) -> None:
    print_rows([], as_json=False, columns=("id",))
    assert capsys.readouterr().out == ""
    print_rows([], as_json=True, columns=("id",))
    assert capsys.readouterr().out == "[]\n"


def test_an_instant_that_no_calendar_has_is_a_number(capsys: pytest.CaptureFixture[str]) -> None:
    print_fields({"ended_at_ms": 2**60}, as_json=False)
    assert capsys.readouterr().out == f"ended_at_ms  {2**60}\n"
