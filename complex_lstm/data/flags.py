"""Flags that stand with a number in one cell: 10049,5 and 160,1,N from weather services, 12.3 A, 12.3*."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import pandas as pd

from complex_lstm.data.findings import Offer

FEWEST = 8  # cells
ALIKE = 0.9  # share of the cells
LOOKED_AT = 500  # cells of a column
MOST_FLAGS = 6  # different flags behind a comma
MOST_DIGITS = 4  # of them, where they are digits: a decimal has up to ten
_PAIR = re.compile(r"([+-]?\d+(?:\.\d+)?) ?, ?([A-Za-z*?!]{1,2}|\d)")
_PARTS = re.compile(r"[+-]?\d+(?:\.\d+)?(?:,[\w+.*?-]*){2,}")
_BESIDE = re.compile(
    r"(?P<before>[^\d+\-.,]{0,3}?)\s*(?P<number>[+\-\u2212]?\d[\d.,'\u00a0\u202f]*|[+-]?[.,]\d+)\s*(?P<after>[^\d\s][^\d]{0,7})?"
)


def flags_behind_commas(cells: Sequence[str]) -> str:
    """Return an example of a column whose cells are a number, a comma and a flag, or several values with commas; "" for no such column.

    A digit behind the comma is a flag where only few different ones occur, and not just 0 and 5, which halves have.
    """
    filled = [cell.strip() for cell in cells if cell.strip()]
    if len(filled) < FEWEST:
        return ""
    several = [cell for cell in filled if _PARTS.fullmatch(cell)]
    if len(several) >= ALIKE * len(filled) and len({cell.count(",") for cell in several}) == 1 and not _are_thousands(several):
        return several[0]
    pairs = [match for cell in filled if (match := _PAIR.fullmatch(cell))]
    if len(pairs) < ALIKE * len(filled):
        return ""
    flags, numbers = {match[2] for match in pairs}, {match[1] for match in pairs}
    digits = {flag for flag in flags if flag.isdigit()}
    is_padded = any(re.match(r"[+-]?0\d", number) for number in numbers)
    if len(flags) > MOST_FLAGS or len(numbers) <= len(flags):
        return ""
    if digits and not is_padded and (len(digits) > MOST_DIGITS or digits <= {"0", "5"}):
        return ""
    return pairs[0][0]


def _are_thousands(cells: Sequence[str]) -> bool:
    """Return whether cells with several commas are numbers as in 1,234,567 or 12,34,567."""
    return sum(bool(re.fullmatch(r"[+-]?\d{1,3}(,\d{2,3})+(\.\d+)?", cell)) for cell in cells) >= len(cells) / 2


def split_cells(cells: pd.Series, column: str) -> dict[str, pd.Series]:
    """Return the number of each cell as text under the column's name, and what stands with it under further names, missing for nothing.

    Of values with commas each is a column; a single flag is that column's `flag`.
    """
    text = cells.astype("str").str.strip()
    by_comma = flags_behind_commas(text.dropna().unique()[:2000].tolist())
    if by_comma:
        parts = text.str.split(",", expand=True)
        names = [column, *([f"{column} flag"] if parts.shape[1] == 2 else [f"{column} {place}" for place in range(2, parts.shape[1] + 1)])]
        found = {name: parts[place].str.strip() for place, name in enumerate(names)}
        return {name: part.mask(part == "") for name, part in found.items()}
    unique = pd.Series(text.dropna().unique(), dtype="str")
    taken = unique.str.extract(rf"^{_BESIDE.pattern}$")
    flags = (taken["before"].fillna("") + taken["after"].fillna("")).str.strip()
    number = taken["number"].where(taken["number"].notna(), unique)
    flags = flags.mask((flags == "") | taken["number"].isna())
    return {column: text.map(dict(zip(unique, number, strict=True))).astype("str"),
            f"{column} flag": text.map(dict(zip(unique, flags, strict=True))).astype("str")}  # fmt: skip


def flag_offer(cells: pd.Series, column: str) -> Offer | None:
    """Return the offer to split a number and the flags, or the values, that stand behind commas in its cells."""
    filled = cells.dropna()
    some = filled if len(filled) <= LOOKED_AT else filled.iloc[np.linspace(0, len(filled) - 1, LOOKED_AT).astype(int)]
    example = flags_behind_commas([str(cell) for cell in some])
    if not example:
        return None
    parts = example.split(",")
    kinds = "a flag stands" if len(parts) == 2 else f"{len(parts) - 1} more values stand"
    reason = f"Behind the number in its cells {kinds}, with a comma between."
    preview = f"{example} → {' and '.join(parts)}"
    return Offer("split", column, column, len(filled), tuple(int(line) for line in filled.index[:3]), reason, preview)


def flags_read_as_decimals(cells: pd.Series, column: str) -> list[Offer]:
    """Return the offer to take a digit behind a decimal comma for a flag, where only few different ones occur."""
    values = cells.dropna()
    tenths = values.to_numpy(dtype=float)[: 10 * LOOKED_AT] * 10
    if len(tenths) < LOOKED_AT // 10 or not np.allclose(tenths, np.round(tenths), atol=1e-6) or not pd.api.types.is_float_dtype(cells):
        return []
    texts = [f"{value // 10:.0f},{value % 10:.0f}" for value in np.abs(np.round(tenths))]
    example = flags_behind_commas(texts)
    if not example or np.allclose(tenths % 10, 0):
        return []
    flags = sorted({text[-1] for text in texts})
    reason = f"Of all digits only {', '.join(flags)} stand behind the comma, as flags do and decimals do not."
    preview = f"{example} → {example.replace(',', ' and ')}"
    return [Offer("split", column, column, len(values), tuple(int(line) for line in values.index[:3]), reason, preview)]
