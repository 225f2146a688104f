"""Where things that others made lie beside the project, if they are on this machine."""

from pathlib import Path
from typing import Final

SHARED: Final = Path(__file__).parents[2] / "shared"
