"""Lines with more or fewer cells than the header: what is done with them, and that it is said."""

from __future__ import annotations

import csv

import numpy as np
import pandas as pd
from jaxtyping import Int

from complex_lstm.data.body import BYTEWISE, Body, records_of
from complex_lstm.data.findings import Finding
from complex_lstm.errors import CsvError
from complex_lstm.recipe import Reading
from complex_lstm.wording import counted

FEW = 1000  # lines that are looked at one by one before all delimiters of the file are counted
NAMED = 5  # lines that a sentence names


def without_surplus(frame: pd.DataFrame, names: list[str], reading: Reading, name: str) -> tuple[pd.DataFrame, list[Finding]]:
    """Return a frame without the columns beyond its names, and what was done: a delimiter may end a line.

    Raises:
        CsvError: a cell there is filled, and the reading does not say what to do about it.
    """
    beyond = frame.iloc[:, len(names) :]
    if not beyond.shape[1]:
        return frame, []
    filled = beyond.notna()
    if not filled.any(axis=None):
        words = (
            f"Lines have up to {counted(beyond.shape[1], 'delimiter')} beyond the header's: nothing stands behind, and no column is made."
        )
        return frame[names], [Finding("ragged", reading.ragged, words)]
    long = filled.any(axis=1).to_numpy()
    if reading.ragged == "fill":
        kept = [column for column in beyond if filled[column].any()]
        made = {column: f"column {len(names) + 1 + place}" for place, column in enumerate(beyond.columns)}
        words = f"{_lines(frame.index[long])} more cells than the header: they are in columns of their own, which are empty elsewhere."
        return frame[[*names, *kept]].rename(columns=made), [Finding("ragged", "fill", words, ("leave out", "refuse"))]
    if reading.ragged == "leave out":
        if long.all():
            raise CsvError(f"{name} has no line with {counted(len(names), 'cell')}. Read its lines in another way.", switch="ragged")
        words = f"{_lines(frame.index[long])} more cells than the header and {'is' if long.sum() == 1 else 'are'} left out."
        return frame.loc[~long, names], [Finding("ragged", "leave out", words, ("fill", "refuse"))]
    row = int(np.argmax(long))
    saw = len(names) + int(np.nonzero(filled.iloc[row])[0][-1]) + 1
    raise too_wide(name, int(frame.index[row]), saw, len(names), reading)


def too_wide(name: str, line: int, saw: int, expected: int, reading: Reading) -> CsvError:
    """Return the error of a line with more cells than the header."""
    which = "the header has" if reading.header else "the first row has"
    return CsvError(
        f"{name}, line {line} has {saw} fields, {which} {expected}. Look for a stray {reading.delimiter!r} or a missing quote, "
        f"or let further columns be made up for them, or such lines be left out (ragged lines).",
        switch="ragged",
        line=line,
    )


def tell_short(
    frame: pd.DataFrame, names: list[str], widest: int, body: Body, reading: Reading, above: int
) -> tuple[pd.DataFrame, list[Finding]]:
    """Return a frame, and that lines of it have fewer cells than its columns: these cells are empty, or the lines are left out.

    Such a line lacks at least its last cell. Only where one is empty are the cells of lines counted. `widest` is the number of cells
    that the parser took of a line.
    """
    last = next(column for column in reversed(names) if column in frame)
    width = names.index(last) + 1
    suspects = np.nonzero(frame[last].isna().to_numpy())[0]
    if width < 2 or not len(suspects) or (len(suspects) > FEW and _all_are_whole(body, reading, len(frame), widest)):
        return frame, []
    lines = frame.index.to_numpy()[suspects]
    counts = _cells_at(body, reading, above, lines)
    short = suspects[counts < width]
    if not len(short):
        return frame, []
    words = f"{_lines(frame.index[short])} fewer than {width} cells"
    is_cut = short[-1] == len(frame) - 1 and not reading.footer and not body.ends_with_line_end()
    end = " The file ends within its last line, and may have been cut off there." if is_cut else ""
    if reading.ragged == "leave out" and len(short) < len(frame):
        words = f"{words} and {'is' if len(short) == 1 else 'are'} left out.{end}"
        return frame.drop(index=frame.index[short]), [Finding("ragged", "leave out", words, ("refuse", "fill"))]
    words = f"{words}: those that the end of the line lacks are empty.{end}"
    return frame, [Finding("ragged", reading.ragged, words, ("leave out",))]


def _lines(lines: pd.Index) -> str:
    """Return how many lines there are and the first of them, as the beginning of a sentence with "have"."""
    if len(lines) == 1:
        return f"Line {lines[0]} has"
    more = f" and {len(lines) - NAMED:,} more" if len(lines) > NAMED else ""
    return f"{len(lines):,} lines ({', '.join(map(str, lines[:NAMED]))}{more}) have"


def _all_are_whole(body: Body, reading: Reading, rows: int, widest: int) -> bool:
    """Return whether the number of all delimiters alone says that no line lacks one: none has more than the parser took."""
    if not reading.delimiter or reading.delimiter == " " or body.cut or not body.codec.startswith(BYTEWISE):
        return False
    if reading.quote and body.count(reading.quote):
        return False
    return body.count(reading.delimiter) == rows * (widest - 1)


def _cells_at(body: Body, reading: Reading, above: int, wanted: Int[np.ndarray, " line"]) -> Int[np.ndarray, " line"]:
    """Return how many cells the rows have that begin in these lines, of which the first in the body follows `above` others.

    A line in which no row begins, because a quote from above reaches over it, has as many as can be: nobody can tell.
    """
    counts: list[int] = []
    unknown = np.iinfo(np.int64).max
    lines = body.lines_from(above, wanted.tolist())
    plain = reading.delimiter not in ("", " ")
    for number, line in lines:
        while len(counts) < len(wanted) and wanted[len(counts)] < number:
            counts.append(unknown)
        if len(counts) == len(wanted):
            break
        if number != wanted[len(counts)]:
            continue
        if plain and (not reading.quote or reading.quote not in line):
            counts.append(line.count(reading.delimiter) + 1)
        else:
            parts = [line]
            while reading.quote and sum(part.count(reading.quote) for part in parts) % 2 and (after := next(lines, None)):
                parts.append(after[1])
            try:
                counts.append(len(next(records_of(parts, reading), [])))
            except csv.Error:  # a cell of more than 131,072 signs: the parser has read it
                counts.append(unknown)
    return np.array(counts + [unknown] * (len(wanted) - len(counts)), dtype=np.int64)
