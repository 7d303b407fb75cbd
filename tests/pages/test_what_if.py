"""The tool that edits the window, by its widgets alone: edits, what follows from them, undo and redo, and the search for a small change."""

import io

import numpy as np
import pandas as pd
import pytest
import torch
from streamlit.testing.v1 import AppTest

from complex_lstm.data import prepare_for, read_csv
from complex_lstm.interpretation.edits import Mask, Segment, Shift
from complex_lstm.interpretation.what_if import apply, predicted_after
from complex_lstm.model import load_checkpoint
from complex_lstm.samples import SAMPLES
from complex_lstm.ui.compute.scene import Scene
from complex_lstm.ui.edits.session import edited_frame, edited_with
from complex_lstm.ui.session.messages import plain
from tests.browser.truth import STRIDE, truth_of
from tests.pages.conftest import Show
from tests.pages.looking import charts, finished, until, words

PLANTED = {"data": "planted_order", "model": "planted_order", "window": 16}
WEATHER = {"data": "nyc_weather", "model": "nyc_weather", "stride": STRIDE, "window": 5}


def widget(app: AppTest, kind: str, name: str) -> object:
    """Return the widget whose key begins so: some keys end in the data and model."""
    return next(one for one in app.get(kind) if one.key and one.key.startswith(f"what_if_{name}"))


def do(app: AppTest, kind: str, value: object = None, name: str = "", how: str = "number_input") -> AppTest:
    """Choose a kind of edit, set what it needs, and apply it."""
    app.selectbox(key="what_if_kind").set_value(kind).run()
    if name:
        widget(app, how, name).set_value(value).run()  # type: ignore[attr-defined]
    return app.button(key="what_if_apply").click().run()


@pytest.mark.parametrize("sample", ["nyc_weather", "japanese_vowels"])
@pytest.mark.long
def test_the_page_shows_values_and_classes_of_whole_series(show: Show, sample: str) -> None:
    app = finished(show("what_if", data=sample, model=sample, stride=500))

    assert [one.value for one in app.title] == ["Experiment"]
    assert "No edits yet" in words(app) and words(app).count("How it can mislead") == 2  # of the picture, and of the view below it
    for view, drawn_there in {
        "explanation": {"what_if_explanations"}, "flip": set(), "heads": {"what_if_heads"}, "gate": {"what_if_gate_mean"},
        "attention": {"what_if_attention"}, "": set() if sample == "nyc_weather" else {"what_if_probabilities"},
    }.items():  # fmt: skip
        app.segmented_control(key="what_if_view").set_value(view).run()
        assert drawn_there <= charts(finished(app)) and not app.exception


def test_without_data_the_page_offers_the_samples(show: Show) -> None:
    app = show("what_if")
    assert len(app.info) == 1

    app.button(key="empty_planted_order").click().run()

    assert not app.exception and app.query_params["data"] == "planted_order"


def test_a_shift_moves_the_forecast_as_the_library_says_and_undo_takes_it_back(show: Show) -> None:
    app = show("what_if", **WEATHER)
    before = [metric.value for metric in app.metric]
    app.multiselect(key="what_if_features").set_value([1, 2]).run()
    app.slider(key="what_if_steps").set_value((40, 47)).run()

    do(app, "Shift", -12.0, "amount")

    truth = truth_of("nyc_weather")
    edited = apply([Shift(Segment(40, 47, (1, 2)), -12.0)], truth.dataset, 5)
    with torch.no_grad():
        outputs = truth.model(torch.from_numpy(edited.x)[None])[0].double().numpy()
    expected = predicted_after(outputs, edited, truth.dataset, 5)
    said = [float(metric.value.split()[0].replace(",", "").replace("\\", "")) for metric in app.metric[:3]]
    assert said == pytest.approx(expected.tolist(), rel=1e-3)
    cells = edited.x.size
    assert "1\\. shifted by \\-12\\: dewp, humid" in words(app) and f"16 of {cells} cells" in words(app)

    app.button(key="what_if_undo").click().run()
    assert [metric.value for metric in app.metric] == before and "(undone)" in words(app)
    app.button(key="what_if_redo").click().run()
    assert [metric.value for metric in app.metric] != before
    app.button(key="what_if_reset").click().run()
    assert [metric.value for metric in app.metric] == before and "No edits yet" in words(app)


@pytest.mark.long
def test_every_edit_can_be_made_without_a_mouse(show: Show) -> None:
    app = show("what_if", **PLANTED)
    app.multiselect(key="what_if_features").set_value([3]).run()

    do(app, "Scale", 0.5, "factor")
    do(app, "Smooth", 7, "width", "select_slider")
    do(app, "Mask", "interpolated", "filling", "selectbox")
    do(app, "Draw", "10: 1.5, 4: -1", "points", "text_input")
    do(app, "Swap in", 8, "other")

    assert not app.exception and not app.error
    for deed in (
        "1\\. scaled by 0.5",
        "2\\. smoothed over 7 steps",
        "3\\. masked with a straight line",
        "4\\. drawn through 2 points\\: ch3, 4 to 10",
        "5\\. swapped in from window 8",
    ):
        assert deed in words(app)
    assert "5 of 5 edits applied" in words(app)


