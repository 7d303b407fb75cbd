"""The page Check: scores on every window of a part, equal to the command line's, the summary, and the banner."""

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from streamlit.testing.v1 import AppTest

from complex_lstm.cli import main
from complex_lstm.config import Roles, SplitConfig, WindowConfig, to_json
from complex_lstm.samples import SAMPLES
from complex_lstm.ui.compute.jobs import Job
from complex_lstm.ui.compute.scene import Setup
from complex_lstm.workspace import Workspace
from tests.pages.conftest import Show
from tests.pages.looking import charts, finished, jobs_of, wait_for, words
from tests.ui.own_file import keep_own

WEATHER = {"data": "nyc_weather", "model": "nyc_weather"}
NUMBER = r"-?[\d.]+(?:e[+-]?\d+)?"


def table_of(app: AppTest) -> pd.DataFrame:
    return next(one.value for one in app.dataframe if "last_step" in one.value)


def summary_of(app: AppTest) -> str:
    return next(one.value for one in app.markdown if one.value.startswith("**The model:**"))


def scoring_of(app: AppTest) -> Job[object]:
    (job,) = (one for one in jobs_of(app) if isinstance(one.key, tuple) and one.key[0] == "part_score")
    return job


@pytest.mark.long
def test_every_window_of_the_part_is_scored_whatever_is_listed(show: Show) -> None:
    app = finished(show("check", **WEATHER, stride=500))

    assert len(table_of(app)) == 948  # of which 24 have an empty cell where the answer is
    assert "on 924 test windows" in summary_of(app) and "better than the trivial rule" in summary_of(app)
    assert {"predict_forecast", "predict_residuals"} <= charts(app) and any("924 of 948 windows scored" in one.value for one in app.caption)


@pytest.mark.long
def test_another_part_is_scored_when_it_is_chosen(show: Show) -> None:
    app = finished(show("check", data="planted_order", model="planted_order"))
    assert [one.value for one in app.metric] == ["1.000", "0.375", "96"]

    app.segmented_control(key="predict_part").set_value("training").run()

    app = finished(app)
    assert set(table_of(app)["part"]) == {"training"} and app.metric[2].value == f"{len(table_of(app)):,}"
    assert {"predict_confusion", "predict_classes"} <= charts(app)
    assert "96 test windows" in summary_of(app)  # what is said of the model stays about unseen windows


@pytest.mark.long
def test_scoring_shows_its_progress_and_stops_and_goes_on(show: Show, tmp_path: Path) -> None:
    shipped = SAMPLES["shoulder_exercises"].checkpoint.read_bytes()  # under a key of its own: other tests score the sample's
    kept = Workspace(tmp_path).keep("model", shipped, "own.safetensors", suffix=".safetensors")
    app = show("check", data="shoulder_exercises", model=kept.key, stride=499)
    job = scoring_of(app)
    assert "being scored" in summary_of(app) and not app.metric

    app.button(key="predict_stop").click().run()
    assert job.state == "stopped" and "not scored yet" in summary_of(app)
    assert not [one for one in jobs_of(app) if one.key == job.key] and "Stopped before all windows were scored" in words(app)
    app.run()
    assert job.state == "stopped"  # the banner does not ask for it again
    app.button(key="predict_go_on").click().run()
    assert scoring_of(app).key == job.key

    assert finished(app).metric and "on 267 test windows" in summary_of(app)


def cli(*arguments: object) -> str:
    told = CliRunner().invoke(main, [str(one) for one in arguments])
    assert told.exit_code == 0, told.output
    return told.output


@pytest.mark.long
def test_the_scores_of_new_data_are_those_of_the_command_line(show: Show, trained: Path, tmp_path: Path) -> None:
    header, *lines = SAMPLES["nyc_weather"].csv.read_text().splitlines()
    (trained / "new.csv").write_text("\n".join([header, *[line for line in lines if line.startswith("LGA")][:150]]))
    model = trained / "run/model.safetensors"
    told = cli("predict", "--model", model, "--data", trained / "new.csv", "--out", trained / "predicted.csv")
    workspace = Workspace(tmp_path)
    data = workspace.keep("data", (trained / "new.csv").read_bytes(), "new.csv")
    kept = workspace.keep("model", model.read_bytes(), "model.safetensors", suffix=".safetensors")

    app = finished(show("check", data=data.key, model=kept.key))

    expected = re.findall(rf"(\S+): R² ({NUMBER}) \(.*?({NUMBER})\), mean absolute error ({NUMBER}).*? \(({NUMBER})\)", told)
    metrics = {one.label.replace("\\", ""): one for one in app.metric}
    assert expected
    for name, r2, r2_of_last, mae, mae_of_last in expected:
        assert metrics[f"{name}: R²"].value == r2 and metrics[f"{name}: R²"].delta.endswith(r2_of_last)
        shown = metrics[f"{name}: mean absolute error"]
        assert float(re.match(NUMBER, shown.value.replace("\\", "")).group()) == pytest.approx(float(mae), rel=6e-3)  # type: ignore[union-attr]
        assert f"{name} {mae}" in summary_of(app).replace("\\", "") and f"beside {mae_of_last}" in summary_of(app).replace("\\", "")
    predicted = pd.read_csv(trained / "predicted.csv")
    pd.testing.assert_frame_equal(table_of(app).reset_index(drop=True), predicted, check_dtype=False, rtol=1e-4)


