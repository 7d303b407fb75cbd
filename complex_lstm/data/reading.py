"""From a file to a table: how it is read is found out, may be changed switch by switch, and is kept with the table."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from jaxtyping import Float

from complex_lstm.data import archives, arff, cells, fixed_width, rows, shapes, text
from complex_lstm.data.containers import Unpacked, unpack
from complex_lstm.data.encoding import find_encoding
from complex_lstm.data.findings import DONE, Fault, Finding, Offer, one_of
from complex_lstm.data.grids import grid_table
from complex_lstm.data.joined import joined_name, with_joined_time
from complex_lstm.data.looks import split_lines
from complex_lstm.data.time_finding import check_times, find_times
from complex_lstm.errors import CellError, ConfigError, CsvError
from complex_lstm.recipe import Reading, TimeReading

LONG = 100_000  # rows: of more, that times are read is put off until they are used, because it takes as long as all the rest
AS_SET = "As it was set."  # the reason of a switch that was given
SWITCHES = tuple(one.name for one in fields(Reading))
OF_LINES = ("text", "fixed width", "excel")  # kinds that are read as lines of cells
LONG_KINDS = ("ts", "tsf", "dly")  # whose table has a row a time step
NOT_OF_TEXT = ("container", "member", "kind", "ragged", "layout", "label", "missing", "strip", "split", "convert")


@dataclass(frozen=True)
class Table:
    """A file as it was read. The frame's index is the line in the file (of a sheet or of columns: the row) that a row came from.

    `units` are those that the file itself has, by column: below the header, or in the cells.
    """

    name: str
    frame: pd.DataFrame
    fingerprint: str
    delimiter: str
    encoding: str
    reading: Reading = field(default_factory=Reading)
    findings: tuple[Finding, ...] = ()
    units: dict[str, str] = field(default_factory=dict)

    @property
    def done(self) -> tuple[str, ...]:
        """What was done to the lines and columns of the file, as sentences; nothing where it is taken as it stands."""
        done = (
            one for one in self.findings
            if one.switch in DONE or (one.switch == "footer" and one.value) or (one.switch == "member" and one.alternatives)
        )  # fmt: skip
        return tuple(one.reason for one in done if one.reason != AS_SET)

    @cached_property
    def settled_reading(self) -> Reading:
        """The reading with how each column of time is read, also of a long file, of which that is found when it is asked for."""
        if self.reading.times or len(self.frame) <= LONG:
            return self.reading
        return replace(self.reading, times=tuple(one.reading for one in find_times(self.frame)))


@dataclass(frozen=True)
class Examination:
    """What a file is, for a form: how it is read, why, what is offered, its first lines as they stand, and its table.

    The table is None where `fault` says what stands in the way, and by which switch it may be mended.
    """

    reading: Reading
    findings: tuple[Finding, ...]
    offers: tuple[Offer, ...]
    lines: tuple[str, ...]
    table: Table | None
    fault: Fault | None = None


def fingerprint(content: bytes) -> str:
    """Return the sha256 of a file's bytes, by which caches, the workspace and checkpoints identify it."""
    return hashlib.sha256(content).hexdigest()


def read_csv(source: bytes | Path, name: str = "", reading: Reading | None = None, **switches: Any) -> Table:
    """Return the table in a file: delimited text, also packed, or a workbook, Parquet, Feather, JSON or `.ts`.

    It is read as `reading` says, or as is found out; `switches` are fields of `Reading` that are taken as they are, while the
    others are still found out.

    Raises:
        ConfigError: a switch that there is none of, or a time that cannot be read as it is set.
        CsvError: too large, empty, binary, header only, or not to be read with these switches; see its `switch`.
    """
    reader = _Reader(source, name, reading, switches)
    return reader.read()


def examine(source: bytes | Path, name: str = "", reading: Reading | None = None, **switches: Any) -> Examination:
    """Return how a file may be read, why, and what is offered. Where the reading fails, the fault is told instead of raised.

    Raises:
        ConfigError: a switch that there is none of, or a time that cannot be read as it is set.
        CsvError: no switch can mend it: too large, empty, damaged, or no table at all.
    """
    reader = _Reader(source, name, reading, switches)
    try:
        table = reader.read()
    except CsvError as error:
        if not error.switch:
            raise
        fault = Fault(error.switch, str(error), error.line)
        return Examination(reader.reading, tuple(reader.findings), tuple(reader.taken), reader.first_lines(), None, fault)
    offers = (*reader.taken, *cells.offers(reader.unconverted, table.reading))
    return Examination(table.reading, table.findings, offers, reader.first_lines(), table)


