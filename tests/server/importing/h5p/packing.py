"""Packages of H5P, made by hand."""

import json
from io import BytesIO
from typing import Any
from zipfile import ZipFile


def asked(kind: str, title: str = "", **params: Any) -> dict[str, Any]:
    """Content of a type, as it stands in a set."""
    return {"library": f"H5P.{kind} 1.16", "params": params, "metadata": {"title": title}}


def packed(kind: str, content: Any, files: dict[str, bytes] | None = None, title: str = "A set") -> bytes:
    """A package whose main content is of this type."""
    made = BytesIO()
    with ZipFile(made, "w") as out:
        out.writestr("h5p.json", json.dumps({"title": title, "mainLibrary": f"H5P.{kind}", "language": "en"}))
        out.writestr("content/content.json", content if isinstance(content, str) else json.dumps(content))
        for name, data in (files or {}).items():
            out.writestr(name, data)
    return made.getvalue()


def question_set(*inside: dict[str, Any], files: dict[str, bytes] | None = None, **params: Any) -> bytes:
    """A question set."""
    return packed("QuestionSet", {"questions": list(inside), **params}, files)
