"""Sizes: what is counted on a model without numbers is what real models have."""

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from complex_lstm import ComplexLSTMModel
from complex_lstm.config import ModelConfig
from complex_lstm.model.sites import forward_order
from complex_lstm.profiling import activation_bytes, count_size, multiply_adds, parts_of, stated_power
from complex_lstm.profiling.counting import STATED_BILSTM_PARAMETERS, STATED_MEMORY, STATED_PARAMETERS

CONFIGS = (
    ModelConfig(4, 16, 1, 4, 2),
    ModelConfig(7, 20, 3, 5, 4, kernels=((1, 3, 11), (5, 5, 5))),
    ModelConfig(3, 32, 6, 8, 1),
)


def real(config: ModelConfig) -> ComplexLSTMModel:
    with torch.random.fork_rng():
        return ComplexLSTMModel(**vars(config)).eval()


def test_the_document_says_2_8_million_and_2_megabytes_and_13_million_are_counted() -> None:
    size = count_size(ModelConfig())

    assert (STATED_PARAMETERS, STATED_BILSTM_PARAMETERS, STATED_MEMORY) == (2_800_000, 1_500_000, 2_000_000)
    assert size.parameters == 13_234_957
    assert {kind: size.of_kind(kind) for kind in ("Input projection", "Convolutions", "Fusion gate", "BiLSTM blocks")} == {
        "Input projection": 3_072,
        "Convolutions": 395_264 + 439_296,
        "Fusion gate": 131_328,
        "BiLSTM blocks": 11_045_888,
    }
    assert (size.of_kind("Attention layers"), size.of_kind("Ensemble")) == (526_336, 690_441 + 3_331 + 1)


@pytest.mark.parametrize("config", CONFIGS)
def test_every_parameter_is_counted_once(config: ModelConfig) -> None:
    model, size = real(config), count_size(config)

    assert size.parameters == sum(value.numel() for value in model.parameters())
    for number, block in enumerate(model.lstm_blocks, 1):
        counted = next(one.parameters for one in size.parts if one.part.label == f"BiLSTM block {number}")
        assert counted == sum(value.numel() for value in block.parameters())
    assert size.weights == sum(value.numel() * value.element_size() for value in [*model.parameters(), *model.buffers()])
    assert size.training - size.weights == 3 * 4 * size.parameters  # a gradient and two moments


@pytest.mark.parametrize("config", CONFIGS)
def test_every_box_of_a_walk_is_made_by_one_part_and_in_its_order(config: ModelConfig) -> None:
    sites = [site for part in parts_of(config) for site in part.sites]

    assert tuple(sites) == forward_order(config.num_lstm_layers)


def test_a_model_of_billions_is_counted_without_its_memory() -> None:
    hidden = 8192

    size = count_size(ModelConfig(hidden_dim=hidden))

    assert size.of_kind("BiLSTM blocks") == 4 * (42 * hidden**2 + 35 * hidden)  # 54 GB, were it there


def test_counting_draws_no_random_number() -> None:
    before = torch.get_rng_state()

    count_size(ModelConfig())

    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize("config", CONFIGS)
def test_the_values_take_what_a_trace_of_them_takes(config: ModelConfig) -> None:
    trace = real(config).trace(torch.zeros(2, 11, config.input_dim))

    kept = [trace.attention] if config.num_lstm_layers > 1 else []
    kept += [trace.at(site) for site in trace.sites if site.name != "attention"]

    assert activation_bytes(config, batch=2, time=11) == sum(4 * one.numel() for one in kept)


@pytest.mark.parametrize("config", CONFIGS)
def test_the_products_are_those_that_torch_counts_and_one_for_each_weight_of_an_lstm_and_step(config: ModelConfig) -> None:
    model, batch, time = real(config), 2, 11
    with FlopCounterMode(display=False) as counter:
        model.trace(torch.zeros(batch, time, config.input_dim))
    in_lstms = sum(value.numel() for name, value in model.named_parameters() if ".lstm.weight" in name)

    counted = sum(multiply_adds(config, part, batch=batch, time=time) for part in parts_of(config))

    # torch counts a product and its sum as two, and none of what runs within an LSTM
    assert counted == counter.get_total_flops() // 2 + batch * time * in_lstms


def test_only_what_the_document_orders_has_an_order() -> None:
    assert [stated_power("BiLSTM blocks", axis) for axis in ("time", "hidden", "batch")] == [1, 2, 1]
    assert [stated_power("Convolutions", axis) for axis in ("time", "hidden", "batch")] == [1, 1, 1]
    assert [stated_power("Attention layers", axis) for axis in ("time", "hidden", "batch")] == [2, 1, 1]
    assert stated_power("Fusion gate", "time") is None and stated_power("The whole", "hidden") is None
