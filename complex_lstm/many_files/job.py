"""What is done with each file, wherever that is: its part is made, or found already made, or its failure is told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal, Protocol, runtime_checkable

from complex_lstm.errors import ComplexLSTMError
from complex_lstm.many_files.finding import SourceFile
from complex_lstm.many_files.parts import Made, Told, fingerprint_of, kept_part, part_path, report_path, write_part

State = Literal["made", "kept", "failed"]


@runtime_checkable
class Job(Protocol):
    """What is to be done with every file. It is pickled, and opened once in each process."""

    @property
    def identity(self) -> str:
        """All that a part depends on beside its file: command, version, model and options."""
        ...

    def open(self, cores: int) -> Callable[[SourceFile], Made]:
        """Load what all files need, to use so many cores, and return what makes a file's part."""
        ...


@dataclass(frozen=True)
class Outcome:
    """What became of a file. `reason` is why there is no part of it, where it failed."""

    file: str
    state: State
    rows: int = 0
    told: Told = Told()  # noqa: RUF009  # frozen
    reason: str = ""


@dataclass(frozen=True)
class JobInProcess:
    """A job in one process, with a share of the cores. The model is loaded when the first file needs it."""

    job: Job
    out: Path
    cores: int

    @cached_property
    def make(self) -> Callable[[SourceFile], Made]:
        return self.job.open(self.cores)

    def do(self, file: SourceFile) -> Outcome:
        """Return what becomes of a file. What cannot be read or made is a failure of that file alone; an older part of it goes."""
        path = part_path(self.out, file)
        try:
            fingerprint = fingerprint_of(self.job.identity, file)
            kept = kept_part(path, fingerprint)
            if kept is not None:
                return Outcome(file.name, "kept", kept.rows, kept.told)
            for stale in (path, report_path(self.out, file)):
                stale.unlink(missing_ok=True)
            made = write_part(self.out, file, fingerprint, self.make(file))
        except OSError as error:
            where = f"{error.filename}: " if error.filename else ""
            return Outcome(file.name, "failed", reason=f"{where}{error.strerror or error}.")
        except MemoryError:
            return Outcome(file.name, "failed", reason="There is not enough memory for it. Use fewer --workers, or cut the file.")
        except ComplexLSTMError as error:
            return Outcome(file.name, "failed", reason=str(error))
        return Outcome(file.name, "made", made.rows, made.told)


def in_this_process(job: Job, files: tuple[SourceFile, ...], out: Path, cores: int, done: Callable[[Outcome], None]) -> None:
    """Do the job for one file after the other; `done` is called with what became of each."""
    here = JobInProcess(job, out, cores)
    for file in files:
        done(here.do(file))
