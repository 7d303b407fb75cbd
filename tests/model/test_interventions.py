"""Each intervention does what its arithmetic says, and the model that is shared never notices."""

import copy
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import FrozenInstanceError
from typing import Any

import pytest
import torch

from complex_lstm.errors import InterventionError, ShapeError
from complex_lstm.interpretation.attention import uniform_attention
from complex_lstm.model.hooks import Intervention
from complex_lstm.model.interventions import (
    AverageEnsembleHead,
    DropPositions,
    ForceGate,
    ForceGateChannels,
    ReplacePooled,
    SilenceAttention,
    SilenceEnsembleHead,
    SilenceHead,
    SilencePooled,
    SilenceScale,
    SkipBlock,
    UniformAttention,
    UniformHead,
)
from tests.model.by_hand import by_hand, put
from tests.model.lively import random_windows, remembered, small_model

LENGTHS = [9, 1, 6]
VECTOR = random_windows(16, seed=3)
SAID = random_windows(5, 3, 2, seed=4)


def in_layer(layer: int, change: Callable[[torch.Tensor], torch.Tensor]) -> Callable[[torch.Tensor, int], torch.Tensor]:
    return lambda weights, at: change(weights) if at == layer else weights


BY_HAND: list[tuple[Intervention, dict[str, Any]]] = [
    (ForceGate(0.0), {"gate": torch.zeros_like}),
    (ForceGate(1.0), {"gate": torch.ones_like}),
    (ForceGate(0.3), {"gate": lambda gate: torch.full_like(gate, 0.3)}),
    (ForceGateChannels(0.5, (0, 15)), {"gate": lambda gate: put(gate, 0.5, ..., [0, 15])}),
    (DropPositions(), {"positions": 0}),
    (SilenceScale(1, 0), {"scale": lambda response, stage, number: response * ((stage, number) != (1, 0))}),
    (SilenceScale(2, 2), {"scale": lambda response, stage, number: response * ((stage, number) != (2, 2))}),
    (SkipBlock(1), {"blocks": (0, 2, 3)}),
    (SkipBlock(2), {"blocks": (0, 1, 3)}),
    (SilenceHead(0, 3), {"weights": in_layer(0, lambda weights: put(weights, 0, slice(None), 3))}),
    (SilenceHead(1, 0), {"weights": in_layer(1, lambda weights: put(weights, 0, slice(None), 0))}),
    (SilenceAttention(0), {"layers": (1,)}),
    (SilenceAttention(1), {"layers": (0,)}),
    (UniformHead(1, 2), {"weights": in_layer(1, lambda weights: put(weights, 1 / weights.shape[-1], slice(None), 2))}),
    (UniformAttention(0), {"weights": in_layer(0, lambda weights: torch.full_like(weights, 1 / weights.shape[-1]))}),
    (SilencePooled("mean"), {"pooled": lambda pooled: put(pooled, 0, slice(None), 0)}),
    (ReplacePooled("max", VECTOR), {"pooled": lambda pooled: put(pooled, VECTOR, slice(None), 1)}),
    (ReplacePooled("last", VECTOR), {"pooled": lambda pooled: put(pooled, VECTOR, slice(None), 2)}),
    (SilenceEnsembleHead(1), {"said": lambda said: put(said, 0, slice(None), 1)}),
    (AverageEnsembleHead(2, SAID), {"said": lambda said: put(said, SAID.sum(0)[2] / 5, slice(None), 2)}),
]  # fmt: skip


@pytest.mark.parametrize(("one", "spelt"), BY_HAND, ids=lambda case: type(case).__name__)
@torch.no_grad()
def test_an_intervention_is_what_its_arithmetic_says_for_series_of_any_length(one: Intervention, spelt: dict[str, Any]) -> None:
    model, x = small_model(), random_windows(3, 9, 4)

    outputs = model.intervened(x, LENGTHS, (one,))

    alone = [by_hand(model, x[number : number + 1, :length], **spelt) for number, length in enumerate(LENGTHS)]
    assert torch.allclose(outputs, torch.cat(alone), atol=1e-5)
    assert torch.allclose(model.intervened(x, interventions=(one,)), by_hand(model, x, **spelt), atol=1e-5)
    assert not torch.allclose(outputs, model(x, LENGTHS), atol=1e-4)


@pytest.mark.parametrize("one", [one for one, _ in BY_HAND], ids=lambda one: type(one).__name__)
@torch.no_grad()
def test_the_trace_of_an_intervention_ends_in_the_outputs_and_is_the_plain_one_up_to_its_box(one: Intervention) -> None:
    model, x = small_model(), random_windows(3, 9, 4)

    plain, changed = model.trace(x, LENGTHS), model.trace(x, LENGTHS, (one,))

    assert torch.allclose(changed.prediction, model.intervened(x, LENGTHS, (one,)), atol=1e-5)
    before = changed.sites[: changed.sites.index(one.site)]
    assert all(torch.equal(changed.at(site), plain.at(site)) for site in before)
    assert not torch.equal(changed.at(one.site), plain.at(one.site))


@torch.no_grad()
def test_without_interventions_it_is_the_forward_pass() -> None:
    model, x = small_model(), random_windows(3, 9, 4)

    assert torch.allclose(by_hand(model, x), model(x), atol=1e-5)
    assert torch.equal(model.intervened(x, LENGTHS), model(x, LENGTHS))
    assert torch.equal(model.intervened(x), model(x))