@pytest.mark.long
def test_the_rows_of_a_part_are_those_of_the_command_line(show: Show, tmp_path: Path) -> None:
    sample = SAMPLES["planted_order"]
    cli("predict", "--model", sample.checkpoint, "--data", sample.csv, "--out", tmp_path / "predicted.csv")
    everything = pd.read_csv(tmp_path / "predicted.csv")
    test = everything[everything["part"] == "test"].reset_index(drop=True)

    app = finished(show("check", data="planted_order", model="planted_order"))

    own = table_of(app).reset_index(drop=True)
    probabilities = [name for name in own if name.startswith("probability_")]
    assert own["predicted"].tolist() == test["predicted"].tolist() and own["series"].tolist() == test["series"].tolist()
    assert np.allclose(own[probabilities], test[probabilities], atol=1e-5)
    assert app.metric[0].value == f"{(test['predicted'] == test['actual']).mean():.3f}"
    assert app.metric[1].value == f"{test['actual'].value_counts(normalize=True).max():.3f}"


@pytest.mark.long
def test_the_checks_of_explanations_are_told_as_far_as_they_are_computed(show: Show) -> None:
    planted = {"data": "planted_order", "model": "planted_order", "window": 600, "methods": "occlusion,input_x_gradient"}
    before = finished(show("check", **planted, baseline="zero"))
    assert "not checked yet: Faithfulness, Sanity, Known answers" in summary_of(before)

    after = finished(show("check", **planted, baseline="zero", view="faithfulness"))
    after.segmented_control(key="importance_view").set_value("sanity").run()
    after.button(key="importance_cascade_start").click().run()
    after = finished(after)

    assert "Faithfulness: " in summary_of(after) and "Occlusion" in summary_of(after)
    assert "depend" in summary_of(after) and "Not checked yet: Known answers" in summary_of(after)


@pytest.mark.parametrize("page", ["explain", "experiment", "check", "attention", "what_if"])
def test_a_model_no_better_than_the_trivial_rule_says_so_on_every_page_about_it(show: Show, page: str) -> None:
    own = keep_own(task="values")  # a random walk and an untrained model

    app = show(page, data=own.data, model=own.model)
    until_scored(app)

    warnings = [one.value for one in app.warning if "No better than repeating the last value" in one.value]
    assert len(warnings) == 1 and "train the model longer" in warnings[0] and "mean absolute error" in warnings[0]
    assert len(re.findall(NUMBER, warnings[0])) >= 3  # windows, and both errors


@pytest.mark.parametrize("page", ["start", "data", "train", "about"])
def test_a_page_that_explains_no_window_has_no_banner(show: Show, page: str) -> None:
    own = keep_own(task="values")

    app = show(page, data=own.data, model=own.model)
    app.run()

    assert not [one for one in app.warning if "No better than" in one.value]


def test_a_good_model_has_no_banner(show: Show) -> None:
    app = show("experiment", data="planted_order", model="planted_order")
    until_scored(app)

    assert not [one for one in app.warning if "No better than" in one.value]


def until_scored(app: AppTest) -> None:
    wait_for(job for job in jobs_of(app) if isinstance(job.key, tuple) and job.key[0] == "part_score")
    app.run()
    assert not app.exception and not app.error


def test_the_data_page_warns_before_training(show: Show, tmp_path: Path) -> None:
    rows = [f"{step},{np.sin(step / 3):.4f},{np.sin(step / 3) * 9 + 32:.4f},{step % 3},1,{step * 7 % 11}" for step in range(200)]
    content = "\n".join(["step,temp,fahrenheit *x*,fold,still,wind", *rows]).encode()
    workspace = Workspace(tmp_path)
    kept = workspace.keep("data", content, "mine.csv")
    columns = ("temp", "fahrenheit *x*", "fold", "still", "wind")  # three of them are left out unless they are asked for
    setup = Setup(Roles(columns, ("temp",), "values", time="step"), WindowConfig(10), SplitConfig())

    app = show("data", data=kept.key, setup=workspace.keep("setup", to_json(setup).encode(), "setup").key)

    told = [one.value for one in app.warning]
    assert not app.exception and not app.error and len(told) == 3
    assert any(r"**fahrenheit \*x\*** is a feature, but: it copies the target temp" in one for one in told)
    assert any("**fold** is a feature, but: " in one and "split" in one for one in told)
    assert any("**still** never changes" in one for one in told)


@pytest.mark.long
@pytest.mark.parametrize("sample", SAMPLES)
def test_the_samples_have_nothing_to_warn_of(show: Show, sample: str) -> None:
    app = show("data", data=sample)

    assert not app.exception and not [one for one in app.warning if one.icon == "⚠️"]
