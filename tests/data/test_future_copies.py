"""A column that holds what is to be forecast, rows before it happens, is found by its values and left out with the reason."""

import numpy as np
import pandas as pd
import pytest

from complex_lstm.data import guess_roles, read_csv

RNG = np.random.default_rng(4)


def table(frame: pd.DataFrame) -> bytes:
    return frame.to_csv(index=False).encode()


def walk(rows: int) -> np.ndarray:
    return RNG.normal(size=rows).cumsum().round(3)


def hours(rows: int) -> pd.DatetimeIndex:
    return pd.date_range("2024-03-01", periods=rows, freq="h")


@pytest.mark.parametrize(("ahead", "words"), [(1, "in the next row"), (3, "in the row 3 rows later"), (24, "in the row 24 rows later")])
@pytest.mark.parametrize("newest_first", [False, True])
def test_a_column_with_the_targets_later_values_is_left_out(ahead: int, words: str, newest_first: bool) -> None:
    load = walk(400 + ahead)
    frame = pd.DataFrame(
        {"when": hours(400), "wind": walk(400), "ahead": load[ahead:], "behind": np.roll(load, 5)[:400], "load": load[:400]}
    )

    guess = guess_roles(read_csv(table(frame[::-1] if newest_first else frame), "a.csv"))

    assert guess.roles.targets == ("load",)
    assert guess.roles.features == ("wind", "behind", "load")  # what was earlier may be known
    assert f"holds what the target load is {words}" in dict(guess.reasons)["ahead"]


def test_series_are_looked_at_each_by_itself() -> None:
    parts = [
        pd.DataFrame({"site": name, "when": hours(60), "soon": np.append(flow[1:], np.nan), "flow": flow})
        for name, flow in ((name, walk(60)) for name in "pqrst")
    ]

    guess = guess_roles(read_csv(table(pd.concat(parts)), "a.csv"))

    assert guess.roles.series == "site" and "soon" not in guess.roles.features


LOOK_ALIKES = {
    "another wave": lambda load: np.sin(np.arange(400) / 9),
    "few values": lambda load: np.arange(400) % 2,
    "a forecast with an error": lambda load: np.append(load[2:], [0, 0]) + RNG.normal(size=400),
}


@pytest.mark.parametrize("other", LOOK_ALIKES.values(), ids=LOOK_ALIKES)
def test_what_only_looks_like_it_stays(other: object) -> None:
    load = (np.sin(np.arange(400) / 9 + 0.5) * 100).round(3)
    frame = pd.DataFrame({"when": hours(400), "other": np.asarray(other(load)), "load": load})  # type: ignore[operator]

    assert "other" in guess_roles(read_csv(table(frame), "a.csv")).roles.features


def test_of_two_copies_named_like_a_target_one_is_the_target() -> None:
    load = walk(300)
    frame = pd.DataFrame({"when": hours(300), "wind": walk(300), "load": load, "load_kw": load / 1000})

    guess = guess_roles(read_csv(table(frame), "a.csv"))

    assert guess.roles.targets == ("load",) and guess.roles.features == ("wind", "load")
    assert "copies the target load" in dict(guess.reasons)["load_kw"]
