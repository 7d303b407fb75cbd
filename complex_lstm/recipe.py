"""The recipe of a file: how its bytes become a table, what its columns are, and how they are cut and split.

A recipe is made once, in a form or by options, and used again for files of the same shape: it is saved as JSON
(`complex_lstm.config.to_json` and `from_json`) and stands beside a run and in a checkpoint's metadata. It knows no pandas.
"""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass
from typing import Literal

from complex_lstm.config import DerivedFeature, Roles, SplitConfig, WindowConfig, from_json
from complex_lstm.errors import ConfigError
from complex_lstm.settings import check_settings, setting, settings_of

MOST_BYTES = 2**22  # of a recipe: a thousand columns take a tenth of it
Container = Literal["none", "gzip", "zip", "xz", "bz2", "zstd"]
FileKind = Literal["text", "fixed width", "parquet", "feather", "excel", "json lines", "json", "ts", "tsf", "arff", "dly", "netcdf"]
Ragged = Literal["refuse", "fill", "leave out"]
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
class Conversion:
    """A column in another unit: value times `factor` plus `offset`. `source` and `target` are units, "" where none is known.

    `column` is the name after renaming: the one that the model knows it by.
    """

    column: str
    factor: float
    offset: float = 0.0
    source: str = ""
    target: str = ""

    @property
    def words(self) -> str:
        """What it does, in words: °C to °F, multiplied by 1.8 plus 32."""
        factor = f"multiplied by {self.factor:.6g}" if self.factor != 1 else ""
        offset = f"{'plus' if self.offset > 0 else 'minus'} {abs(self.offset):.6g}" if self.offset else ""
        how = " ".join(filter(None, (factor, offset))) or "as it is"
        return f"{self.source} to {self.target}, {how}" if self.source and self.target else how


@dataclass(frozen=True)
class Reading:
    """How bytes become a table. Each field is a switch of the form on the page Data and an option of the command line."""

    container: Container = setting("none", "Packed as", "What the file is packed in.", group="reading")
    member: str = setting("", "Table in the file", "The file in the zip, the sheet of the workbook, or the group of HDF5.", group="reading")
    kind: FileKind = setting(
        "text", "Kind of file", "What the file is, once it is unpacked. Text is CSV and its relatives.", group="reading", option="file-kind"
    )
    encoding: str = setting("utf-8", "Encoding", "How bytes stand for letters: utf-8, cp1252, utf-16, ...", group="reading")
    delimiter: str = setting(
        ",", "Delimiter", "What stands between the cells of a line; a blank stands for any number of blanks.", group="reading"
    )
    quote: str = setting('"', "Quote", "What stands around a cell that contains the delimiter.", group="reading")
    decimal: str = setting(".", "Decimal sign", "What stands before the decimals of a number.", group="reading")
    thousands: str = setting("", "Thousands sign", "What stands between the thousands of a number.", group="reading")
    skip: int = setting(0, "Lines to skip", "Lines before the header, which are not read.", group="reading", at_least=0)
    header: bool = setting(True, "Header", "Whether the first line has the names of the columns.", group="reading")
    header_rows: int = setting(
        1, "Rows of the header", "Of a header in several rows, such as stations above what they measure: how many. The names of a column "
        "are joined, and a cell without one takes that to its left.", group="reading",
        at_least=1, at_most=9,
    )  # fmt: skip
    units_row: bool = setting(False, "Units row", "Whether the line after the header has units.", group="reading")
    comment: str = setting("", "Comment sign", "Lines that begin with it are not read.", group="reading")
    footer: int = setting(
        0, "Lines at the end", "Lines at the end that are not read, such as totals; blank ones are not counted.", group="reading",
        at_least=0,
    )  # fmt: skip
    missing: tuple[Missing, ...] = setting(
        (), "Cells that mean missing", "Cells that mean 'no value', in some columns or everywhere. Empty cells and NaN always do.",
        group="reading", option="missing-cell",
    )  # fmt: skip
    strip: tuple[str, ...] = setting(
        (), "Signs beside the number", "Columns of numbers with a sign at one end of each cell that is taken off: a unit, a currency, %.",
        group="reading",
    )  # fmt: skip
    split: tuple[str, ...] = setting(
        (), "Flags beside the number", "Columns of numbers with a flag in the same cell, such as 10049,5 or 12.3 A: the flag becomes a "
        "column of its own.", group="reading", option="split-flags",
    )  # fmt: skip
    ragged: Ragged = setting(
        "refuse", "Lines of another length", "A line with more cells than the header: refused; 'fill' makes columns for them. One with "
        "fewer has empty cells at its end, which is said. 'leave out': lines with more or fewer are no rows.", group="reading",
    )  # fmt: skip
    layout: Layout = setting(
        "rows", "Layout", "'rows': a line is a time step. 'series in rows': a line is a series, and time runs along it. 'blocks': series "
        "one below the other without a name, told apart by the time, which begins again.", group="reading",
    )  # fmt: skip
    label: str = setting(
        "", "Column of the class", "With series in rows: the column with the class of each series.", group="reading", option="label-column"
    )
    times: tuple[TimeReading, ...] = setting(
        (), "Times", "How a column of times is read, or several that make one time.", group="reading", option="time-format"
    )
    convert: tuple[Conversion, ...] = setting(
        (), "Units", "Columns of numbers that are brought to another unit: times a factor, plus a number.", group="reading"
    )

    def __post_init__(self) -> None:
        check_settings(self)


