"""Numbers that stand for "no value": they repeat exactly, at an end of a column, far from all its others."""

from __future__ import annotations

import numpy as np
import pandas as pd

from complex_lstm.data.findings import Offer
from complex_lstm.recipe import Missing
from complex_lstm.wording import form

# Values that programs and loggers write for "no value"
SENTINELS = {
    *(sign * value for sign in (1, -1) for value in (99, 999, 9999, 99999, 999999, 9999999, 99.9, 99.99, 999.9, 999.99, 9999.9, 99999.9)),
    *(sign * value for sign in (1, -1) for value in (7999, 6999, 7777, 8888, 1e20, 1e30, 1e36, 1e37)),
    -1, -200, -9, -99.0, -1000, 32767, -32768, 65535, 2147483647, -2147483648, 4294967295,
}  # fmt: skip
SATURATED = {255, 1023, 4095, 8191, 16383, 100}
FILL = 9.969209968386869e36  # netCDF's


def sentinels(cells: pd.Series, values: np.ndarray, column: str) -> list[Offer]:
    """Return offers for numbers that stand for "no value": they repeat exactly, at an end, far from all others of the column."""
    left = values[np.isfinite(values)]
    found: list[Offer] = []
    if len(left) < 8:
        return found
    for _ in range(6):  # several kinds in one column
        ends = [(edge, other) for edge in (left.min(), left.max()) if (other := _judge(left, edge))] if len(left) > 3 else []
        if not ends:
            return found
        value, (reason, likely) = max(ends, key=lambda end: end[1][1])
        same = np.isclose(values, value, rtol=1e-9, atol=0)
        cell = f"{value:g}" if float(f"{value:g}") == value else repr(float(value))
        found.append(Offer("missing", column, Missing(cell, (column,)), int(same.sum()), first_lines(cells, same), reason, likely=likely))
        left = left[left != value]
    return found


def _judge(left: np.ndarray, edge: float) -> tuple[str, bool] | None:
    """Return why an extreme value of a column may stand for "no value" and whether that is likely, or None."""
    count = int(np.count_nonzero(left == edge))
    known = edge in SENTINELS or abs(edge / FILL - 1) < 1e-4 or abs(edge) > 1e30
    if count == len(left) or (count == 1 and not known):  # as of most columns: nothing repeats at their ends
        return None
    rest = left[left != edge]
    low, high = rest.min(), rest.max()
    gap = low - edge if edge < low else edge - high
    quarter, half = np.percentile(rest[:: max(1, len(rest) // 50_000)], [25, 75])
    spread, width = half - quarter, high - low
    impossible = edge < 0 <= low
    far = f"{count:,} of {len(left):,} values {form(count, 'is', 'are')} exactly {edge:g}; the others lie between {low:g} and {high:g}"
    if edge == -1:
        return (f"{far}. It may also be a real value.", False) if low >= 0 and count > 1 and width > 2 else None
    if known and ((count > 1 and (impossible or gap > max(spread, 0.2 * width))) or gap > 20 * max(width, abs(high), 1e-12)):
        return f"{far}. Programs write {edge:g} for 'no value'.", True
    if count >= 3 and gap > 2 * max(width, 1e-12) and width > 0:
        if edge == 0:
            return f"{far}. A sensor that is off writes 0, but 0 may be a real value.", False
        return f"{far}, far from it.", True
    if count >= max(5, len(left) // 100) and edge in SATURATED and edge > high and gap <= spread:
        return f"{far}. A sensor at the end of its range repeats its largest value, which is a measurement.", False
    return None


def first_lines(cells: pd.Series, chosen: np.ndarray) -> tuple[int, ...]:
    """Return the lines of the first three chosen cells."""
    return tuple(int(line) for line in cells.index[np.nonzero(chosen)[0][:3]])
