"""How a text file is laid out: what separates its cells, where its header and its rows begin and end, how it writes numbers.

Found on the first lines alone. Each delimiter is tried, and the one wins whose lines have the same number of cells, most of
which look like something: a number, a date, a plain word. clevercsv's idea (van den Burg, Nazabal and Sutton 2019), with the
lines above a header, decimal commas and blanks in mind.
"""

from __future__ import annotations

import csv
import itertools
import re
from collections import Counter
from dataclasses import dataclass, replace
from typing import Any

from complex_lstm.data.findings import Finding
from complex_lstm.errors import CsvError
from complex_lstm.recipe import Reading

DELIMITERS = (",", ";", "\t", "|", " ", ":")
SHOWN = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar", " ": "blanks", ":": "colon"}
STANDARD_MISSING = ("NA", "N/A", "n/a", "#N/A", "<NA>", "NULL", "null", "None")  # other programs' own words
MARKERS = {
    "",
    "?",
    "-",
    "--",
    ".",
    "..",
    "...",
    "*",
    "x",
    "X",
    "n.a.",
    "nan",
    "NaN",
    "NAN",
    "missing",
    "none",
    "-nan",
    "-NaN",
    "+nan",
    "+NaN",
    *STANDARD_MISSING,
}
SAMPLED = 80  # lines that are looked at
MOST_FOOTER = 30
NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|(?!0\d)\d+,\d*|[.,]\d+)([eE][+-]?\d+)?")  # 0012,5 are two numbers
GROUPED = re.compile(r"[+-]?(?:\d{1,3}(?:([.,' \u00a0\u202f\u2019])\d{3})(?:\1\d{3})*(?:[.,]\d+)?|\d{1,2}(?:,\d{2})+,\d{3}(?:\.\d+)?)")
DATE = re.compile(
    r"(\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}|\d{1,2}[- ][A-Za-z]{3}[- ]\d{2,4})"
    r"([T ,]+\d{1,2}[:.h]\d{2}([:.]\d{2})?([.,]\d+)?\s*([AaPp][Mm]|Z|[+-]\d{2}:?\d{2})?)?"
    r"|\d{1,2}:\d{2}(:\d{2})?([.,]\d+)?\s*([AaPp][Mm])?|\d{1,2}\.\d{2}\.\d{2}|\d{4}-\d{2}|\d{8}[T ]\d{2,6}"
)
DECIMAL_COMMA = re.compile(r"[+-]?(?!0\d)\d+,(\d{1,2}|\d{4,}|\d{3}(?=[eE]))([eE][+-]?\d+)?|[+-]?(0|[1-9]\d{3,})?,\d+")
DECIMAL_POINT = re.compile(r"[+-]?\d+\.(\d{1,2}|\d{4,})([eE][+-]?\d+)?|[+-]?(0|\d{4,})?\.\d+")
INDIAN = re.compile(r"[+-]?\d{1,2}(?:,\d{2})+,\d{3}(?:\.\d+)?")  # lakh and crore
THOUSANDS = re.compile(r"[+-]?\d{1,3}(?:([., '\u00a0\u202f\u2019])\d{3})(?:\1\d{3})*(?:((?!\1)[.,])\d+)?")
WORD = re.compile(r"[^\W\d_][\w.\-]*")
UNIT = re.compile(r"[\[(].*[\])]|.*[/°%].*|deg\w?|m|s|h|ms|sec|hPa|Pa|mbar|km|mm|cm|k?W|k?Wh|V|A|K|Hz|nmi")
TOTALS = re.compile(
    r"(grand total|total|sum|end|eof|average|avg|mean|min|max|std|count|summe|gesamt|mittel|totale|media|moyenne|source|quelle)\b"
    r"|end of|\d+ rows?\b",
    re.IGNORECASE,
)
COMMENTS = ("#", "%", "!", "//", "*")


@dataclass(frozen=True)
class Sample:
    """The first lines of a text, without the last one where it was cut, and the last lines."""

    lines: tuple[str, ...]
    tail: tuple[str, ...]


