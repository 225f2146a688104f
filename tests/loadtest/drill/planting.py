"""Faults of a server that tests plant in the nodes of a drill, which are processes of their own."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Final

_ROOT: Final = Path(__file__).parents[3]


def environment(folder: Path, plant: Callable[[], None]) -> dict[str, str]:
    """For a node in which `plant` is to be called at the start. Python itself runs the `sitecustomize.py` that this
    writes into `folder`."""
    name = plant.__name__
    (folder / "sitecustomize.py").write_text(f"from {plant.__module__} import {name}\n\n{name}()\n")
    return {"PYTHONPATH": os.pathsep.join((str(folder), str(_ROOT)))}
