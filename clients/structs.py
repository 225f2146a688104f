"""Finds the structs of a module, or of all modules of a package."""

import importlib
import pkgutil
from collections.abc import Iterator
from types import ModuleType

import msgspec


def defined_in(module: ModuleType) -> Iterator[type[msgspec.Struct]]:
    """The structs a module defines, in its order; bases without fields are left out."""
    for value in vars(module).values():
        if not isinstance(value, type) or not issubclass(value, msgspec.Struct):
            continue
        if value.__module__ == module.__name__ and value.__struct_fields__:
            yield value


def structs_of(package: ModuleType) -> Iterator[type[msgspec.Struct]]:
    """The same of all modules of a package, one module after the other."""
    for found in pkgutil.iter_modules(package.__path__):
        yield from defined_in(importlib.import_module(f"{package.__name__}.{found.name}"))
