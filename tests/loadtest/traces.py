"""A small trace in the format of a recorded exam day: seven scored items, three pilot items, two forms."""

import csv
import gzip
from pathlib import Path
from random import Random

SCORED = 7
PILOT = {"6": (8, 9), "7": (9, 10)}
"""The pilot items of each form."""


def write_trace(folder: Path, *, candidates: int = 12, seed: int = 1) -> Path:
    """Everybody takes 90 to 170 s; the last one has extra time. Some items are left blank."""
    chance = Random(seed)
    folder.mkdir(parents=True, exist_ok=True)
    keys = {item: str(chance.randint(1, 4)) for item in range(1, 11)}
    _write(folder / "items.csv", ["item", "scored", "key"], [[item, int(item <= SCORED), keys[item]] for item in keys])
    people, responses = [], []
    for index in range(candidates):
        pilot_set = chance.choice(sorted(PILOT))
        total = 0
        for item in (*range(1, SCORED + 1), *PILOT[pilot_set]):
            option = chance.choice(("1", "2", "3", "4", keys[item], keys[item], ""))
            seconds = chance.randint(10, 19) + (15_000 if index == candidates - 1 and item == 1 else 0)
            responses.append([f"e{index:03}", item, option, int(option == keys[item]), seconds])
            total += seconds
        people.append([f"e{index:03}", 0, pilot_set, 1, "Nowhere", 1, 2, 3, total])
    columns = ["candidate", "flagged", "pilot_set", "attempt", "country", "state", "school", "centre", "total_seconds"]
    _write(folder / "candidates.csv", columns, people)
    chance.shuffle(responses)
    _write(folder / "responses.csv.gz", ["candidate", "item", "option", "correct", "seconds"], responses)
    return folder


def _write(path: Path, columns: list[str], rows: list[list[object]]) -> None:
    with gzip.open(path, "wt", newline="") if path.suffix == ".gz" else path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows(rows)
