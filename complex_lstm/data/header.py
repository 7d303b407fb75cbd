"""Where the table begins and ends in a text: remarks, the header's rows, units, and the lines at the end that are none of it."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from dataclasses import replace
from typing import Any

from complex_lstm.data.findings import Finding
from complex_lstm.data.flags import flags_behind_commas
from complex_lstm.data.looks import DATE, MARKERS, cells_of, doubtful_number, is_number, number_signs, sign_choices
from complex_lstm.errors import CsvError
from complex_lstm.recipe import Reading

SAMPLED = 80  # lines that are looked at
MOST_FOOTER = 30
UNIT = re.compile(r"[\[(].*[\])]|.*[/°%].*|deg\w?|m|s|h|ms|sec|hPa|Pa|mbar|km|mm|cm|k?W|k?Wh|V|A|K|Hz|nmi")
TOTALS = re.compile(
    r"(grand total|total|sum|end|eof|average|avg|mean|min|max|std|count|summe|gesamt|mittel|totale|media|moyenne|source|quelle)\b"
    r"|end of|\d+ rows?\b",
    re.IGNORECASE,
)


def find_places(
    base: Reading, lines: list[str], rows: list[tuple[int, str]], tail: tuple[str, ...], given: dict[str, Any]
) -> tuple[Reading, list[Finding]]:
    """Return the reading with the header, the units, the footer and the way of numbers, and why."""
    split = [(place, record) for place, line in rows if any(record := _record(line, base))]
    if not split:
        raise CsvError("has no line with a cell. Choose a file with a header line and rows of numbers.", switch="delimiter")
    widths = Counter(len(record) for _, record in split)
    width = max(widths, key=lambda count: (widths[count], count))
    first = given["skip"] if "skip" in given else _first_row(split, width)
    records = [record for place, record in split if place >= first] or [split[-1][1]]
    start = first if "skip" in given else next((place for place, _ in split if place >= first), first)
    above = _commented_header(lines, start, base.comment, base, records) if "skip" not in given and base.comment else -1
    if above >= 0:
        names = _commented_names(lines, above, base, records) if not {"header", "units_row"} & set(given) else above
        start, marked = names, [lines[place].lstrip().removeprefix(base.comment) for place in sorted({names, above})]
        records = [*(_record(line, base) for line in marked), *records]
    levels, why_levels = (1, "") if above >= 0 or not given.get("header", True) else find_levels(records, width)
    levels = given.get("header_rows", levels)
    kinds = _numeric_columns(records[levels:] or records, width)
    header, why = (given["header"], "As you set it.") if "header" in given else _has_header(records, kinds)
    if above >= 0 and "header" not in given:
        header, why = True, "A line with the comment sign names the columns."
    elif why_levels and "header" not in given:
        header, why = True, "Its rows stand above numbers."
    body = records[levels:] if header else records
    units = given.get("units_row", (above >= 0 and start < above) or bool(header and body and _is_units(body[0], body[1:], width)))
    footer = given.get(
        "footer", _footer(tail, width, base, kinds, most=max(0, len(body) - 1 - units) if len(rows) < SAMPLED else MOST_FOOTER)
    )
    later = any(line.lstrip().startswith(base.comment) for line in lines[start + 1 :])
    if not later and above < 0 and "comment" not in given and len(lines) < SAMPLED:
        base = replace(base, comment="")  # only lines above the header have it
    decimal, thousands, signs_found = _find_signs(_unflagged(body[units:], width), base.delimiter, given)
    reading = replace(
        base, skip=start, header=header, header_rows=levels, units_row=units, footer=footer, decimal=decimal, thousands=thousands
    )
    why_units = "The line below the header has text above numbers." if units else "The line below the header is a row."
    ends = (
        "The last line is a total, a remark or empty, no row."
        if footer == 1
        else f"The last {footer} lines are totals, remarks or empty, no rows."
    )
    last = ends if footer else "The last line is a row like the others."
    return reading, [
        Finding("skip", start, f"The {'header' if header else 'first row'} is line {start + 1}."),
        Finding("header", header, why, (not header,)),
        Finding("header_rows", levels, why_levels or "One row names the columns.", (1,) if levels > 1 else (2,)),
        Finding("units_row", units, why_units, (not units,)),
        Finding("footer", footer, last),
        *signs_found,
    ]


def _find_signs(cells: list[str], delimiter: str, given: dict[str, Any]) -> tuple[str, str, list[Finding]]:
    """Return the decimal and the thousands sign of some cells, and why; what was set stays."""
    decimal, thousands, why = number_signs(cells, delimiter)
    doubtful = "" if {"decimal", "thousands"} & set(given) else doubtful_number(cells)
    asked = sign_choices(doubtful) if doubtful else ()
    if asked:
        if (decimal, thousands) != tuple(value for _, value in asked[0].switches):
            asked = asked[::-1]
        decimal, thousands = (str(value) for _, value in asked[0].switches)
        why = f"{asked[0].words}, until you choose: {asked[1].words} would fit all cells too."
    decimal, thousands = given.get("decimal", decimal), given.get("thousands", thousands)
    if decimal == thousands and "decimal" not in given:  # one sign cannot be both
        decimal = "," if thousands == "." else "."
    elif decimal == thousands and "thousands" not in given:
        thousands = ""
    others = tuple(sign for sign in ("", ",", ".", " ", "'") if sign not in (thousands, decimal))
    return (
        decimal,
        thousands,
        [
            Finding("decimal", decimal, why, ("," if decimal == "." else ".",)),
            Finding("thousands", thousands, why if thousands or asked else "No number has such a sign.", others, asked=asked),
        ],
    )


def _unflagged(rows: list[list[str]], width: int) -> list[str]:
    """Return the cells of rows, less those of columns in which a comma is followed by a flag: they say nothing of decimals."""
    columns = [[row[column] for row in rows if len(row) > column] for column in range(width)]
    kept = [cell for cells in columns if not flags_behind_commas(cells) for cell in cells]
    return kept if any(map(is_number, kept)) else [cell for row in rows for cell in row]


def find_levels(records: list[list[str]], width: int) -> tuple[int, str]:
    """Return how many rows the header has, and why: 1 and "" where one row names the columns.

    Several rows are one header where the first alone does not tell the columns apart, because it repeats a name or leaves cells empty
    as merged ones do, and all together do. A row below them that has names for the first columns alone is pandas' for its index.
    """
    below = _numeric_columns(records[5:40] or records[-1:], width)
    most = next((place for place, record in enumerate(records[:5]) if len(record) == width and _is_row(record, records[-1], below)), 0)
    if most < 2:
        return 1, ""
    rows = [[*record, *[""] * (width - len(record))] for record in records[:most]]
    named = [column for column in range(width) if any(row[column] for row in rows)]
    indexed = next((place for place, row in enumerate(rows) if place and _names_index(row)), 0)
    are_units = sum(bool(UNIT.fullmatch(cell)) for cell in rows[1]) > sum(map(bool, rows[1])) / 2
    if not indexed and (are_units or len({rows[0][column] for column in named} - {""}) == len(named)):
        return 1, ""
    if indexed == 1 and rows[0][0]:
        return 1, ""
    levels = (indexed or 1) + 1
    joined = joined_names(rows[:levels])
    measured = [column for column in named if any(row[column] for row in rows[:levels])]
    if len({joined[column] for column in measured}) < len(measured):
        return 1, ""
    example = next((joined[column] for column in reversed(measured) if rows[0][column] != joined[column]), joined[-1])
    return levels, f"The header has {levels} rows, which name the columns together, such as {example!r}."


def joined_names(rows: list[list[str]]) -> list[str]:
    """Return the names of columns that have a part in each of several rows: "Station A temp".

    In all rows but the last a cell without a name takes that to its left, as merged cells mean, where the last row goes on. A last
    row with names for the first columns alone names these, and no others.
    """
    width = max(map(len, rows))
    rows = [[*(re.sub(r"^Unnamed: \d+(_level_\d+)?$", "", cell) for cell in row), *[""] * (width - len(row))] for row in rows]
    index = sum(map(bool, rows[-1])) if len(rows) > 1 and _names_index(rows[-1]) else 0
    levels = rows[:-1] if index else rows
    for row in levels[:-1]:
        for column in range(index + 1, width):
            if not row[column] and levels[-1][column] and (column - 1 > 0 or levels[-1][column - 1]):
                row[column] = row[column - 1]
    names = [" ".join(dict.fromkeys(filter(None, (row[column] for row in levels)))) for column in range(width)]
    return [*rows[-1][:index], *names[index:]]


def _names_index(row: list[str]) -> bool:
    """Return whether a row has names for its first columns and nothing for most others."""
    filled = sum(map(bool, row))
    return 0 < filled <= len(row) // 2 and all(row[:filled])


def _is_row(record: list[str], last: list[str], below: list[bool]) -> bool:
    """Return whether a record is a row of values: most of its cells above numbers are numbers or dates too, as is its first cell."""
    cells = [cell for cell, is_typed in zip(record, below, strict=True) if is_typed]
    typed = [cell for cell in cells if is_number(cell) or DATE.fullmatch(cell)]
    missing = [cell for cell in cells if cell in MARKERS]
    return bool(typed) and len(typed) + len(missing) > len(cells) / 2 and bool(record[0] or not (below[0] and last[0]))


def _record(line: str, reading: Reading) -> list[str]:
    found = cells_of([line], reading.delimiter, reading.quote)
    return found[0] if found else []


def _first_row(split: list[tuple[int, list[str]]], width: int) -> int:
    """Return the line (from 0) of the first record that is not a remark above the table."""
    if split[0][1][0] == "TOA5" and len(split) > 1:  # a Campbell logger's line about itself
        return split[1][0]
    split = [(place, _shortened(record, width)) for place, record in split[:40]] + split[40:]
    if len(split[0][1]) == width:
        return split[0][0]
    at = next(
        (place for place, (_, record) in enumerate(split) if (len(record) in (width, width - 1) and len(record) > 1) or width == 1), 0
    )
    fits = next((place for place, (_, record) in enumerate(split) if len(record) == width), at)
    below = [record for _, record in split[fits + 1 :]]
    named = bool(below) and _has_header([split[fits][1], *below], _numeric_columns(below, width))[0]
    if len(split[0][1]) == 1 and width > 1:
        return split[fits][0] if named or fits - at != 1 else split[at][0]
    return split[fits if named else 0][0]


def _shortened(record: list[str], width: int) -> list[str]:
    """Return a record without the empty cells that a spreadsheet adds behind a remark of one or two cells."""
    filled = [cell for cell in record if cell]
    is_remark = 0 < len(filled) <= max(1, width // 2) and not is_number(filled[0]) and not DATE.fullmatch(filled[0])
    return record[: len(filled)] if is_remark and not any(record[len(filled) :]) else record


def _commented_header(lines: list[str], start: int, comment: str, reading: Reading, records: list[list[str]]) -> int:
    """Return the line (from 0) of a header that begins with the comment sign, -1 where there is none."""
    above = next((place for place in range(start - 1, -1, -1) if lines[place].strip()), -1)
    if above < 0 or not lines[above].lstrip().startswith(comment):
        return -1
    names = _record(lines[above].lstrip().removeprefix(comment), reading)
    rows = records[:20]
    if len(names) != len(rows[0]) or (len(names) < 2) or any(map(is_number, names)):
        return -1
    return above if not _has_header(rows, _numeric_columns(rows[1:] or rows, len(names)))[0] else -1


def _commented_names(lines: list[str], above: int, reading: Reading, records: list[list[str]]) -> int:
    """Return the line of the names where the last line with the comment sign has units, and the one before it the names."""
    before = next((place for place in range(above - 1, -1, -1) if lines[place].strip()), -1)
    if before < 0 or not lines[before].lstrip().startswith(reading.comment):
        return above
    names, units = (_record(lines[place].lstrip().removeprefix(reading.comment), reading) for place in (before, above))
    short = sum(len(cell) <= 4 or bool(UNIT.fullmatch(cell)) for cell in units) > 0.7 * len(units)
    fits = len(names) == len(units) and not any(map(is_number, names)) and short and any(map(UNIT.fullmatch, units))
    return before if fits else above


def _numeric_columns(records: list[list[str]], width: int) -> list[bool]:
    """Return for each column whether nearly all of its filled cells are numbers or dates."""
    found = []
    for column in range(width):
        cells = [record[column] for record in records if len(record) > column and record[column] not in MARKERS]
        found.append(bool(cells) and sum(is_number(cell) or bool(DATE.fullmatch(cell)) for cell in cells) >= 0.8 * len(cells))
    return found


def _has_header(records: list[list[str]], numeric: list[bool]) -> tuple[bool, str]:  # one question after another
    """Return whether the first record names the columns, and why."""
    first = records[0]
    filled = [cell for cell in first if cell]
    numbers = [cell for cell in filled if is_number(cell)]
    dates = [cell for cell in filled if not is_number(cell) and DATE.fullmatch(cell)]
    above = [cell for cell, is_typed in zip(first, numeric, strict=False) if is_typed and cell and cell not in MARKERS]
    texts = [cell for cell in above if not is_number(cell) and not DATE.fullmatch(cell)]
    if above and len(texts) == len(above):
        return True, "The first line has text above numbers."
    rising = len(records) > 1 and _counts_up([cell for cell in records[1] if is_number(cell)])
    if len(numbers) >= 3 and not dates and _counts_up(numbers) and not rising:
        return True, "The first line's numbers count up, as years or steps do, and the rows' do not."
    if not numbers and not dates:
        below = {(column, cell) for record in records[1:] for column, cell in enumerate(record)}
        again = sum((column, cell) in below for column, cell in enumerate(first) if cell)
        if filled and again <= len(filled) / 2:
            return True, "The first line has only text."
        return False, "The first line's cells occur again in the rows below it."
    if texts and len(texts) > len(above) / 2 and not dates:
        return True, "The first line has text above most columns of numbers."
    return False, "The first line has numbers or dates, as the rows have."


def _counts_up(cells: list[str]) -> bool:
    if not all(re.fullmatch(r"\d+", cell) for cell in cells) or len(cells) < 3:
        return False
    values = [int(cell) for cell in cells]
    return all(later > sooner for sooner, later in itertools.pairwise(values))


def _is_units(record: list[str], below: list[list[str]], width: int) -> bool:
    """Return whether a record has units: text above each column of numbers that it says something about."""
    if all(is_number(cell) or cell in MARKERS - {"-"} for cell in record):
        return False
    numeric = _numeric_columns(below, width)
    over = [cell for cell, is_numeric in zip(record, numeric, strict=False) if is_numeric and cell]
    said = [cell for cell in over if cell not in MARKERS - {"-"}]
    typed = any(is_number(cell) or DATE.fullmatch(cell) or len(cell) > 20 for cell in said)
    if typed or set(said) <= {"-"}:
        return False
    return len(said) > 1 or bool(re.fullmatch(r"[\[(].*[\])]|[°%].*|.*/.*|[A-Za-zµ]{1,4}[²³0-9]?", said[0]))


def _footer(tail: tuple[str, ...], width: int, reading: Reading, numeric: list[bool], *, most: int) -> int:
    """Return how many of the last lines, blank ones not counted, are no rows."""
    count = 0
    for line in reversed([line for line in tail if line.strip()][-most - 1 :] if most else []):
        record = _record(line, reading)
        if count >= most or (reading.quote and line.count(reading.quote) % 2) or not _is_footer(record, width, numeric):
            break
        count += 1
    return 0 if count == most == MOST_FOOTER else count  # so many empty lines are rows, which preparing leaves out and says


def _is_footer(record: list[str], width: int, numeric: list[bool]) -> bool:
    filled = [cell for cell in record if cell]
    if not filled:
        return True
    if is_number(filled[0]) or DATE.fullmatch(filled[0]) or filled[0] in MARKERS or re.match(r"\d+[-/.:]\d*", filled[0]):  # a cut date
        return False
    at = record.index(filled[0])
    strange = numeric[at] if at < len(numeric) else True
    alone = (len(record) == 1 and width > 1) or (len(filled) == 1 and strange and width > 2)
    return alone or (strange and bool(TOTALS.match(filled[0])))
