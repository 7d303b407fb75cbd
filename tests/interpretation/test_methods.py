"""The one way to ask any method, on models solved by hand."""

import numpy as np
import pytest
import torch

from complex_lstm.errors import ExplanationError
from complex_lstm.interpretation import DEFAULTS, METHODS, CompleteAttribution, UnsignedAttribution, explain
from tests.interpretation.toys import TRIED, Largest, Linear, Product, request_of
from tests.model.lively import random_windows, small_model

X = [[1.0, 1.0], [2.0, 3.0]]
ON_TOYS = [name for name in METHODS if name != "attention_rollout"]
IN_UNITS = [name for name, method in METHODS.items() if method.signed]
COMPLETE = ["shapley", "segment_shapley", "integrated_gradients", "gradient_shap"]

# what each makes of the product of 3 and 4, and of the larger of 5 and 3
SOLVED = {
    "ablation": ([12, 12], [2, 0]),
    "occlusion": ([12, 12], [2, 0]),
    "shapley": ([6, 6], [3.5, 1.5]),
    "segment_shapley": ([6, 6], [3.5, 1.5]),
    "integrated_gradients": ([6, 6], [5, 0]),
    "gradient_shap": ([6, 6], [2.5, 0]),
    "temporal_saliency_rescaling": ([7 * 3, 7 * 4], [1 * 2, 0]),
    "input_x_gradient": ([12, 12], [5, 0]),
    "saliency": ([4, 3], [1, 0]),
    "smoothgrad": ([4, 3], [1, 0]),
}
SAMPLED = {"gradient_shap": 1.25, "smoothgrad": 0.11}  # four standard errors: 12 / sqrt(12 * 128) and 0.15 / sqrt(32)


@pytest.mark.parametrize("method", SOLVED)
def test_a_product_and_a_largest_cell_by_hand(method: str) -> None:
    product, largest = SOLVED[method]
    draws, within = [[[0.0, 0.0]], [[5.0, 3.0]]], SAMPLED.get(method, 1e-3)  # the draws' middle is half of the window

    assert explain(Product(), request_of([[3.0, 4.0]]), method).features == pytest.approx(product, abs=within)
    assert explain(Largest(), request_of([[5.0, 3.0]], draws=draws), method).features == pytest.approx(
        largest, abs=SAMPLED.get(method, 1e-3)
    )


@pytest.mark.parametrize("method", IN_UNITS)
def test_a_linear_models_features_are_weight_times_distance(method: str) -> None:
    answer = explain(Linear([[1.0, -5.0], [1.0, -5.0]]), request_of(X), method)

    assert answer.method == method and answer.cells.shape == (2, 2)
    assert answer.features == pytest.approx([3, -20], rel=0.05)
    assert answer.device == "CPU, 1 thread" and answer.seconds > 0


@pytest.mark.parametrize("method", SOLVED)
def test_the_windows_that_went_through_the_model_are_counted(method: str) -> None:
    model = Linear([[1.0, 2.0], [3.0, 4.0]])

    answer = explain(model, request_of(X, draws=[X, X, X]), method)

    by_hand = {
        "ablation": 1 + 4 + (1 + 2),  # cells, then columns, each beside the intact window
        "occlusion": 1 + 4,
        "shapley": 4 + 8 * (1 + 4),  # coalitions, and eight orders of two stretches of two features
        "segment_shapley": 16 * (1 + 2),  # sixteen orders of two features, each one segment
        "integrated_gradients": 32 + 2,  # both ends give the gap
        "gradient_shap": 128 + 1 + 3,
        "temporal_saliency_rescaling": 1 + 2 + 2 * 2,  # nothing changes, so that both steps are looked into
        "input_x_gradient": 1,
        "saliency": 1,
        "smoothgrad": 32,
    }
    assert answer.evaluations == model.seen - TRIED == by_hand[method]


def test_a_method_made_of_others_counts_their_windows_too() -> None:
    model = Linear([[1.0, 2.0], [3.0, 4.0]])

    answer = explain(model, request_of(X, draws=[X, X, X]), "consensus")

    maps = 3 * (1 + 4) + (4 + 8 * 5) + (32 + 2) + (128 + 1 + 3)  # occlusion at three lengths, Shapley, and two of gradients
    assert answer.evaluations == model.seen - TRIED > maps


