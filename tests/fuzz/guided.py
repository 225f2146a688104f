"""One target under atheris, which changes inputs towards code that was not reached yet. Runs as long as libFuzzer's
arguments say, or up to the first finding: `python -m tests.fuzz.guided TARGET CORPUS -max_total_time=60`.
"""

import importlib
import sys
from typing import Any


def main() -> None:
    # Without types; and with wheels for Linux on x86-64 alone, so nothing else may need it.
    atheris: Any = importlib.import_module("atheris")
    # msgspec is compiled and not seen into: its callers are, and they look at what it refuses.
    with atheris.instrument_imports(include=["clients", "jwt", "protocol", "server", "storage", "yaml"]):
        targets = importlib.import_module("tests.fuzz.targets").TARGETS
    name = sys.argv.pop(1)
    atheris.Setup(sys.argv, targets[name].check)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
