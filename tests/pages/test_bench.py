"""The bench: switches that stay, what they do to a window, and every component in turn."""

import numpy as np
import pytest
import torch
from streamlit.testing.v1 import AppTest

from complex_lstm.inference import softmax
from complex_lstm.interpretation.components import average_over
from complex_lstm.interpretation.global_importance import evenly_spread
from complex_lstm.model import ComplexLSTMModel
from complex_lstm.model.hooks import Intervention
from complex_lstm.model.interventions import AverageEnsembleHead, ForceGate, SilenceHead, UniformHead, component_interventions
from complex_lstm.ui.compute import cache
from tests.model.lively import remembered
from tests.pages.conftest import Show
from tests.pages.looking import charts, drawn, finished, until, words

PLANTED = {"data": "planted_order", "model": "planted_order", "stride": 500, "window": 600}
WEATHER = {"data": "nyc_weather", "model": "nyc_weather", "stride": 500, "window": 3}
KEYS = ("planted_order", "planted_order", "", 500)


def model_and_window() -> tuple[ComplexLSTMModel, torch.Tensor]:
    return cache.checkpoint("planted_order").model, torch.from_numpy(cache.dataset(*KEYS).windows.inputs(np.array([600])))


def intervened(*interventions: Intervention) -> np.ndarray:
    """Return the library's output for the window under interventions."""
    model, x = model_and_window()
    with torch.no_grad():
        return model.intervened(x, interventions=interventions)[0].numpy()


def bars(app: AppTest, key: str) -> list[list[float]]:
    """Return the bars of a chart, a list a trace."""
    return [trace["x"].astype(float).tolist() for trace in drawn(app, key)]


@pytest.mark.long
def test_a_switched_head_shows_the_librarys_prediction(show: Show) -> None:
    app = show("bench", **PLANTED)
    assert "Nothing is switched" in words(app) and "both sides are the same at every site" in words(app)
    assert "bench_change" not in charts(app)  # an empty one was drawn

    app.pills(key="bench_silent_1").set_value([2]).run()

    assert app.query_params["off"] == "head-1-2" and not app.exception
    before, after, difference = bars(app, "bench_prediction")
    assert before == pytest.approx(softmax(intervened()).tolist(), abs=1e-6)
    assert after == pytest.approx(softmax(intervened(SilenceHead(1, 2))).tolist(), abs=1e-6)
    assert difference == pytest.approx((np.array(after) - before).tolist(), abs=1e-6)
    assert "The change first shows at **attention weights 2**" in words(app) and "bench_change" in charts(app)


@pytest.mark.long
def test_switches_act_together_stay_across_pages_and_can_be_taken_back(show: Show) -> None:
    app = show("bench", **PLANTED, view="heads")
    app.segmented_control(key="bench_gate").set_value(2).run()  # 0.5
    app.pills(key="bench_silent_0").set_value([0]).run()

    app.switch_page("../../../pages/explain.py").run()
    app.switch_page("../../../pages/experiment.py").run()

    assert app.query_params["off"] == "gate-0.5,head-0-0" and app.segmented_control(key="bench_gate").value == 2
    combined = bars(app, "bench_heads")[4 + 3]  # the second column's fourth group
    assert combined == pytest.approx(intervened(ForceGate(0.5), SilenceHead(0, 0)).tolist(), abs=1e-5)
    app.button(key="bench_clear").click().run()
    assert "off" not in app.query_params and "Nothing is switched" in words(app)


@pytest.mark.long
def test_the_gate_is_held_in_some_channels_alone(show: Show) -> None:
    app = show("bench", **PLANTED, off="gate-1", view="gate")

    app.multiselect(key="bench_channels").set_value([3, 7]).run()

    assert app.query_params["off"] == "channels-1-3-7"
    assert {"bench_gate_mean", "bench_gate_channels"} <= charts(app)
    app.multiselect(key="bench_channels").set_value([]).run()
    assert app.query_params["off"] == "gate-1"


