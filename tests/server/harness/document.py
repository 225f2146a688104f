"""The OpenAPI document, as what is told is held against it."""

import re
from typing import Any

import msgspec
from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012, SchemaRegistry


class Document:
    """Finds the operation of a call, and holds bodies against their schemas."""

    def __init__(self, document: dict[str, Any]) -> None:
        self._absolute: dict[str, Any] = msgspec.json.decode(
            msgspec.json.encode(document).replace(b'"#/', b'"urn:document#/')
        )
        whole = Resource.from_contents(self._absolute, default_specification=DRAFT202012)
        self._known: SchemaRegistry = Registry().with_resource("urn:document", whole).crawl()
        self._paths: dict[re.Pattern[str], str] = {
            re.compile(re.sub(r"{\w+}", "[^/]+", path) + r"(\?.*)?"): path for path in document["paths"]
        }

    def template_of(self, path: str) -> str:
        """The path with the names of its parameters."""
        (template,) = (name for pattern, name in self._paths.items() if pattern.fullmatch(path))
        return template

    def operation(self, method: str, template: str) -> dict[str, Any]:
        """What the document says of it."""
        operation: dict[str, Any] = self._absolute["paths"][template][method.lower()]
        return operation

    def hold(self, told: Any, schema: dict[str, Any]) -> None:
        """Raises where it isn't as the schema says. One that carried all components would have them looked through
        anew."""
        Draft202012Validator(schema, registry=self._known).validate(told)
