"""Jobs for many files that need no model, for the tests of the processes that share them."""

import os
import signal
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from complex_lstm.many_files.finding import SourceFile
from complex_lstm.many_files.parts import Made, Told


@dataclass(frozen=True)
class CountLines:
    """Counts a file's lines. A process that meets a file that says "kill" is killed, as a system out of memory does it.

    Of "kill once" that is so for the first process only, which leaves a mark.
    """

    marks: Path
    identity: str = "count"

    def open(self, cores: int) -> Callable[[SourceFile], Made]:
        def make(file: SourceFile) -> Made:
            text, mark = file.path.read_text(), self.marks / file.name
            if text.startswith("kill") and not (text.startswith("kill once") and mark.exists()):
                mark.touch()
                os.kill(os.getpid(), signal.SIGKILL)
            return Made([pd.DataFrame({"lines": [len(text.splitlines())]})], lambda: Told(f"{cores} cores"))

        return make
