"""Check's view of simple models: fitted and scored beside the page, on the windows of the Scores view, with one verdict each."""

import re
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from complex_lstm.config import Roles, SplitConfig, Task, WindowConfig
from complex_lstm.samples import SAMPLES
from complex_lstm.ui.compute import cache
from complex_lstm.ui.compute.cache import keep_setup
from complex_lstm.ui.compute.scene import Setup
from complex_lstm.ui.explaining.part_scores import PartScore
from complex_lstm.ui.explaining.simple_comparison import training_file
from complex_lstm.ui.session.scene import chosen_scene
from complex_lstm.ui.session.state import Selection
from complex_lstm.ui.views.check.report import check_report
from complex_lstm.workspace import Workspace
from tests.pages.conftest import Show
from tests.pages.looking import all_words, charts, drawn, finished, jobs_begin, jobs_of
from tests.pages.test_bare_checkpoint import TARGETS, state_dict
from tests.pages.test_many_outputs import open_many
from tests.ui.own_file import keep_own

pytestmark = pytest.mark.long

WEATHER = {"data": "nyc_weather", "model": "nyc_weather"}


def table_of(app: AppTest):  # type: ignore[no-untyped-def]
    return next(one.value for one in app.dataframe if "95% interval" in one.value).set_index("model")


def summary_of(app: AppTest) -> str:
    return next(one.value for one in app.markdown if one.value.startswith("**The model:**")).replace("\\", "")


def test_forecasts_are_compared_on_every_window_and_the_summary_says_the_best_ones_verdict(show: Show) -> None:
    before = finished(show("check", **WEATHER, stride=500))
    assert "does best here" not in summary_of(before)

    app = finished(show("check", **WEATHER, stride=500, view="simple"))
    words, table = all_words(app).replace("\\", ""), table_of(app)

    assert table.index.tolist() == [
        "this model", "repeating the last value", "the same hour yesterday", "the same hour a week ago", "ridge", "gradient boosting",
    ]  # fmt: skip
    assert set(table["windows"]) == {"924"} and table.loc["repeating the last value", "mean error, temp"] == "1.352 °F"
    scores = {one.label.replace("\\", ""): one.value for one in before.metric}
    assert table.loc["this model", "mean error, temp"] == scores["temp: mean absolute error"].replace("\\", "")
    assert "The model is better than repeating the last value: its error is 24% lower" in words
    assert "Of 5 simple models ridge does best here. Ridge is better: the model's error is 3.9% higher" in summary_of(app)
    assert "95% intervals over 14 days" in words and "fitted on the training part of this file" in words
    assert "simple_differences" in charts(app)
    dots = np.concatenate([one["x"] for one in drawn(app, "simple_differences")[1:]])
    assert f"{dots[np.argmin(np.abs(dots + 24))]:.0f}" == "-24"

    again = finished(show("check", **WEATHER, stride=500))
    assert "Of 5 simple models ridge does best here" in summary_of(again)  # it is kept


def test_classes_are_compared_by_their_accuracy(show: Show) -> None:
    app = finished(show("check", data="japanese_vowels", model="japanese_vowels", view="simple"))
    table = table_of(app)

    assert table["accuracy"].to_dict() == {
        "this model": "1.000", "the commonest class": "0.111", "logistic regression": "0.926", "MiniRocket": "1.000",
    }  # fmt: skip
    assert "its accuracy is 88.9 points higher" in all_words(app).replace("\\", "")


def test_another_part_is_compared_when_it_is_chosen(show: Show) -> None:
    app = finished(show("check", data="japanese_vowels", model="japanese_vowels", view="simple"))

    app.segmented_control(key="predict_part").set_value("training").run()

    assert set(table_of(finished(app))["windows"]) == {"243"}


def test_fitting_shows_its_progress_stops_and_goes_on_and_the_report_waits_for_it(show: Show, tmp_path: Path) -> None:
    shipped = SAMPLES["japanese_vowels"].checkpoint.read_bytes()  # under a key of its own: other tests compare the sample's
    kept = Workspace(tmp_path).keep("model", shipped, "own.safetensors", suffix=".safetensors")
    app = show("check", data="japanese_vowels", model=kept.key, view="simple")
    (job,) = (one for one in jobs_of(app) if one.key[0] == "simple_models")  # type: ignore[index]

    app.button(key="simple_stop").click().run()
    assert job.state == "stopped" and "Stopped before the simple models were fitted" in all_words(app)
    scene = chosen_scene(Selection.of(data="japanese_vowels", model=kept.key))
    keys = cache.all_windows(scene.keys)
    part = PartScore("test", cache.part_predictions(keys, "test"), None, keys)
    assert "Left out: the model had not been compared with simple ones" in check_report(scene, part)
    app.button(key="simple_go_on").click().run()
    with jobs_begin():
        report = check_report(scene, part)

    assert "Left out: " not in report and "simple models MiniRocket does best here" in report
    assert "MiniRocket" in table_of(finished(app)).index


