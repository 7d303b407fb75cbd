"""Check, Intervals and Residuals: widths from validation errors, measured coverage, and what is said where there is none."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from complex_lstm.evaluation.answered import AnsweredWindows, answered_windows
from complex_lstm.evaluation.intervals import conformal_quantile
from complex_lstm.inference import predict
from complex_lstm.ui.compute import cache
from complex_lstm.ui.compute.visitor import open_workspace
from tests.pages.conftest import Show
from tests.pages.looking import all_words, charts, drawn, finished
from tests.pages.test_many_outputs import open_many
from tests.ui.own_file import OwnFile, keep_own

pytestmark = pytest.mark.long


@pytest.fixture
def own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> OwnFile:
    monkeypatch.setenv("COMPLEX_LSTM_WORKSPACE", str(tmp_path))
    return keep_own(task="values", steps=900, length=6, as_change=True)


def answered(own: OwnFile, part: str) -> AnsweredWindows:
    dataset = cache.dataset(*cache.all_windows((own.data, own.model, "", 0)))
    return answered_windows(dataset, predict(cache.checkpoint(own.model).model, dataset, dataset.windows.of_part(part)))


def metrics(app: object) -> dict[str, str]:
    return {one.label: one.value for one in app.metric}  # type: ignore[attr-defined]


@pytest.mark.parametrize("level", [80, 90])
def test_the_width_is_the_quantile_of_the_validation_errors_and_the_coverage_is_that_of_the_test_part(
    show: Show, own: OwnFile, level: int
) -> None:
    app = finished(show("check", data=own.data, model=own.model, view="intervals", level=level))

    (half,) = conformal_quantile(np.abs(answered(own, "validation").errors), level / 100)
    test = answered(own, "test")
    covered = (np.abs(test.errors[:, 0]) <= half).mean()
    assert metrics(app)["measured coverage"] == f"{covered:.1%}" and metrics(app)["wished"] == f"{level}%"
    low, high = drawn(app, "check_intervals")[:2]
    assert np.asarray(high["y"]) - np.asarray(low["y"]) == pytest.approx(np.full(len(test), 2 * half), rel=1e-4)
    assert len(drawn(app, "check_intervals")[-1]["x"]) == round((1 - covered) * len(test))
    assert "validation windows" in all_words(app)


def test_switches_travel_in_the_link_and_widths_follow_the_window(show: Show, own: OwnFile) -> None:
    app = finished(show("check", data=own.data, model=own.model, view="intervals"))
    app.segmented_control(key="check_width").set_value("heads").run()
    app = finished(app)

    assert app.query_params["width"] == "heads"
    low, high = drawn(app, "check_intervals")[:2]
    assert np.ptp(np.asarray(high["y"]) - np.asarray(low["y"])) > 0.01
    app.segmented_control(key="check_level").set_value(95).run()
    assert finished(app).query_params["level"] == "95" and metrics(app)["wished"] == "95%"


def test_an_interval_that_was_computed_stands_beside_the_prediction(show: Show, own: OwnFile) -> None:
    window = int(np.flatnonzero(cache.dataset(own.data, own.model, "", 0).windows.part == "test")[1])
    app = show("explain", data=own.data, model=own.model, window=window, focus="prediction")
    assert "interval" not in " ".join(one.value for one in app.caption)

    app = finished(show("check", data=own.data, model=own.model, window=window, view="intervals"))
    app.switch_page("../../../pages/explain.py")
    app.query_params["focus"] = "prediction"
    app.run()
    (words,) = (one.value for one in app.caption if "90% interval" in one.value)
    (half,) = conformal_quantile(np.abs(answered(own, "validation").errors), 0.9)
    low, high = (float(one) for one in words.replace("\\", "").removeprefix("90% interval ").removesuffix(", from Check").split(" to "))
    assert high - low == pytest.approx(2 * half, rel=0.02)


def test_the_training_part_is_measured_with_validation_and_validation_by_folds(show: Show, own: OwnFile) -> None:
    training = finished(show("check", data=own.data, model=own.model, view="intervals", part="training"))
    validation = finished(show("check", data=own.data, model=own.model, view="intervals", part="validation"))

    assert "validation windows" in all_words(training)
    assert "in 5 folds of whole blocks" in all_words(validation)


def test_errors_by_hour_stand_where_the_file_has_hours(show: Show, own: OwnFile) -> None:
    weather = finished(show("check", data="nyc_weather", model="nyc_weather", view="residuals", stride=500))
    assert {"check_by_hour", "check_by_size"} <= charts(weather)
    skills = next(one.value for one in weather.dataframe if "better" in one.value)
    assert skills["target"].tolist() == ["temp", "humid", "pressure"] and (skills["better"] == "yes").all()

    without = finished(show("check", data=own.data, model=own.model, view="residuals"))
    assert "check_by_hour" not in charts(without) and "no times of day" in all_words(without)
    test = answered(own, "test")
    last = test.dataset.windows.last[test.windows]
    skill = 1 - np.abs(test.errors).mean() / np.abs(last - test.actual).mean()
    (row,) = next(one.value for one in without.dataframe if "better" in one.value)["skill over repeating the last value"]
    assert float(row) == pytest.approx(skill, abs=6e-4)


def test_of_many_targets_each_has_a_row_and_one_is_drawn(show: Show) -> None:
    app, _ = open_many(show, "values", "check", view="intervals", part="training", of=37, level=80)
    app = finished(app)

    assert app.selectbox(key="check_target").value == 37
    table = next(one.value for one in app.dataframe if "mean width" in one.value and "target" in one.value)
    assert len(table) == 100


def test_a_constant_target_and_too_few_windows_are_said(show: Show, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMPLEX_LSTM_WORKSPACE", str(tmp_path))
    own = keep_own(task="values", steps=60, length=6, as_change=True)
    few = finished(show("check", data=own.data, model=own.model, view="intervals", level=95))
    assert "An interval of 95% needs errors of 19 other windows" in all_words(few).replace("\\", "")

    frame = pd.read_csv(open_workspace().find("data", own.data).path)
    frame["a"] = 3.0
    constant = open_workspace().keep("data", pd.concat([frame] * 5).to_csv(index=False).encode(), "constant.csv").key
    for view in ("residuals", "intervals"):
        app = finished(show("check", data=constant, model=own.model, view=view))
        assert not app.exception
    assert "undefined" in str(finished(show("check", data=constant, model=own.model, view="residuals")).dataframe[0].value)


def test_without_answers_both_say_so(show: Show, own: OwnFile) -> None:
    frame = pd.read_csv(open_workspace().find("data", own.data).path)
    one = open_workspace().keep("data", frame.tail(6).to_csv(index=False).encode(), "one.csv").key
    for view in ("residuals", "intervals"):
        app = finished(show("check", data=one, model=own.model, view=view))
        assert "None of these windows has both" in all_words(app)
