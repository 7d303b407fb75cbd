"""Files in long form: a row is one value of one sensor at one time, and a column says which sensor it is of."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from complex_lstm.data.cells import floats

NAMED = {"sensor", "sensors", "parameter", "param", "variable", "metric", "measurement", "quantity", "tag", "signal", "channel", "field",
         "property", "element", "attribute", "indicator", "item", "kind", "name", "datatype", "type", "pollutant"}  # fmt: skip
FAR = 3.0  # interquartile ranges between the middles of two sensors' values: one quantity seldom differs by more
MOST = 200  # sensors


def find_long_form(frame: pd.DataFrame, times: np.ndarray, keys: list[str], values: list[str]) -> str:
    """Return the column that says which sensor or quantity each row's only value is of, "" where the file is in another form.

    The same times occur for each of its cells, and it is named so, or the values of its cells lie far apart.
    """
    if len(values) != 1:
        return ""
    numbers = floats(frame[values[0]])
    for key in keys:
        cells = frame[key]
        count = cells.nunique()
        if not 2 <= count <= MOST or pd.api.types.is_numeric_dtype(cells) or count * 3 > len(frame):
            continue
        each = pd.Series(times).groupby(cells.astype(str).to_numpy()).nunique()
        if each.min() < 0.5 * pd.Series(times).nunique():
            continue
        if set(re.split(r"[^a-z]+", key.lower())) & NAMED and _is_far_apart(cells, numbers):
            return key
    return ""


def _is_far_apart(cells: pd.Series, numbers: np.ndarray) -> bool:
    """Return whether the values of two cells hardly overlap."""
    grouped = pd.Series(numbers).groupby(cells.astype(str).to_numpy())
    quarters = pd.DataFrame({share: grouped.quantile(share) for share in (0.25, 0.5, 0.75)}).dropna()
    if len(quarters) < 2:
        return False
    spread = float((quarters[0.75] - quarters[0.25]).median())
    return bool(quarters[0.5].max() - quarters[0.5].min() > FAR * max(spread, 1e-12))


def words(frame: pd.DataFrame, key: str, value: str) -> str:
    """Return what is to be known about a file in long form."""
    some = [str(one) for one in frame[key].dropna().unique()[:3]]
    more = ", ..." if frame[key].nunique() > 3 else ""
    return (
        f"The file is in long form: each row is one {value} of what {key} names ({', '.join(some)}{more}), and these are different "
        f"quantities. Pivot it so that each has a column of its own, for instance with pandas' pivot(columns={key!r}, values={value!r})."
    )
