"""A model of many classes or targets: pages draw the most probable or the largest, say how many they leave out, and find the others."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import torch
from streamlit.testing.v1 import AppTest

from complex_lstm.config import Roles, SplitConfig, Task, WindowConfig
from complex_lstm.data import prepare_training
from complex_lstm.data.reading import read_csv
from complex_lstm.model import Checkpoint, ComplexLSTMModel, save_checkpoint
from complex_lstm.ui.compute.visitor import open_workspace
from tests.model.lively import liven
from tests.pages.conftest import Show
from tests.pages.looking import all_words, drawn, finished
from tests.ui.own_file import OwnFile

pytestmark = pytest.mark.long

CLASSES = tuple(f"kind_{number:03d}" for number in range(200))
TARGETS = tuple(f"meter_{number:03d}" for number in range(100))


def keep_many(task: Task) -> OwnFile:
    """Keep a file of 200 classes, a series each, or of 100 targets, with an untrained model."""
    random = np.random.default_rng(0)
    if task == "classes":
        frame = pd.DataFrame(random.normal(size=(200 * 12, 2)).round(3), columns=["load", "flow"])
        frame["series"] = np.repeat([f"s{number:03d}" for number in range(200)], 12)
        frame["kind"] = np.repeat(CLASSES, 12)
        roles = Roles(("load", "flow"), ("kind",), "classes", series="series")
        window, split = WindowConfig(12, whole_series=True), SplitConfig("series")
    else:
        frame = pd.DataFrame(random.normal(size=(200, 100)).cumsum(axis=0).round(2), columns=list(TARGETS))
        roles = Roles(TARGETS[:4], TARGETS, "values")
        window, split = WindowConfig(12, stride=6), SplitConfig("time")
    kept = open_workspace().keep("data", frame.to_csv(index=False).encode(), "many.csv")
    made = prepare_training(read_csv(kept.path.read_bytes(), kept.name), roles, window, split)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = liven(ComplexLSTMModel(len(roles.features), 8, 2, 2, len(made.schema.outputs)))
    assert isinstance(model, ComplexLSTMModel)
    file = open_workspace().folder / "made.safetensors"
    save_checkpoint(Checkpoint(model, made.schema, window, split, made.scaling, made.table.fingerprint), file)
    return OwnFile(kept.key, open_workspace().keep("model", file.read_bytes(), "many.safetensors", suffix=".safetensors").key)


def open_many(show: Show, task: Task, page: str, **selection: object) -> tuple[AppTest, OwnFile]:
    own = keep_many(task)
    return show(page, data=own.data, model=own.model, window=0, **selection), own


def bars(app: AppTest, key: str, axis: str = "y") -> list[str]:
    """Return the names of a chart's bars."""
    return [str(name) for name in drawn(app, key)[0][axis]]


def test_the_prediction_shows_the_most_probable_classes_first_and_finds_the_others(show: Show) -> None:
    app, own = open_many(show, "classes", "explain", focus="prediction")
    probability = own.window().trace.prediction[0].numpy()
    likeliest = CLASSES[int(probability.argmax())]

    names = bars(app, "predict_probabilities")
    assert not app.exception and len(names) == 12 and names[0] == likeliest
    assert sum(name.endswith("(actual)") for name in names) == 1  # the window's own class, however improbable
    assert "12 of 200 classes, the explained one and the most probable" in all_words(app)

    app.text_input(key="predict_outputs_search").set_value("kind_19").run()
    assert {name.split()[0] for name in bars(app, "predict_probabilities")} == {f"kind_19{digit}" for digit in range(10)}
    app.text_input(key="predict_outputs_search").set_value("").run()
    app.toggle(key="predict_outputs_all").set_value(True).run()
    assert len(bars(app, "predict_probabilities")) == 200 and not app.exception


def test_the_prediction_of_many_targets_has_twelve_numbers(show: Show) -> None:
    app, own = open_many(show, "values", "explain", focus="prediction")
    outputs = np.abs(own.window().trace.prediction[0].numpy())
    largest = [TARGETS[place] for place in np.argsort(-outputs, kind="stable")[:11]]

    assert len(app.metric) == 12 and {*largest, TARGETS[0]} >= {one.label.replace("\\", "") for one in app.metric}
    assert "12 of 100 targets, the explained one and the largest" in all_words(app)


