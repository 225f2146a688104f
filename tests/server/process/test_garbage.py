"""A server that runs looks for garbage rarely, and not through what was there at the start."""

import subprocess
import sys
from pathlib import Path

# What 400 sockets are made of stays for a while and goes, again and again.
SERVER = """
import gc, os, signal, sys
from statistics import median
from pathlib import Path
from server.process import serving
from server.settings import Settings

full, young = [], []
gc.callbacks.append(lambda phase, info: full.append(phase) if info["generation"] == 2 else None)
gc.callbacks.append(lambda phase, info: young.append(len(gc.get_objects(0)) + len(gc.get_objects(1)))
    if phase == "start" and info["generation"] == 1 else None)

def announce(node):
    full.clear()
    young.clear()
    for _ in range(20):
        kept = [[[] for _ in range(150)] for _ in range(400)]
    print(gc.get_freeze_count() > 50_000, len(full) // 2 < 5, 0 < median(young) < 5_000, flush=True)
    os.kill(os.getpid(), signal.SIGTERM)

settings = Settings(data=Path(sys.argv[1]), port=0, token_secret="s" * 32, drain_ms=0)
import asyncio
from storage.migrate import migrate
asyncio.run(migrate(settings.database))
serving.run(settings, announce=announce)
"""


def test_sockets_that_come_and_go_stop_nobody_for_a_look_at_everything(tmp_path: Path) -> None:
    """Nor, as a rule, for a look at ten thousand new objects, which took several milliseconds: while one thread looks,
    another may make as many as it likes."""
    done = subprocess.run(
        [sys.executable, "-c", SERVER, str(tmp_path)], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.stdout.split() == ["True", "True", "True"], done.stderr
