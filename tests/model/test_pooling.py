import torch

from complex_lstm.model.ensemble import MaxPool, MeanPool, last_step

H = torch.tensor([[[1.0], [5.0], [3.0]], [[-4.0], [-2.0], [90.0]]])
MASK = torch.tensor([[True, True, True], [True, True, False]])


def test_the_mean_is_over_real_steps() -> None:
    assert MeanPool()(H).flatten().tolist() == [3, 28]
    assert MeanPool()(H, MASK).flatten().tolist() == [3, -3]


def test_the_largest_is_a_real_step_also_among_negative_ones() -> None:
    assert MaxPool()(H).flatten().tolist() == [5, 90]
    assert MaxPool()(H, MASK).flatten().tolist() == [5, -2]


def test_the_last_step_is_the_last_real_one() -> None:
    assert last_step(H).flatten().tolist() == [3, 90]
    assert last_step(H, MASK).flatten().tolist() == [3, -2]
