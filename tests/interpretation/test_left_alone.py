"""What every method must leave as it was: the model, the random numbers, cuDNN, gradients; also when it fails or is stopped."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import nn

from complex_lstm.errors import Stopped, never_stop
from complex_lstm.interpretation import METHODS, ForwardFunction, conductance, explain
from tests.interpretation.toys import CPU, request_of
from tests.model.lively import random_windows, remembered, small_model

METHOD_NAMES = [name if name != "consensus" else pytest.param(name, marks=pytest.mark.long) for name in METHODS]  # it runs six others
EVERY = [*METHOD_NAMES, "conductance"]


def run(model: nn.Module, name: str, *, output: int = 0, stop: Callable[[], bool] = never_stop) -> None:
    x, draws = random_windows(12, 4, seed=2).tolist(), random_windows(8, 12, 4, seed=4).tolist()
    forward_func = ForwardFunction(model, request_of(x, draws=draws, output=output), CPU, stop)
    forward_func.batch = 16  # so that there is a half way
    (conductance if name == "conductance" else METHODS[name].run)(forward_func)


def surroundings() -> tuple[object, ...]:
    """Return torch's and numpy's random states and switches; Python's own are drawn from by the shape checks."""
    states = torch.get_rng_state().tolist(), np.random.get_state()[1].tolist()
    return *states, torch.backends.cudnn.enabled, torch.is_grad_enabled()


@pytest.fixture
def model() -> nn.Module:
    """A model beside random states that no seeding of ours leaves behind."""
    model = small_model()
    torch.manual_seed(71)
    np.random.seed(72)
    return model


@pytest.mark.long
@pytest.mark.parametrize("name", EVERY)
def test_explaining_leaves_all_as_it_was(model: nn.Module, name: str) -> None:
    before, around = remembered(model), surroundings()

    run(model, name)

    assert remembered(model) == before
    assert surroundings() == around


@pytest.mark.parametrize("name", [name for name in EVERY if name != "attention_rollout"])  # which knows no output
def test_a_failure_leaves_all_as_it_was(model: nn.Module, name: str) -> None:
    before, around = remembered(model), surroundings()

    with pytest.raises(IndexError):
        run(model, name, output=99)

    assert remembered(model) == before
    assert surroundings() == around
    run(model, "gradient_shap")  # the locks are free again


@pytest.mark.long
@pytest.mark.parametrize("name", EVERY)
def test_stopping_half_way_leaves_all_as_it_was(model: nn.Module, name: str) -> None:
    forward_func: list[int] = []
    run(model, name, stop=lambda: bool(forward_func.append(1)))
    half = len(forward_func) // 2
    before, around = remembered(model), surroundings()

    forward_func.clear()
    with pytest.raises(Stopped):
        run(model, name, stop=lambda: bool(forward_func.append(1)) or len(forward_func) > half)

    assert len(forward_func) == half + 1  # it stopped there and asked no more
    assert remembered(model) == before
    assert surroundings() == around
    run(model, "gradient_shap")


@pytest.mark.long
@pytest.mark.parametrize("name", METHOD_NAMES)
def test_explaining_twice_says_the_same(model: nn.Module, name: str) -> None:
    request = request_of(random_windows(6, 4, seed=3).tolist(), draws=random_windows(3, 6, 4).tolist())

    first, second = (explain(model, request, name) for _ in range(2))

    assert np.array_equal(first.cells, second.cells) and first.evaluations == second.evaluations


@pytest.mark.parametrize("name", METHOD_NAMES)
def test_the_question_is_left_as_it_was(model: nn.Module, name: str) -> None:
    request = request_of(random_windows(6, 4, seed=3).tolist(), draws=random_windows(3, 6, 4).tolist())
    before = [values.copy() for values in (request.x, request.baselines, request.draws)]

    explain(model, request, name)

    assert all(map(np.array_equal, before, (request.x, request.baselines, request.draws)))
