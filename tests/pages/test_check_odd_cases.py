"""The views of Check on what is not usual: one window, one series of unequal ones, outputs that overflow, weights without a schema."""

import io
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from complex_lstm import ComplexLSTMModel
from complex_lstm.config import Roles, SplitConfig, Task, WindowConfig
from complex_lstm.ui.compute.cache import keep_setup
from complex_lstm.ui.compute.scene import Setup
from complex_lstm.ui.compute.visitor import open_workspace
from complex_lstm.workspace import Workspace
from tests.pages.conftest import Show
from tests.pages.looking import all_words, charts, finished
from tests.pages.test_no_prediction import overflowing
from tests.ui.own_file import keep_own

VIEWS: dict[Task, tuple[str, ...]] = {"classes": ("calibration", "curves"), "values": ("residuals", "intervals")}
EACH = [(task, view) for task, views in VIEWS.items() for view in views]
pytestmark = [pytest.mark.long, pytest.mark.usefixtures("workspace_here")]


@pytest.fixture
def workspace_here(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("COMPLEX_LSTM_WORKSPACE", str(tmp_path))


@pytest.mark.long
@pytest.mark.parametrize(("task", "view"), EACH)
def test_one_window_with_an_answer_breaks_nothing(show: Show, task: Task, view: str) -> None:
    own = keep_own(task=task, steps=80, length=6, as_change=task == "values")
    frame = pd.read_csv(open_workspace().find("data", own.data).path).tail(7 if task == "values" else 6)
    data = open_workspace().keep("data", frame.to_csv(index=False).encode(), "one.csv").key

    app = finished(show("check", data=data, model=own.model, view=view))

    said = all_words(app).replace("\\", "")
    expected = {"calibration": "Too few blocks to say", "curves": "nothing to tell apart", "intervals": "An interval of 90% needs"}
    assert expected.get(view, "predicted minus actual") in said
    assert view != "residuals" or "check_by_size" in charts(app)


@pytest.mark.parametrize(("task", "view"), EACH)
def test_outputs_that_overflow_are_said(show: Show, task: Task, view: str) -> None:
    own = overflowing(task, "input_proj.0", 3e38)

    app = finished(show("check", data=own.data, model=own.model, window=0, view=view))

    assert "None of these windows has both" in all_words(app)


@pytest.mark.parametrize(("task", "view"), EACH)
def test_weights_without_a_schema_are_looked_at_as_this_file(show: Show, tmp_path: Path, task: Task, view: str) -> None:
    random = np.random.default_rng(0)
    frame = pd.DataFrame(random.standard_normal((300, 3)).cumsum(axis=0).round(3), columns=["a", "b", "c"])
    frame["kind"] = np.where(random.uniform(size=300) < 0.4, "low", "high")
    data = Workspace(tmp_path).keep("data", frame.to_csv(index=False).encode(), "abc.csv").key
    content = io.BytesIO()
    torch.save(ComplexLSTMModel(3, 16, output_dim=2 if task == "classes" else 1).state_dict(), content)
    model = Workspace(tmp_path).keep("model", content.getvalue(), "abc.pt", suffix=".pt").key
    setup = keep_setup(Setup(Roles(("a", "b", "c"), ("kind",) if task == "classes" else ("a",), task), WindowConfig(6), SplitConfig()))

    app = finished(show("check", data=data, model=model, setup=setup, view=view))

    assert app.segmented_control(key="predict_part").options == ["this file: whether the model was trained on it is not known"]
    assert {"calibration": "check_reliability", "curves": "check_roc", "residuals": "check_by_size", "intervals": "check_intervals"}[
        view
    ] in charts(app)
    if view == "calibration":
        app.button(key="check_use_temperature").click().run()
        assert "which is set on Check" in all_words(finished(app))


@pytest.mark.long
def test_whole_series_of_unequal_length_have_calibration_and_curves(show: Show) -> None:
    for view, chart in (("calibration", "check_reliability"), ("curves", "check_roc")):
        app = finished(show("check", data="japanese_vowels", model="japanese_vowels", view=view))
        assert chart in charts(app)


def test_a_link_with_switches_that_are_none_shows_the_usual_ones(show: Show) -> None:
    own = keep_own(task="values", steps=400, length=6, as_change=True)
    app = finished(show("check", data=own.data, model=own.model, view="intervals", level=7, width="x", part="never", of=99, threshold=5000))

    assert app.segmented_control(key="check_level").value == 90 and app.segmented_control(key="check_width").value == ""
    assert app.segmented_control(key="predict_part").value == "test"
