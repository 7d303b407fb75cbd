"""What verdicts rest on, against cases worked out by hand: both ends of a ranking, groups that change nothing, and clear differences."""

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from complex_lstm.interpretation import Attribution, ExplanationRequest, ForwardFunction, UnsignedAttribution
from complex_lstm.interpretation.both_ends import SHARES, BothEnds, both_ends, counts
from complex_lstm.interpretation.evidence import map_evidence, window_evidence
from complex_lstm.interpretation.rankings import ranking_of
from tests.interpretation.toys import CPU

STEPS, FEATURES = 20, 5  # 100 cells, so that a share is a number of cells


def forward_func(model: nn.Module, **about: object) -> ForwardFunction:
    """Return the output for a window of ones, against zeros; the draws are windows of noise."""
    draws = np.random.default_rng(0).normal(size=(30, STEPS, FEATURES)).astype(np.float32)
    x = np.ones((STEPS, FEATURES), dtype=np.float32)
    return ForwardFunction(model, ExplanationRequest(x, np.zeros((1, *x.shape), dtype=np.float32), draws, 0, **about), CPU)


class Sum(nn.Module):
    """The sum of the cells of a mask, times a factor."""

    def __init__(self, mask: np.ndarray, factor: float = 1.0) -> None:
        super().__init__()
        self.mask, self.factor = torch.tensor(mask, dtype=torch.float32), factor

    def forward(self, x: Tensor, lengths: Tensor | None = None) -> Tensor:
        total = self.factor * (x * self.mask).sum((1, 2))
        return torch.stack([total, -total], dim=1)


class Both(Sum):
    """The smaller of two features' sums over steps 5 to 9: either of them takes the output away, and none alone keeps it."""

    def forward(self, x: Tensor, lengths: Tensor | None = None) -> Tensor:
        return torch.minimum(x[:, 5:10, 1].sum(1), x[:, 5:10, 3].sum(1))[:, None]


class Either(Sum):
    """The larger of the two: either of them keeps the output, and none alone takes it away."""

    def forward(self, x: Tensor, lengths: Tensor | None = None) -> Tensor:
        return torch.maximum(x[:, 5:10, 1].sum(1), x[:, 5:10, 3].sum(1))[:, None]


def mask(*features: int) -> np.ndarray:
    found = np.zeros((STEPS, FEATURES))
    found[5:10, list(features)] = 1.0
    return found


def sizes(cells: np.ndarray) -> UnsignedAttribution:
    return UnsignedAttribution(cells, cells.sum(axis=0), "")


def test_the_first_cells_of_a_sum_keep_and_take_their_share_of_it() -> None:
    function, true = forward_func(Sum(mask(1, 3))), mask(1, 3).ravel()
    own = np.argsort(-true, kind="stable")

    found = both_ends(function, np.stack([own, own[::-1]]), np.array([4, 10, 30]), 10.0, 0.0)

    assert found.kept.tolist() == found.taken.tolist() == [[0.4, 1.0, 1.0], [0.0, 0.0, 0.0]]
    assert found.shares.tolist() == [0.04, 0.1, 0.3]
    assert found.needed[1] == 1.0


def test_the_cells_needed_are_interpolated_in_the_logarithm_of_the_share() -> None:
    found = BothEnds(np.array([[0.2, 1.0]]), np.array([[0.5, 0.9]]), np.array([0.01, 0.04]))

    assert found.needed == pytest.approx([0.02])  # 0.6 lies halfway between 0.2 and 1, and 2% between 1% and 4%
    assert BothEnds(np.array([[0.6]]), np.array([[0.4]]), np.array([0.05])).needed == [0.05]
    assert BothEnds(np.array([[0.6]]), np.array([[0.39]]), np.array([0.05])).needed == [1.0]


@pytest.mark.long
def test_the_cells_needed_are_never_more_than_were_tried() -> None:
    """Of 22 cells the fifth, reached exactly there, was a hair above itself by rounding, and so beyond the last that was tried."""
    for cells in range(4, 2000):
        shares = counts(cells) / cells
        for place in range(1, len(shares)):
            kept = np.where(np.arange(len(shares)) < place, 0.3, 0.6)
            found = BothEnds(kept[None], np.ones((1, len(shares))), shares)
            assert shares[place - 1] < found.needed[0] <= shares[place]


