"""Each operation of the OpenAPI document has an example, and the example is true."""

import re

import msgspec
import pytest

from server.api.endpoint import Endpoint
from server.api.examples import Example, examples
from server.api.openapi import document
from server.app import ENDPOINTS, VERSION
from tests.examples import hold, key_of, lacks
from tests.server.harness.document import Document


@pytest.fixture(scope="module")
def told() -> Document:
    return Document(document(ENDPOINTS, VERSION))


def test_each_example_is_of_an_operation() -> None:
    assert set(examples()) <= {key_of(one) for one in ENDPOINTS}


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=key_of)
def test_each_operation_shows_what_it_takes_and_what_it_answers(endpoint: Endpoint, told: Document) -> None:
    example = examples().get(key_of(endpoint), Example())
    assert lacks(endpoint, example) == [], "run `python -m tests.examples`"
    hold(endpoint, example, told)
    if endpoint.body is not None:
        msgspec.convert(example.request, endpoint.body)
    operation = told.operation(endpoint.method, endpoint.path)
    for content in operation.get("requestBody", {}).get("content", {}).values():
        assert content.get("example", msgspec.UNSET) == example.request
    shown = operation["responses"][str(endpoint.status)].get("content", {}).get(endpoint.media_type, {})
    assert shown.get("example", msgspec.UNSET) == example.reply


def test_nothing_in_them_opens_anything() -> None:
    text = msgspec.json.encode(examples()).decode()
    assert not re.search(r"eyJ[\w-]+\.[\w-]+\.|whsec_\w{10}", text)
