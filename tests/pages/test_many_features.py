"""A file of many features: the first, or the most important ones, are drawn, and all can be found."""

from pathlib import Path

import numpy as np

from complex_lstm.workspace import Workspace
from tests.pages.conftest import Show
from tests.pages.looking import names_in


def wide_file(columns: int) -> bytes:
    values = np.random.default_rng(0).normal(size=(120, columns))
    header = ",".join(["step", *(f"sensor_{number}" for number in range(columns))])
    return "\n".join([header, *(f"{step}," + ",".join(f"{one:.3f}" for one in row) for step, row in enumerate(values))]).encode()


def test_data_draws_twelve_of_two_hundred_features_and_finds_the_others(show: Show, tmp_path: Path) -> None:
    app = show("data", data=Workspace(tmp_path).keep("data", wide_file(200), "wide.csv").key)
    assert not app.exception and not app.error
    first = names_in(app, "data_series_figure")
    assert len(first) == 12 and any("12 of" in one.value for one in app.caption)

    app.text_input(key="data_series_search").set_value("SENSOR_19").run()
    assert set(names_in(app, "data_series_figure")) <= {"sensor_19", *(f"sensor_{number}" for number in range(190, 200))}
    assert "sensor_195" in names_in(app, "data_series_figure")

    app.text_input(key="data_series_search").set_value("no such").run()
    assert names_in(app, "data_series_figure") == first and any("No feature" in one.value for one in app.info)

    app.text_input(key="data_series_search").set_value("").run()
    app.toggle(key="data_series_all").set_value(True).run()
    assert len(names_in(app, "data_series_figure")) > 190 and not app.exception


def test_a_window_of_few_features_has_no_search(show: Show) -> None:
    app = show("predict", data="nyc_weather", model="nyc_weather")

    assert not app.exception and not app.text_input
