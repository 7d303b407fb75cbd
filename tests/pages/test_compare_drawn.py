"""What Side by side draws, compared with the library's values of both sides: every view, for each kind of pair."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from streamlit.testing.v1 import AppTest
from torch import nn

from complex_lstm.interpretation import METHODS, ExplanationRequest, explain, make_request
from complex_lstm.interpretation.edits import Segment, Shift, in_units
from complex_lstm.interpretation.forward import IntervenedModel
from complex_lstm.interpretation.prediction_effects import ClassEffect, measure_effect
from complex_lstm.interpretation.requests import Baseline
from complex_lstm.interpretation.what_if import apply
from complex_lstm.model import Trace
from complex_lstm.model.interventions import SilenceHead
from complex_lstm.model.sites import Site
from complex_lstm.ui.compute import cache
from tests.pages.conftest import Show
from tests.pages.looking import drawn, finished, words

pytestmark = pytest.mark.long

PLANTED = {"data": "planted_order", "model": "planted_order", "stride": 500, "window": 600}
CONTROL = {"versus": "model", "other": "planted_order_shuffled"}
KEYS = ("planted_order", "planted_order", "", 500)
EDIT = Shift(Segment(10, 20, (0, 2)), 1.5)
CHOICES: dict[str, dict[str, object]] = {
    "window": {"versus": "window", "other": 601, "head": 2},
    "model": CONTROL | {"head": 2},
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
    """Return the library's traces of both sides."""
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
    truth = [np.concatenate([one.ensemble_head_outputs[0].numpy(), one.prediction.numpy()]) for one in both]
    found = np.stack([one["x"] for one in drawn(app, "compare_heads")]).reshape(3, *truth[0].shape)
    see(*found, truth)


def see_inside(app: AppTest, kind: str, *both: Trace) -> None:
    site = app.selectbox(key="compare_box").value  # the first that differs
    assert site == Site("attended", 0) if kind == "bench" else site == Site("projected", 0)
    see(*(one["z"] for one in drawn(app, "compare_inside")), [one.at(site)[0].numpy().T for one in both])


@pytest.mark.parametrize(("kind", "method", "baseline"), [
    ("window", "occlusion", "zero"), ("model", "input_x_gradient", ""), ("bench", "input_x_gradient", ""), ("edits", "", "window_mean"),
    ("bench", "attention_rollout", ""),
])  # fmt: skip
def test_importance_is_the_librarys_feature_by_feature_and_cell_by_cell(show: Show, kind: str, method: str, baseline: Baseline) -> None:
    app = finished(show("compare", **PLANTED, **CHOICES[kind], view="importance", method=method, baseline=baseline, target=1))

    truth = [explain(model, request, method or "occlusion") for model, request in requests_of(kind, baseline or "training_mean")]
    see(*(one["z"] for one in drawn(app, "compare_importance_cells")), [one.cells.T for one in truth])
    see(*(one["x"] for one in drawn(app, "compare_importance")), [one.features for one in truth])
    assert truth[0].baseline in words(app) and f"**method** {METHODS[truth[0].method].label}" in words(app)


def requests_of(kind: str, baseline: Baseline) -> list[tuple[nn.Module, ExplanationRequest]]:
    """Return the model and the request of both sides."""
    model, dataset = cache.checkpoint("planted_order").model, cache.dataset(*KEYS)
    request = make_request(dataset, 600, 1, baseline)
    after: dict[str, tuple[nn.Module, ExplanationRequest]] = {
        "window": (model, make_request(dataset, 601, 1, baseline)),
        "model": (cache.checkpoint("planted_order_shuffled").model, request),
        "bench": (IntervenedModel(model, [SilenceHead(0, 2)]), request),
        "edits": (model, replace(request, x=apply([EDIT], dataset, 600).x)),
    }
    return [(model, request), after[kind]]


@pytest.mark.parametrize(("kind", "key"), [("model", "compare_score_start"), ("bench", "bench_score_start")])
def test_all_windows_are_scored_on_both_sides_as_the_library_scores_them(show: Show, kind: str, key: str) -> None:
    app = show("compare", **PLANTED, **CHOICES[kind], view="score")

    app.button(key=key).click().run()

    effect = effect_of(kind)
    shown = {one.label: one for one in finished(app).metric}
    left, right = (one for label, one in shown.items() if label.startswith("accuracy"))
    assert (left.value, right.value) == (f"{effect.score_before:.4f}", f"{effect.score_after:.4f}") and left.value == "1.0000"
    assert right.delta == f"{effect.score_change.value:+.4f} ± {effect.score_change.error:.4f}"
    assert shown["mean change of the prediction"].value == f"{effect.mean_moved.value:.3g}" != "0"
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
