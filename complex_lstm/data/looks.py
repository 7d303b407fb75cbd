"""How a cell of text looks, in any country's way of writing: a number, a date, a mark for "no value"; and lines as cells."""

from __future__ import annotations

import csv
import re
from collections import Counter

from complex_lstm.data.findings import Choice
from complex_lstm.errors import CsvError

CONTROLS = ("\x01", "\x02", "\x1e", "\x1f")  # that programs write between cells, because no text has them
ONE_COLUMN = "\x1c"  # a delimiter that no text has
STANDARD_MISSING = ("NA", "N/A", "n/a", "#N/A", "<NA>", "NULL", "null", "None", "\\N")  # other programs' own words
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
NUMBER = re.compile(r"[+\-\u2212]?(\d+(\.\d*)?|(?!0\d)\d+,\d*|[.,]\d+)([eE][+-]?\d+|[dD][+-]\d+)?")  # 0012,5 are two numbers
GROUPED = re.compile(
    r"[+\-\u2212]?(?:\d{1,3}(?:([.,' \u00a0\u202f\u2019])\d{3})(?:\1\d{3})*(?:[.,]\d+)?|\d{1,2}(?:,\d{2})+,\d{3}(?:\.\d+)?)"
)
DATE = re.compile(
    r"(\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}|\d{1,2}[- ][A-Za-z]{3}[- ]\d{2,4})"
    r"([T ,]+\d{1,2}[:.h]\d{2}([:.]\d{2})?([.,]\d+)?\s*([AaPp][Mm]|Z|[+-]\d{2}:?\d{2})?)?"
    r"|\d{1,2}:\d{2}(:\d{2})?([.,]\d+)?\s*([AaPp][Mm])?|\d{1,2}\.\d{2}\.\d{2}|\d{4}-\d{2}|\d{8}[T ]\d{2,6}"
)
DECIMAL_COMMA = re.compile(r"[+-]?(?!0\d)\d+,(\d{1,2}|\d{4,}|\d{3}(?=[eE]))([eE][+-]?\d+)?|[+-]?(0|[1-9]\d{3,})?,\d+")
DECIMAL_POINT = re.compile(r"[+-]?\d+\.(\d{1,2}|\d{4,})([eE][+-]?\d+)?|[+-]?(0|\d{4,})?\.\d+")
INDIAN = re.compile(r"[+-]?\d{1,2}(?:,\d{2})+,\d{3}(?:\.\d+)?")  # lakh and crore
THOUSANDS = re.compile(r"[+-]?\d{1,3}(?:([., '\u00a0\u202f\u2019])\d{3})(?:\1\d{3})*(?:((?!\1)[.,])\d+)?")
BESIDE = re.compile(r"^[€$£¥]\s*|\s*(?:[€$£¥%]|°[CF]|EUR|USD|CHF|GBP)$")  # what may stand at a number's ends
WORD = re.compile(r"[^\W\d_][\w.\-]*")
FEWEST_DOUBTFUL = 3  # numbers such as 1.234, from which on the sign is asked for


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
        found = list(csv.reader(ended, delimiter=delimiter or ONE_COLUMN, quotechar=quote or '"', skipinitialspace=True))
    except csv.Error as error:
        raise CsvError(f"{error}. Look for a missing quote.", switch="quote") from error
    return [[cell.strip() for cell in record] for record in found if any(cell.strip() for cell in record) or len(record) > 1]


def is_number(cell: str) -> bool:
    """Return whether a cell is a number in any country's way of writing it."""
    return bool(NUMBER.fullmatch(cell) or GROUPED.fullmatch(cell)) or cell.lower() in ("inf", "-inf", "infinity")


def doubtful_number(cells: list[str]) -> str:
    """Return a number whose one sign may stand before decimals or between thousands, where no cell decides between them; "" for none.

    Three digits stand behind the sign in each cell that has one, and one to three before it, of which the first is no 0.
    """
    doubtful = []
    for cell in (BESIDE.sub("", cell) for cell in cells):
        if not re.search(r"\d[.,]|[.,]\d", cell) or not is_number(cell):
            continue
        if not re.fullmatch(r"[+-]?[1-9]\d{0,2}[.,]\d{3}", cell):
            return ""
        doubtful.append(cell)
    return doubtful[0] if len(doubtful) >= FEWEST_DOUBTFUL and len({cell[-4] for cell in doubtful}) == 1 else ""


def sign_choices(example: str) -> tuple[Choice, Choice]:
    """Return the two ways to read such a number."""
    sign = example[-4]
    other = "," if sign == "." else "."
    bare = example.replace(sign, "")
    return (
        Choice(f"{example} is {example.replace(sign, '.')}: a decimal sign", (("decimal", sign), ("thousands", ""))),
        Choice(f"{example} is {bare}: a sign for thousands", (("decimal", other), ("thousands", sign))),
    )


def number_signs(cells: list[str], delimiter: str) -> tuple[str, str, str]:
    """Return the decimal sign, the thousands sign ("" for none) and why, from the cells of rows."""
    cells = [BESIDE.sub("", cell) for cell in cells]
    if example := next((cell for cell in cells if "," in cell and INDIAN.fullmatch(cell)), ""):
        return ".", ",", f"Numbers such as {example!r} have commas as in India."
    comma = sum(bool(DECIMAL_COMMA.fullmatch(cell)) for cell in cells if "," in cell)
    point = sum(bool(DECIMAL_POINT.fullmatch(cell)) for cell in cells if "." in cell)
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