@torch.no_grad()
def test_silence_is_what_weights_of_zero_would_do() -> None:
    model, x = small_model(), random_windows(3, 9, 4)
    surgeons = {  # four channels a head; five, five and six a scale; two outputs a member
        SilenceHead(1, 2): lambda twin: twin.attention_layers[1].w_o.weight[:, 8:12].zero_(),
        SilenceScale(2, 1): lambda twin: twin.temp_conv2.output_proj.weight[:, 5:10].zero_(),
        SilenceEnsembleHead(0): lambda twin: twin.ensemble_combiner[0].weight[:, :2].zero_(),
    }

    for one, cut in surgeons.items():
        twin = copy.deepcopy(model)
        cut(twin)
        assert torch.allclose(model.intervened(x, LENGTHS, (one,)), twin(x, LENGTHS), atol=1e-5), one


@torch.no_grad()
def test_uniform_layers_are_what_queries_of_zero_would_do() -> None:
    model, x = small_model(), random_windows(3, 9, 4)
    level = (UniformAttention(0), UniformAttention(1))

    assert torch.allclose(model.intervened(x, LENGTHS, level), uniform_attention(model)(x, LENGTHS), atol=1e-5)
    assert torch.allclose(model.trace(x, LENGTHS, level).attention, uniform_attention(model).trace(x, LENGTHS).attention)


@torch.no_grad()
def test_a_silent_head_is_not_a_silent_layer_because_of_a_bias() -> None:
    model, x = small_model(), random_windows(2, 9, 4)

    heads = model.trace(x, interventions=[SilenceHead(1, head) for head in range(4)])
    layer = model.trace(x, interventions=[SilenceAttention(1)])

    assert torch.allclose(heads.attended[1], heads.lstm[3] + model.attention_layers[1].w_o.bias)
    assert torch.equal(layer.attended[1], layer.lstm[3]) and layer.attention[:, 1].any()


@torch.no_grad()
def test_uniform_weights_are_equal_over_the_real_steps_only() -> None:
    attention = small_model().trace(random_windows(3, 9, 4), LENGTHS, (UniformAttention(0), UniformHead(1, 1))).attention

    for number, length in enumerate(LENGTHS):
        for level in (attention[number, 0], attention[number, 1, 1:2]):
            assert torch.equal(level[:, :length, :length], torch.full((len(level), length, length), 1 / length))
            assert not level[:, length:].any() and not level[..., length:].any()


@torch.no_grad()
def test_several_interventions_all_act() -> None:
    model, x = small_model(), random_windows(2, 9, 4)

    outputs = model.intervened(x, interventions=(DropPositions(), SkipBlock(0), SilenceHead(1, 1), SilenceHead(1, 2)))

    weights = in_layer(1, lambda weights: put(weights, 0, slice(None), [1, 2]))
    assert torch.allclose(outputs, by_hand(model, x, positions=0, blocks=(1, 2, 3), weights=weights), atol=1e-5)


@torch.no_grad()
def test_at_one_box_they_act_in_the_order_given() -> None:
    model, x = small_model(), random_windows(2, 9, 4)
    whole, part = ForceGate(1.0), ForceGateChannels(0.0, (3,))

    part_last = model.trace(x, interventions=(whole, part)).gate
    whole_last = model.trace(x, interventions=(part, whole)).gate

    assert torch.equal(part_last, put(torch.ones(2, 9, 16), 0, ..., 3)) and (whole_last == 1).all()


@pytest.mark.parametrize("training", [False, True])
def test_interventions_leave_nothing_behind(training: bool) -> None:
    model, x = small_model().train(training), random_windows(3, 9, 4)
    before = remembered(model)

    for one, _ in BY_HAND:
        model.trace(x, LENGTHS, (one,))
        model.intervened(x, LENGTHS, (one,))

    assert remembered(model) == before


@pytest.mark.usefixtures("shapes_unchecked")
def test_an_intervention_that_fails_leaves_nothing_behind() -> None:
    model, x = small_model().train(), random_windows(3, 9, 4)
    before = remembered(model)

    for look in (model.trace, model.intervened):
        with pytest.raises(InterventionError):
            look(x, LENGTHS, (ForceGate(0.5), SkipBlock(4)))
        with pytest.raises(ShapeError):
            look(x, [9, 9], (ForceGate(0.5),))

    assert remembered(model) == before


def test_visitors_with_interventions_and_without_share_one_model() -> None:
    model, x = small_model(), random_windows(2, 9, 4)
    wanted = [(), *((one,) for one, _ in BY_HAND)]
    alone = [model.trace(x, LENGTHS[:2], some).prediction for some in wanted]

    with ThreadPoolExecutor(6) as pool:
        at_once = list(pool.map(lambda some: model.trace(x, LENGTHS[:2], some).prediction, wanted))

    assert all(torch.equal(seen, expected) for seen, expected in zip(at_once, alone, strict=True))


def test_gradients_flow_through_an_intervention() -> None:
    model, x = small_model(), random_windows(2, 9, 4).requires_grad_()

    model.intervened(x, interventions=(ForceGate(1.0),)).sum().backward()

    spelt = x.detach().clone().requires_grad_()
    by_hand(model, spelt, gate=torch.ones_like).sum().backward()
    assert torch.allclose(x.grad, spelt.grad, atol=1e-4) and x.grad.any()


def test_outputs_under_interventions_elsewhere_keep_no_matrix_of_queries_and_keys() -> None:
    model, x, kept = small_model(), random_windows(1, 40, 4), []

    with torch.autograd.graph.saved_tensors_hooks(lambda value: kept.append(value.shape), lambda value: value):
        model.intervened(x, interventions=(ForceGate(0.5), SilenceAttention(0)))

    assert kept and not any(shape[-2:] == (40, 40) for shape in kept)


def test_an_intervention_is_a_value() -> None:
    assert SilenceHead(0, 1) == SilenceHead(0, 1) and len({ForceGate(0.5), ForceGate(0.5), ForceGate(1.0)}) == 2
    with pytest.raises(FrozenInstanceError):
        ForceGate(0.5).value = 1