def test_a_pooled_vector_and_an_ensemble_head_are_held_at_their_average(show: Show) -> None:
    app = show("bench", **WEATHER)
    app.segmented_control(key="bench_pooled_max").set_value(2).run()
    app.segmented_control(key="bench_member_1").set_value(2).run()

    assert app.query_params["off"] == "poolaverage-max,average-1" and not app.exception
    table = app.dataframe[0].value
    assert table["target"].tolist() == ["temp", "humid", "pressure"] and (table["difference"] != 0).all()
    assert table["difference"].tolist() == pytest.approx((table["right"] - table["left"]).tolist())


@pytest.mark.long
def test_an_average_is_over_a_sample_with_its_interval_or_over_all_windows_as_a_job(show: Show) -> None:
    """Of 448 windows of the training part 256 are taken unless all are wanted."""
    app = show("bench", **PLANTED | {"stride": 0}, off="average-1")
    every = cache.dataset("planted_order", "planted_order", "", 0)
    training = every.windows.of_part("training")
    assert f"An average is over 256 of {len(training):,} windows of the training part. Evenly spread; 95% of such averages" in words(app)
    of_sample = bars(app, "bench_prediction")[1]

    app.segmented_control(key="bench_averages").set_value("all").run()

    assert app.query_params["averages"] == "all" and app.query_params["off"] == "average-1"
    assert [one.value for one in app.warning] == ["Ensemble head 2 at its average does nothing until all windows are averaged."]
    app.segmented_control(key="bench_gate").set_value(2).run()  # which keeps the switch that waits
    assert app.query_params["off"] == "gate-0.5,average-1"
    app.segmented_control(key="bench_gate").set_value(0).run()
    found = bars(finished(app), "bench_prediction")[1]
    model, x = model_and_window()
    over_all = average_over(model, every, training)
    expected = model.intervened(x, interventions=(AverageEnsembleHead(1, over_all.ensemble_head_outputs),))[0].numpy()
    assert found == pytest.approx(softmax(expected).tolist(), abs=1e-6) and found != of_sample
    assert f"average over all {len(training):,} windows of the training part" in words(app)


@pytest.mark.long
def test_a_patched_site_gives_the_other_windows_prediction(show: Show) -> None:
    app = show("bench", **PLANTED)
    app.number_input(key="bench_patch_window").set_value(601).run()
    app.button(key="bench_patch_add").click().run()  # the first site: everything after it depends on it

    assert app.query_params["off"] == "patch-projected-0-601"
    x = torch.from_numpy(cache.dataset(*KEYS).windows.inputs(np.array([601])))
    other = model_and_window()[0].trace(x).prediction[0].numpy()
    assert bars(app, "bench_prediction")[1] == pytest.approx(softmax(other).tolist(), abs=1e-6)
    app.button(key="bench_patch_remove_0").click().run()
    assert "off" not in app.query_params


def test_switches_of_a_link_that_do_not_fit_are_left_out_with_a_warning(show: Show) -> None:
    app = show(
        "bench",
        **PLANTED,
        off="zzz,head-9-9,gate-7,pooled-zzz,poolaverage-zzz,patch-lstm-1-99999,steps-lstm-1-2-90-3,patch-zzz-0-1,block-1",
    )

    warnings = [one.value for one in app.warning]
    assert not app.exception and not app.error and len(warnings) == 8
    assert "cannot be read" in warnings[0] and sum("is left out" in one for one in warnings) == 8
    assert "**Switched:** BiLSTM block 2 skipped" in words(app)


def test_windows_of_unequal_length_are_not_patched_over_time(show: Show) -> None:
    vowels = {"data": "japanese_vowels", "model": "japanese_vowels", "window": 3}  # of 20 steps; window 5 has 23

    app = show("bench", **vowels, off="patch-lstm-1-5,patch-pooled_max-0-5")

    assert "Window 3 has 20 steps and window 5 has 23" in app.warning[0].value
    assert "**Switched:** pooled maximum of window 5" in words(app)


