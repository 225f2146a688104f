"""The REST bodies keep the rules of the wire, and hold what their socket messages hold."""

import inspect
import pkgutil
from typing import get_type_hints

import msgspec
import pytest

from clients.bodies import MODULES, bodies
from protocol import limits, rest
from protocol.messages.base import AnsweredId, Id, Message
from protocol.messages.candidate import Welcome
from protocol.messages.connection import Beat
from protocol.messages.operations import Answer
from protocol.rest.body import Body
from protocol.rest.connection import HeartbeatBody, ResumeReply
from protocol.rest.operations import OPERATION_BODIES, AnswersBody, NumberedAnswer

BODIES: list[type[msgspec.Struct]] = [*bodies(), *OPERATION_BODIES.values()]


def test_the_documents_show_every_module_of_bodies() -> None:
    modules = {f"protocol.rest.{module.name}" for module in pkgutil.iter_modules(rest.__path__)}
    # What SCIM sends and takes is the standard's; docs/scim.md has what of it is read.
    assert modules - {"protocol.rest.body", "protocol.rest.scim"} == {module.__name__ for module in MODULES}


@pytest.mark.parametrize("body", BODIES)
def test_a_body_is_strict_and_said_to_be_something(body: type[msgspec.Struct]) -> None:
    assert body.__struct_config__.forbid_unknown_fields
    assert body.__struct_config__.frozen
    assert inspect.getdoc(body)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (NumberedAnswer, Answer),
        (HeartbeatBody, Beat),
    ],
)
def test_what_is_sent_is_what_the_socket_takes(body: type[Body], message: type[Message]) -> None:
    of_body, of_message = msgspec.inspect.type_info(body), msgspec.inspect.type_info(message)
    assert isinstance(of_body, msgspec.inspect.StructType)
    assert isinstance(of_message, msgspec.inspect.StructType)
    named = [(field.name, field.type) for field in of_body.fields if field.name != "connection_id"]
    expected = {field.name: field.type for field in of_message.fields}
    if message is Answer:
        # On the socket the codec looks for a NUL in it, since a pattern costs more.
        assert expected["question_id"] == msgspec.inspect.type_info(AnsweredId)
        expected["question_id"] = msgspec.inspect.type_info(Id)
    assert named == list(expected.items())


def test_coming_back_over_rest_says_what_welcome_says() -> None:
    socket_alone = {"protocol", "first_beat_ms", "backoff_base_ms", "backoff_cap_ms", "capabilities"}
    of_socket, of_rest = get_type_hints(Welcome), get_type_hints(ResumeReply)
    assert of_socket.keys() - socket_alone == of_rest.keys()
    assert {name for name in of_rest if of_rest[name] != of_socket[name]} == {"connection_id"}, "nil for staff"


def test_a_call_takes_a_window_of_answers() -> None:
    answer = {"n": 1, "question_id": "q", "value": None, "client_at_ms": 0}
    window = limits.SEND_WINDOW
    assert len(msgspec.convert({"answers": [answer] * window}, AnswersBody).answers) == window
    for wrong in ([], [answer] * (window + 1)):
        with pytest.raises(msgspec.ValidationError):
            msgspec.convert({"answers": wrong}, AnswersBody)
