"""Writes to a workspace without end, as a server does, until it is killed: `python -m tests.writing_until_killed FOLDER SEED`."""

import random
import sys
from pathlib import Path

from complex_lstm.runs.atomic_files import atomic_write
from complex_lstm.workspace import Workspace

LARGE = 200_000  # bytes: several writes of the system's


def main(folder: Path, seed: int) -> None:
    draw, workspace, number = random.Random(seed), Workspace(folder), 0
    (folder / "runs" / "one").mkdir(parents=True, exist_ok=True)
    print("begun", flush=True)
    while True:
        number += 1
        kept = workspace.keep("data", draw.randbytes(draw.randrange(1, LARGE)), f"{seed} {number}")
        atomic_write(folder / "runs" / "one" / "status.json", f'{{"message": "{"x" * draw.randrange(LARGE)}"}}')
        if number % 3 == 0:
            workspace.discard(kept.path.parent, "file", kept.name)
        if number % 6 == 0:
            workspace.restore(workspace.discarded()[0].key)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