def split_lines(text: str) -> list[str]:
    """Return a text's lines, ended by LF, CR LF or CR. `str.splitlines` also ends them at signs that a cell may hold."""
    lines = re.split(r"\r\n|\n|\r", text)
    return lines[:-1] if lines and not lines[-1] else lines


def cells_of(lines: list[str] | tuple[str, ...], delimiter: str, quote: str) -> list[list[str]]:
    """Return the cells of lines; a line without any is left out."""
    if delimiter == " ":
        lines = [re.sub(r"[ \t]+", " ", line.strip()) for line in lines]
    ended = (line + "\n" for line in lines)
    try:
        found = list(csv.reader(ended, delimiter=delimiter or "\x1f", quotechar=quote or '"', skipinitialspace=True))
    except csv.Error as error:
        raise CsvError(f"{error}. Look for a missing quote.", switch="quote") from error
    return [[cell.strip() for cell in record] for record in found if any(cell.strip() for cell in record) or len(record) > 1]


def is_number(cell: str) -> bool:
    """Return whether a cell is a number in any country's way of writing it."""
    return bool(NUMBER.fullmatch(cell) or GROUPED.fullmatch(cell)) or cell.lower() in ("inf", "-inf", "infinity")


def find_dialect(sample: Sample, given: dict[str, Any], encoding: str) -> tuple[Reading, tuple[Finding, ...]]:
    """Return the likeliest reading of a text with these first lines, and why. What is `given` is taken as it is.

    Raises:
        CsvError: there is no line, or a quote is never closed.
    """
    lines = list(sample.lines)
    if not any(line.strip() for line in lines):
        raise CsvError("has no line with text. Choose a file with a header line and rows of numbers.")
    comment, leading = _comments(lines)
    comment = given.get("comment", comment)
    rows = [(place, line) for place, line in enumerate(lines) if line.strip() and not (comment and line.lstrip().startswith(comment))]
    rows = rows or [(place, line) for place, line in enumerate(lines) if line.strip()]
    few = rows[: SAMPLED // 2] + rows[SAMPLED // 2 :][-SAMPLED // 2 :]
    quote = given.get("quote", _quote([line for _, line in few]))
    scores = delimiter_scores([line for _, line in few], quote)
    delimiter = given.get("delimiter", max(scores, key=lambda one: scores[one]))
    base = Reading(encoding=encoding, delimiter=delimiter, quote=quote, comment=comment)
    others = tuple(one for one in sorted(scores, key=lambda one: -scores[one]) if one != delimiter and scores[one] > 0.3)
    how = f"{SHOWN.get(delimiter, delimiter).capitalize()}: so the lines have equally many cells, most of them numbers, dates or words."
    in_quotes = any(quote in line for _, line in few)
    findings = [
        Finding("delimiter", delimiter, how if delimiter else "No delimiter splits the lines into equally many cells.", others),
        Finding("quote", quote, "Cells stand in it." if in_quotes else "No cell has quotes.", ("'",) if quote == '"' else ('"',)),
        Finding("comment", comment, f"{leading} line(s) at the start begin with it." if comment else "No line begins with such a sign."),
    ]
    reading, more = _places(base, lines, rows if len(rows) <= 2 * SAMPLED else rows[:SAMPLED] + rows[-SAMPLED // 2 :], sample.tail, given)
    return reading, (*findings, *more)


def _comments(lines: list[str]) -> tuple[str, int]:
    """Return the sign that the first lines begin with, and how many do; "" where it begins most lines."""
    filled = [line.lstrip() for line in lines if line.strip()]
    for sign in COMMENTS:
        leading = next((place for place, line in enumerate(filled) if not line.startswith(sign)), len(filled))
        if 0 < leading < len(filled) and (sign != "*" or len(filled[0]) > 1):
            return sign, leading
    inside = sum(line.startswith("#") for line in filled)
    errors = any(re.match(r"#(N/A|DIV|REF|VALUE|NAME|NUM|NULL)", line) for line in filled)  # a spreadsheet's
    return ("#", 0) if 0 < inside < len(filled) / 2 and not errors else ("", 0)


def _quote(lines: list[str]) -> str:
    text = "\n".join(lines)
    found = {quote: len(re.findall(rf"(?:^|[,;\t| ]){quote}[^{quote}\n]*{quote}(?=$|[,;\t| ])", text, re.M)) for quote in ("'", '"')}
    return "'" if found["'"] > 2 and found["'"] > found['"'] else '"'


def delimiter_scores(lines: list[str], quote: str) -> dict[str, float]:
    """Return for each delimiter how well it splits lines into equally many cells that look like something, 0 to 1."""
    return {one: _score(lines, one, quote) for one in ("", *DELIMITERS) if not one or any(one in line.strip() for line in lines)}


def _score(lines: list[str], delimiter: str, quote: str) -> float:
    try:
        records = cells_of(lines, delimiter, quote)
    except CsvError:
        return 0.0
    if not records:
        return 0.0
    widths = Counter(map(len, records))
    width = max((count for count in widths if count > 1), key=lambda count: (widths[count], count), default=1) if delimiter else 1
    fitting = [record for record in records if len(record) == width]
    if not fitting or (delimiter and width < 2):
        return 0.0
    typed = sum(sum(map(_looks, record)) / width for record in fitting) / len(fitting)
    even = len(fitting) / len(records)
    if not delimiter:
        return 0.6 * typed * even
    first = next(place for place, record in enumerate(records) if len(record) == width)
    above = records[first - 1] if first else []
    lone = len(above) == 1 and not is_number(above[0])
    headless = lone and (all(map(is_number, records[first])) or any(sign in above[0] for sign in ",;\t|" if sign != delimiter))
    return typed * even * (0.5 if headless else 1.0) * {" ": 0.95, ":": 0.6}.get(delimiter, 1.0)


def _looks(cell: str) -> float:
    """Return how much a cell looks like one thing: 1 for a number or a date, less for text with a possible delimiter inside."""
    if cell in MARKERS or is_number(cell) or DATE.fullmatch(cell):
        return 1.0
    if WORD.fullmatch(cell):
        return 0.9
    inside = sum(sign in cell for sign in (";", "\t", "|"))
    return 0.15 if inside or ("," in cell and ", " not in cell) else 0.3 if re.search(r"\d +[\d-]|^\S+( \S+){6}", cell) else 0.7


def _places(
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
    kinds = _numeric_columns(records[1:] or records, width)
    header, why = (given["header"], "As you set it.") if "header" in given else _has_header(records, kinds)
    if above >= 0 and "header" not in given:
        header, why = True, "A line with the comment sign names the columns."
    body = records[1:] if header else records
    units = given.get(
        "units_row", (above >= 0 and start < above) or bool(header and body and _is_units(body[0], _numeric_columns(body[1:], width)))
    )
    footer = given.get(
        "footer", _footer(tail, width, base, kinds, most=max(0, len(body) - 1 - units) if len(rows) < SAMPLED else MOST_FOOTER)
    )
    later = any(line.lstrip().startswith(base.comment) for line in lines[start + 1 :])
    if not later and above < 0 and "comment" not in given and len(lines) < SAMPLED:
        base = replace(base, comment="")  # only lines above the header have it
    decimal, thousands, why_signs = number_signs([cell for record in body[units:] for cell in record], base.delimiter)
    decimal, thousands = given.get("decimal", decimal), given.get("thousands", thousands)
    if decimal == thousands and "decimal" not in given:  # one sign cannot be both: what was set stays
        decimal = "," if thousands == "." else "."
    elif decimal == thousands and "thousands" not in given:
        thousands = ""
    reading = replace(base, skip=start, header=header, units_row=units, footer=footer, decimal=decimal, thousands=thousands)
    why_units = "The line below the header has text above numbers." if units else "The line below the header is a row."
    last = f"The last {footer} line(s) are a total, a remark or empty." if footer else "The last line is a row like the others."
    signs = tuple(sign for sign in ("", ",", ".", " ", "'") if sign not in (thousands, decimal))
    return reading, [
        Finding("skip", start, f"The {'header' if header else 'first row'} is line {start + 1}."),
        Finding("header", header, why, (not header,)),
        Finding("units_row", units, why_units, (not units,)),
        Finding("footer", footer, last),
        Finding("decimal", decimal, why_signs, ("," if decimal == "." else ".",)),
        Finding("thousands", thousands, why_signs if thousands else "No number has such a sign.", signs),
    ]


def _record(line: str, reading: Reading) -> list[str]:
    found = cells_of([line], reading.delimiter, reading.quote)
    return found[0] if found else []


def _first_row(split: list[tuple[int, list[str]]], width: int) -> int:
    """Return the line (from 0) of the first record that is not a remark above the table."""
    split = [(place, _shortened(record, width)) for place, record in split[:40]] + split[40:]
    at = next(
        (place for place, (_, record) in enumerate(split) if (len(record) in (width, width - 1) and len(record) > 1) or width == 1), 0
    )
    fits = next((place for place, (_, record) in enumerate(split) if len(record) == width), at)
    below = [record for _, record in split[fits + 1 :]]
    named = bool(below) and _has_header([split[fits][1], *below], _numeric_columns(below, width))[0]
    if len(split[0][1]) == 1 and width > 1:
        return split[fits][0] if named or fits - at != 1 else split[at][0]
    if len(split[0][1]) == width or not named:
        return split[0][0]
    return split[fits][0]


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


def _is_units(record: list[str], numeric: list[bool]) -> bool:
    """Return whether a record has units: text above each column of numbers that it says something about."""
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
    if is_number(filled[0]) or DATE.fullmatch(filled[0]) or filled[0] in MARKERS:
        return False
    at = record.index(filled[0])
    strange = numeric[at] if at < len(numeric) else True
    alone = (len(record) == 1 and width > 1) or (len(filled) == 1 and strange and width > 2)
    return alone or (strange and bool(TOTALS.match(filled[0])))


def number_signs(cells: list[str], delimiter: str) -> tuple[str, str, str]:
    """Return the decimal sign, the thousands sign ("" for none) and why, from the cells of rows."""
    if example := next((cell for cell in cells if INDIAN.fullmatch(cell)), ""):
        return ".", ",", f"Numbers such as {example!r} have commas as in India."
    comma, point = (sum(bool(pattern.fullmatch(cell)) for cell in cells) for pattern in (DECIMAL_COMMA, DECIMAL_POINT))
    both = Counter((found[1], found[2] or "") for cell in cells if (found := THOUSANDS.fullmatch(cell)))
    certain = {pair: count for pair, count in both.items() if pair[1] or pair[0] not in ".,"}
    for sign in ".,":  # 1.234.567 has no decimal sign
        if both[sign, ""] and any(cell.count(sign) > 1 and THOUSANDS.fullmatch(cell) for cell in cells):
            certain[sign, ""] = both[sign, ""]
    if certain:
        sign = max(certain, key=lambda pair: certain[pair])[0]
        after = next((pair[1] for pair in certain if pair[0] == sign and pair[1]), "")
        decimal = after or ("," if sign == "." or (sign != "," and comma > point) else ".")
        if (point if decimal == "," else comma) <= sum(certain.values()):
            example = next(cell for cell in cells if GROUPED.fullmatch(cell) and sign in cell)
            return decimal, sign, f"Numbers such as {example!r} have a sign for thousands."
    if comma > point:
        return (
            ",",
            "." if both.get((".", ""), 0) else "",
            f"{comma} numbers of the first lines have a decimal comma, {point} a decimal point.",
        )
    if not point and both.get((",", ""), 0) and delimiter != ",":
        return ",", "", "Numbers such as 1,234 have a comma: a decimal one unless it marks thousands."
    grouped = point and both.get((",", ""), 0)
    return ".", "," if grouped else "", f"{point} numbers of the first lines have a decimal point, {comma} a decimal comma."
