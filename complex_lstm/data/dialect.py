"""How a text file is laid out: what separates its cells, what quotes them, and what begins a remark.

Found on the first lines alone. Each delimiter is tried, and the one wins whose lines have the same number of cells, most of
which look like something: a number, a date, a plain word. clevercsv's idea (van den Burg, Nazabal and Sutton 2019), with the
lines above a header, decimal commas and blanks in mind.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import Any

from complex_lstm.data.findings import Finding
from complex_lstm.data.header import SAMPLED, find_places
from complex_lstm.data.looks import CONTROLS, DATE, MARKERS, WORD, cells_of, is_number
from complex_lstm.errors import CsvError
from complex_lstm.recipe import Reading
from complex_lstm.wording import counted, form

DELIMITERS = (",", ";", "\t", "|", " ", ":", "^", *CONTROLS)
SHOWN = {
    ",": "comma",
    ";": "semicolon",
    "\t": "tab",
    "|": "bar",
    " ": "blanks",
    ":": "colon",
    "^": "caret",
    **{one: f"control sign {one!r}" for one in CONTROLS},
}
COMMENTS = ("#", "%", "!", "//", "*")


@dataclass(frozen=True)
class Sample:
    """The first lines of a text, without the last one where it was cut, and the last lines."""

    lines: tuple[str, ...]
    tail: tuple[str, ...]


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
        Finding(
            "comment",
            comment,
            f"{counted(leading, 'line')} at the start {form(leading, 'begins', 'begin')} with it."
            if comment
            else "No line begins with such a sign.",
        ),
    ]
    some = rows if len(rows) <= 2 * SAMPLED else rows[:SAMPLED] + rows[-SAMPLED // 2 :]
    reading, more = find_places(base, lines, some, sample.tail, given)
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
    if delimiter == " " and sum(cell[-1:] in (",", ";") for record in fitting for cell in record[:-1]) > len(fitting) * (width - 1) / 2:
        typed /= 2  # 260,  133,   92: the blanks pad what commas separate
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
