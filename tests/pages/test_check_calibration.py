"""Check, Calibration: the temperature of the validation part, the button that takes it, and what every page then gives."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from complex_lstm import Checkpoint
from complex_lstm.evaluation.answered import answered_windows
from complex_lstm.evaluation.calibration import ece, fit_temperature
from complex_lstm.inference import predict, softmax
from complex_lstm.model.checkpoint import checkpoint_bytes, load_checkpoint
from complex_lstm.ui.compute import cache
from complex_lstm.ui.compute.cache import at_temperature, read_temperature, split_temperature
from complex_lstm.ui.compute.visitor import open_workspace
from complex_lstm.ui.session.state import Selection
from tests.pages.conftest import Show
from tests.pages.looking import all_words, charts, drawn, finished
from tests.ui.own_file import OwnFile, keep_own

pytestmark = pytest.mark.long


@pytest.fixture
def own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> OwnFile:
    monkeypatch.setenv("COMPLEX_LSTM_WORKSPACE", str(tmp_path))
    return keep_own(steps=600, length=6)


def logits_of(own: OwnFile, part: str) -> tuple[np.ndarray, np.ndarray]:
    dataset = cache.dataset(*cache.all_windows((own.data, own.model, "", 0)))
    found = answered_windows(dataset, predict(cache.checkpoint(own.model).model, dataset, dataset.windows.of_part(part)))
    return found.outputs, found.actual


def scores_of(app: AppTest) -> pd.DataFrame:
    return next(one.value for one in app.dataframe if "ECE" in one.value)


def test_the_temperature_is_that_of_the_validation_part_and_is_measured_on_the_part_shown(show: Show, own: OwnFile) -> None:
    app = finished(show("check", data=own.data, model=own.model, view="calibration"))

    temperature = fit_temperature(*logits_of(own, "validation"))
    test, actual = logits_of(own, "test")
    assert temperature != 1 and "check_reliability" in charts(app)
    assert scores_of(app)["ECE"].tolist() == [f"{ece(softmax(test), actual):.4f}", f"{ece(softmax(test, temperature), actual):.4f}"]
    assert f"{temperature:.4g}, with the least log loss on" in all_words(app).replace("\\", "")


def test_of_the_validation_part_itself_the_temperature_is_cross_fitted_and_that_is_said(show: Show, own: OwnFile) -> None:
    app = finished(show("check", data=own.data, model=own.model, view="calibration", part="validation"))

    assert app.segmented_control(key="predict_part").value == "validation"
    assert scores_of(app)["probabilities"].tolist() == ["in use: as the model gives them", "temperature, cross-fitted by blocks"]
    assert "which is the validation part itself" in all_words(app)


def test_calibrated_probabilities_are_on_every_page_and_in_the_link_until_another_model_is_open(show: Show, own: OwnFile) -> None:
    before = finished(show("check", data=own.data, model=own.model, window=3, view="calibration"))
    assert "Probabilities are calibrated" not in all_words(before)

    before.button(key="check_use_temperature").click().run()
    app = finished(before)
    given = app.query_params["temperature"]
    temperature = float(given)
    assert temperature == pytest.approx(fit_temperature(*logits_of(own, "validation")), rel=1e-3)
    assert app.query_params["window"] == "3" and "Probabilities are calibrated" in all_words(app)
    assert scores_of(app)["probabilities"].iloc[0].startswith("in use: temperature")

    other = show("explain", data=own.data, model=own.model, window=3, focus="prediction", temperature=given)  # another visitor, by link
    logits = own.window(3).trace.prediction[0].numpy()
    assert "Probabilities are calibrated" in all_words(other)
    assert drawn(other, "predict_probabilities")[0]["x"] == pytest.approx(softmax(logits, temperature), abs=1e-5)

    app.button(key="check_leave_temperature").click().run()
    assert "temperature" not in finished(app).query_params and "Probabilities are calibrated" not in all_words(app)


def test_a_temperature_that_was_fitted_on_the_windows_shown_says_so(show: Show, own: OwnFile) -> None:
    fitted = f"{fit_temperature(*logits_of(own, 'validation')):.4g}"
    rows = {
        part: scores_of(finished(show("check", data=own.data, model=own.model, view="calibration", part=part, temperature=fitted)))
        for part in ("validation", "test")
    }

    assert rows["validation"]["probabilities"].iloc[0].endswith("fitted on these very windows")
    assert rows["test"]["probabilities"].iloc[0] == f"in use: temperature {float(fitted):.3g}"


def test_a_checkpoint_with_a_temperature_says_so_and_can_be_looked_at_without(show: Show, own: OwnFile) -> None:
    loaded = cache.checkpoint(at_temperature(own.model, 2.5))
    kept = open_workspace().keep("model", checkpoint_bytes(loaded), "cooled.safetensors", suffix=".safetensors")
    file = load_checkpoint(kept.path)
    assert isinstance(file, Checkpoint) and file.scaling.temperature == 2.5

    app = finished(show("check", data=own.data, model=kept.key))
    table = next(one.value for one in app.dataframe if "last_step" in one.value)
    assert "a temperature of 2.5, which its checkpoint holds" in all_words(app).replace("\\", "") and (table["temperature"] == 2.5).all()
    test, _ = logits_of(own, "test")
    assert table[["probability_high", "probability_low"]].to_numpy() == pytest.approx(softmax(test, 2.5), abs=1e-5)

    without = show("check", data=own.data, model=kept.key, temperature="1", view="calibration")
    assert "Probabilities are calibrated" not in all_words(without)


def test_a_temperature_in_a_link_that_is_none_counts_as_not_given() -> None:
    for text in ("", "warm", "nan", "-1", "0", "1e9", "inf"):
        assert read_temperature(text) is None
    assert split_temperature(at_temperature("shoulder_exercises", 1.25)) == ("shoulder_exercises", 1.25)
    assert split_temperature("nyc_weather") == ("nyc_weather", None)
    assert Selection.of(temperature="2").opened.temperature == "2"


def test_where_every_window_is_right_no_temperature_is_offered(show: Show) -> None:
    app = finished(show("check", data="planted_order", model="planted_order", view="calibration"))

    assert "none can be fitted" in all_words(app) and len(scores_of(app)) == 1
    assert not [one for one in app.button if one.key == "check_use_temperature"]


def test_without_answers_it_says_so(show: Show, own: OwnFile) -> None:
    lines = open_workspace().find("data", own.data).path.read_text().splitlines()
    blank = [line if place == 0 else line.rpartition(",")[0] + "," for place, line in enumerate(lines)]
    data = open_workspace().keep("data", "\n".join(blank).encode(), "blank.csv").key
    for view in ("calibration", "curves"):
        app = finished(show("check", data=data, model=own.model, view=view))
        assert "None of these windows has both" in all_words(app)


def test_probabilities_in_use_are_not_called_better_than_those_of_the_same_temperature(show: Show) -> None:
    own = keep_own(steps=600)
    fitted = f"{fit_temperature(*logits_of(own, 'validation')):.4g}"
    app = finished(show("check", data=own.data, model=own.model, view="calibration", temperature=fitted))

    assert "Probabilities are calibrated" in all_words(app) and "What fits the one does not fit the other" not in all_words(app)
