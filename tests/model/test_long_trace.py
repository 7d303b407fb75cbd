"""A trace without attention weights: all else as in a full one, and rows of weights that are made on demand."""

import pytest
import torch

from complex_lstm.errors import InterventionError, ShapeError, Stopped
from complex_lstm.model import LongTrace, network
from complex_lstm.model.hooks import Intervention
from complex_lstm.model.interventions import ForceGate, Patch, SilenceAttention, SilenceHead, UniformAttention, UniformHead, first_change
from complex_lstm.model.sites import Site
from tests.model.lively import random_windows, small_model

CHANGES: tuple[tuple[Intervention, ...], ...] = (
    (),
    (SilenceHead(0, 1),),
    (UniformHead(0, 2), SilenceHead(1, 0)),
    (UniformAttention(1), ForceGate(0.25)),
    (SilenceAttention(0),),
)


@pytest.mark.parametrize("changes", CHANGES)
def test_a_long_trace_is_the_full_one_row_by_row(changes: tuple[Intervention, ...]) -> None:
    model, x = small_model(), random_windows(2, 19, 4)

    full, long = model.trace(x, interventions=changes), model.long_trace(x, changes)

    for site in long.sites:
        assert torch.allclose(long.at(site), full.at(site), atol=1e-6), site
    for layer in range(2):
        rows = torch.cat([long.attention_rows(layer, first, min(first + 7, 19)) for first in range(0, 19, 7)], dim=2)
        assert torch.allclose(rows, full.attention[:, layer], atol=1e-6)
        assert torch.equal(full.attention_rows(layer, 3, 5), full.attention[:, layer, :, 3:5])
    assert (long.attention_layers, long.attention_heads) == (full.attention_layers, full.attention_heads) == (2, 4)


def test_no_weight_is_held() -> None:
    long = small_model().long_trace(random_windows(1, 9, 4))

    assert long.attention.numel() == 0
    assert Site("attention") not in long.sites
    with pytest.raises(InterventionError, match=r"weights of a window of 9 steps are made row by row .* the site attended\[1\]"):
        long.at(Site("attention", 1))


def test_a_model_of_one_block_has_a_long_trace_without_layers() -> None:
    assert small_model(num_lstm_layers=1).long_trace(random_windows(1, 5, 4)).attention_layers == 0


@pytest.fixture
def eight_steps_are_held(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(network, "MOST_HELD_STEPS", 8)


@pytest.mark.usefixtures("eight_steps_are_held")
def test_only_long_windows_are_traced_without_weights() -> None:
    model = small_model(num_lstm_layers=2)

    assert not isinstance(model.trace_any(random_windows(1, 8, 4)), LongTrace)
    assert isinstance(model.trace_any(random_windows(1, 9, 4)), LongTrace)


@pytest.mark.usefixtures("eight_steps_are_held")
def test_what_a_long_window_predicts_under_changed_weights_is_what_its_weights_would_give() -> None:
    """Above 1,024 steps no weights are made: silencing and levelling act on what the heads take."""
    model, x = small_model(num_lstm_layers=2), random_windows(1, 19, 4).requires_grad_()
    changes = (SilenceHead(0, 1), UniformHead(0, 3))

    found = model.intervened(x, interventions=changes)

    assert torch.allclose(found, model.trace(x, interventions=changes).prediction, atol=1e-5)
    (gradient,) = torch.autograd.grad(found.sum(), x)
    assert gradient.abs().sum() > 0


@pytest.mark.usefixtures("eight_steps_are_held")
def test_padded_steps_take_no_part_in_equal_shares() -> None:
    model, x = small_model(num_lstm_layers=2), random_windows(2, 19, 4)

    found = model.intervened(x, [19, 11], (UniformAttention(0),))

    assert torch.allclose(found[1], model.intervened(x[1:, :11], interventions=(UniformAttention(0),))[0], atol=1e-5)


def test_weights_of_a_long_window_are_not_patched_and_the_message_says_what_to_do() -> None:
    model, x = small_model(num_lstm_layers=2), random_windows(1, 9, 4)
    patch = Patch(Site("attention", 0), model.trace(x))

    with pytest.raises(InterventionError, match=r"Patch at attention\[0\] needs all attention weights .* Patch attended\[0\]"):
        model.long_trace(x, (patch,))


def test_changes_between_long_traces_are_found_at_every_other_site() -> None:
    model, x = small_model(), random_windows(1, 9, 4)

    found = first_change(model.long_trace(x), model.long_trace(x, (SilenceHead(0, 1),)))

    assert next(one.site for one in found if one.relative) == Site("attended", 0)


def test_a_wrong_shape_is_refused_as_everywhere() -> None:
    with pytest.raises(ShapeError, match="expected \\(batch, time, 4\\)"):
        small_model().long_trace(torch.zeros(1, 5, 3))


def test_who_waits_for_a_long_trace_can_stop_it() -> None:
    asked: list[bool] = []

    with pytest.raises(Stopped):
        small_model().long_trace(random_windows(1, 9, 4), stop=lambda: (asked.append(True), len(asked) > 3)[1])

    assert len(asked) == 4
