"""Dates in parts, whatever numbers stand in them: what is no date is missing, and nothing else fails."""

import numpy as np
import pandas as pd
import pytest

from complex_lstm.data.joined import PARTS, read_joined

ODD = (0.0, -1.0, 1.5, 3.25, 54.0, 367.0, 1e9, 1e19, 1e300, -1e300, np.inf, -np.inf, np.nan)
KINDS = (
    ("year", "month", "day"),
    ("year", "month", "day", "hour", "minute", "second"),
    ("year", "week"),
    ("year", "quarter"),
    ("year", "month"),
    ("year", "doy"),
    ("year", "month", "day", "hhmm"),
)


@pytest.mark.parametrize("columns", KINDS, ids=" ".join)
def test_an_odd_number_in_any_part_leaves_its_row_without_a_date_and_the_others_with_theirs(columns: tuple[str, ...]) -> None:
    usual = {"year": 2024.0} | dict.fromkeys(columns[1:], 2.0)
    rows = [usual] + [usual | {part: odd} for part in columns for odd in ODD]

    wall, _ = read_joined(pd.DataFrame(rows), list(columns), PARTS)

    assert str(wall[0]).startswith("2024-0") and len(wall) == len(rows)
    assert wall[[n for n, row in enumerate(rows) if not np.isfinite(list(row.values())).all()]].isna().all()


@pytest.mark.parametrize(("year", "week"), [(2024.5, 1), (2024, 1.5), (2024, 54), (2024, 0), (1e300, 1), (np.inf, 3)])
def test_a_week_that_there_is_not_has_no_date(year: float, week: float) -> None:
    wall, _ = read_joined(pd.DataFrame({"year": [2024, year], "week": [1, week]}), ["year", "week"], PARTS)

    assert wall[0] == pd.Timestamp("2024-01-01") and pd.isna(wall[1])
