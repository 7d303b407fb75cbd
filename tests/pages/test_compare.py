"""Two windows, two checkpoints, or before and after, on every view."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from streamlit.dataframe_util import convert_arrow_bytes_to_pandas_df
from streamlit.testing.v1 import AppTest
from torch import nn

from complex_lstm.interpretation import METHODS, Question, explain, make_question
from complex_lstm.interpretation.edits import Segment, Shift, in_units
from complex_lstm.interpretation.effects import ClassEffect, measure_effect
from complex_lstm.interpretation.intervened import IntervenedModel
from complex_lstm.interpretation.questions import Baseline
from complex_lstm.interpretation.what_if import apply
from complex_lstm.model import Trace
from complex_lstm.model.boxes import Box
from complex_lstm.model.interventions import SilenceHead
from complex_lstm.ui import cache
from tests.pages.conftest import Show
from tests.pages.looking import drawn, finished, words
from tests.pages.test_bench import bars

PLANTED = {"data": "planted_order", "model": "planted_order", "stride": 500, "window": 600}
VOWELS = {"data": "japanese_vowels", "model": "japanese_vowels", "window": 3, "other": 5}  # of 20 and of 23 steps
VIEWS = ("", "series", "attention", "gate", "heads", "importance", "inside", "score")
TWIN = {"versus": "model", "other": "planted_order_shuffled"}
KEYS = ("planted_order", "planted_order", "", 500)
EDIT = Shift(Segment(10, 20, (0, 2)), 1.5)
CHOICES: dict[str, dict[str, object]] = {
    "window": {"versus": "window", "other": 601, "head": 2},
    "model": TWIN | {"head": 2},
    "bench": {"versus": "bench", "off": "head-0-2", "head": 2},
    "edits": {"versus": "edits", "edits": "shift_10_20_0.2_1.5", "head": 2},
}


@pytest.mark.parametrize("view", ["", "series", "attention", "gate", "heads", "inside"])
@pytest.mark.parametrize("kind", CHOICES)
def test_every_view_draws_both_traces_and_their_difference(show: Show, view: str, kind: str) -> None:
    app = show("compare", **PLANTED, view=view, **CHOICES[kind])

    assert not app.exception and not app.error and not app.warning
    {
        "": see_prediction, "series": see_series, "attention": see_attention, "gate": see_gate, "heads": see_heads, "inside": see_inside,
    }[view](app, kind, *traces(kind))  # fmt: skip


def traces(kind: str) -> tuple[Trace, Trace]:
    """Return what the library says of both sides."""
    model, x = cache.checkpoint("planted_order").model, inputs(600)
    after = {
        "window": lambda: model.trace(inputs(601)),
        "model": lambda: cache.checkpoint("planted_order_shuffled").model.trace(x),
        "bench": lambda: model.trace(x, interventions=(SilenceHead(0, 2),)),
        "edits": lambda: model.trace(torch.from_numpy(apply([EDIT], cache.dataset(*KEYS), 600).x)[None]),
    }
    return model.trace(x), after[kind]()


def inputs(number: int) -> torch.Tensor:
    return torch.from_numpy(cache.dataset(*KEYS).windows.inputs(np.array([number])))


def see(left: np.ndarray, right: np.ndarray, difference: np.ndarray, truth: list[np.ndarray]) -> None:
    """See both sides as they truly are, and their difference, which is not zero everywhere."""
    for one, expected in zip((left, right, difference), (*truth, truth[1] - truth[0]), strict=True):
        assert one.shape == expected.shape and np.allclose(one, expected, atol=2e-5)
    assert difference.any()


def see_prediction(app: AppTest, kind: str, *both: Trace) -> None:
    see(*(one["x"] for one in drawn(app, "compare_prediction")), [one.prediction[0].softmax(0).numpy() for one in both])


def see_series(app: AppTest, kind: str, *both: Trace) -> None:
    dataset = cache.dataset(*KEYS)
    before, other = in_units(dataset, 600), in_units(dataset, 601)
    lines = drawn(app, "compare_series")
    if kind in ("model", "bench"):  # one window
        assert np.allclose([one["y"] for one in lines[: before.shape[1]]], before.T, atol=1e-5)
        return
    after = other if kind == "window" else apply([EDIT], dataset, 600).after
    see(*(np.stack([one["y"] for one in lines[column::3]]) for column in range(3)), [before.T, after.T])


def see_attention(app: AppTest, kind: str, *both: Trace) -> None:
    see(*(one["z"] for one in drawn(app, "compare_attention")), [one.attention[0, 0, 2].numpy() for one in both])


def see_gate(app: AppTest, kind: str, *both: Trace) -> None:
    gates = [one.gate[0].numpy() for one in both]
    if kind == "bench":  # the gate comes before the head that is switched
        assert not drawn(app, "compare_gate_channels")[2]["z"].any() and np.allclose(
            gates[0].T, drawn(app, "compare_gate_channels")[1]["z"]
        )
        return
    see(*(one["z"] for one in drawn(app, "compare_gate_channels")), [gate.T for gate in gates])
    see(*(one["y"] for one in drawn(app, "compare_gate_mean")[:3]), [gate.mean(axis=1) for gate in gates])


def see_heads(app: AppTest, kind: str, *both: Trace) -> None:
    truth = [np.concatenate([one.head_outputs[0].numpy(), one.prediction.numpy()]) for one in both]
    found = np.stack([one["x"] for one in drawn(app, "compare_heads")]).reshape(3, *truth[0].shape)
    see(*found, truth)


def see_inside(app: AppTest, kind: str, *both: Trace) -> None:
    box = app.selectbox(key="compare_box").value  # the first that differs
    assert box == Box("attended", 0) if kind == "bench" else box == Box("projected", 0)
    see(*(one["z"] for one in drawn(app, "compare_inside")), [one.at(box)[0].numpy().T for one in both])


@pytest.mark.parametrize("view", VIEWS)
def test_windows_of_unequal_length_differ_over_the_steps_that_both_have(show: Show, view: str) -> None:
    app = finished(show("compare", **VOWELS, versus="window", view=view))

    assert not app.exception and not app.error
    assert view == "score" or "over the first 20 steps, which both have \\(20 and 23\\)" in words(app)


@pytest.mark.parametrize(("kind", "method", "baseline"), [
    ("window", "occlusion", "zero"), ("model", "input_x_gradient", ""), ("bench", "input_x_gradient", ""), ("edits", "", "window_mean"),
    ("bench", "attention_rollout", ""),
])  # fmt: skip
def test_importance_is_the_librarys_feature_by_feature_and_cell_by_cell(show: Show, kind: str, method: str, baseline: Baseline) -> None:
    app = finished(show("compare", **PLANTED, **CHOICES[kind], view="importance", method=method, baseline=baseline, target=1))

    truth = [explain(model, question, method or "occlusion") for model, question in asked(kind, baseline or "training_mean")]
    see(*(one["z"] for one in drawn(app, "compare_importance_cells")), [one.cells.T for one in truth])
    see(*(one["x"] for one in drawn(app, "compare_importance")), [one.features for one in truth])
    assert truth[0].baseline in words(app) and f"**method** {METHODS[truth[0].method].label}" in words(app)


def asked(kind: str, baseline: Baseline) -> list[tuple[nn.Module, Question]]:
    """Return the model and the question of both sides."""
    model, dataset = cache.checkpoint("planted_order").model, cache.dataset(*KEYS)
    question = make_question(dataset, 600, 1, baseline)
    after: dict[str, tuple[nn.Module, Question]] = {
        "window": (model, make_question(dataset, 601, 1, baseline)),
        "model": (cache.checkpoint("planted_order_shuffled").model, question),
        "bench": (IntervenedModel(model, [SilenceHead(0, 2)]), question),
        "edits": (model, replace(question, x=apply([EDIT], dataset, 600).x)),
    }
    return [(model, question), after[kind]]


def test_the_method_and_the_baseline_of_both_sides_stand_in_the_link(show: Show) -> None:
    app = show("compare", **PLANTED, **CHOICES["window"], view="importance", method="saliency")

    app.selectbox(key="compare_baseline").set_value("zero").run()
    app.selectbox(key="compare_method").set_value("input_x_gradient").run()
    app.segmented_control(key="compare_scale").set_value("probability").run()

    assert {name: app.query_params[name] for name in ("baseline", "method", "scale")} == {
        "baseline": "zero", "method": "input_x_gradient", "scale": "probability",
    }  # fmt: skip
    assert "probability of" in words(finished(app)) and app.selectbox(key="compare_method").value == "input_x_gradient"
    app.switch_page("../../pages/what_if.py").run()
    assert app.selectbox(key="what_if_method").value == "input_x_gradient"


def test_explanations_of_two_sides_can_be_stopped_and_gone_on_with(show: Show) -> None:
    shoulder = {"data": "shoulder_exercises", "model": "shoulder_exercises", "stride": 500, "window": 3, "view": "importance"}
    app = show("compare", **shoulder, method="consensus")

    app.button(key="compare_stop").click().run()

    assert "Stopped before the explanations were there" in words(finished(app))
    app.button(key="compare_go_on").click().run()
    app.button(key="compare_stop").click().run()
    assert not app.exception


def test_the_attention_head_that_is_shown_first_is_one_that_differs(show: Show) -> None:
    """With head 3 of layer 2 silent the view once began with head 1 of layer 1, where nothing differs."""
    app = show("compare", **PLANTED, versus="bench", off="head-1-2", view="attention")

    assert (app.segmented_control(key="compare_layer").value, app.segmented_control(key="compare_head").value) == (1, 2)
    app.segmented_control(key="compare_head").set_value(5).run()
    assert (app.query_params["layer"], app.query_params["head"]) == ("1", "5")


def test_predicted_values_have_the_digits_of_their_unit(show: Show) -> None:
    """1010.9 stood above 58.604 in one column."""
    app = show("compare", data="nyc_weather", model="nyc_weather", stride=500, window=3, versus="window")

    shown = convert_arrow_bytes_to_pandas_df(app.dataframe[0].proto.arrow_data.styler.display_values)

    for row, places in enumerate((2, 2, 3)):
        assert [len(cell.split(".")[1]) for cell in shown.iloc[row, 2:5]] == [places] * 3
        assert shown.iloc[row, 4][0] in "+-" and shown.iloc[row, 2][0] not in "+-"


def test_every_view_of_an_edited_window_is_reached_from_what_if(show: Show) -> None:
    app = show("what_if", **PLANTED, edits="shift_10_20_0.2_1.5")

    app.button(key="what_if_compare").click().run()

    assert [one.value for one in app.title] == ["Side by side"] and not app.exception
    assert "**Edited:** shifted by 1.5" in words(app) and app.query_params["versus"] == "edits"
    assert app.query_params["edits"] == "shift_10_20_0.2_1.5"
    assert drawn(app, "compare_prediction")[1]["x"] == pytest.approx(traces("edits")[1].prediction[0].softmax(0).numpy(), abs=1e-6)


def test_an_edited_forecast_is_the_one_that_what_if_shows(show: Show) -> None:
    """A model that forecasts a change adds it to the last value, which an edit can move."""
    weather = {"data": "nyc_weather", "model": "nyc_weather", "stride": 500, "window": 3, "edits": "shift_40_47_0_10"}
    shown = {one.label: float(one.value.split()[0].replace(",", "")) for one in show("what_if", **weather).metric}

    table = show("compare", **weather, versus="edits").dataframe[0].value

    assert table["right"].tolist() == pytest.approx([shown[name] for name in table["target"]], rel=1e-3)
    assert table["difference"][0] == pytest.approx(table["right"][0] - table["left"][0]) and abs(table["difference"][0]) > 5


def test_a_window_without_edits_says_so(show: Show) -> None:
    app = show("compare", **PLANTED, versus="edits")

    assert "is not edited" in app.info[0].value and not any(bars(app, "compare_prediction")[2])
    app.segmented_control(key="compare_view").set_value("score").run()
    assert "of this window alone" in app.info[1].value and not app.exception


@pytest.mark.parametrize(("kind", "key"), [("model", "compare_score_start"), ("bench", "bench_score_start")])
def test_all_windows_are_scored_on_both_sides_as_the_library_scores_them(show: Show, kind: str, key: str) -> None:
    app = show("compare", **PLANTED, **CHOICES[kind], view="score")

    app.button(key=key).click().run()

    effect = effect_of(kind)
    shown = {one.label: one for one in finished(app).metric}
    left, right = (one for label, one in shown.items() if label.startswith("accuracy"))
    assert (left.value, right.value) == (f"{effect.score_before:.4f}", f"{effect.score_after:.4f}") and left.value == "1.0000"
    assert right.delta == f"{effect.score_change:+.4f} ± {effect.score_change_error:.4f}"
    assert shown["mean change of the prediction"].value == f"{effect.mean_moved:.3g}" != "0"
    assert shown["windows with another class"].value == f"{effect.share_flipped:.1%}"


def effect_of(kind: str) -> ClassEffect:
    """Return what the right side does to the predictions of the test part."""
    model, dataset = cache.checkpoint("planted_order").model, cache.dataset(*KEYS)
    chosen = dataset.windows.of_part("test")
    other = cache.checkpoint("planted_order_shuffled").model if kind == "model" else IntervenedModel(model, [SilenceHead(0, 2)])
    x = torch.from_numpy(dataset.windows.inputs(chosen))
    with torch.no_grad():
        before, after = (one(x).numpy() for one in (model, other))
    effect = measure_effect(dataset, chosen, before, after)
    assert isinstance(effect, ClassEffect)
    return effect


def test_two_windows_have_no_score(show: Show) -> None:
    assert "see the Predict page" in words(show("compare", **PLANTED, **CHOICES["window"], view="score"))


def test_models_of_other_outputs_have_no_difference_in_them(show: Show) -> None:
    app = show("compare", **PLANTED, versus="model", other="planted_shape")

    assert not app.exception and "predict different things" in app.info[0].value


def test_the_bench_with_nothing_switched_says_so(show: Show) -> None:
    app = show("compare", **PLANTED, versus="bench")

    assert "both sides are the same" in app.info[0].value and not any(bars(app, "compare_prediction")[2])


def test_a_file_that_no_other_checkpoint_fits_says_what_to_do(show: Show) -> None:
    app = show("compare", data="shoulder_exercises", model="shoulder_exercises", versus="model")

    assert not app.exception and app.info[0].value.startswith("No other checkpoint fits this file")


def test_choices_stand_in_the_link_and_nonsense_there_is_harmless(show: Show) -> None:
    app = show("compare", **PLANTED, versus="zzz", other="zzz", view="zzz")
    assert not app.exception and not app.error

    app.number_input(key="compare_window").set_value(7).run()
    app.segmented_control(key="compare_view").set_value("gate").run()

    assert app.query_params["other"] == "7" and app.query_params["view"] == "gate"