def test_shares_of_few_cells_are_whole_cells_each_once() -> None:
    assert counts(1000).tolist() == np.round(1000 * SHARES).astype(int).tolist()
    assert counts(10).tolist() == [1, 2, 3] and counts(2).tolist() == [1]


def test_cells_come_in_the_order_of_their_support() -> None:
    signed = Attribution(np.array([[3.0, -2.0, 0.5]]), np.zeros(3), "")

    assert ranking_of(signed, 1.0).tolist() == [0, 2, 1] and ranking_of(signed, -1.0).tolist() == [1, 2, 0]
    assert ranking_of(sizes(signed.cells), 1.0).tolist() == [0, 1, 2]


@pytest.mark.parametrize("model", [Sum(mask(1)), Sum(mask(1, 3)), Both(mask(1, 3))])
def test_the_true_cells_are_about_as_few_as_the_fewest_and_none_is_idle(model: Sum) -> None:
    function, true = forward_func(model), model.mask.numpy()
    window = window_evidence(function)

    found = map_evidence(function, window, sizes(true))

    assert window.something and window.needed <= true.mean()
    assert found.needed <= 2.5 * window.needed and found.idle == 0
    assert (found.moved < min(found.kept, found.taken)).all()


def test_half_of_what_decides_jointly_keeps_nothing() -> None:
    function = forward_func(Both(mask(1, 3)))

    found = map_evidence(function, window_evidence(function), sizes(mask(1)))

    assert found.needed == 1.0 and found.kept < 0.1 and found.taken > 0.4


def test_one_of_two_that_stand_in_for_each_other_takes_nothing() -> None:
    function = forward_func(Either(mask(1, 3)))

    found = map_evidence(function, window_evidence(function), sizes(mask(1) * 2 + mask(0) + mask(2) + mask(4)))

    assert found.kept > 0.6 and found.taken < 0.1


def test_cells_of_another_feature_beside_the_true_ones_are_idle() -> None:
    function = forward_func(Sum(mask(1)))

    found = map_evidence(function, window_evidence(function), sizes(mask(1) + mask(4)))

    assert found.idle == pytest.approx(0.5, abs=0.25)  # of ties the first in random order


def test_a_map_in_another_feature_does_nothing() -> None:
    function = forward_func(Sum(mask(1)))

    found = map_evidence(function, window_evidence(function), sizes(mask(4)))

    assert found.needed == 1.0 and found.kept == found.taken == 0.0 and found.idle == 1.0


@pytest.mark.parametrize(("factor", "clear"), [(0.02, False), (0.2, True)])
def test_logits_that_hardly_change_the_probability_are_nothing_to_explain(factor: float, clear: bool) -> None:
    """Logits of 5 and -5 times the factor: the probability is 1 / (1 + exp(-10 factor)), against 0.5."""
    window = window_evidence(forward_func(Sum(mask(1), factor), logits=True))

    assert window.step == pytest.approx((1 / (1 + np.exp(-10 * factor)) - 0.5) / 0.2, rel=1e-5)
    assert window.something == clear


def test_values_are_clear_by_their_spread_and_the_targets() -> None:
    """The sum of five cells of noise has a spread of about 2.2: 5 is 11 times a fifth of it; of a target that varies by 100 it is 5 / 6."""
    function = forward_func(Sum(mask(1)))
    spread = float(function.draw_outputs().std())

    assert window_evidence(function).step == pytest.approx(5 / (0.2 * spread))
    assert window_evidence(forward_func(Sum(mask(1)), target_std=100.0)).step == pytest.approx(5 / (0.2 * 30))


class OtherLogit(Sum):
    """Two logits, of which the first is always 0: what is said of the window is all in the second."""

    def forward(self, x: Tensor, lengths: Tensor | None = None) -> Tensor:
        total = (x * self.mask).sum((1, 2))
        return torch.stack([0 * total, -total], dim=1)


def test_a_logit_that_stays_the_same_is_nothing_to_explain_whatever_its_probability_does() -> None:
    assert not window_evidence(forward_func(OtherLogit(mask(1)), logits=True)).something


def test_a_model_that_says_the_same_of_every_window_has_nothing_to_explain() -> None:
    function = forward_func(Sum(mask()))
    window = window_evidence(function)

    assert window.step == 0 and not window.something
    assert map_evidence(function, window, sizes(mask(1))).needed == 1.0
