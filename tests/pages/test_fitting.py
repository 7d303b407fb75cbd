"""A model that meets a file with other names or units: said on every page, mended by the form, and undone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from complex_lstm.model import Checkpoint, load_checkpoint, save_checkpoint
from complex_lstm.samples import SAMPLES
from complex_lstm.ui.compute.visitor import open_workspace
from tests.pages.conftest import Show

Change = Callable[[pd.DataFrame], pd.DataFrame]


@pytest.fixture
def weather(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[Change], str]:
    """Return what keeps 600 hours of the weather in summer, changed, as an upload."""
    monkeypatch.setenv("COMPLEX_LSTM_WORKSPACE", str(tmp_path))
    frame = pd.read_csv(SAMPLES["nyc_weather"].csv)
    hours = frame[(frame["airport"] == "JFK") & (frame["time"] >= "2013-06-10")].iloc[:600]

    def keep(change: Change) -> str:
        return open_workspace().keep("data", change(hours.copy()).to_csv(index=False).encode(), "hours.csv").key

    return keep


def to_celsius(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(temp=((frame["temp"] - 32) / 1.8).round(2))


def said(app: AppTest) -> str:
    return " ".join(one.value for one in [*app.warning, *app.info, *app.error])


def box(app: AppTest, label: str) -> str:
    return next(one.key for one in app.checkbox if label in one.label)


@pytest.mark.parametrize("page", ["explain", "experiment", "check"])
def test_a_file_in_other_units_is_said_on_the_pages_of_the_model(show: Show, weather: Callable[[Change], str], page: str) -> None:
    app = show(page, data=weather(to_celsius), model="nyc_weather", window=0)

    assert not app.exception
    assert "temp looks like °C, where the model learned °F" in said(app)


def test_a_file_like_the_training_data_is_said_nothing_of(show: Show, weather: Callable[[Change], str]) -> None:
    app = show("data", data=weather(lambda frame: frame), model="nyc_weather")

    assert not app.exception
    assert "looks like" not in said(app) and not any("fit_" in str(one.key) for one in app.checkbox)


def test_a_conversion_is_offered_applied_and_undone_on_data(show: Show, weather: Callable[[Change], str]) -> None:
    app = show("data", data=weather(to_celsius), model="nyc_weather")
    assert "temp looks like °C" in said(app)

    app.checkbox(box(app, "temp")).check()
    next(one for one in app.button if one.label == "Use the file like this").click()
    app.run()

    assert not app.exception
    assert "temp looks like °C" not in said(app) and "multiplied by 1.8 plus 32" in said(app)

    app.button("fit_undo").click()
    app.run()

    assert not app.exception
    assert "temp looks like °C" in said(app)


@pytest.fixture
def old_model(weather: Callable[[Change], str]) -> str:
    """A checkpoint of the weather as version 0.1 wrote it: without what its training part looked like."""
    known = load_checkpoint(SAMPLES["nyc_weather"].checkpoint)
    assert isinstance(known, Checkpoint)
    file = open_workspace().folder / "old.safetensors"
    save_checkpoint(replace(known, facts=None, fingerprint="0" * 64), file)
    return open_workspace().keep("model", file.read_bytes(), "old.safetensors", suffix=".safetensors").key


def test_a_checkpoint_without_facts_is_compared_by_its_means(show: Show, weather: Callable[[Change], str], old_model: str) -> None:
    to_pascal = weather(lambda frame: frame.assign(pressure=frame["pressure"] * 100))

    app = show("data", data=to_pascal, model=old_model)

    assert not app.exception
    assert "pressure looks like Pa" in said(app) and "deviations" not in said(app)
    assert any("keeps only means and deviations of its training data" in one.value for one in app.caption)


def test_a_checkpoint_without_facts_is_compared_in_full_where_its_training_file_is_here(
    show: Show, weather: Callable[[Change], str]
) -> None:
    known = load_checkpoint(SAMPLES["nyc_weather"].checkpoint)
    assert isinstance(known, Checkpoint)
    file = open_workspace().folder / "old.safetensors"
    save_checkpoint(replace(known, facts=None), file)
    model = open_workspace().keep("model", file.read_bytes(), "old.safetensors", suffix=".safetensors").key

    app = show("data", data=weather(to_celsius), model=model)

    assert not app.exception
    assert "temp looks like °C, where the model learned °F" in said(app) and "its median is" in said(app)
    assert not any("keeps only means" in one.value for one in app.caption)


def test_a_column_is_converted_by_hand_with_a_preview_shown_in_the_report_and_undone(show: Show, weather: Callable[[Change], str]) -> None:
    app = show("data", data=weather(to_celsius), model="nyc_weather")

    of_form(app.selectbox, "convert_column").set_value("temp").run()
    of_form(app.selectbox, "convert_from").set_value(("°C", "temperature")).run()
    preview = next(one.value for one in app.dataframe if "before" in one.value)
    captions = [one.value for one in app.caption]
    of_form(app.button, "convert_take").click().run()

    assert not app.exception
    assert of_form(app.selectbox, "convert_to", missing=True) is None  # the form begins again
    assert preview["after"].tolist() == pytest.approx((preview["before"] * 1.8 + 32).tolist())
    assert any("Its median goes from 22.2 to 71.96, where it was 60.98 in training" in one for one in captions)
    assert "looks like °C" not in said(app) and "temp** is converted: °C to °F, multiplied by 1.8 plus 32" in said(app)
    report = next(one.value for one in app.dataframe if "remarks" in one.value).set_index("column")
    assert report.loc["temp", "remarks"].startswith("converted: °C to °F, multiplied by 1.8 plus 32")
    assert report.loc["temp", "unit"] == "°F" and report.loc["temp", "median"] > 50

    app.button("fit_undo").click().run()

    assert "temp looks like °C" in said(app) and "setup" not in app.query_params


@pytest.mark.long
def test_one_of_two_conversions_is_taken_back_alone(show: Show, weather: Callable[[Change], str]) -> None:
    app = show("data", data=weather(lambda frame: frame), model="nyc_weather")
    for column, factor in (("temp", 2.0), ("humid", 0.5)):
        of_form(app.selectbox, "convert_column").set_value(column).run()
        of_form(app.button_group, "convert_way").set_value("by numbers").run()
        of_form(app.number_input, "convert_times").set_value(factor).run()
        of_form(app.button, "convert_take").click().run()

    app.button("fit_undo_0").click().run()

    assert not app.exception
    assert "humid** is converted: multiplied by 0.5" in said(app) and "temp** is converted" not in said(app)


def of_form(widgets: Sequence[Any], key: str, *, missing: bool = False) -> Any:
    found = next((one for one in widgets if str(one.key).startswith(key)), None)
    assert found is not None or missing
    return found


def test_a_converted_file_is_predicted_as_the_original(show: Show, weather: Callable[[Change], str]) -> None:
    app = show("data", data=weather(to_celsius), model="nyc_weather")
    app.checkbox(box(app, "temp")).check()
    next(one for one in app.button if one.label == "Use the file like this").click()
    app.run()
    setup = app.query_params["setup"]

    own = show("explain", data=weather(lambda frame: frame), model="nyc_weather", window=0, focus="prediction")
    converted = show("explain", data=weather(to_celsius), model="nyc_weather", setup=setup, window=0, focus="prediction")

    values = [[float(one.value.split()[0].replace("\\", "").replace(",", "")) for one in app.metric] for app in (own, converted)]
    assert not converted.exception and values[0]
    assert values[0] == pytest.approx(values[1], abs=0.05)


def test_columns_of_other_names_are_mapped_where_a_model_does_not_fit(show: Show, weather: Callable[[Change], str]) -> None:
    names = {"temp": "Temperature (°C)", "wind_speed": "Wind Speed"}
    data = weather(lambda frame: to_celsius(frame).rename(columns=names))
    app = show("explain", data=data, model="nyc_weather", window=0)
    assert "it needs temp" in said(app) and "wind\\_speed" in said(app)

    next(one for one in app.button if one.label == "Use the file like this").click()
    app.run()

    assert not app.exception
    assert "does not fit" not in said(app) and "looks like" not in said(app)


def test_a_training_on_a_fitted_file_reads_the_columns_of_the_file(show: Show, weather: Callable[[Change], str]) -> None:
    data = weather(lambda frame: frame.rename(columns={"temp": "TEMP"}))
    app = show("explain", data=data, model="nyc_weather", window=0)
    next(one for one in app.button if one.label == "Use the file like this").click()
    app.run()

    training = show("train", data=data, model="nyc_weather", setup=app.query_params["setup"])

    assert not training.exception
    assert not training.error
