"""A pass through some of the parts: the signal passes by the others, and they are left alone."""

import pytest
import torch

from complex_lstm.model.sites import ALL_PARTS, Parts
from tests.model.lively import random_windows, remembered, small_model

NOTHING = Parts(convolutions=False, lstm_blocks=0, attention=False)


@torch.no_grad()
def test_with_nothing_in_projection_and_positions_go_straight_to_the_ensemble() -> None:
    model, x = small_model(), random_windows(3, 6, 4)

    outputs = model.forward_through(NOTHING, x)

    h = model.pos_encoding(model.input_proj(x))
    pooled = torch.cat([h.mean(1), h.amax(1), h[:, -1]], dim=-1)
    ensemble_heads = torch.cat([head(pooled) for head in model.output_heads], dim=-1)
    assert torch.allclose(outputs, model.ensemble_combiner(ensemble_heads) * model.gradient_scale, atol=1e-6)


@torch.no_grad()
def test_with_everything_in_it_is_the_plain_forward_pass() -> None:
    model, x = small_model(), random_windows(3, 6, 4)

    for parts in (ALL_PARTS, Parts(lstm_blocks=4), Parts(lstm_blocks=9)):
        assert torch.equal(model.forward_through(parts, x, [6, 4, 1]), model(x, [6, 4, 1]))


@pytest.mark.parametrize(
    ("parts", "reached"),
    [
        (NOTHING, set()),
        (Parts(lstm_blocks=0, attention=False), {"temp_conv1", "temp_conv2", "fusion_gate"}),
        (Parts(convolutions=False, lstm_blocks=2, attention=False), {"lstm_blocks.0", "lstm_blocks.1"}),
        (Parts(convolutions=False, lstm_blocks=1), {"lstm_blocks.0"}),  # an attention layer follows each second block
        (Parts(convolutions=False, lstm_blocks=3), {"lstm_blocks.0", "lstm_blocks.1", "lstm_blocks.2", "attention_layers.0"}),
    ],
)
def test_only_the_parts_that_are_in_get_a_gradient(parts: Parts, reached: set[str]) -> None:
    model = small_model()

    model.forward_through(parts, random_windows(2, 5, 4)).sum().backward()

    always = {"input_proj", "output_heads", "ensemble_combiner", "gradient_scale"}
    with_gradient = {name for name, value in model.named_parameters() if value.grad is not None}
    found = {".".join(name.split(".")[: 2 if name.startswith(("lstm", "att")) else 1]) for name in with_gradient}
    assert found == always | reached


def test_statistics_of_convolutions_that_are_not_in_do_not_move() -> None:
    model = small_model().train()
    before = remembered(model)["state"]

    model.forward_through(Parts(convolutions=False), random_windows(2, 5, 4))

    assert remembered(model)["state"] == before


@pytest.mark.parametrize("weights", [False, True])
@torch.no_grad()
def test_the_note_is_told_what_is_gone_through_in_order_and_weights_where_wanted(weights: bool) -> None:
    model, x, told = small_model(), random_windows(2, 6, 4), []

    parts = Parts(convolutions=False, lstm_blocks=3)
    outputs = model.forward_through(parts, x, [6, 4], note=lambda name, value: told.append((name, value)), weights=weights)

    attention = ["attention"] if weights else []
    names = ["projected", "encoded", "lstm", "lstm", *attention, "attended", "lstm"]
    assert [name for name, _ in told] == [*names, "pooled_mean", "pooled_max", "pooled_last", "ensemble_head_outputs", "prediction"]
    assert told[-1][1] is outputs and torch.allclose(outputs, model.forward_through(parts, x, [6, 4]), atol=1e-5)
