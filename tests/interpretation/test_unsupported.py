"""What Captum's unfit methods do, each against Captum called on the plain model."""

import copy
import re

import numpy as np
import pytest
import torch
from captum.attr import Deconvolution, DeepLift, GuidedBackprop
from torch import Tensor, nn
from torch.nn.functional import cosine_similarity

from complex_lstm.interpretation import ForwardFunction
from complex_lstm.interpretation.unsupported import cosine, unsupported_methods
from tests.interpretation.toys import CPU, Linear, forward_func_of, request_of
from tests.model.lively import random_windows, remembered, small_model

pytestmark = pytest.mark.filterwarnings("ignore:Setting forward, backward hooks", "ignore:Setting backward hooks on ReLU")

X = random_windows(1, 6, 4)


class Rectified(nn.Module):
    """Two ReLUs between two linear layers, which is what DeepLift was made for."""

    def __init__(self) -> None:
        super().__init__()
        self.hidden, self.relu, self.out = nn.Linear(2, 2), nn.ReLU(), nn.Linear(2, 1)

    def forward(self, x: Tensor, lengths: Tensor | None = None) -> Tensor:
        return self.out(self.relu(self.hidden(x.flatten(1))))


def measured(forward_func: ForwardFunction) -> dict[str, str]:
    return {one.label: one.measured for one in unsupported_methods(forward_func)}


def small_asked() -> ForwardFunction:
    return ForwardFunction(small_model(), request_of(X[0].tolist(), output=1), CPU)


def test_each_entry_says_what_it_promises_what_happened_and_why() -> None:
    entries = unsupported_methods(small_asked())

    assert [one.label for one in entries] == [
        "DeepLift",
        "Guided Backprop",
        "Deconvolution",
        "Layer-wise relevance propagation",
        "Layer methods on nn.LSTM",
    ]
    assert all(one.promise and one.measured and one.reason and one.source for one in entries)


def test_deep_lifts_sum_and_the_gap_are_those_of_the_plain_model() -> None:
    """The failure is DeepLift's and not our wrapper's: Captum on the model itself finds the same sum."""
    model = small_model()
    cells = DeepLift(copy.deepcopy(model)).attribute(X.clone().requires_grad_(), torch.zeros_like(X), target=1)
    with torch.no_grad():
        gap = float((model(X) - model(torch.zeros_like(X)))[0, 1])

    total, distance, off = (float(number) for number in re.findall(r"-?\d+\.?\d*(?:e-\d+)?", measured(small_asked())["DeepLift"]))

    assert total == pytest.approx(float(cells.detach().sum()), rel=0.01) and distance == pytest.approx(gap, rel=0.01)
    assert off > 10 and off == pytest.approx(100 * abs(total - distance) / abs(distance), rel=0.05)


def test_deep_lift_is_exact_where_it_has_rules_for_every_part() -> None:
    model = Rectified()
    with torch.no_grad():
        model.hidden.weight.copy_(torch.tensor([[1.0, 1.0], [1.0, -1.0]]))
        model.hidden.bias.copy_(torch.tensor([0.0, -1.0]))
        model.out.weight.copy_(torch.tensor([[2.0, 3.0]]))

    found = measured(forward_func_of(model, [[3.0, 1.0]]))

    assert found["DeepLift"] == "its cells sum to 11 where the gap is 11, 0% off"  # 2 * (3 + 1) + 3 * (3 - 1 - 1)


def test_deep_lift_does_not_depend_on_the_windows_beside() -> None:
    """True of this model, whose softmax is no module; so the panel does not say that it does."""
    model, others = small_model(), random_windows(5, 6, 4, seed=2)

    def cells(windows: Tensor) -> Tensor:
        return DeepLift(copy.deepcopy(model)).attribute(windows.clone().requires_grad_(), torch.zeros_like(windows), target=1)[0]

    assert torch.allclose(cells(torch.cat([X, others])), cells(X), rtol=1e-3, atol=1e-6)


@pytest.mark.parametrize(("label", "method"), [("Guided Backprop", GuidedBackprop), ("Deconvolution", Deconvolution)])
def test_relu_methods_are_compared_with_the_plain_gradient(label: str, method: type) -> None:
    model, x = small_model(), X.clone().requires_grad_()
    model(x)[0, 1].backward()
    changed = method(copy.deepcopy(model)).attribute(X.clone().requires_grad_(), target=1)

    expected = float(cosine_similarity(x.grad.flatten(), changed.detach().flatten(), dim=0))

    assert measured(small_asked())[label] == f"its map has a cosine of {expected:.2f} with the plain gradient"
    assert expected < 0.99


def test_where_nothing_is_outside_their_rules_all_of_them_run() -> None:
    found = measured(forward_func_of(Linear([[1.0, -2.0]]), [[3.0, 1.0]]))

    assert found["DeepLift"] == "its cells sum to 1 where the gap is 1, 0% off"
    assert found["Guided Backprop"] == found["Deconvolution"] == "its map has a cosine of 1.00 with the plain gradient"
    assert found["Layer methods on nn.LSTM"] == "this model has no LSTM"


def test_without_a_gap_no_share_of_it_is_told() -> None:
    assert measured(forward_func_of(Linear([[1.0, -2.0]]), [[2.0, 1.0]]))["DeepLift"] == "its cells sum to 0 where the gap is 0"


@pytest.mark.parametrize("blocks", [1, 4])
def test_lrp_fails_at_the_first_layer_norm_and_leaves_a_rule_behind(blocks: int) -> None:
    found = measured(ForwardFunction(small_model(num_lstm_layers=blocks), request_of(X[0].tolist()), CPU))

    failed = "it raises TypeError: Module of type LayerNorm has no rule defined"
    assert found["Layer-wise relevance propagation"] == f"{failed}, and leaves a rule behind on 1 module (input_proj.0)"


def test_layer_methods_fail_on_the_tuple_that_an_lstm_returns() -> None:
    assert measured(small_asked())["Layer methods on nn.LSTM"] == "it raises AttributeError: 'tuple' object has no attribute 'clone'"


def test_the_model_is_left_without_hooks_rules_and_gradients() -> None:
    forward_func = small_asked()
    before = remembered(forward_func.model)

    first, second = measured(forward_func), measured(forward_func)

    assert first == second and remembered(forward_func.model) == before
    assert not any(hasattr(part, "rule") for part in forward_func.model.modules())


def test_the_cosine_of_the_angle_between_two_maps() -> None:
    assert cosine(np.array([[3.0, 4.0]]), np.array([[6.0, 8.0]])) == pytest.approx(1)
    assert cosine(np.array([3.0, 4.0]), np.array([4.0, -3.0])) == 0
    assert cosine(np.array([3.0, 4.0]), np.array([0.0, -1.0])) == pytest.approx(-0.8)
    assert cosine(np.zeros(2), np.array([1.0, 1.0])) == 0