def test_without_the_training_file_only_what_needs_no_fitting_is_there(show: Show) -> None:
    app = finished(show("check", data="planted_shape", model="planted_shape", view="simple"))
    words = all_words(app).replace("\\", "")

    assert table_of(app).index.tolist() == ["this model", "the commonest class of this file"]
    assert "the file that the model was trained on is not here, so only rules that need no fitting are" in words
    assert "Logistic regression is left out: there is no training part to fit it on" in words


def test_a_new_file_is_compared_with_what_is_fitted_on_the_training_file_that_is_here(show: Show, tmp_path: Path) -> None:
    header, *lines = SAMPLES["nyc_weather"].csv.read_text().splitlines()
    new = "\n".join([header, *[line for line in lines if line.startswith("LGA")][-300:]])
    kept = Workspace(tmp_path).keep("data", new.encode(), "new.csv")

    app = finished(show("check", data=kept.key, model="nyc_weather", view="simple"))

    assert "fitted on the training part of nyc_weather.csv" in all_words(app).replace("\\", "")
    assert {"ridge", "gradient boosting"} <= set(table_of(app).index)


def test_weights_alone_have_rules_without_fitting(show: Show, tmp_path: Path) -> None:
    lines = SAMPLES["nyc_weather"].csv.read_text().splitlines()[:301]
    workspace = Workspace(tmp_path)
    data = workspace.keep("data", "\n".join(lines).encode(), "mine.csv")
    model = workspace.keep("model", state_dict(8), "mine.pt", suffix=".pt")
    features = tuple(one for one in lines[0].split(",") if one not in ("airport", "time", "wind_gust"))
    setup = keep_setup(Setup(Roles(features, TARGETS, "values", time="time"), WindowConfig(12), SplitConfig()))

    app = finished(show("check", data=data.key, model=model.key, setup=setup, view="simple"))

    assert "the checkpoint does not say what it was trained on" in all_words(app).replace("\\", "")
    assert table_of(app).index.tolist()[:2] == ["this model", "repeating the last value"] and "ridge" not in table_of(app).index


@pytest.mark.parametrize("task", ["values", "classes"])
def test_many_outputs_are_bounded(show: Show, task: Task) -> None:
    app = finished(open_many(show, task, "check", view="simple")[0])
    table, words = table_of(app), all_words(app).replace("\\", "")

    errors = [name for name in table if name.startswith("mean error, ")]
    if task == "values":
        assert len(errors) == 12 and "12 of 100 targets, the ones that gain least over the best simple model" in words
        assert "Gradient boosting is left out: it would need trees for each of the 100 targets" in words
    else:
        assert "accuracy" in table and {"logistic regression", "MiniRocket"} <= set(table.index)


def test_a_short_file_without_times_has_no_intervals_and_no_season_and_says_so(show: Show) -> None:
    own = keep_own(task="values", target="a")
    app = finished(show("check", data=own.data, model=own.model, view="simple"))
    words = all_words(app).replace("\\", "")

    assert "too few" in words or "too little" in words
    assert re.search("The same hour yesterday is left out: the file has no dates", words)
    assert "are too few for trees" in words


def test_a_file_without_answers_has_nothing_to_compare(show: Show, tmp_path: Path) -> None:
    header, *lines = SAMPLES["japanese_vowels"].csv.read_text().splitlines()
    without = "\n".join(line.rpartition(",")[0] for line in [header, *lines[:40]])
    kept = Workspace(tmp_path).keep("data", without.encode(), "new.csv")

    app = finished(show("check", data=kept.key, model="japanese_vowels", view="simple"))

    assert "nothing can be compared" in all_words(app) and not [one for one in app.dataframe if "95% interval" in one.value]


def test_a_file_with_the_training_part_itself_is_fitted_on() -> None:
    keys = cache.all_windows(("japanese_vowels", "japanese_vowels", "", 0))
    assert training_file(keys) == (None, "fitted on the training part of this file")
