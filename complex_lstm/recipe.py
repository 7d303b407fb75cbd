"""The recipe of a file: how its bytes become a table, what its columns are, and how they are cut and split.

A recipe is made once, in a form or by options, and used again for files of the same shape: it is saved as JSON
(`complex_lstm.config.to_json` and `from_json`) and stands beside a run and in a checkpoint's metadata. It knows no pandas.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from complex_lstm.config import Roles, SplitConfig, WindowConfig

Ragged = Literal["refuse", "fill"]
Layout = Literal["rows", "series in rows", "blocks"]


@dataclass(frozen=True)
class TimeReading:
    """How one time column is read, or several that make one time: date and time; year, month, day, hour.

    `format` is "ISO8601", "epoch s", "epoch ms", "epoch us", "epoch ns", "excel", "parts", "number", or a format as
    strptime knows it. `zone` is the name of the zone of its wall clock, or "" where the file names none.
    """

    columns: tuple[str, ...]
    format: str
    zone: str = ""


@dataclass(frozen=True)
class Missing:
    """A cell that means "no value": in the named columns, or everywhere where none is named.

    A number means each cell of that value, however it is written.
    """

    cell: str
    columns: tuple[str, ...] = ()


@dataclass(frozen=True)
class Reading:
    """How bytes become a table.

    container  "none", or what the file is packed in: "gzip", "zip", "xz", "bz2", "zstd"
    member     the file in the zip, or the sheet of the workbook
    kind       "text", or what it is inside: "parquet", "feather", "excel", "json lines", "json", "ts"
    delimiter  between the cells of a line; a blank means any number of blanks, "" that there is one column
    skip       lines before the header, which are not read
    units_row  the line after the header has units
    comment    lines that begin with it are not read; "" for none
    footer     lines at the end that are not read, blank ones not counted
    missing    cells that mean "no value"; empty cells and NaN always do
    strip      columns of numbers with something at one end of each cell that is taken off: a unit, a currency, %
    ragged     a line with more or fewer cells than the header: refused, or filled (more cells get columns of their own)
    layout     "rows": a line is a time step. "series in rows": a line is a series, and time runs along it. "blocks": series
               one below the other without a name, told apart by the time, which begins again
    label      of "series in rows": the column with the class of each series, or ""
    times      how the columns of time are read
    """

    container: str = "none"
    member: str = ""
    kind: str = "text"
    encoding: str = "utf-8"
    delimiter: str = ","
    quote: str = '"'
    decimal: str = "."
    thousands: str = ""
    skip: int = 0
    header: bool = True
    units_row: bool = False
    comment: str = ""
    footer: int = 0
    missing: tuple[Missing, ...] = ()
    strip: tuple[str, ...] = ()
    ragged: Ragged = "refuse"
    layout: Layout = "rows"
    label: str = ""
    times: tuple[TimeReading, ...] = ()


@dataclass(frozen=True)
class Recipe:
    """Everything that turns a file of one shape into windows. `derived` names the features that are made from others."""

    reading: Reading
    roles: Roles
    window: WindowConfig
    split: SplitConfig
    derived: tuple[str, ...] = ()