@dataclass(frozen=True)
class Rename:
    """A column of the file under another name: `found` is its name in the file, `wanted` the one that the model knows it by."""

    found: str
    wanted: str


@dataclass(frozen=True)
class Fitting:
    """What makes a file fit a model that was trained on another one: renames, then conversions. Nothing of it is done unasked."""

    renames: tuple[Rename, ...] = ()
    conversions: tuple[Conversion, ...] = ()


@dataclass(frozen=True)
class Recipe:
    """Everything that turns a file of one shape into windows. `derived` are the features that are made from others."""

    reading: Reading
    roles: Roles
    window: WindowConfig
    split: SplitConfig
    derived: tuple[DerivedFeature, ...] = ()
    fitting: Fitting = Fitting()


def load_recipe(content: bytes, name: str) -> Recipe:
    """Return the recipe in a file.

    Raises:
        ConfigError: it holds none.
    """
    try:
        if len(content) > MOST_BYTES:
            raise ConfigError(f"it has {len(content):,} bytes, and a recipe at most {MOST_BYTES:,}.")
        return from_json(Recipe, content.decode("utf-8"))
    except (ConfigError, UnicodeDecodeError) as error:
        raise ConfigError(f"{name} is no recipe: {error} Save one on the page Data, or with train --save-recipe.") from error


def parse_missing(text: str) -> Missing:
    """Return the cell that means missing in text such as `-200@CO(GT),NOx` or `NA`; a cell with an @ in it stands in quotes."""
    quoted = re.fullmatch(r'"((?:[^"]|"")*)"(?:@(.*))?', text)
    cell, columns = (quoted[1].replace('""', '"'), quoted[2] or "") if quoted else text.partition("@")[::2]
    return Missing(cell, parse_columns(columns))


def parse_time(text: str) -> TimeReading:
    """Return how a time is read that a text such as `date,hour as %d/%m/%Y %H in Europe/Rome` names.

    Raises:
        ConfigError: there is no " as " in it.
    """
    columns, found, rest = text.rpartition(" as ")
    format, _, zone = rest.partition(" in ")
    if not found or not format.strip():
        raise ConfigError(f"{text!r} does not say how a time is read. Write --time-format 'COLUMN as FORMAT', e.g. 'date as %d/%m/%Y'.")
    return TimeReading(parse_columns(columns), format.strip(), zone.strip())


def missing_text(missing: Missing) -> str:
    """Return a cell that means missing as text that `parse_missing` reads."""
    doubled = missing.cell.replace('"', '""')
    cell = f'"{doubled}"' if "@" in missing.cell or missing.cell.startswith('"') else missing.cell
    return f"{cell}@{column_list(missing.columns)}" if missing.columns else cell


def time_text(time: TimeReading) -> str:
    """Return how a time is read as text that `parse_time` reads."""
    return f"{column_list(time.columns)} as {time.format}{' in ' if time.zone else ''}{time.zone}"


def conversion_text(one: Conversion) -> str:
    """Return a conversion as an option writes it: temp=°C to °F, or temp=1.8,32 where no units are known."""
    return (
        f"{one.column}={one.source} to {one.target}" if one.source and one.target else f"{one.column}={one.factor:.15g},{one.offset:.15g}"
    )


def reading_words(reading: Reading, found: Reading) -> list[str]:
    """Return the words of the command line that give a file this reading, where another would be found."""
    words = []
    for one in settings_of(Reading):
        value = getattr(reading, one.name)
        if value == getattr(found, one.name):
            continue
        if one.kind is bool:
            words.append(f"--{one.option}" if value else f"--no-{one.option}")
        elif one.name == "missing":
            words += [f"--{one.option}={missing_text(item)}" for item in value]
        elif one.name == "convert":
            words += [f"--{one.option}={conversion_text(item)}" for item in value]
        elif one.name == "times":
            words += [f"--{one.option}={time_text(item)}" for item in value]
        else:
            words.append(f"--{one.option}={column_list(value) if one.name in ('strip', 'split') else value}")
    return words


def parse_columns(text: str) -> tuple[str, ...]:
    """Return the columns in a list with commas; a name with a comma in it stands in quotes, as in a CSV."""
    return tuple(next(csv.reader([text], skipinitialspace=True), []))


def column_list(names: tuple[str, ...]) -> str:
    """Return columns as a list that `parse_columns` reads."""
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow(names)
    return line.getvalue()