class _Reader:
    """Reads a file once, and knows how far it came: what was found until then is there for a form."""

    def __init__(self, source: bytes | Path, name: str, reading: Reading | None, switches: dict[str, Any]) -> None:
        unknown = sorted(set(switches) - set(SWITCHES))
        if unknown:
            raise ConfigError(f"There is no switch {unknown[0]!r}. A file's reading has {', '.join(SWITCHES)}.")
        self.source, self.name = source, name or (source.name if isinstance(source, Path) else "the file")
        self.given = {**({one: getattr(reading, one) for one in SWITCHES} if reading else {}), **switches}
        self.reading = Reading(**self.given)
        check_times(self.reading.times)
        self.findings: list[Finding] = []
        self.taken: list[Offer] = []
        self.unpacked: Unpacked | None = None
        self.units: dict[str, str] = {}
        self.unconverted = pd.DataFrame()  # what is offered for cells is of these

    def read(self) -> Table:
        """Return the table."""
        unpacked = self._unpack()
        scanned = text.scan(self.source)
        frame = self._text(unpacked, scanned) if unpacked.kind in OF_LINES else self._columns(unpacked)
        self._settle_signs(frame)
        frame = self._cells(frame)
        if unpacked.kind not in LONG_KINDS:
            frame = self._shape(frame)
        frame = with_joined_time(frame, self.given.get("times", ()))
        reading = replace(self.reading, times=self._times(frame))
        frame = self._converted(frame)
        return Table(self.name, frame, scanned.fingerprint, reading.delimiter, reading.encoding, reading, tuple(self.findings), self.units)

    def _converted(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return a table whose columns are brought to the units that somebody has set, which its findings name."""
        self.unconverted = frame
        for one in self.reading.convert:
            if one.column not in frame:
                held = ", ".join(map(repr, map(str, frame)))
                raise CsvError(f"{self.name} has no column {one.column!r} to bring to another unit. It has {held}.", switch="convert")
            cells_of = frame[one.column]
            values = cells.floats(cells_of)
            if (wrong := cells.are_no_numbers(cells_of, values)).any():
                line, cell = frame.index[wrong][0], str(cells_of[wrong].iloc[0])[:40]
                raise CsvError(
                    f"{self.name}, line {line}, column {one.column!r}: {cell!r} is no number, so the column has no unit to convert. "
                    f"Correct it, or leave the unit as it is.", switch="convert", line=int(line),
                )  # fmt: skip
            frame = frame.assign(**{one.column: values * one.factor + one.offset})
            self.units = {name: unit for name, unit in self.units.items() if name != one.column}
            self.units |= {one.column: one.target} if one.target else {}
            self.findings.append(Finding("converted", one.column, f"Converted: {one.words}."))
        return frame

    def _times(self, frame: pd.DataFrame) -> tuple[TimeReading, ...]:
        """Return how columns of time are read, and keep the reasons: as it was set, and the others as found, but of a long file."""
        given: tuple[TimeReading, ...] = self.given.get("times", ())
        names = {joined_name(one.columns) for one in given}
        self.findings += [Finding("times", (one,), AS_SET, is_set=True) for one in given]
        if len(frame) > LONG:
            return given
        found = [one for one in find_times(frame) if one.column_name not in names]
        self.findings += [Finding("times", (one.reading,), one.reason, tuple((other,) for other in one.alternatives)) for one in found]
        return (*given, *(one.reading for one in found))

    def first_lines(self) -> tuple[str, ...]:
        """Return the first lines of a text as they stand."""
        if self.unpacked is None or self.unpacked.kind in ("parquet", "feather", "netcdf"):
            return ()
        start = self.unpacked.head()
        try:
            decoded = text.decode_start(start, self.reading.encoding, self.name)
        except CsvError:
            decoded = start.decode("latin-1")
        return tuple(split_lines(decoded)[:40])

    def _find(self, switch: str, value: Any, reason: str, alternatives: tuple[Any, ...] = ()) -> None:
        """Keep a switch's value, unless it was given, with its reason."""
        if switch in self.given:
            value, reason = self.given[switch], AS_SET
        self.reading = replace(self.reading, **{switch: value})
        self.findings.append(Finding(switch, value, reason, alternatives, is_set=switch in self.given))

    def _tell_member(self, what: str, chosen: str, others: tuple[str, ...], where: str) -> None:
        """Keep which of the tables in a file is read, and which are not."""
        is_set = self.given.get("member") == chosen
        reason = AS_SET if is_set else one_of(what, chosen, others, where) if others else f"The only {what}."
        self.reading = replace(self.reading, member=chosen)
        self.findings.append(Finding("member", chosen, reason, others, is_set=is_set))

    def _unpack(self) -> Unpacked:
        unpacked = unpack(self.source, self.name, member=self.given.get("member", ""), kind=self.given.get("kind", ""))
        if unpacked.kind == "text" and not self.given.get("kind"):
            start = unpacked.head()
            kind = "dly" if fixed_width.is_dly(start) else "fixed width" if fixed_width.is_aligned(start) else "text"
            unpacked = replace(unpacked, kind=kind)
        self.unpacked = unpacked
        found = {"container": unpacked.container, "member": unpacked.member, "kind": unpacked.kind}
        self.reading = replace(self.reading, **found)  # type: ignore[arg-type]  # Reading checks them
        self.findings.append(Finding("container", unpacked.container, "The file's first bytes say so."))
        self.findings.append(Finding("kind", unpacked.kind, "Its first bytes or its name say so."))
        if len(unpacked.members) > 1:
            others = tuple(one for one in unpacked.members if one != unpacked.member)
            self._tell_member("table", unpacked.member, others, "archive")
        return unpacked

    def _text(self, unpacked: Unpacked, scanned: text.Scan) -> pd.DataFrame:
        columns: Finding | None = None
        if unpacked.kind == "excel":
            content, sheet, sheets = archives.workbook(unpacked, self.name)
            self.given |= {"encoding": "utf-8", "delimiter": ",", "quote": '"', "decimal": "."}
            others = tuple(one for one in sheets if one != sheet)
            self._tell_member("sheet", sheet, others, "workbook")
            unpacked = replace(unpacked, content=content)
            self.unpacked = unpacked
        if unpacked.kind == "fixed width":
            self.given |= {"encoding": "utf-8", "delimiter": ",", "quote": '"'}
            codec = text.byte_order(unpacked.head(), find_encoding(unpacked.head(), self.name).name)[0]
            content, columns = fixed_width.with_commas(unpacked, codec, self.name)
            unpacked = replace(unpacked, content=content)
        if unpacked.content is not self.source:
            scanned = text.scan(unpacked.content)
        made = self._parsed(unpacked, scanned)
        self.units = made.units
        self.findings += made.findings
        if columns is not None:
            self.findings = [columns if one.switch == "kind" else one for one in self.findings]
        return self._without_headers(made.frame)

    def _parsed(self, unpacked: Unpacked, scanned: text.Scan) -> rows.TextTable:
        rows.check_signs(self.reading)
        given, before = self.given, tuple(self.findings)
        for _ in range(2):
            found, cleaned, findings = text.find_reading(unpacked, scanned, self.name, given)
            kept = {one: getattr(self.reading, one) for one in NOT_OF_TEXT}
            self.reading = replace(found, **kept)
            told = (replace(one, reason=AS_SET, is_set=True) if one.switch in self.given else one for one in findings)
            self.findings = [*before, *told]
            try:
                return rows.parse(cleaned, scanned, self.reading, self.name)
            except CsvError as error:
                if error.switch != "encoding" or "encoding" in given or self.reading.encoding != "utf-8":
                    raise
                given = {**given, "encoding": (late := text.other_encoding(unpacked, self.name)).value}
                before = (*before, late)
        raise AssertionError("the second encoding replaces what it cannot read")

    def _without_headers(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return a table without the rows that repeat its header, as stacked files have them."""
        first = str(frame.columns[0])
        if not self.reading.header or pd.api.types.is_numeric_dtype(frame[first]):
            return frame
        frame = self._without_rule(frame, first)
        again = (frame[first] == first).to_numpy(dtype=bool, na_value=False)
        if not again.any() or len(frame.columns) < 2:
            return frame
        again = again & (frame[frame.columns[1]].astype(str) == str(frame.columns[1])).to_numpy(dtype=bool, na_value=False)
        if not again.any() or again.all():
            return frame
        times = int(again.sum())
        self.findings.append(
            Finding("repeated header", times, f"The header stands {'once' if times == 1 else f'{times:,} times'} more, and is no row.")
        )
        return _retyped(frame[~again])

    def _without_rule(self, frame: pd.DataFrame, first: str) -> pd.DataFrame:
        """Return a table without the line of dashes that databases draw below a header."""
        is_rule = len(frame) > 1 and re.fullmatch(r"[-=+]{3,}", str(frame[first].iloc[0]))
        if not is_rule or not frame.iloc[0, 1:].dropna().astype(str).str.fullmatch(r"[-=+]+").all():
            return frame
        self.findings = [one for one in self.findings if one.switch != "ragged" or f"ine {frame.index[0]} " not in one.reason]
        self.findings.append(Finding("names", (), f"Line {frame.index[0]} is drawn below the header, and is no row."))
        return _retyped(frame.iloc[1:])

    def _settle_signs(self, frame: pd.DataFrame) -> None:
        """Take back the question of a sign that the first rows leave open, where a later number has decimals by which it is one."""
        if self.reading.thousands or not any(one.asked for one in self.findings):
            return
        numeric = frame.select_dtypes("float").abs()
        if any(cells.are_certainly_decimal(numeric[name].to_numpy()) for name in numeric):
            told = "A later number has more or fewer than three decimals, or a whole part that a sign for thousands would split."
            self.findings = [replace(one, asked=(), reason=told) if one.asked else one for one in self.findings]

    def _columns(self, unpacked: Unpacked) -> pd.DataFrame:
        if unpacked.kind == "netcdf":
            grid = grid_table(unpacked, self.name)
            self.units = grid.units
            self.findings += grid.findings
            member = next((one for one in grid.findings if one.switch == "member"), None)
            self.reading = replace(self.reading, member=str(member.value)) if member else self.reading
            return grid.frame
        if unpacked.kind in ("json", "json lines"):
            frame, lacking = archives.json_table(unpacked, self.name)
            self.findings += [Finding("records", unpacked.kind, lacking)] if lacking else []
            return frame
        if unpacked.kind == "dly":
            frame, units, told = fixed_width.dly_table(unpacked, self.name)
            self.units, self.findings = units, [*self.findings, *told]
            return frame
        if unpacked.kind == "tsf":
            frame, words = arff.tsf_table(unpacked, self.name)
            self.findings += [Finding("records", "tsf", words)] if words else []
            return frame
        tables = {"ts": archives.ts_table, "arff": arff.arff_table}
        return tables.get(unpacked.kind, archives.columns_table)(unpacked, self.name)

    def _cells(self, frame: pd.DataFrame) -> pd.DataFrame:
        self._find("missing", (), "Empty cells and NaN alone mean missing before you say so.")
        self._find("strip", (), "Nothing is taken off before you say so.")
        self._find("split", (), "A number and what stands with it are one cell before you say otherwise.")
        self._find("convert", (), "Columns stay in their own units before you say otherwise.")
        made = cells.apply(frame, self.reading)
        self.taken = list(made.taken)
        self.units = {**self.units, **made.units}
        return made.frame

    def _shape(self, frame: pd.DataFrame) -> pd.DataFrame:
        shape = shapes.find_shape(frame, self.reading.header)
        others = tuple(one for one in ("rows", "series in rows", "blocks") if one != shape.layout)
        self._find("layout", shape.layout, shape.reason, others)
        if self.reading.layout == "series in rows":
            label = shape.label or shapes.label_column(frame, shapes.step_columns(frame))
            self._find("label", label, "It has few values, which repeat.")
            return shapes.melt(frame, self.reading)
        return shapes.with_series(frame) if self.reading.layout == "blocks" else frame


def _retyped(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a table whose columns of text are numbers where all of their cells now are."""
    return frame.assign(**{str(name): found for name in frame if (found := _as_numbers(frame[name])) is not None})


def _as_numbers(column: pd.Series) -> pd.Series | None:
    """Return a text column as numbers where all of its filled cells are some."""
    if pd.api.types.is_numeric_dtype(column):
        return None
    found = pd.to_numeric(column, errors="coerce")
    return found if found.notna().sum() == column.notna().sum() else None


def numbers(table: Table, column: str) -> Float[np.ndarray, " row"]:
    """Return a column as numbers, NaN where a cell is empty.

    Raises:
        CellError: a cell holds text or an infinite number; the message names the first such cell.
    """
    found = table.frame[column]
    values = cells.floats(found)
    are_wrong = cells.are_no_numbers(found, values)
    if are_wrong.any():
        wrong = found[are_wrong]
        raise CellError(
            f"{table.name}, line {wrong.index[0]}, column {column!r}: {str(wrong.iloc[0])[:40]!r} is not a "
            f"finite number ({len(wrong):,} such cell{'s' if len(wrong) > 1 else ''} in the column). {cells.remedy(wrong, column)}"
        )
    return values


def numeric_share(cells: pd.Series) -> float:
    """Return the share of a column's filled cells that are numbers; 0 for a column without a filled cell.

    A long column of text of which ten thousand cells, spread over it, hold no number is taken to hold none: to look at all takes as
    much memory as the file.
    """
    if pd.api.types.is_numeric_dtype(cells):
        return float(cells.notna().any())
    filled = cells.dropna()
    if not len(filled):
        return 0.0
    if len(filled) > LONG:
        some = filled.iloc[np.linspace(0, len(filled) - 1, LONG // 10).astype(int)]
        if pd.to_numeric(some, errors="coerce").isna().all():
            return 0.0
    return float(pd.to_numeric(filled, errors="coerce").notna().mean())