@pytest.mark.parametrize(
    "method", ["ablation", "occlusion", "shapley", "segment_shapley", "integrated_gradients", "temporal_saliency_rescaling"]
)
def test_every_baseline_is_asked(method: str) -> None:
    once, twice = Linear([[1.0, 2.0], [3.0, 4.0]]), Linear([[1.0, 2.0], [3.0, 4.0]])
    zeros, ones = np.zeros((2, 2)).tolist(), np.ones((2, 2)).tolist()

    explain(once, request_of(X), method)
    answer = explain(twice, request_of(X, baselines=[zeros, ones]), method)

    counted = once.seen - TRIED
    expected = {  # windows that need no baseline are asked for once
        "ablation": 2 * counted - 1,
        "occlusion": 2 * counted - 1,
        "shapley": 2 * counted,
        "segment_shapley": 2 * counted,
        "integrated_gradients": 2 * counted - 1,
        "temporal_saliency_rescaling": counted,  # it averages the baselines, not the outputs
    }
    assert answer.evaluations == twice.seen - TRIED == expected[method]


@pytest.mark.parametrize("method", COMPLETE)
def test_the_complete_methods_tell_the_gap_that_their_features_sum_to(method: str) -> None:
    x, draws = random_windows(6, 4, seed=3).tolist(), random_windows(8, 6, 4, seed=2).tolist()
    model, within = small_model(), {"shapley": 1e-4, "segment_shapley": 1e-4, "integrated_gradients": 0.02, "gradient_shap": 0.5}

    found = explain(model, request_of(x, draws=draws), method).attribution

    with torch.no_grad():
        beside = torch.tensor(draws if method == "gradient_shap" else np.zeros((1, 6, 4)).tolist())
        expected = float(model(torch.tensor([x]))[0, 0] - model(beside)[:, 0].mean())
    assert isinstance(found, CompleteAttribution) and found.gap == pytest.approx(expected, abs=1e-5)
    assert found.completeness_error < within[method]
    assert found.features.sum() == pytest.approx(found.cells.sum())


@pytest.mark.parametrize("method", ["ablation", "occlusion", *COMPLETE])
def test_a_probability_is_explained_in_probability(method: str) -> None:
    third = float(np.log(3) / 9)  # the outputs are s and 10 s: the first one's probability is 1 / (1 + e^9s), here 1/4

    answer = explain(Linear([[1.0]]), request_of([[third]], as_probability=True), method)

    assert answer.features == pytest.approx([1 / 4 - 1 / 2], rel=0.15 if method == "gradient_shap" else 0.01)
    if isinstance(answer.attribution, CompleteAttribution):
        assert answer.attribution.gap == pytest.approx(1 / 4 - 1 / 2)


@pytest.mark.long
@pytest.mark.parametrize("method", ON_TOYS)
def test_an_answer_is_in_the_unit_of_the_question(method: str) -> None:
    model, x = small_model(), random_windows(6, 4, seed=3).tolist()

    whole, half = (explain(model, request_of(x, unit=unit), method).cells for unit in (1.0, 0.5))

    power = {"temporal_saliency_rescaling": 2, "consensus": 0, "learned_mask": 0}.get(method, 1)  # a step's change times a cell's; shares
    assert half == pytest.approx(whole / 2**power, abs=1e-5)


@pytest.mark.parametrize(
    ("method", "name"),
    [("ablation", "toys"), ("shapley", "toys"), ("gradient_shap", "3 training windows"),
     ("input_x_gradient", "the training mean of each feature"), ("saliency", "none")],
)  # fmt: skip
def test_an_answer_carries_the_name_of_what_it_was_measured_against(method: str, name: str) -> None:
    assert explain(Linear(X), request_of(X, draws=[X, X, X]), method).baseline == name


def test_an_unknown_method_is_told_with_the_known_ones() -> None:
    words = "There is no method 'lrp'; choose one of ablation, occlusion, .*, consensus."

    with pytest.raises(ExplanationError, match=words):
        explain(Linear(X), request_of(X), "lrp")


def test_every_method_says_what_it_does_where_it_misleads_and_whose_it_is() -> None:
    texts = [text for one in METHODS.values() for text in (one.label, one.sentence, one.misleads, one.source)]

    assert all(texts) and not any(text.endswith(".") for text in texts)
    assert len({one.label for one in METHODS.values()}) == len(METHODS)
    assert set(DEFAULTS) <= set(METHODS)


@pytest.mark.long
def test_methods_without_a_sign_give_no_negative_numbers() -> None:
    model, request = small_model(), request_of(random_windows(6, 4, seed=3).tolist())

    found = {name: explain(model, request, name).attribution for name in METHODS}

    unsigned = {name for name, method in METHODS.items() if not method.signed}
    assert {name for name, one in found.items() if one.cells.min() >= 0} == unsigned
    assert {name for name, one in found.items() if isinstance(one, UnsignedAttribution)} == unsigned
