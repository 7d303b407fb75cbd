"""Where two traces part, and every component switched off in turn."""

from dataclasses import replace

import pytest
import torch

from complex_lstm.errors import ShapeError
from complex_lstm.model.hooks import Intervention
from complex_lstm.model.interventions import (
    DropPositions,
    ForceGate,
    SilenceHead,
    SilenceScale,
    UniformAttention,
    UniformHead,
    component_interventions,
    first_change,
)
from complex_lstm.model.sites import Site
from tests.model.lively import random_windows, small_model

LENGTHS = [9, 3]


def windows() -> torch.Tensor:
    return random_windows(2, 9, 4)


@pytest.mark.parametrize("one", [DropPositions(), SilenceScale(2, 1), ForceGate(0.5), SilenceHead(0, 2), UniformAttention(1)], ids=repr)
def test_a_change_shows_first_where_the_intervention_is(one: Intervention) -> None:
    model = small_model()
    before = model.trace(windows(), LENGTHS)

    found = first_change(before, model.trace(windows(), LENGTHS, (one,)))

    assert [change.site for change in found] == list(before.sites)
    assert next(change.site for change in found if change.relative) == one.site
    assert all(change.relative > 0 for change in found if change.site.name in ("pooled_mean", "ensemble_head_outputs", "prediction"))


def test_nothing_changed_is_zero_at_every_box() -> None:
    trace = small_model().trace(windows(), LENGTHS)

    assert {change.relative for change in first_change(trace, trace)} == {0.0}


def test_the_size_of_a_change_is_a_share_of_what_was_there() -> None:
    model = small_model()
    before = model.trace(windows())

    by_box = {change.site: change.relative for change in first_change(before, model.trace(windows(), interventions=(SilenceHead(1, 0),)))}

    assert by_box[Site("attention", 1)] == pytest.approx(1 / 4)  # each row sums to 1, and one of four heads lost its rows
    assert by_box[Site("attention", 0)] == by_box[Site("lstm", 3)] == 0
    silent = model.trace(windows(), interventions=(SilenceScale(1, 0),))
    scale = Site("conv1_scales", 0)
    assert {change.site: change.relative for change in first_change(before, silent)}[scale] == 1
    assert {change.site: change.relative for change in first_change(silent, before)}[scale] == float("inf")


def test_padding_does_not_count() -> None:
    trace = small_model().trace(windows(), LENGTHS)
    garbled, moved = trace.gate.clone(), trace.gate.clone()
    garbled[1, 3:] += 100
    moved[1, 2] *= 3

    assert {change.relative for change in first_change(trace, replace(trace, gate=garbled))} == {0.0}

    found = {change.site: change.relative for change in first_change(trace, replace(trace, gate=moved))}
    real = torch.cat([trace.gate[0], trace.gate[1, :3]])  # 9 + 3 real steps
    assert found[Site("gate")] == pytest.approx(float(2 * trace.gate[1, 2].sum() / real.sum()), rel=1e-5)


def test_traces_that_cannot_be_compared_are_refused() -> None:
    model, x = small_model(), windows()
    before = model.trace(x)

    with pytest.raises(ShapeError, match=r"of \[9, 9\] and \[9, 3\] time steps"):
        first_change(before, model.trace(x, LENGTHS))
    with pytest.raises(ShapeError, match="through 25 and 21 sites. Compare traces of one model"):
        first_change(before, small_model(num_lstm_layers=2).trace(x))
    with pytest.raises(ShapeError, match=r"projected has shape \(2, 9, 16\) before and \(2, 9, 32\) after"):
        first_change(before, small_model(hidden_dim=32).trace(x))


@torch.no_grad()
def test_every_component_is_switched_off_once_and_each_makes_a_difference() -> None:
    model, x = small_model(), windows()

    found = component_interventions(model)

    # positions, 2 x 3 scales, 3 gates, 4 blocks, 2 x (layer + 4 attention heads), 3 pooled vectors, 3 ensemble heads
    assert len(found) == len({name for name, _ in found}) == len({one for _, one in found}) == 1 + 6 + 3 + 4 + 10 + 3 + 3
    plain = model(x, LENGTHS)
    assert not [name for name, one in found if torch.allclose(model.intervened(x, LENGTHS, (one,)), plain, atol=1e-4)]


def test_components_have_the_names_that_people_know_in_the_order_of_the_walk() -> None:
    model = small_model(num_lstm_layers=3, kernels=((1, 3, 5), (3, 7, 11)))

    found = component_interventions(model)
    names, places = zip(*((name, model.trace(windows()).sites.index(one.site)) for name, one in found), strict=True)

    assert names[:2] == ("positional encoding", "convolution stage 1, kernel 1") and names[6] == "convolution stage 2, kernel 11"
    assert names[10:17] == (
        "BiLSTM block 1", "BiLSTM block 2", "attention layer 1", "attention layer 1, attention head 1",
        "attention layer 1, attention head 2", "attention layer 1, attention head 3", "attention layer 1, attention head 4",
    )  # fmt: skip
    assert names[17:] == ("BiLSTM block 3", "pooled mean", "pooled maximum", "pooled last step", *(f"ensemble head {n}" for n in (1, 2, 3)))
    assert sorted(places[:12]) == list(places[:12]) and sorted(places[17:]) == list(places[17:])


@torch.no_grad()
def test_attention_is_made_uniform_beside_its_silencing_on_request() -> None:
    model, x = small_model(), windows()

    found = dict(component_interventions(model, uniform=True))

    added = [name for name in found if name not in dict(component_interventions(model))]
    assert len(added) == 2 * (1 + 4) and all(name.endswith(", uniform") for name in added)
    assert found["attention layer 2, uniform"] == UniformAttention(1)
    assert found["attention layer 1, attention head 3, uniform"] == UniformHead(0, 2)
    names = list(found)
    assert names[names.index("attention layer 1, attention head 3") + 1] == "attention layer 1, attention head 3, uniform"
    plain = model(x, LENGTHS)
    assert not [name for name in added if torch.allclose(model.intervened(x, LENGTHS, (found[name],)), plain, atol=1e-4)]


def test_kernels_of_one_width_are_told_apart_by_their_place() -> None:
    """With (1, 3, 3) two components had one name, and their bars lay on each other."""
    names = [name for name, _ in component_interventions(small_model(kernels=((1, 3, 3), (3, 5, 9))))]

    assert names[1:5] == [
        "convolution stage 1, kernel 1", "convolution stage 1, kernel 3, place 2", "convolution stage 1, kernel 3, place 3",
        "convolution stage 2, kernel 3",
    ]  # fmt: skip
    assert len(set(names)) == len(names)


def test_a_model_of_one_block_has_no_attention_to_switch_off() -> None:
    names = [name for name, _ in component_interventions(small_model(num_lstm_layers=1))]

    assert not [name for name in names if "attention" in name] and "BiLSTM block 1" in names
