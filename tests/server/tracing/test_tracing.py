"""Without a collector nothing of OpenTelemetry is there; with one, and without the packages, nothing starts."""

import os
import sys
from pathlib import Path

import pytest

from tests.services.processes import Processes

# The Redis client imports some of OpenTelemetry's metrics by itself where they are installed.
A_SITTING = """
import uvloop
from tests.benchmarks.answering import answer
uvloop.run(answer(candidates=2, answers=10, window=10))
ours = ("server.tracing.spans", "opentelemetry.sdk.trace", "opentelemetry.exporter")
print([name for name in sys.modules if name.startswith(ours)])
"""


@pytest.mark.parametrize("before", ["import sys", "import sys; sys.modules['opentelemetry'] = None"])
def test_without_an_endpoint_nothing_of_it_is_imported_and_none_needs_be_installed(
    processes: Processes, before: str
) -> None:
    sitting = processes.start([sys.executable, "-c", before + A_SITTING])
    assert sitting.wait() == 0, sitting.output
    assert sitting.output.strip() == "[]"


def test_what_is_missing_is_named_and_nothing_starts(processes: Processes, tmp_path: Path) -> None:
    # A package of that name which has nothing in it, where Python looks first.
    (tmp_path / "opentelemetry").mkdir()
    (tmp_path / "opentelemetry" / "__init__.py").write_text("")
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(tmp_path),
        "PENCILSDOWN_DATA": str(tmp_path / "data"),
        "PENCILSDOWN_OTLP_ENDPOINT": "http://127.0.0.1:4318",
    }
    server = processes.start([sys.executable, "-c", "from server.cli import main; main()", "serve"], env=environment)
    assert server.wait() == 2
    said = " ".join(server.output.split())
    assert "PENCILSDOWN_OTLP_ENDPOINT" in said
    assert "requirements-tracing.lock" in said
    assert not (tmp_path / "data" / "pencilsdown.sqlite3").exists()
