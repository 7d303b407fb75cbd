"""A long series on Data: what is drawn is said, a stretch is drawn with every point, and all points where the browser takes them."""

from pathlib import Path

import numpy as np

from complex_lstm.workspace import Workspace
from tests.pages.conftest import Show
from tests.pages.looking import drawn

STEPS = 30_000


def test_a_long_series_says_what_is_drawn_and_a_stretch_or_a_switch_draws_every_point(show: Show, tmp_path: Path) -> None:
    values = np.random.default_rng(0).normal(size=(STEPS, 2)).round(3)
    values[12_345, 0] = 99.0
    content = "\n".join(["step,a,b", *(f"{step},{one},{two}" for step, (one, two) in enumerate(values))]).encode()
    app = show("data", data=Workspace(tmp_path).keep("data", content, "long.csv").key)
    assert not app.exception

    def line() -> np.ndarray:
        return drawn(app, "data_series_figure")[0]["y"]

    def said() -> str:
        return next(one.value for one in app.caption if "by MinMaxLTTB" in one.value or "every point" in one.value)

    assert len(line()) <= 1500 and line().max() == 99 and "at most 1,500 points a row" in said() and "30,000 of 30,000" in said()
    app.toggle(key="data_series_points").set_value(True).run()
    assert len(line()) == STEPS and "every point" in said()
    app.toggle(key="data_series_points").set_value(False).run()
    app.slider(key="data_series_steps_0").set_value((12_000, 12_999)).run()
    assert len(line()) == 1000 and line()[345] == 99 and "1,000 of 30,000" in said() and "every point" in said()
    assert not app.exception
