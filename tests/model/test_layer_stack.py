import pytest
import torch
from torch import nn

from complex_lstm.model.ensemble import LayerStack


def test_layers_are_matched_by_their_order() -> None:
    ours = LayerStack(nn.Linear(2, 3), nn.ReLU(), nn.Dropout(0.1), nn.Linear(3, 1))
    theirs = nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 1))

    ours.load_state_dict(theirs.state_dict(), strict=True)

    assert torch.equal(ours[3].weight, theirs[2].weight) and torch.equal(ours[0].bias, theirs[0].bias)


def test_a_second_load_with_other_numbers_works_as_well() -> None:
    ours = LayerStack(nn.Linear(2, 2), nn.ReLU(), nn.Linear(2, 2))

    ours.load_state_dict({"0.weight": torch.eye(2), "0.bias": torch.zeros(2), "7.weight": torch.eye(2), "7.bias": torch.ones(2)})
    ours.load_state_dict(ours.state_dict())

    assert ours(torch.tensor([1.0, -1.0])).tolist() == [2, 1]  # relu, then one more


def test_another_number_of_layers_is_refused() -> None:
    ours = LayerStack(nn.Linear(2, 2), nn.ReLU(), nn.Linear(2, 2))

    with pytest.raises(RuntimeError, match="Missing key.*2.weight"):
        ours.load_state_dict({"0.weight": torch.eye(2), "0.bias": torch.zeros(2)})
