"""The map of windows on the page Check: every window is in it, its nearest training windows stand beside it, and the link carries it."""

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from complex_lstm.config import Roles, SplitConfig, WindowConfig
from complex_lstm.ui.compute import cache
from complex_lstm.ui.compute.cache import keep_setup
from complex_lstm.ui.compute.scene import Setup
from complex_lstm.ui.compute.visitor import open_workspace
from complex_lstm.ui.views.check import map_jobs
from complex_lstm.workspace import Workspace
from tests.pages.conftest import Show
from tests.pages.looking import all_words, charts, drawn, finished, jobs_of, names_in
from tests.pages.test_bare_checkpoint import TARGETS, state_dict, weather_rows
from tests.pages.test_many_outputs import open_many
from tests.pages.test_no_prediction import overflowing
from tests.ui.own_file import keep_own

pytestmark = pytest.mark.long

PLANTED = {"data": "planted_order", "model": "planted_order", "window": 600, "view": "map"}


def similar_of(app: AppTest) -> pd.DataFrame:
    return next(one.value for one in app.dataframe if "nearer" in one.value)


def table_of(app: AppTest) -> pd.DataFrame:
    return next(one.value for one in app.dataframe if "error" in one.value and "distance" not in one.value)


def test_every_window_is_drawn_and_the_nearest_training_windows_have_its_class(show: Show) -> None:
    app = finished(show("check", **PLANTED))

    names, points = names_in(app, "map_points"), drawn(app, "map_points")
    assert set(names) == {"ch3_first", "ch7_first", "neither_first", "nearest training windows", "window in view"}
    assert sum(len(one["x"]) for one in points[:3]) == 640 and len(points[3]["x"]) == 5
    similar, windows = similar_of(app), cache.dataset("planted_order", "planted_order", "", 0).windows
    assert len(similar) == 5 and set(similar["answer"]) == {windows.label[600]} and similar["distance"].is_monotonic_increasing
    assert set(windows.part[[int(name[1:]) for name in similar["series"]]]) == {"training"}
    assert len(table_of(app)) == 640 and table_of(app)["error"].max() <= 1
    said = all_words(app)
    assert (
        re.search(r"These two axes hold \d+% of the variance", said.replace("*", ""))
        and "trustworthiness" in said
        and "640, all, of every part" in said
    )


def test_the_link_carries_the_map_and_the_widgets_change_it(show: Show) -> None:
    app = finished(show("check", **PLANTED, colour="part"))
    assert app.selectbox(key="map_colour").value == "part"
    assert {"training", "validation", "test"} <= set(names_in(app, "map_points"))

    app.selectbox(key="map_colour").set_value("series").run()
    app.segmented_control(key="map_space").set_value("attributions").run()
    app = finished(app)

    assert app.query_params["colour"] == "series" and app.query_params["space"] == "attributions"
    names = names_in(app, "map_points")
    assert names[0] == "s0600" and "629 others" in names and len(names) == 14  # twelve groups and two marks
    assert "Input x Gradient" in all_words(app)


def test_explanations_have_a_window_for_each_kind(show: Show) -> None:
    app = finished(show("check", **PLANTED, space="attributions"))

    kinds = next(one.value for one in app.dataframe if "stability" in one.value)
    assert 3 <= len(kinds) <= 8 and kinds["share"].sum() == pytest.approx(100) and kinds["windows"].sum() == 640
    assert "map_landmarks" in charts(app) and len(drawn(app, "map_landmarks")) == 3 * len(kinds)
    assert "(" in kinds["commonest class"][0] and "Kinds of explanation" in {one.value for one in app.header}