@pytest.mark.long
@pytest.mark.parametrize(
    ("points", "message"),
    [
        ("", "The path has no point. Write step: value"),
        ("3: 1, banana", "'banana' is not a point of a path"),
        ("3: 1, 99: 1", "The segment 3 to 99 does not lie in the window, which has steps 0 to 49"),
        ("3: inf", "The value of the path is inf"),
    ],
)
def test_a_path_that_makes_no_sense_is_one_message_and_no_edit(show: Show, points: str, message: str) -> None:
    app = do(show("what_if", **PLANTED), "Draw", points, "points", "text_input")

    assert not app.exception and len(app.error) == 1
    assert plain(message) in app.error[0].value and "No edits yet" in words(app)
    assert not app.run().error


@pytest.mark.long
def test_edits_stay_while_the_visitor_is_elsewhere_and_belong_to_their_window(show: Show) -> None:
    app = do(show("what_if", **PLANTED), "Shift", 2.0, "amount")

    app.switch_page("../../../pages/explain.py").run()
    app.switch_page("../../../pages/experiment.py").run()
    assert "1\\. shifted by 2\\: ch0" in words(app)

    app.number_input(key="bar_window").set_value(17).run()
    assert "No edits yet" in words(app)
    app.number_input(key="bar_window").set_value(16).run()
    assert "1\\. shifted by 2\\: ch0" in words(app) and not app.exception


def test_a_link_carries_the_edits_and_follows_undo_and_redo(show: Show) -> None:
    app = do(show("what_if", **PLANTED), "Shift", 2.0, "amount")
    do(app, "Smooth", 5, "width", "select_slider")
    assert app.query_params["edits"] == "shift_16_32_0_2,smooth_16_32_0_5"

    app.button(key="what_if_undo").click().run()
    assert app.query_params["edits"] == "shift_16_32_0_2"
    app.button(key="what_if_redo").click().run()

    received = show("what_if", **PLANTED, edits=app.query_params["edits"])
    assert "2 of 2 edits applied" in words(received) and "2\\. smoothed over 5 steps" in words(received)
    assert [probabilities(received)] == [probabilities(app)] and not received.exception and not received.warning
    received.button(key="what_if_undo").click().run()
    assert "1 of 2 edits applied" in words(received) and received.query_params["edits"] == "shift_16_32_0_2"


def probabilities(app: AppTest) -> str:
    return next(one.proto.spec for one in app.get("plotly_chart") if "what_if_probabilities" in one.proto.id)


def test_going_back_to_a_link_without_an_edit_takes_it_back_and_redo_brings_it_again(show: Show) -> None:
    app = do(show("what_if", **PLANTED), "Shift", 2.0, "amount").run()  # by this run the browser has the edit in its address

    app.query_params.clear()
    app.query_params.update({name: str(value) for name, value in PLANTED.items()})
    app.run()

    assert "0 of 1 edits applied" in words(app) and "edits" not in app.query_params
    app.button(key="what_if_redo").click().run()
    assert app.query_params["edits"] == "shift_16_32_0_2"


def test_a_link_to_another_page_does_not_take_the_edits_of_the_next_window_back(show: Show) -> None:
    app = do(show("what_if", **PLANTED), "Shift", 2.0, "amount")
    app.number_input(key="bar_window").set_value(17).run()
    assert "edits" not in app.query_params

    app.switch_page("../../../pages/explain.py")
    app.query_params.clear()
    app.query_params.update({name: str(value) for name, value in PLANTED.items()} | {"window": "18"})
    app.run()
    app.number_input(key="bar_window").set_value(16).run()
    app.switch_page("../../../pages/experiment.py").run()

    assert "1 of 1 edits applied" in words(app) and app.query_params["edits"] == "shift_16_32_0_2"


def test_edits_of_a_link_that_do_not_fit_are_told_and_left_out(show: Show) -> None:
    misfits = ("zzz", "shift_40_60_0_2", "swap_3_9_0_99999", "scale_3_9_0_1e300", "cells_x_0x60_5", "smooth_3_9_0_4")
    app = show("what_if", **PLANTED, edits=",".join(("shift_3_9_0_2", *misfits)))

    told = " ".join(one.value.replace("\\", "") for one in app.warning)
    assert not app.exception and not app.error and len(app.warning) == len(misfits) and "1 of 1 edits applied" in words(app)
    for reason in (
        "an edit that cannot be read and is left out: zzz",
        "The segment 40 to 60 does not lie in the window, which has steps 0 to 49",
        "There is no window 99999",
        "a value that no cell can hold",
        "The segment 60 to 60 does not lie in the window",
        "a width of 4, expected an odd number",
    ):
        assert reason in told
    assert len(app.run().warning) == len(misfits)  # a poll of the explanations runs the page again
    assert not do(app, "Shift", 1.0, "amount").warning and app.query_params["edits"].startswith("shift_3_9_0_2,shift_")


