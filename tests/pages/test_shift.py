"""Check's view of what has moved since training: by the training part, by the checkpoint's quantiles, and where neither is there."""

import io

import pandas as pd
import pytest
import torch
from streamlit.testing.v1 import AppTest

from complex_lstm.config import Roles, SplitConfig, WindowConfig
from complex_lstm.evaluation.answered import answered_windows
from complex_lstm.evaluation.drift import measure_drift
from complex_lstm.evaluation.slices import window_errors
from complex_lstm.model import ComplexLSTMModel
from complex_lstm.samples import SAMPLES
from complex_lstm.ui.compute import cache
from complex_lstm.ui.compute.cache import keep_setup
from complex_lstm.ui.compute.scene import Setup
from complex_lstm.ui.compute.visitor import open_workspace
from complex_lstm.ui.session.messages import plain
from tests.pages.conftest import Show
from tests.pages.looking import charts, finished, words
from tests.ui.own_file import keep_own

WEATHER = {"data": "nyc_weather", "model": "nyc_weather", "view": "shift"}


def table_of(app: AppTest) -> pd.DataFrame:
    return next(one.value for one in app.dataframe if "verdict" in one.value)


@pytest.mark.long
def test_the_test_part_is_compared_with_training(show: Show) -> None:
    app = finished(show("check", **WEATHER))

    drift = measure_drift(cache.dataset("nyc_weather", "nyc_weather", "", 0), "test")
    table = table_of(app)
    assert drift is not None and table["distance"].tolist() == [one.distance for one in drift.shifts]
    assert table["feature"].iloc[0] == "temp (°F)" and table["verdict"].iloc[0] == "no farther than a stretch of training"
    assert "shift_curves" in charts(app) and "than days of training usually differ from each other" in words(app)
    assert "The mean error in training deviations on the test part is" in words(app) and "rank correlation" in words(app)
    keys = cache.all_windows(("nyc_weather", "nyc_weather", "", 0))
    learned = answered_windows(cache.dataset(*keys), cache.part_predictions(keys, "training"))
    assert plain(f"on training {window_errors(learned).mean():.3f} (") in words(app)
    assert len(learned) > 1000 and f"of all {len(learned):,} windows with an answer" in words(app)


@pytest.mark.long
def test_a_feature_is_chosen_and_travels_in_the_link(show: Show) -> None:
    app = finished(show("check", **WEATHER, feature="humid"))
    box = app.selectbox(key="shift_feature")
    assert box.options[box.value] == "humid"

    app.selectbox(key="shift_feature").set_value(0).run()

    assert finished(app).query_params["feature"] == "temp"


def warmer(sample: str, by: float) -> str:
    """Keep the first airport of a sample's file with one feature moved, and return its key."""
    frame = pd.read_csv(SAMPLES[sample].csv)
    frame = frame[frame["airport"] == frame["airport"].iloc[0]]
    frame["temp"] += by
    return open_workspace().keep("data", frame.to_csv(index=False).encode(), "warmer.csv").key


@pytest.mark.long
def test_a_new_file_is_compared_by_the_quantiles_of_the_checkpoint(show: Show) -> None:
    app = finished(show("check", data=warmer("nyc_weather", 100.0), model="nyc_weather", view="shift"))

    table = table_of(app)
    assert table["feature"].iloc[0] == "temp (°F)" and table["verdict"].iloc[0] == "moved" and table["distance"].iloc[0] > 0.9
    assert set(table["verdict"].iloc[1:]) == {"as in training"}
    assert "than days of this data usually differ from each other" in words(app) and "quantiles in the checkpoint" in words(app)


@pytest.mark.long
def test_training_is_not_compared_with_itself(show: Show) -> None:
    own = keep_own()
    app = finished(show("check", data=own.data, model=own.model, view="shift", part="training"))

    assert "Choose another part" in words(app) and "shift_curves" not in charts(app)


def test_a_file_without_answers_or_few_blocks_says_so(show: Show) -> None:
    own = keep_own()
    content = open_workspace().find("data", own.data).path.read_text().splitlines()
    kept = open_workspace().keep("data", "\n".join(line.rsplit(",", 1)[0] for line in content).encode(), "unknown.csv")

    app = finished(show("check", data=kept.key, model=own.model, view="shift"))

    assert "cannot be judged" in words(app) and "whether the error moved too is not known" in words(app)


def test_a_checkpoint_that_keeps_no_quantiles_says_so(show: Show) -> None:
    own = keep_own()
    workspace = open_workspace()
    lines = workspace.find("data", own.data).path.read_text().splitlines()
    new = workspace.keep("data", "\n".join([lines[0], *lines[1:50]]).encode(), "new.csv")
    workspace.find("data", own.data).path.unlink()  # else its quantiles are those of this file

    app = finished(show("check", data=new.key, model=own.model, view="shift"))

    assert "keeps only means and deviations" in words(app) and "shift_curves" not in charts(app)


def test_weights_alone_have_no_training_to_compare_with(show: Show) -> None:
    own = keep_own()
    content = io.BytesIO()
    torch.save(ComplexLSTMModel(3, 8, output_dim=2).state_dict(), content)
    bare = open_workspace().keep("model", content.getvalue(), "bare.pt", suffix=".pt")
    setup = keep_setup(Setup(Roles(("a", "b", "c"), ("kind",), "classes"), WindowConfig(12), SplitConfig()))

    app = finished(show("check", data=own.data, model=bare.key, setup=setup, view="shift"))

    assert "what it was trained on is not known" in words(app)
