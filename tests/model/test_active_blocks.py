"""A pass through some of the blocks: the signal passes by the others, and they are left alone."""

import pytest
import torch

from complex_lstm.model.hooks import ForwardPass, record
from complex_lstm.model.sites import ALL_BLOCKS, ActiveBlocks, Site
from tests.model.lively import random_windows, remembered, small_model

NOTHING = ActiveBlocks(convolutions=False, lstm_blocks=0, attention=False)


@torch.no_grad()
def test_with_nothing_in_projection_and_positions_go_straight_to_the_ensemble() -> None:
    model, x = small_model(), random_windows(3, 6, 4)

    outputs = model(x, run=ForwardPass(blocks=NOTHING))

    h = model.pos_encoding(model.input_proj(x))
    pooled = torch.cat([h.mean(1), h.amax(1), h[:, -1]], dim=-1)
    ensemble_heads = torch.cat([head(pooled) for head in model.output_heads], dim=-1)
    assert torch.allclose(outputs, model.ensemble_combiner(ensemble_heads) * model.gradient_scale, atol=1e-6)


@torch.no_grad()
def test_with_everything_in_it_is_the_plain_forward_pass() -> None:
    model, x = small_model(), random_windows(3, 6, 4)

    for blocks in (ALL_BLOCKS, ActiveBlocks(lstm_blocks=4), ActiveBlocks(lstm_blocks=9)):
        assert torch.equal(model(x, [6, 4, 1], ForwardPass(blocks=blocks)), model(x, [6, 4, 1]))


@pytest.mark.parametrize(
    ("blocks", "reached"),
    [
        (NOTHING, set()),
        (ActiveBlocks(lstm_blocks=0, attention=False), {"temp_conv1", "temp_conv2", "fusion_gate"}),
        (ActiveBlocks(convolutions=False, lstm_blocks=2, attention=False), {"lstm_blocks.0", "lstm_blocks.1"}),
        (ActiveBlocks(convolutions=False, lstm_blocks=1), {"lstm_blocks.0"}),  # an attention layer follows each second block
        (ActiveBlocks(convolutions=False, lstm_blocks=3), {"lstm_blocks.0", "lstm_blocks.1", "lstm_blocks.2", "attention_layers.0"}),
    ],
)
def test_only_active_blocks_get_a_gradient(blocks: ActiveBlocks, reached: set[str]) -> None:
    model = small_model()

    model(random_windows(2, 5, 4), run=ForwardPass(blocks=blocks)).sum().backward()

    always = {"input_proj", "output_heads", "ensemble_combiner", "gradient_scale"}
    with_gradient = {name for name, value in model.named_parameters() if value.grad is not None}
    found = {".".join(name.split(".")[: 2 if name.startswith(("lstm", "att")) else 1]) for name in with_gradient}
    assert found == always | reached


def test_statistics_of_convolutions_that_are_not_in_do_not_move() -> None:
    model = small_model().train()
    before = remembered(model)["state"]

    model(random_windows(2, 5, 4), run=ForwardPass(blocks=ActiveBlocks(convolutions=False)))

    assert remembered(model)["state"] == before


@pytest.mark.parametrize("weights", [False, True])
@torch.no_grad()
def test_what_is_gone_through_is_recorded_in_order_and_weights_where_wanted(weights: bool) -> None:
    model, x = small_model(), random_windows(2, 6, 4)
    recorded: list[tuple[Site, torch.Tensor]] = []
    blocks = ActiveBlocks(convolutions=False, lstm_blocks=3)

    keep = record(lambda site, value: recorded.append((site, value)))
    outputs = model(x, [6, 4], ForwardPass(keep, blocks=blocks, attention_weights=weights))

    attention = ["attention[0]"] if weights else []
    names = ["projected", "encoded", "lstm[0]", "lstm[1]", *attention, "attended[0]", "lstm[2]"]
    after = ["pooled_mean", "pooled_max", "pooled_last", "ensemble_head_outputs", "prediction"]
    assert [str(site) for site, _ in recorded] == names + after
    assert recorded[-1][1] is outputs and torch.allclose(outputs, model(x, [6, 4], ForwardPass(blocks=blocks)), atol=1e-5)
