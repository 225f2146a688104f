"""What is rich text and what is not, how it reads, and its words: the vectors that the page's tests read too."""

import json
from pathlib import Path

import protocol
from protocol.rich import check, count_words, text_of

VECTORS = json.loads((Path(protocol.__file__).parent / "vectors/rich.json").read_text("utf-8"))


def test_what_is_right_is_read_and_what_is_wrong_has_a_name() -> None:
    assert len(VECTORS) > 300
    for one in VECTORS:
        assert check(one["markup"]) == one["fault"], one
        if one["fault"] is None:
            text = text_of(one["markup"])
            assert (text, len(text), count_words(text)) == (one["text"], one["chars"], one["words"]), one
