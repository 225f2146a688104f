"""Statements over many rows at once."""

import sqlite3

import pytest

from storage.statements import _ROWS_AT_ONCE, RowStatement, insert_rows

INSERT = RowStatement((("number", "bigint"), ("word", "text")), "INSERT INTO words (number, word) VALUES (?, ?) ", "")


@pytest.mark.parametrize("count", [1, _ROWS_AT_ONCE, 2 * _ROWS_AT_ONCE + 7])
def test_many_rows_go_in_with_few_steps_and_each_as_it_is(count: int) -> None:
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE words (number INTEGER PRIMARY KEY, word TEXT)")
    statements: list[str] = []
    connection.set_trace_callback(statements.append)
    rows = [(number, f"word (?, ?) {number}") for number in range(count)]
    insert_rows(connection, INSERT, rows)
    inserted = [text for text in statements if text.startswith("INSERT")]
    assert len(inserted) == -(-count // _ROWS_AT_ONCE)
    assert connection.execute("SELECT number, word FROM words ORDER BY number").fetchall() == rows