@pytest.mark.parametrize("kind", ["head", "mean", "rollout", "summary"])
def test_attention_before_and_after_in_every_map(show: Show, kind: str) -> None:
    app = show("bench", **PLANTED, off="uniform-0", view="attention")

    app.selectbox(key="bench_map").set_value(kind).run()

    assert not app.exception and ({"bench_entropy", "bench_diagonal"} if kind == "summary" else {"bench_attention"}) <= charts(app)


@pytest.mark.long
def test_the_score_with_and_without_is_computed_on_request(show: Show) -> None:
    app = show("bench", **PLANTED, off="layer-1", view="score")

    app.button(key="bench_score_start").click().run()

    numbers = [one.value for one in finished(app).metric]
    assert [one.label for one in app.metric][:2] == ["accuracy, before", "accuracy, after"]
    assert float(numbers[1]) < float(numbers[0]) == 1.0
    assert "**windows** all 96 of the test part" in words(app)


@pytest.mark.long
def test_every_component_is_in_the_table_with_the_librarys_numbers(show: Show) -> None:
    model = cache.checkpoint("planted_order").model
    kept = remembered(model)
    app = show("bench", **PLANTED, view="components")
    app.select_slider(key="bench_components_most_96").set_value(50).run()

    app.button(key="bench_components_start").click().run()

    table = finished(app).dataframe[0].value
    assert table["component"].tolist()[:-6] == [name for name, _ in component_interventions(model, uniform=True)]
    assert table["component"].tolist()[-1] == "ensemble head 3, held at its average"
    assert (table["change"] >= 0).all() and table["another class"].between(0, 1).all() and "bench_components_bars" in charts(app)
    assert "50 of the test part, evenly spread among 96" in words(app) and remembered(model) == kept
    row = table.set_index("component").loc["attention layer 2, attention head 3, uniform"]
    assert row["part"] == "attention" and row["change"] == pytest.approx(moved_by(UniformHead(1, 2)), abs=1e-5)
    for measure in ("lead of the predicted class", "score"):
        app.segmented_control(key="bench_components_measure").set_value(measure).run()
        assert not app.exception


def moved_by(intervention: Intervention) -> float:
    """Return how far the probability of the class predicted first moves, the mean over 50 windows of the test part."""
    model, dataset = cache.checkpoint("planted_order").model, cache.dataset(*KEYS)
    chosen = evenly_spread(dataset.windows.of_part("test"), 50)
    x = torch.from_numpy(dataset.windows.inputs(chosen))
    with torch.no_grad():
        before, after = model(x).softmax(1), model.intervened(x, interventions=(intervention,)).softmax(1)
    first = before.argmax(1, keepdim=True)
    return float((after.gather(1, first) - before.gather(1, first)).abs().mean())


@pytest.mark.long
def test_all_windows_of_all_parts_are_offered_with_progress_and_a_way_to_stop(show: Show) -> None:
    app = show("bench", **PLANTED, view="components")
    app.segmented_control(key="bench_components_part").set_value("all parts").run()
    slider = app.select_slider(key="bench_components_most_640")
    assert slider.options == ["10", "25", "50", "100", "200", "400", "all 640"]
    slider.set_value(640).run()
    assert app.button(key="bench_components_start").label == "Switch off every component over 640 windows"

    app.button(key="bench_components_start").click().run()
    until(app, lambda page: page.dataframe)

    assert "all 640 of all parts, the training part included" in words(app)
    app.button(key="bench_components_stop").click().run()
    finished(app)


@pytest.mark.long
def test_a_stopped_table_keeps_its_rows_and_leaves_the_model_alone(show: Show) -> None:
    model = cache.checkpoint("shoulder_exercises").model
    kept = remembered(model)
    app = show("bench", data="shoulder_exercises", model="shoulder_exercises", window=3, view="components")
    app.segmented_control(key="bench_components_part").set_value("training").run()
    app.button(key="bench_components_start").click().run()
    until(app, lambda page: page.dataframe)

    app.button(key="bench_components_stop").click().run()
    finished(app)

    assert 0 < len(app.dataframe[0].value) < len(component_interventions(model, uniform=True)) + 6
    assert app.info[0].value.startswith("Stopped after") and remembered(model) == kept
