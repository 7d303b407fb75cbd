"""Weights made random from the output down, and the first step's spike."""

import itertools

import numpy as np
import pytest
import torch
from scipy.stats import spearmanr
from torch import Tensor, nn

from complex_lstm.errors import Stopped
from complex_lstm.interpretation import ForwardFunction
from complex_lstm.interpretation.sanity import first_step_spike, randomised, weight_cascade
from tests.interpretation.toys import CPU, Linear, forward_func_of, request_of
from tests.model.lively import random_windows, remembered, small_model

X = [[1.0, -2.0], [4.0, 3.0], [0.5, 6.0]]
BELOW = ["fusion_gate", "temp_conv2", "temp_conv1", "input_proj"]


class Weighed(nn.Module):
    """One linear layer over all cells."""

    def __init__(self, *weight: float) -> None:
        super().__init__()
        self.layer = nn.Linear(len(weight), 1, bias=False)
        self.layer.weight = nn.Parameter(torch.tensor([weight]))

    def forward(self, x: Tensor, lengths: Tensor | None = None) -> Tensor:
        return self.layer(x.flatten(1))


class ScaledSquares(nn.Module):
    """A learned multiple of the sum of squares: where the gradient is large depends on the input alone."""

    def __init__(self) -> None:
        super().__init__()
        self.factor = nn.Linear(1, 1)

    def forward(self, x: Tensor, lengths: Tensor | None = None) -> Tensor:
        return self.factor(x.square().sum((1, 2))[:, None])


def small_asked(**sizes: int) -> ForwardFunction:
    return ForwardFunction(small_model(**sizes), request_of(random_windows(1, 6, 4)[0].tolist()), CPU)


@pytest.mark.parametrize(
    ("blocks", "between"),
    [
        (1, ["lstm_blocks.0"]),
        (3, ["lstm_blocks.2", "attention_layers.0", "lstm_blocks.1", "lstm_blocks.0"]),
        (4, ["attention_layers.1", "lstm_blocks.3", "lstm_blocks.2", "attention_layers.0", "lstm_blocks.1", "lstm_blocks.0"]),
    ],
)
def test_parts_in_use_become_random_from_the_output_down(blocks: int, between: list[str]) -> None:
    names = [name for name, _ in randomised(small_asked(num_lstm_layers=blocks))]

    assert names == ["ensemble_combiner", "output_heads", *between, *BELOW]


def test_each_part_becomes_random_after_those_above_it_and_no_other() -> None:
    forward_func = small_asked()
    trained, above = forward_func.model.state_dict(), ()

    for name, random in randomised(forward_func):
        above = (*above, f"{name}.")
        changed = {key for key, value in random.model.state_dict().items() if not torch.equal(value, trained[key])}
        reached = {key for key in trained if key.startswith(above) and not key.endswith("num_batches_tracked")}
        assert changed == reached


def test_parts_of_the_same_shape_do_not_become_equal() -> None:
    """Each part was drawn with the same seed, so that all BiLSTM blocks became one."""
    *_, (_, random) = randomised(small_asked())

    first, second = (random.model.lstm_blocks[number].output_proj.weight for number in (0, 1))
    assert not torch.equal(first, second)


def test_a_seed_gives_the_same_weights_and_another_seed_others() -> None:
    forward_func = small_asked()

    outputs = [[float(random.outputs(random.x)[0]) for _, random in randomised(forward_func, seed)] for seed in (0, 0, 1)]

    assert outputs[0] == outputs[1] != outputs[2]


def test_the_likeness_is_the_rank_correlation_with_the_random_layers_map() -> None:
    weight = [1.0, -2.0, 3.0, 4.0, -5.0, 6.0]
    with torch.random.fork_rng():
        torch.manual_seed(0)
        drawn = nn.Linear(6, 1, bias=False).weight[0].tolist()

    found = weight_cascade(forward_func_of(Weighed(*weight), X), "saliency")

    assert found.parts == ("layer",)
    assert found.likeness == pytest.approx([spearmanr(np.abs(weight), np.abs(drawn)).statistic])


def test_a_map_of_the_input_alone_stays_as_it_is() -> None:
    assert weight_cascade(forward_func_of(ScaledSquares(), X), "saliency").likeness == pytest.approx([1])


def test_a_map_that_is_the_same_everywhere_is_like_none() -> None:
    assert np.isnan(weight_cascade(forward_func_of(Weighed(*[1.0] * 6), X), "saliency").likeness).all()


def test_a_model_without_parts_has_an_empty_cascade() -> None:
    found = weight_cascade(forward_func_of(Linear(X), X), "saliency")

    assert found.parts == () and found.likeness.tolist() == []


def test_the_cascade_leaves_the_model_and_the_random_state_alone_and_repeats() -> None:
    forward_func = small_asked()
    before, state = remembered(forward_func.model), torch.get_rng_state()

    first, second = (weight_cascade(forward_func, "input_x_gradient") for _ in range(2))

    assert np.array_equal(first.likeness, second.likeness) and len(first.likeness) == 12
    assert first.likeness[-1] < 0.9  # nothing trained is left
    assert remembered(forward_func.model) == before and torch.equal(torch.get_rng_state(), state)


def test_the_cascade_stops_when_told() -> None:
    counter = itertools.count()
    forward_func = ForwardFunction(small_model(), request_of(random_windows(1, 6, 4)[0].tolist()), CPU, stop=lambda: next(counter) >= 3)

    with pytest.raises(Stopped):
        weight_cascade(forward_func, "saliency")


@pytest.mark.parametrize(
    ("cells", "spike"),
    [
        ([[6, 0], [1, 0], [0, -2], [1, 2]], 3.0),  # 6 against 1, 2, 3
        ([[1, -5], [0, 0], [0, 0], [0, 0], [2, 0]], 3.0),  # steps of zero are left out
        ([[0, 0], [1, 1], [2, 0]], 0.0),
        ([[3, 0], [0, 0]], np.inf),
        ([[0, 0], [0, 0]], 0.0),
        ([[3, 0]], 1.0),  # its own median
    ],
)
def test_the_spike_is_the_first_step_against_the_median_of_the_others(cells: list[list[float]], spike: float) -> None:
    assert first_step_spike(np.array(cells, dtype=float)) == spike