@pytest.mark.parametrize(("task", "of"), [("classes", "12 of 200 classes"), ("values", "12 of 100 targets")])
def test_the_ensemble_heads_are_drawn_for_twelve_outputs(show: Show, task: Task, of: str) -> None:
    app, _ = open_many(show, task, "explain", focus="heads")

    assert not app.exception and of in all_words(app)
    assert len(bars(app, "ensemble_members", "x")) == 12 and drawn(app, "ensemble_sensitivity")[0]["z"].shape == (12, 12)


@pytest.mark.parametrize("task", ["classes", "values"])
def test_the_output_to_explain_is_chosen_from_a_list_that_begins_with_the_largest(show: Show, task: Task) -> None:
    app, own = open_many(show, task, "explain", focus="importance", methods="saliency")
    outputs = own.window().trace.prediction[0].numpy()

    first, second = app.selectbox(key="importance_target").options[:2]

    sizes = outputs if task == "classes" else np.abs(outputs)
    names = CLASSES if task == "classes" else TARGETS
    likeliest, *_ = np.argsort(-sizes, kind="stable").tolist()
    assert first == (names[likeliest] if task == "classes" else TARGETS[0])  # what is explained
    assert second == CLASSES[0] if task == "classes" else second == names[likeliest]  # the window's own class, or the largest
    assert len(app.selectbox(key="importance_target").options) == len(names)


def test_the_confusion_of_many_classes_is_bounded_and_says_what_it_leaves_out(show: Show) -> None:
    app = finished(open_many(show, "classes", "check")[0])

    heat = drawn(app, "predict_confusion")[0]["z"]
    assert heat.shape == (12, 12) and "12 of 200 classes, the most often confused" in all_words(app)
    table = next(one.value for one in app.dataframe if "last_step" in one.value)
    assert "probability" in table and not [name for name in table if str(name).startswith("probability_")]
    assert "of the 200 probabilities the largest; the CSV has all" in all_words(app).replace("\\", "")


def test_the_scores_of_many_targets_stand_in_a_table(show: Show) -> None:
    app = finished(open_many(show, "values", "check")[0])

    scores = next(one.value for one in app.dataframe if "R²" in one.value)
    assert sorted(scores["target"]) == sorted(TARGETS) and not app.metric
    windows = next(one.value for one in app.dataframe if "last_step" in one.value)
    assert [name for name in windows if "meter" in str(name)] == ["predicted_meter_000", "actual_meter_000"]
    summary = next(one.value for one in app.markdown if one.value.startswith("**The model:**"))
    assert "for the 2 of 100 targets that gain least" in summary and summary.count("beside") == 3


@pytest.mark.parametrize("task", ["classes", "values"])
@pytest.mark.parametrize("view", ["", "heads"])
def test_side_by_side_draws_the_outputs_that_differ_most(show: Show, task: Task, view: str) -> None:
    app, own = open_many(show, task, "experiment", focus="compare", versus="window", other=1, view=view)
    names = CLASSES if task == "classes" else TARGETS

    assert not app.exception and f"12 of {len(names)}" in all_words(app)
    assert len(bars(app, "compare_heads" if view else "compare_prediction")) == 12
    if task == "values" and not view:
        first, second = (own.window(number).trace.prediction[0].numpy() for number in (0, 1))
        furthest = TARGETS[int(np.abs(second - first).argmax())]
        assert furthest in bars(app, "compare_prediction")
        assert furthest in next(one.value for one in app.markdown if "and 96 more" in one.value).replace("\\", "")


@pytest.mark.parametrize("task", ["classes", "values"])
def test_an_edit_shows_its_effect_on_twelve_outputs(show: Show, task: Task) -> None:
    app, _ = open_many(show, task, "experiment")

    assert not app.exception and "12 of" in all_words(app)
    assert len(bars(app, "what_if_probabilities")) == 12 if task == "classes" else len(app.metric) == 12


def test_the_train_page_names_twelve_of_many_classes(show: Show) -> None:
    app, _ = open_many(show, "classes", "train")

    assert "and 188 more" in all_words(app)
