"""The consensus: weights by measured faithfulness, a geometric mean of shares, and what it finds of planted cells."""

import re

import numpy as np
import pytest
import torch

from complex_lstm.data import prepare_for, read_csv
from complex_lstm.data.planted import cause_frame, make_planted, planted_frame
from complex_lstm.interpretation import ForwardFunction, UnsignedAttribution, explain, make_request
from complex_lstm.interpretation.consensus import GRADIENT_GRAIN, MEMBERS, consensus
from complex_lstm.interpretation.faithfulness import random_faithfulness
from complex_lstm.interpretation.ground_truth import detect, true_cells
from complex_lstm.interpretation.methods import explain_consensus
from complex_lstm.model import load_checkpoint
from complex_lstm.samples import SAMPLES
from tests.interpretation.toys import Largest, Linear, forward_func_of

NAMES = ("Shapley", "Integrated Gradients", "Gradient SHAP")
TWO_CELLS = np.zeros((12, 2), dtype=np.float32)
TWO_CELLS[4:6, 1] = 3.0


def test_where_all_members_name_the_same_cells_so_does_the_consensus() -> None:
    forward_func = forward_func_of(Linear(TWO_CELLS.tolist()), np.ones((12, 2)).tolist())

    found = consensus(forward_func)

    assert isinstance(found, UnsignedAttribution)
    assert set(np.argsort(found.cells.ravel())[-2:]) == {4 * 2 + 1, 5 * 2 + 1}
    assert found.features[1] > 10 * found.features[0]


def test_it_says_how_much_each_member_weighs() -> None:
    found = consensus(forward_func_of(Linear(TWO_CELLS.tolist()), np.ones((12, 2)).tolist()))

    names = [r"occlusion of \d+%"] * 3 + list(NAMES)
    weights = re.fullmatch("weights: " + ", ".join(rf"{name} (\d+)%" for name in names), found.effort)
    assert weights and sum(map(int, weights.groups())) == pytest.approx(100, abs=3)  # six numbers, each rounded


def test_where_nothing_is_gained_over_chance_all_weigh_alike() -> None:
    found = consensus(forward_func_of(Largest(), np.zeros((12, 2)).tolist()))  # its own baseline: no gap; one stretch is 17% too

    assert found.effort.count(" 17%") == 7 and np.isfinite(found.cells).all()


def test_a_gradients_lone_cell_is_spread_over_its_neighbour() -> None:
    """Of 32 steps the grain of a gradient is two; occlusion of a lone cell is not averaged, so that it stays the first."""
    lone = np.zeros((32, 1), dtype=np.float32)
    lone[10, 0] = 1.0

    cells = consensus(forward_func_of(Linear(lone.tolist()), np.ones((32, 1)).tolist())).cells[:, 0]

    assert round(GRADIENT_GRAIN * 32) == 2 and cells.argmax() in (10, 11) and np.sort(cells)[-2] > 10 * np.median(cells)


@pytest.mark.long
@pytest.mark.parametrize(("sample", "auprc"), [("planted_order", 0.9), ("planted_shape", 0.6)])
def test_it_finds_planted_cells_of_fresh_windows(sample: str, auprc: float) -> None:
    """Over 100 fresh windows it is 0.98 and 0.93; single windows of the shape task fall to 0.5, where chance is 0.03."""
    planted = make_planted(sample.removeprefix("planted_"), 3, seed=31)
    loaded = load_checkpoint(SAMPLES[sample].checkpoint)
    table = read_csv(planted_frame(planted).to_csv(index=False).encode(), "fresh.csv")
    dataset = prepare_for(table, loaded.schema, loaded.window, loaded.scaling)

    found = [
        detect(
            explain(loaded.model, make_request(dataset, window, int(planted.label[window])), "consensus").cells,
            true_cells(cause_frame(planted), dataset, window),
        )
        for window in range(3)
    ]

    assert np.mean([one.auprc for one in found]) > auprc and np.mean([one.auroc for one in found]) > 0.97


@pytest.mark.long
def test_the_consensus_of_explanations_that_are_there_is_the_one_that_is_computed_whole() -> None:
    """The page once computed each member a second time for the consensus: half of what a new window cost."""
    loaded = load_checkpoint(SAMPLES["planted_order"].checkpoint)
    request = make_request(prepare_for(read_csv(SAMPLES["planted_order"].csv), loaded.schema, loaded.window, loaded.scaling, None), 3, 1)
    members = {name: explain(loaded.model, request, name) for name in MEMBERS}
    forward_func = ForwardFunction(loaded.model, request, torch.device("cpu"))
    chance = random_faithfulness(forward_func)

    found, whole = explain_consensus(forward_func, members, chance), explain(loaded.model, request, "consensus")

    assert found.cells.tolist() == whole.cells.tolist()
    assert found.attribution.effort == whole.attribution.effort
    assert (found.evaluations, found.baseline, found.device) == (whole.evaluations, whole.baseline, whole.device)
    assert found.seconds > sum(one.seconds for one in members.values())