def test_another_method_explains_and_values_are_explained_by_target(show: Show, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(map_jobs, "MOST_EXPLAINED", 12)
    own = keep_own(task="values", steps=200)

    app = finished(show("check", data=own.data, model=own.model, view="map", space="attributions", explainer="occlusion", colour="answer"))

    assert "12 of " in all_words(app) and "evenly spread" in all_words(app) and "Occlusion" in all_words(app)
    app.toggle(key="map_mapped").set_value(True).run()
    app = finished(app)
    assert app.query_params["mapped"] == "all" and "12 of " not in all_words(app)


def test_a_sample_of_many_windows_is_told_and_all_can_be_had(show: Show, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(map_jobs, "MOST_MAPPED", 100)
    app = finished(show("check", **PLANTED))

    assert "100 of 640, evenly spread" in all_words(app) and len(table_of(app)) == 100
    assert len(similar_of(app)) == 5 and "window in view" in names_in(app, "map_points")  # which is not among them
    app.toggle(key="map_mapped").set_value(True).run()
    assert len(table_of(finished(app))) == 640


@pytest.mark.parametrize("task", ["classes", "values"])
@pytest.mark.parametrize("space", ["", "attributions"])
def test_many_classes_and_targets_have_a_bounded_legend(show: Show, task: str, space: str) -> None:
    app, _ = open_many(show, task, "check", view="map", space=space)  # type: ignore[arg-type]
    app = finished(app)

    assert 1 < len(names_in(app, "map_points")) <= 15 and len(table_of(app).columns) <= 8


def test_whole_series_of_unequal_length_are_mapped(show: Show) -> None:
    app = finished(show("check", data="japanese_vowels", model="japanese_vowels", view="map", space="attributions"))

    assert len(table_of(app)) == 270 and len(similar_of(app)) == 5 and "whole series" in all_words(app)


@pytest.mark.parametrize("space", ["", "attributions"])
def test_one_window_alone_has_a_map_of_itself(show: Show, space: str) -> None:
    own = keep_own()
    lines = open_workspace().find("data", own.data).path.read_text().splitlines()[:13]
    lone = open_workspace().keep("data", "\n".join(lines).encode(), "lone.csv")

    app = finished(show("check", data=lone.key, model=own.model, view="map", space=space))

    said = all_words(app)
    assert "1, all, of every part" in said and "do not differ" in said and "without steps in common" in said
    assert len(table_of(app)) == 1 and "Nearest windows of this file" in {one.value for one in app.subheader}


def test_new_data_without_answers_are_mapped_by_what_is_predicted(show: Show) -> None:
    own = keep_own()
    rows = pd.read_csv(open_workspace().find("data", own.data).path).drop(columns="kind")
    new = open_workspace().keep("data", (rows + 0.1).to_csv(index=False).encode(), "new.csv")

    app = finished(show("check", data=new.key, model=own.model, view="map"))

    assert app.selectbox(key="map_colour").value == "predicted" and set(similar_of(app)["answer"]) == {""}
    assert "errors not known" in all_words(app) and "trained on another file" in all_words(app)
    app.selectbox(key="map_colour").set_value("error").run()
    assert names_in(finished(app), "map_points")[0] == "not known"


def test_weights_alone_have_neighbours_in_this_file(show: Show, tmp_path: Path) -> None:
    rows = weather_rows(120)
    data = Workspace(tmp_path).keep("data", rows, "mine.csv")
    model = Workspace(tmp_path).keep("model", state_dict(9), "mine.pt", suffix=".pt")
    features = rows.decode().splitlines()[0].split(",")[2:]
    roles = Roles(tuple(features), TARGETS, "values", series="airport", time="time")
    setup = keep_setup(Setup(roles, WindowConfig(12, stride=6), SplitConfig("time")))

    app = show("check", data=data.key, model=model.key, setup=setup, view="map")
    app = finished(app)

    assert "Nearest windows of this file" in {one.value for one in app.subheader}
    assert "Which windows the model was trained on is not known" in all_words(app) and len(similar_of(app)) == 5


def test_a_model_without_predictions_has_no_map_and_says_why(show: Show) -> None:
    own = overflowing("classes", "input_proj.0", 3e38)

    for space in ("", "attributions"):
        app = finished(show("check", data=own.data, model=own.model, view="map", space=space))
        assert "finite number" in all_words(app) and "map_points" not in charts(app)


def test_it_stops_and_goes_on(show: Show, tmp_path: Path) -> None:
    own = keep_own(steps=300)
    app = show("check", data=own.data, model=own.model, view="map")
    assert "map_points" not in charts(app)

    app.button(key="map_stop").click().run()
    assert "Stopped before the end" in all_words(app)
    assert not [one for one in jobs_of(app) if isinstance(one.key, tuple) and one.key[0] == "window_map"]
    app.button(key="map_go_on").click().run()

    assert "map_points" in charts(finished(app))


def test_the_window_in_view_lies_where_its_own_vector_is(show: Show) -> None:
    listed = finished(show("check", data="planted_order", model="planted_order", view="map", window=7))
    points = drawn(listed, "map_points")

    ring = np.array([points[-1]["x"][0], points[-1]["y"][0]])

    every = np.concatenate([np.stack([one["x"], one["y"]], axis=1) for one in points[:3]])
    assert np.abs(every - ring).max(axis=1).min() < 1e-4


def test_explain_leads_to_the_map(show: Show) -> None:
    app = show("explain", data="planted_order", model="planted_order", window=600)

    app.button(key="explain_map").click().run()

    assert app.query_params["view"] == "map" and "focus" not in app.query_params