@pytest.mark.long
def test_the_explanation_is_shown_before_after_and_as_a_difference_by_any_method(show: Show) -> None:
    app = finished(do(show("what_if", **PLANTED, view="explanation"), "Mask", "training_mean", "filling", "selectbox"))
    assert "**method** Occlusion" in words(app)

    app.selectbox(key="what_if_method").set_value("saliency").run()

    assert "**method** Saliency" in words(finished(app)) and "no unit" in words(app)
    spec = next(one.proto.spec for one in app.get("plotly_chart") if "what_if_explanations" in one.proto.id)
    assert spec.count('"heatmap"') >= 3


def test_a_counterfactual_turns_the_class_and_becomes_an_edit(show: Show) -> None:
    app = show("what_if", **PLANTED, view="flip")
    wanted = str(widget(app, "selectbox", "class").format_func(widget(app, "selectbox", "class").value))  # type: ignore[attr-defined]
    app.button(key="what_if_search_start").click().run()
    assert f"**Found: {plain(wanted)}" in words(finished(app))
    assert [metric.label for metric in app.metric] == ["Summed change", "Cells changed", "Longest stretch", "Features changed"]

    app.button(key="what_if_use").click().run()
    app.segmented_control(key="what_if_view").set_value("").run()

    received = show("what_if", **PLANTED, edits=app.query_params["edits"])
    assert probabilities(received) == probabilities(app) and "by Native Guide, from window" in words(received)
    assert "by Native Guide, from window" in words(app) and "1 of 1 edits applied" in words(app)
    titles = [one.proto.spec for one in app.get("plotly_chart") if "what_if_probabilities" in one.proto.id]
    assert f"Predicted: {wanted}, before the edits" in titles[0]
    assert not app.exception


@pytest.mark.long
def test_all_search_methods_stand_in_one_table_of_what_their_changes_are_worth(show: Show) -> None:
    app = show("what_if", **PLANTED, view="flip")

    app.button(key="what_if_qualities_start").click().run()

    table = finished(app).dataframe[-1].value
    assert table["method"].tolist() == ["Native Guide", "Gradient search", "CoMTE", "Learned cells"]
    assert (table["valid"] == "yes").all() and (table["distance (std a cell)"] > 0).all()
    changed = table.set_index("method")["cells changed"]
    assert changed["CoMTE"] == changed.max() and changed.min() > 0  # whole columns
    assert any(one.key == "what_if_qualities_download" for one in app.get("download_button"))


@pytest.mark.long
def test_a_value_is_moved_by_the_amount_that_was_asked_for(show: Show) -> None:
    app = show("what_if", **WEATHER, view="flip")
    app.segmented_control(key="what_if_direction").set_value("fall").run()
    widget(app, "number_input", "by").set_value(0.5).run()  # type: ignore[attr-defined]
    app.checkbox(key="what_if_hold").uncheck().run()

    app.button(key="what_if_search_start").click().run()

    found = next(one.value for one in finished(app).markdown if one.value.startswith("**Found: temp"))
    assert float(found.replace("\\", "").replace("\u2060", "").split()[-1].rstrip(".*")) <= -0.5


@pytest.mark.long
def test_a_search_can_be_stopped(show: Show) -> None:
    app = show("what_if", data="shoulder_exercises", model="shoulder_exercises", stride=500, window=3, view="flip")
    app.segmented_control(key="what_if_way").set_value("wachter").run()
    app.button(key="what_if_search_start").click().run()

    app.button(key="what_if_search_stop").click().run()
    finished(app)

    assert any(one.value.startswith("Stopped") for one in app.info)
    assert any(button.key == "what_if_search_start" for button in app.button)


def test_a_feature_less_search_is_one_message(show: Show) -> None:
    app = show("what_if", **PLANTED, view="flip")
    widget(app, "multiselect", "free").set_value([]).run()  # type: ignore[attr-defined]

    until(app.button(key="what_if_search_start").click().run(), lambda page: page.error)

    assert not app.exception and "No cell may change" in app.error[0].value


def test_the_downloaded_window_is_what_the_model_saw() -> None:
    """Read again as a file of its own, the edited window is the same input to the model."""
    truth, source = truth_of("nyc_weather"), load_checkpoint(SAMPLES["nyc_weather"].checkpoint)
    scene = Scene(("nyc_weather", "nyc_weather", "", STRIDE), truth.dataset, source, 5)  # type: ignore[arg-type]
    bench = edited_with(scene, (Shift(Segment(3, 9, (0,)), 2.5), Mask(Segment(20, 30, (7,)), "training_mean")))

    table = edited_frame(bench)
    again = read_csv(table.to_csv(index=False).encode(), "edited.csv")

    assert list(table.columns) == [truth.dataset.schema.roles.time or "step", *scene.features]
    read = prepare_for(again, truth.dataset.schema, truth.dataset.window, truth.dataset.scaling)
    seen = ~np.isnan(scene.values) | bench.window.changed  # what was empty before the window's first value is filled from before it
    assert np.allclose(read.windows.inputs(np.array([0]))[0][seen], bench.window.x[seen], atol=1e-5)
    assert pd.read_csv(io.BytesIO(table.to_csv(index=False).encode())).shape == (48, 10)
