"""Components: every parameter in exactly one, their learning rates, and the norms of their gradients."""

import math

import pytest
import torch
from torch import nn

from complex_lstm import ComplexLSTMModel
from complex_lstm.config import TrainingConfig
from complex_lstm.errors import ConfigError
from complex_lstm.training import fit
from complex_lstm.training.gradients import COMPONENTS, components, gradient_norms, parameter_groups
from tests.model.lively import random_windows, small_model
from tests.training.planted import BY_SERIES, SMALL, planted_dataset
from tests.training.watching import Watcher

BY_COMPONENT = TrainingConfig(learning_rate=2e-3, component_rates=True)


@pytest.mark.parametrize("blocks", [1, 4])
def test_every_parameter_is_in_exactly_one_component_and_group(blocks: int) -> None:
    model = ComplexLSTMModel(hidden_dim=16, num_lstm_layers=blocks)
    everything = sorted(map(id, model.parameters()))

    for parted in (components(model).values(), [group["params"] for group in parameter_groups(model, BY_COMPONENT)]):
        assert sorted(id(value) for each in parted for value in each) == everything
    assert list(components(model)) == list(COMPONENTS)


def test_a_parameter_without_a_component_is_told() -> None:
    model = small_model()
    model.extra = nn.Linear(2, 2)

    with pytest.raises(ConfigError, match="The parameter extra.weight belongs to no component. Add 'extra' to COMPONENTS"):
        components(model)


def test_the_rates_are_those_of_the_document_and_the_rest_have_the_learning_rate() -> None:
    rates = {group["name"]: group["lr"] for group in parameter_groups(small_model(), BY_COMPONENT)}

    assert (rates.pop("input_proj"), rates.pop("lstm_blocks"), rates.pop("attention_layers")) == (1e-3, 1e-4, 1e-5)
    assert len(rates) == 6 and set(rates.values()) == {2e-3}


def test_in_a_run_the_rates_keep_their_ratios_at_every_step() -> None:
    config = TrainingConfig(epochs=2, batch_size=16, learning_rate=2e-3, component_rates=True)
    rates = Watcher(lambda module: [group["lr"] for group in module.optimizers().param_groups], each_step=True)

    fit(planted_dataset(), SMALL, BY_SERIES, config, callbacks=(rates,))

    assert len(rates.answers) == 4  # 28 windows in batches of 16, twice
    for by_component in rates.answers:
        shares = dict(zip(COMPONENTS, [rate / by_component[0] for rate in by_component], strict=True))
        assert shares["lstm_blocks"] == pytest.approx(0.1) and shares["attention_layers"] == pytest.approx(0.01)
        assert shares["output_heads"] == pytest.approx(2)


def test_a_norm_is_the_root_of_the_sum_of_squares() -> None:
    model = small_model()
    model(random_windows(2, 5, 4)).square().sum().backward()

    norms = gradient_norms(model)

    for name in COMPONENTS:
        squares = sum(float(value.grad.double().square().sum()) for key, value in model.named_parameters() if key.split(".")[0] == name)
        assert math.isclose(float(norms[name]), math.sqrt(squares), rel_tol=1e-5) and squares > 0


def test_a_component_without_a_gradient_has_norm_zero() -> None:
    assert torch.stack(list(gradient_norms(small_model()).values())).tolist() == [0.0] * 9
