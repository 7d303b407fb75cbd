"""Check, ROC and PR: scikit-learn's areas, a threshold that changes this view alone, and many classes."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import average_precision_score, precision_score, recall_score, roc_auc_score

from complex_lstm.evaluation.answered import answered_windows
from complex_lstm.inference import predict
from complex_lstm.ui.compute import cache
from complex_lstm.ui.compute.visitor import open_workspace
from tests.pages.conftest import Show
from tests.pages.looking import all_words, charts, drawn, finished
from tests.pages.test_many_outputs import CLASSES, open_many
from tests.ui.own_file import OwnFile, keep_own


@pytest.fixture
def own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> OwnFile:
    monkeypatch.setenv("COMPLEX_LSTM_WORKSPACE", str(tmp_path))
    return keep_own(steps=600, length=6)


def test_a_threshold_is_marked_on_both_curves_and_travels_in_the_link(show: Show, own: OwnFile) -> None:
    app = finished(show("check", data=own.data, model=own.model, view="curves", part="training"))
    dataset = cache.dataset(*cache.all_windows((own.data, own.model, "", 0)))
    found = answered_windows(dataset, predict(cache.checkpoint(own.model).model, dataset, dataset.windows.of_part("training")))
    probability, is_class = found.predicted[:, 1], found.actual == 1  # of two classes the second, here "low"

    metrics = {one.label: one.value for one in app.metric}
    assert metrics["AUC"] == f"{roc_auc_score(is_class, probability):.3f}"
    assert metrics["average precision"] == f"{average_precision_score(is_class, probability):.3f}"

    cut = round(float(np.median(probability)), 2)
    app.slider(key="check_threshold").set_value(cut).run()
    app = finished(app)
    predicted = probability >= cut
    precision, recall = precision_score(is_class, predicted), recall_score(is_class, predicted)
    assert f"**precision** {precision:.3f}" in all_words(app) and f"**recall** {recall:.3f}" in all_words(app)
    on_roc, on_precision = (drawn(app, key)[-1] for key in ("check_roc", "check_precision_recall"))
    assert (on_roc["x"][0], on_roc["y"][0]) == pytest.approx((predicted[~is_class].mean(), recall))
    assert (on_precision["x"][0], on_precision["y"][0]) == pytest.approx((recall, precision))
    assert app.query_params["threshold"] == str(round(1000 * cut)) and "changes this view alone" in all_words(app)

    again = finished(show("check", data=own.data, model=own.model, view="curves", part="training", threshold=round(1000 * cut)))
    assert again.slider(key="check_threshold").value == pytest.approx(cut)


@pytest.mark.long
def test_of_many_classes_the_hardest_comes_first_and_a_class_without_windows_says_why(show: Show) -> None:
    app, own = open_many(show, "classes", "check", view="curves")
    app = finished(app)
    assert "check_areas" in charts(app) and not [one for one in app.slider if one.key == "check_threshold"]
    box = app.selectbox(key="check_class")
    areas = [float(label.rpartition(" ")[2]) for label in box.options if "no AUC" not in label]
    assert len(box.options) == 200 and areas == sorted(areas)
    assert len(drawn(app, "check_areas")[0]["y"]) == 12
    one = CLASSES.index(box.options[7].partition(" ")[0])
    other = finished(show("check", data=own.data, model=own.model, view="curves", of=one))
    assert other.selectbox(key="check_class").value == one and other.metric[2].label.replace("\\", "") == f"share of {CLASSES[one]}"


def test_a_class_without_windows_has_no_curve_and_one_that_the_model_lacks_is_among_the_rest(
    show: Show, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("COMPLEX_LSTM_WORKSPACE", str(tmp_path))
    own = keep_own(steps=600, length=6, classes=("low", "high", "odd"))
    frame = pd.read_csv(open_workspace().find("data", own.data).path)
    frame["kind"] = frame["kind"].replace({"odd": "strange"})
    data = open_workspace().keep("data", frame.to_csv(index=False).encode(), "strange.csv").key

    app = finished(show("check", data=data, model=own.model, view="curves", of=2))
    assert app.selectbox(key="check_class").options[-1] == "odd · no AUC" and app.selectbox(key="check_class").value == 2
    assert "windows are of the class odd: there is nothing to tell apart" in all_words(app).replace("\\", "") and "check_roc" not in charts(
        app
    )
    app.selectbox(key="check_class").set_value(0).run()
    assert {"check_roc", "check_areas"} <= charts(finished(app))
    calibration = finished(show("check", data=data, model=own.model, view="calibration"))
    assert "check_reliability" in charts(calibration)


@pytest.mark.long
def test_values_have_neither_view(show: Show) -> None:
    app = finished(show("check", data="nyc_weather", model="nyc_weather", view="curves", stride=500))

    assert {"Residuals", "Intervals"} <= set(app.segmented_control(key="importance_view").options)
    assert app.segmented_control(key="importance_view").value == "" and "predict_forecast" in charts(app)
