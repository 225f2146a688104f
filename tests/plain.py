"""What our programs print to tests is the same whoever runs them: in a wide terminal, without colours."""

import os
from typing import Final

import pytest

_COLOURS: Final = (
    *("CLICOLOR", "CLICOLOR_FORCE", "FORCE_COLOR", "NO_COLOR", "PY_COLORS", "TTY_COMPATIBLE", "TTY_INTERACTIVE"),
    # Typer takes its terminal for one with colours.
    "GITHUB_ACTIONS",
)
_COLUMNS: Final = 400
"""No sentence that a test looks for is broken into two lines."""


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    """Before any test's module is imported: some programs look at their terminal once."""
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    if reporter is not None:
        # pytest's own lines stay as they were.
        reporter._tw.fullwidth = reporter._tw.fullwidth
    for name in _COLOURS:
        os.environ.pop(name, None)
    os.environ["COLUMNS"] = str(_COLUMNS)
