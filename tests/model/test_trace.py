"""The trace is the forward pass, and looking changes nothing."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import FrozenInstanceError

import pytest
import torch

from complex_lstm import ComplexLSTMModel, load_checkpoint
from complex_lstm.errors import InterventionError, ShapeError
from complex_lstm.model.sites import Site
from tests.conftest import SAMPLE_DATA
from tests.model.lively import random_windows, remembered, small_model


@pytest.mark.parametrize("lengths", [None, [9, 4, 1]])
@torch.no_grad()
def test_the_traced_prediction_is_the_forward_pass(lengths: list[int] | None) -> None:
    model, x = small_model(), random_windows(3, 9, 4)

    trace = model.trace(x, lengths)

    assert torch.allclose(trace.prediction, model(x, lengths), atol=1e-5)


@torch.no_grad()
def test_each_traced_value_follows_from_the_ones_before() -> None:
    model, x = small_model(), random_windows(2, 9, 4)

    t = model.trace(x)

    assert torch.equal(t.projected, model.input_proj(x))
    assert torch.equal(t.encoded, t.projected + model.pos_encoding.table(9))
    assert torch.allclose(t.conv1, model.temp_conv1.layer_norm(t.encoded + model.temp_conv1.output_proj(torch.cat(t.conv1_scales, -1))))
    assert torch.allclose(t.conv2, model.temp_conv2.layer_norm(t.conv1 + model.temp_conv2.output_proj(torch.cat(t.conv2_scales, -1))))
    assert torch.allclose(t.fused, t.gate * t.conv1 + (1 - t.gate) * t.conv2)
    assert torch.equal(t.pooled_mean, t.attended[-1].mean(1)) and torch.equal(t.pooled_max, t.attended[-1].amax(1))
    assert torch.equal(t.pooled_last, t.attended[-1][:, -1])
    assert torch.allclose(t.prediction, model.ensemble_combiner(t.ensemble_head_outputs.flatten(1)) * model.gradient_scale)


@torch.no_grad()
def test_the_traced_attention_makes_the_attended_values() -> None:
    model, x = small_model(), random_windows(2, 9, 4)

    t = model.trace(x)

    for layer, block, after in ((0, 1, t.attended[0]), (1, 3, t.attended[1])):
        attention, before = model.attention_layers[layer], t.lstm[block]
        value = attention.w_v(before).reshape(2, 9, 4, 4).transpose(1, 2)  # (batch, head, time, channel of head)
        taken = attention.w_o((t.attention[:, layer] @ value).transpose(1, 2).reshape(2, 9, 16))
        assert torch.allclose(after, before + taken, atol=1e-5)


@torch.no_grad()
def test_attention_rows_are_shares() -> None:
    attention = small_model().trace(random_windows(2, 9, 4)).attention

    assert attention.shape == (2, 2, 4, 9, 9)
    assert (attention >= 0).all()
    assert torch.allclose(attention.sum(-1), torch.ones(2, 2, 4, 9))


@torch.no_grad()
def test_a_model_of_one_block_has_no_attention_to_trace() -> None:
    trace = small_model(num_lstm_layers=1).trace(random_windows(2, 5, 4))

    assert trace.attention.shape == (2, 0, 4, 5, 5)
    assert trace.attended == () and len(trace.lstm) == 1


@pytest.mark.parametrize("blocks", [2, 3, 6])
@torch.no_grad()
def test_a_trace_has_every_block(blocks: int) -> None:
    trace = small_model(num_lstm_layers=blocks).trace(random_windows(2, 5, 4))

    assert len(trace.lstm) == blocks
    assert trace.attention.shape[1] == len(trace.attended) == min(blocks // 2, 2)


@pytest.mark.parametrize("blocks", [1, 2, 5])
def test_a_trace_gives_the_value_of_every_box_by_its_name(blocks: int) -> None:
    trace = small_model(num_lstm_layers=blocks).trace(random_windows(2, 5, 4))

    middle = {
        1: ["lstm[0]"],
        2: ["lstm[0]", "lstm[1]", "attention[0]", "attended[0]"],
        5: ["lstm[0]", "lstm[1]", "attention[0]", "attended[0]", "lstm[2]", "lstm[3]", "attention[1]", "attended[1]", "lstm[4]"],
    }
    assert [str(site) for site in trace.sites] == [
        "projected", "encoded", "conv1_scales[0]", "conv1_scales[1]", "conv1_scales[2]", "conv1", "conv2_scales[0]", "conv2_scales[1]",
        "conv2_scales[2]", "conv2", "gate", "fused", *middle[blocks],
        "pooled_mean", "pooled_max", "pooled_last", "ensemble_head_outputs", "prediction",
    ]  # fmt: skip
    assert trace.at(Site("conv2_scales", 1)) is trace.conv2_scales[1] and trace.at(Site("lstm")) is trace.lstm[0]
    assert trace.at(Site("gate")) is trace.gate
    if blocks == 5:
        assert torch.equal(trace.at(Site("attention", 1)), trace.attention[:, 1])


@pytest.mark.parametrize("site", [Site("lstm", 2), Site("attention", -1), Site("gate", 1), Site("lengths"), Site("lost")], ids=str)
def test_a_box_that_a_trace_does_not_have_is_told_with_those_it_has(site: Site) -> None:
    trace = small_model(num_lstm_layers=2).trace(random_windows(1, 5, 4))

    with pytest.raises(InterventionError) as caught:
        trace.at(site)

    assert f"There is no site {site} in this trace. It has projected, encoded, conv1_scales[0]" in str(caught.value)


@torch.no_grad()
def test_attention_weights_are_the_traced_ones() -> None:
    model, x = small_model(), random_windows(2, 5, 4)

    weights = model.get_attention_weights(x, [5, 3])

    assert len(weights) == 2
    assert torch.equal(torch.stack(weights, 1), model.trace(x, [5, 3]).attention)


@torch.no_grad()
def test_the_ensemble_heads_said_what_the_trace_says() -> None:
    model, x = small_model(), random_windows(3, 5, 4)

    ensemble_heads, prediction = model.ensemble_head_outputs(x, [5, 2, 3])

    assert torch.allclose(ensemble_heads, model.trace(x, [5, 2, 3]).ensemble_head_outputs, atol=1e-5)
    assert torch.equal(prediction, model(x, [5, 2, 3]))


@pytest.mark.parametrize("training", [False, True])
def test_looking_leaves_nothing_behind(training: bool) -> None:
    model, x = small_model().train(training), random_windows(3, 5, 4)
    before = remembered(model)

    model.trace(x)
    model.trace(x, [5, 2, 3])
    model.ensemble_head_outputs(x)
    model.get_attention_weights(x)
    model.get_feature_importance(x)

    assert remembered(model) == before


def test_visitors_that_look_at_once_see_their_own_windows() -> None:
    model = small_model()
    windows = [random_windows(2, 4 + number % 3, 4, seed=number) for number in range(24)]
    alone = [model.trace(x).prediction for x in windows]

    with ThreadPoolExecutor(6) as pool:
        at_once = list(pool.map(lambda x: model.trace(x).prediction, windows))

    assert all(torch.equal(seen, expected) for seen, expected in zip(at_once, alone, strict=True))


@pytest.mark.usefixtures("shapes_unchecked")
@pytest.mark.parametrize("look", ["trace", "ensemble_head_outputs", "get_attention_weights", "get_feature_importance", "forward"])
def test_looking_at_what_does_not_fit_leaves_nothing_behind(look: str) -> None:
    model = small_model()
    before = remembered(model)

    with pytest.raises(ShapeError):
        getattr(model, look)(torch.zeros(2, 5, 3))

    assert remembered(model) == before


def test_a_failure_half_way_leaves_nothing_behind() -> None:
    model = small_model()
    model.ensemble_combiner = torch.nn.Linear(5, 2)  # takes 5 where the heads give 6
    before = remembered(model)

    with pytest.raises(RuntimeError, match="shapes cannot be multiplied"):
        model.trace(random_windows(2, 5, 4))

    assert remembered(model) == before


def test_a_trace_holds_no_graph_and_cannot_be_changed() -> None:
    trace = small_model().trace(random_windows(1, 5, 4))

    assert not trace.prediction.requires_grad and not trace.gate.requires_grad
    with pytest.raises(FrozenInstanceError):
        trace.gate = trace.fused


@torch.no_grad()
def test_a_trace_in_training_mode_is_a_pass_in_training_mode() -> None:
    model, x = small_model(dropout=0.0).train(), random_windows(3, 5, 4)

    trace = model.trace(x)

    assert torch.allclose(trace.prediction, model(x), atol=1e-5)


@pytest.mark.parametrize("name", ["planted_order", "planted_shape", "japanese_vowels", "nyc_weather", "shoulder_exercises"])
@torch.no_grad()
def test_fused_and_spelt_out_attention_agree_on_the_trained_models(name: str) -> None:
    model: ComplexLSTMModel = load_checkpoint(SAMPLE_DATA / f"{name}.safetensors").model
    x = random_windows(2, 30, model.config.input_dim)

    assert torch.allclose(model.trace(x).prediction, model(x), atol=1e-4)
    assert torch.allclose(model.trace(x, [30, 11]).prediction, model(x, [30, 11]), atol=1e-4)
