"""Names of files, and those that a test names."""

import msgspec

from protocol.content import Option, Question, SingleChoice, TestContent
from protocol.media import hash_of, media_in


def _naming(body: str, option: str) -> bytes:
    choice = SingleChoice(options=[Option("a", option), Option("b", "None")], correct="a")
    question = Question(question_id="q", body=body, interactions=[choice])
    return msgspec.json.encode(TestContent(title="Pictures", questions=[question]))


def test_each_file_is_named_once() -> None:
    one, other = hash_of(b"1"), hash_of(b"2")
    body = f'<img src="media:{one}" alt="a"><audio src="media:{other}"></audio>'
    assert media_in(_naming(body, f'<img src="media:{one}">')) == sorted([one, other])
    assert media_in(_naming(f"media:{one}", 'src="media:"')) == []
