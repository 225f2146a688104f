"""A GIFT file, read item by item. What can't be read is said, and the rest is read all the same."""

import re
from collections.abc import Iterator
from typing import Final

from server.importing.gift.answers import read_answers
from server.importing.gift.blocks import Block, blocks, category
from server.importing.gift.escapes import around_of, find, plain, text_of
from server.importing.gift.items import Asked, Category, Description, Item, Question, Text, Unread

_TITLE: Final = re.compile(r"\s*::((?:\\.|(?!::)[^\\])*)::", re.DOTALL)


def read_gift(text: str) -> Iterator[Item]:
    """The items of a file, in its order."""
    for block in blocks(text):
        path = category(block)
        if path is not None:
            yield Category(block.line, path)
        else:
            try:
                yield _question(block)
            except ValueError as error:
                yield Unread(block.line, str(error))


def _question(block: Block) -> Question:
    """Raises `ValueError` with a sentence."""
    if block.is_open:
        raise ValueError("a brace is opened and not closed")
    title, rest = _title(block.text)
    start = find(rest, r"\{")
    end = find(rest, "}", start + 1)
    if start < 0:
        if end >= 0:
            raise ValueError("a brace is closed and was not opened")
        return _made(block, title, text_of(rest), Description())
    if find(rest, r"[{}]", end + 1) >= 0:
        raise ValueError("a question has one place for its answers between braces; write a brace in a text as \\{")
    before, given, behind = rest[:start], rest[start + 1 : end], rest[end + 1 :]
    stem = around_of(before)
    asked, feedback = read_answers(given, stem.format)
    after = around_of(behind, stem.format) if behind.strip() else None
    stem = Text(stem.text.lstrip() if after else stem.text.strip(), stem.format)
    after = Text(after.text.rstrip(), after.format) if after else None
    if not stem.text and after is None:
        raise ValueError("the question has no text")
    return _made(block, title, stem, asked, after, feedback)


def _made(
    block: Block,
    title: str | None,
    before: Text,
    asked: Asked,
    after: Text | None = None,
    feedback: Text | None = None,
) -> Question:
    tags = [plain(tag).strip() for tag in block.tags]
    item_id = None if block.item_id is None else plain(block.item_id).strip()
    return Question(block.line, before, asked, after, title, item_id, tags, feedback)


def _title(text: str) -> tuple[str | None, str]:
    found = _TITLE.match(text)
    if found is None:
        return None, text
    return plain(" ".join(found[1].split())) or None, text[found.end() :]
