"""The rows that are found, printed as they come and written down after each, so that a cut run keeps what it has."""

from __future__ import annotations

import json
import os
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

HEADER = "| section | what | figure | asked for | verdict | note |\n|---|---|---|---|---|---|"


@dataclass(frozen=True)
class Row:
    """One figure. `most` and `least` are what it may be; without a figure the note says why there is none."""

    section: str
    what: str
    figure: float | None
    unit: str = ""
    most: float | None = None
    least: float | None = None
    note: str = ""

    @property
    def verdict(self) -> str:
        if self.figure is None:
            return "none"
        if self.most is None and self.least is None:
            return ""
        high, low = self.most is None or self.figure <= self.most, self.least is None or self.figure >= self.least
        return "yes" if high and low else "NO"

    @property
    def line(self) -> str:
        """The row of the table."""
        figure = "" if self.figure is None else f"{self.figure:.3g} {self.unit}".strip()
        wanted = f"at most {self.most:g}" if self.most is not None else f"at least {self.least:g}" if self.least is not None else ""
        return f"| {self.section} | {self.what} | {figure} | {wanted} | {self.verdict} | {self.note} |"


@dataclass
class Report:
    """All rows of a run, and where they are written."""

    out: Path | None
    setting: dict[str, str]
    seconds: float
    rows: list[Row] = field(default_factory=list)
    took: dict[str, float] = field(default_factory=dict)
    warned: set[str] = field(default_factory=set)
    begun: float = field(default_factory=time.perf_counter)

    @property
    def elapsed(self) -> float:
        return time.perf_counter() - self.begun

    def run(self, section: str, measure: Callable[[], Iterator[Row]]) -> None:
        """Take a section's rows as they come. What it raises becomes a row, and so does that there is no time left for it."""
        start = self.elapsed
        if start > self.seconds:
            self.add(Row(section, "all of it", None, note="not run: out of time"))
            return
        with warnings.catch_warnings(record=True) as heard:
            warnings.simplefilter("always")
            try:
                for row in measure():
                    self.add(row)
                    if self.elapsed > self.seconds:
                        self.add(Row(section, "the rest of it", None, note="not run: out of time"))
                        break
            except Exception as error:  # whatever it is: the machine is gone when the run is over, so a full report counts
                self.add(failed(section, "the rest of it", error))
        self.warned |= {f"{section}: {one.category.__name__}: {one.message!s:.200}" for one in heard}
        self.took[section] = self.elapsed - start
        self._write()

    def add(self, row: Row) -> None:
        """Keep a row, print it, and write all down."""
        if not self.rows:
            print(HEADER)
        self.rows.append(row)
        print(row.line, flush=True)
        self._write()

    def _write(self) -> None:
        if self.out is None:
            return
        rows = [asdict(row) | {"verdict": row.verdict} for row in self.rows]
        told = {"setting": self.setting, "seconds": self.elapsed, "sections": self.took, "warnings": sorted(self.warned), "rows": rows}
        half = self.out.with_suffix(".part")
        half.write_text(json.dumps(told, indent=1))
        os.replace(half, self.out)


def attempt(section: str, what: str, measure: Callable[[], Row]) -> Row:
    """Return the row that is measured, or one that tells what went wrong: the next measurement may still go well."""
    try:
        return measure()
    except Exception as error:  # see Report.run
        return failed(section, what, error)


def failed(section: str, what: str, error: Exception) -> Row:
    """Return the row of an error."""
    said = " ".join(str(error).split()).replace("|", "/")
    return Row(section, what, None, note=f"{type(error).__name__}: {said:.300}")
