"""Writes the golden files of this version, and says what has changed."""

import json
import sys

from tests.golden import writing
from tests.golden.comparing import changes


def _say(*lines: str) -> None:
    sys.stdout.writelines(f"{line}\n" for line in lines)


def main() -> int:
    name = writing.name_of_this_version()
    folder = writing.FOLDER / name
    if name in writing.FROZEN:
        _say(f"{name} was released: nothing in it changes. Raise PROTOCOL_VERSION in protocol/limits.py.")
        return 1
    files = writing.files()
    said = changes(name, files) if folder.exists() else ["All is new."]
    if folder.exists() and folder.joinpath("states.jsonl").read_text("utf-8") != files["states.jsonl"]:
        before = json.loads(folder.joinpath("about.json").read_text("utf-8"))
        same_log = folder.joinpath("log.jsonl").read_text("utf-8") == files["log.jsonl"]
        if same_log and before == json.loads(files["about.json"]):
            _say("The same records give another state: raise FOLD in storage/snapshots.py; old snapshots would lie.")
            return 1
    folder.mkdir(exist_ok=True)
    for file, text in files.items():
        folder.joinpath(file).write_text(text, "utf-8")
    _say(*(said or ["Nothing has changed."]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
