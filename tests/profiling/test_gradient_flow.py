"""Gradients: by hand at the output, the same along every way, and the model is left alone."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
import torch
from torch.nn import functional

from complex_lstm import ComplexLSTMModel
from complex_lstm.data import Dataset, prepare_for, read_csv
from complex_lstm.errors import Stopped
from complex_lstm.interpretation import combiner_sensitivity
from complex_lstm.model import Checkpoint, load_checkpoint
from complex_lstm.model.sites import Site
from complex_lstm.profiling import Flow, gradient_flow, initial_flow, typical
from complex_lstm.profiling.gradient_flow import BlockGradients, truth_of
from complex_lstm.profiling.residuals import drop_residuals
from complex_lstm.samples import SAMPLES
from tests.model.lively import remembered, small_model

CPU = torch.device("cpu")
CHOSEN = np.array([3, 40, 41, 90, 200, 333, 500, 601, 638, 639])


@cache
def opened(sample: str) -> tuple[ComplexLSTMModel, Dataset]:
    checkpoint = load_checkpoint(SAMPLES[sample].checkpoint)
    assert isinstance(checkpoint, Checkpoint)
    window = replace(checkpoint.window, stride=24)
    return checkpoint.model, prepare_for(read_csv(SAMPLES[sample].csv), checkpoint.schema, window, checkpoint.scaling, checkpoint.split)


def lively(dataset: Dataset) -> ComplexLSTMModel:
    """A model that is sure of nothing, so that every gradient is far from zero."""
    return small_model(input_dim=len(dataset.schema.roles.features), output_dim=len(dataset.schema.outputs))


@cache
def followed() -> tuple[ComplexLSTMModel, Dataset, Flow]:
    dataset = opened("planted_order")[1]
    model = lively(dataset)
    return model, dataset, gradient_flow(model, dataset, CHOSEN)


def at(flow: Flow, name: str, number: int = 0) -> np.ndarray:
    return flow.norms[flow.sites.index(Site(name, number))]


def test_at_the_prediction_of_a_class_it_is_the_probabilities_less_the_truth() -> None:
    model, dataset, flow = followed()
    x, lengths = dataset.windows.inputs(CHOSEN), torch.from_numpy(dataset.windows.length[CHOSEN])
    said, outputs = model.ensemble_head_outputs(torch.from_numpy(x), lengths)
    truth = np.array([dataset.schema.classes.index(label) for label in dataset.windows.label[CHOSEN]])

    pull = torch.softmax(outputs, dim=1).numpy() - np.eye(3)[truth]

    assert at(flow, "prediction") == pytest.approx(np.linalg.norm(pull, axis=1), rel=1e-5)
    heads = [np.einsum("omi,o->mi", combiner_sensitivity(model, one.numpy()), back) for one, back in zip(said, pull, strict=True)]
    assert at(flow, "ensemble_head_outputs") == pytest.approx([np.linalg.norm(one) for one in heads], rel=1e-4)


def test_at_the_prediction_of_values_it_is_twice_the_mean_error() -> None:
    model, dataset = opened("nyc_weather")
    chosen = np.array([2, 30])
    outputs = model.ensemble_head_outputs(torch.from_numpy(dataset.windows.inputs(chosen)))[1]
    truth, known = truth_of(model, dataset, chosen, CPU)

    flow = gradient_flow(model, dataset, chosen)

    assert known.all() and flow.known.all()
    assert at(flow, "prediction") == pytest.approx((2 * (outputs - truth) / 3).norm(dim=1).numpy(), rel=1e-5)


def test_each_window_has_its_own_gradient_whatever_comes_beside_it() -> None:
    model, dataset, flow = followed()

    alone = [gradient_flow(model, dataset, CHOSEN[[place]]).norms[:, 0] for place in (0, 9)]

    assert np.allclose(flow.norms[:, [0, 9]].T, alone, rtol=1e-4)


def test_what_leaves_a_block_arrives_at_the_box_before_it() -> None:
    flow = followed()[2]
    blocks = {crossing.block: crossing for crossing in flow.blocks}
    before = {"Convolution stage 1": ("encoded", 0), "BiLSTM block 1": ("fused", 0), "BiLSTM block 2": ("lstm", 0),
              "Attention layer 1": ("lstm", 1), "BiLSTM block 3": ("attended", 0), "Attention layer 2": ("lstm", 3)}  # fmt: skip

    for block, site in before.items():
        assert blocks[block].leaving == pytest.approx(at(flow, *site), rel=1e-4), block
    assert blocks["Convolution stage 2"].arriving == pytest.approx(at(flow, "conv2"))
    assert (blocks["Convolution stage 2"].leaving < at(flow, "conv1")).any()  # the gate lets stage 1 pass by
    assert flow.across_blocks == pytest.approx(at(flow, "fused") / at(flow, "attended", 1), rel=1e-4)
    assert flow.kept == pytest.approx(at(flow, "projected") / at(flow, "attended", 1))


def test_an_attention_layers_residual_hands_on_what_arrives() -> None:
    crossing = next(one for one in followed()[2].blocks if one.block == "Attention layer 1")

    assert crossing.residual == pytest.approx(crossing.arriving)
    assert (crossing.leaving <= crossing.residual + crossing.layers + 1e-9).all()
    assert ((crossing.share > 0) & (crossing.share < 1)).all()


def test_through_layers_that_give_nothing_no_gradient_comes_back() -> None:
    dataset = followed()[1]
    model = lively(dataset)
    with torch.no_grad():
        model.lstm_blocks[1].output_proj.weight.zero_()

    flow = gradient_flow(model, dataset, CHOSEN[:2])

    crossing = next(one for one in flow.blocks if one.block == "BiLSTM block 2")
    assert crossing.layers.max() < 1e-6 * crossing.residual.min() and crossing.leaving == pytest.approx(crossing.residual)
    assert flow.by_layers_alone.max() < 1e-5


def test_the_gradient_in_the_weights_is_that_of_the_mean_loss() -> None:
    model, dataset, flow = followed()
    twin = lively(dataset)
    truth, _ = truth_of(model, dataset, CHOSEN, CPU)
    lengths = torch.from_numpy(dataset.windows.length[CHOSEN])
    functional.cross_entropy(twin(torch.from_numpy(dataset.windows.inputs(CHOSEN)), lengths), truth).backward()

    found = {one.part.label: one for one in flow.parts}

    block = list(twin.lstm_blocks[2].parameters())
    learning = found["BiLSTM block 3"]
    assert learning.gradient == pytest.approx(float(sum(value.grad.square().sum() for value in block)) ** 0.5, rel=1e-4)
    assert learning.weights == pytest.approx(float(sum(value.detach().square().sum() for value in block)) ** 0.5, rel=1e-5)
    assert learning.relative == pytest.approx(learning.gradient / learning.weights)


def test_a_layer_that_comes_too_late_learns_nothing() -> None:
    dataset = followed()[1]
    model = small_model(input_dim=9, output_dim=3, num_lstm_layers=1)

    flow = gradient_flow(model, dataset, CHOSEN[:1])

    assert [one.gradient for one in flow.parts if one.part.kind == "Attention layers"] == [0, 0]
    assert not any(crossing.block.startswith("Attention") for crossing in flow.blocks)


def test_where_the_truth_is_not_known_the_predicted_class_stands_in() -> None:
    model, dataset = opened("planted_order")
    label = dataset.windows.label.copy()
    label[CHOSEN[1]] = ""
    blanked = replace(dataset, windows=replace(dataset.windows, label=label))

    truth, known = truth_of(model, blanked, CHOSEN[:3], CPU)

    lengths = torch.from_numpy(dataset.windows.length[CHOSEN[:3]])
    said = model.ensemble_head_outputs(torch.from_numpy(dataset.windows.inputs(CHOSEN[:3])), lengths)[1].argmax(dim=1)
    assert known.tolist() == [True, False, True] and truth[1] == said[1]


def test_where_a_value_is_not_known_its_training_mean_stands_in() -> None:
    model, dataset = opened("nyc_weather")
    actual = dataset.windows.actual.copy()
    actual[5] = np.nan
    blanked = replace(dataset, windows=replace(dataset.windows, actual=actual))

    truth, known = truth_of(model, blanked, np.array([4, 5]), CPU)

    assert known.tolist() == [True, False] and truth[1].tolist() == [0, 0, 0] and truth[0].abs().sum() > 0


def test_windows_without_any_gradient_are_left_out_of_what_is_typical() -> None:
    flow = followed()[2]
    silent = replace(flow, norms=np.concatenate([0 * flow.norms[:, :1], flow.norms[:, 1:]], axis=1))

    assert np.isnan(silent.kept[0]) and typical(silent.kept) == pytest.approx(np.median(flow.kept[1:]))
    assert np.isnan(typical(np.array([np.nan])))


def test_the_model_is_left_as_it_was() -> None:
    model, dataset, _ = followed()
    before = remembered(model)

    gradient_flow(model, dataset, CHOSEN[:1])

    assert remembered(model) == before


def test_who_wants_to_stop_is_heard_between_two_batches() -> None:
    model, dataset, _ = followed()
    wishes = iter([False, True])

    with pytest.raises(Stopped, match="Stopped before all gradients were followed"):
        gradient_flow(model, dataset, CHOSEN, stop=wishes.__next__)


def test_where_no_gradient_arrives_its_shares_are_no_numbers_and_nobody_divides_by_zero() -> None:
    """A model that is sure of a window has no gradient there; a warning would be an error here."""
    arriving, passed = np.array([0.0, 2.0]), np.array([0.0, 1.0])
    crossing = BlockGradients("a block", arriving, residual=passed, layers=passed / 2, leaving=passed)

    assert typical(crossing.by_residual) == 0.5 and typical(crossing.by_layers) == 0.25
    assert np.isnan(crossing.by_residual[0]) and np.isnan(crossing.by_layers[0])


def test_a_model_without_residuals_gives_what_its_layers_alone_make() -> None:
    """By hand: the block is LayerNorm of the projected reading, without the input that it reads."""
    model = small_model().eval()
    h = torch.randn(2, 5, model.config.hidden_dim, generator=torch.Generator().manual_seed(0))
    block, attention = model.lstm_blocks[0], model.attention_layers[0]
    alone = block.layer_norm(block.output_proj(block.lstm(h)[0]))
    taken = attention(h)

    drop_residuals(model)

    assert torch.allclose(block(h), alone, atol=1e-5)
    assert torch.allclose(h + attention(h), taken, atol=1e-6)


def test_before_training_the_gradient_is_that_of_fresh_weights_and_far_smaller_without_residuals() -> None:
    model, dataset = opened("planted_order")
    state = torch.get_rng_state()

    found = initial_flow(model.config, dataset, CHOSEN, seed=0)
    other = initial_flow(model.config, dataset, CHOSEN, seed=1)

    assert torch.equal(state, torch.get_rng_state()), "and nobody else's random numbers have moved"
    assert (found.residual.windows == CHOSEN).all() and found.kept[0] > 0.1 and found.kept[1] < 0.01 * found.kept[0]
    assert found.kept[0] != other.kept[0]
