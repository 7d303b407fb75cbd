"""The sites of a forward pass: their order, what comes before a block, and names of earlier versions."""

import pytest
import torch

from complex_lstm.model.sites import Site, site_before_block, site_named
from tests.model.lively import random_windows, small_model


def test_a_site_that_was_stored_under_a_former_name_is_todays() -> None:
    assert site_named("head_outputs") == site_named("ensemble_head_outputs") == Site("ensemble_head_outputs")
    assert site_named("lstm", 2) == Site("lstm", 2)


@pytest.mark.parametrize(
    ("block", "site"), [(0, "fused"), (1, "lstm[0]"), (2, "attended[0]"), (3, "lstm[2]"), (4, "attended[1]"), (5, "lstm[4]")]
)
@torch.no_grad()
def test_what_a_block_reads_is_the_value_of_the_site_before_it(block: int, site: str) -> None:
    model = small_model(num_lstm_layers=6)

    trace = model.trace(random_windows(2, 5, 4))

    assert str(site_before_block(block)) == site
    assert torch.allclose(model.lstm_blocks[block](trace.at(site_before_block(block))), trace.lstm[block])


def test_what_the_pools_read_is_the_site_after_the_last_block() -> None:
    trace = small_model(num_lstm_layers=2).trace(random_windows(2, 5, 4))

    assert torch.equal(trace.pooled_last, trace.at(site_before_block(2))[:, -1])
