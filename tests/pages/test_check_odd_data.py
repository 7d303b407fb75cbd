"""Slices, shift and the report on odd models and data: hundreds of outputs, one window, no finite output, a target that never changes."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import torch

from complex_lstm.config import Roles, SplitConfig, Task, WindowConfig
from complex_lstm.data import fingerprint, prepare_training
from complex_lstm.data.reading import read_csv
from complex_lstm.model import Checkpoint, ComplexLSTMModel, save_checkpoint
from complex_lstm.samples import SAMPLES
from complex_lstm.ui.compute import cache
from complex_lstm.ui.compute.visitor import open_workspace
from complex_lstm.ui.explaining.part_scores import PartScore
from complex_lstm.ui.session.scene import chosen_scene
from complex_lstm.ui.session.state import Selection
from complex_lstm.ui.views.check.report import check_report
from tests.pages.conftest import Show
from tests.pages.looking import charts, finished, words
from tests.pages.test_many_outputs import keep_many
from tests.pages.test_no_prediction import overflowing
from tests.ui.own_file import OwnFile, keep_own


def report_of(own: OwnFile, part: str) -> str:
    """Return the report that the page offers on a part."""
    scene = chosen_scene(Selection.of(data=own.data, model=own.model))
    keys = cache.all_windows(scene.keys)
    return check_report(scene, PartScore(part, cache.part_predictions(keys, part), None, keys))


def keep_frame(frame: pd.DataFrame, roles: Roles, window: WindowConfig) -> OwnFile:
    """Keep a file with an untrained model for it."""
    kept = open_workspace().keep("data", frame.to_csv(index=False).encode(), "odd.csv")
    split = SplitConfig("time")
    made = prepare_training(read_csv(kept.path.read_bytes(), kept.name), roles, window, split)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = ComplexLSTMModel(len(roles.features), 8, 1, 2, len(made.schema.outputs)).eval()
    file = open_workspace().folder / "made.safetensors"
    save_checkpoint(Checkpoint(model, made.schema, window, split, made.scaling, made.table.fingerprint), file)
    return OwnFile(kept.key, open_workspace().keep("model", file.read_bytes(), "odd.safetensors", suffix=".safetensors").key)


@pytest.mark.long
@pytest.mark.parametrize("task", ["classes", "values"])
def test_hundreds_of_outputs(show: Show, task: Task) -> None:
    own = keep_many(task)
    slices = finished(show("check", data=own.data, model=own.model, view="slices"))
    first = slices.selectbox(key="slices_cut").options[2].rsplit(" (", 1)[0]
    one = finished(show("check", data=own.data, model=own.model, view="slices", cut=first))
    shift = finished(show("check", data=own.data, model=own.model, view="shift"))

    table = next(frame.value for frame in one.dataframe if "beyond chance" in frame.value)
    assert len(table) >= 2 and len(table.columns) < 15
    if task == "classes":  # with a series for each class, all are needed for training
        assert "This file has no other" in words(shift)
    else:
        assert "shift_curves" in charts(shift) and "meter_050" not in words(shift)


@pytest.mark.parametrize("task", ["classes", "values"])
def test_outputs_that_are_no_numbers(show: Show, task: Task) -> None:
    own = overflowing(task, "input_proj.0", 3e38)
    lines = open_workspace().find("data", own.data).path.read_text().splitlines()
    new = open_workspace().keep("data", "\n".join(lines[:-1]).encode(), "new.csv").key
    slices = finished(show("check", data=new, model=own.model, view="slices"))
    shift = finished(show("check", data=new, model=own.model, view="shift"))

    assert "so they cannot be scored" in words(slices) and "whether the error moved too is not known" in words(shift)
    assert "so there is no score" in report_of(OwnFile(new, own.model), "new")


def test_one_window(show: Show) -> None:
    own = keep_own(task="values", steps=60)
    lines = open_workspace().find("data", own.data).path.read_text().splitlines()
    kept = open_workspace().keep("data", "\n".join(lines[:14]).encode(), "one.csv")  # 13 rows: a window of 12, and the row ahead
    slices = finished(show("check", data=kept.key, model=own.model, view="slices"))
    shift = finished(show("check", data=kept.key, model=own.model, view="shift"))

    assert "There is nothing to cut these windows by" in words(slices) and "cannot be judged" in words(shift)
    assert "1 of 1 windows are scored" in report_of(OwnFile(kept.key, own.model), "new")


def test_a_target_and_a_feature_that_never_change(show: Show) -> None:
    values = np.random.default_rng(0).normal(size=(200, 2)).round(3)
    frame = pd.DataFrame(values, columns=["a", "b"]).assign(still=0.0)
    frame.loc[:20, "still"] = 1.0  # so that there is something to learn
    own = keep_frame(frame, Roles(("a", "b", "still"), ("still",), "values"), WindowConfig(6))
    slices = finished(show("check", data=own.data, model=own.model, view="slices"))
    shift = finished(show("check", data=own.data, model=own.model, view="shift", feature="still"))

    assert not [one for one in slices.selectbox(key="slices_cut").options if one.startswith("still")]
    assert "nothing to draw" not in words(shift) and "the target never changes" in report_of(own, "test")


@pytest.mark.long
def test_a_class_that_the_model_does_not_know(show: Show) -> None:
    sample = SAMPLES["planted_order"]
    frame = pd.read_csv(sample.csv)
    frame["label"] = frame["label"].replace("ch3_first", "never seen")
    kept = open_workspace().keep("data", frame.to_csv(index=False).encode(), "unknown.csv")

    app = finished(show("check", data=kept.key, model="planted_order", view="slices", cut="class"))

    table = next(one.value for one in app.dataframe if "beyond chance" in one.value)
    unknown = table[table["slice"] == "a class that the model does not know"].iloc[0]
    assert unknown["accuracy"] == 0 and unknown["beyond chance"] == "yes"


@pytest.mark.long
@pytest.mark.parametrize("is_shipped", [True, False])
def test_the_report_of_a_model_that_is_calibrated_here_has_the_fingerprint_of_its_file(show: Show, is_shipped: bool) -> None:
    own = OwnFile("planted_order", "planted_order") if is_shipped else keep_own(task="classes")
    scene = chosen_scene(Selection.of(data=own.data, model=own.model, temperature="2.5"))
    keys, part = cache.all_windows(scene.keys), scene.dataset.windows.part[0]

    report = check_report(scene, PartScore(str(part), cache.part_predictions(keys, str(part)), None, keys))

    path, _ = cache.checkpoint_file(own.model)
    assert scene.temperature == 2.5 and "Probabilities: temperature 2.5" in report
    assert fingerprint(path.read_bytes()) in report
