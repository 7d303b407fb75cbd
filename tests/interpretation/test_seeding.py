from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch

from complex_lstm.interpretation.forward import seeded


def draws() -> tuple[float, float]:
    return torch.rand(()).item(), np.random.random()


def test_the_same_seed_draws_the_same_and_another_does_not() -> None:
    found = []
    for seed in (0, 0, 1):
        with seeded(seed):
            found.append(draws())

    assert found[0] == found[1]
    assert found[0][0] != found[2][0] and found[0][1] != found[2][1]


def test_the_process_draws_on_as_if_nothing_had_been() -> None:
    torch.manual_seed(5)
    np.random.seed(6)
    expected = [draws(), draws()]
    torch.manual_seed(5)
    np.random.seed(6)

    first = draws()
    with pytest.raises(IndexError), seeded(0):
        [][int(sum(draws()))]

    assert [first, draws()] == expected


def test_one_at_a_time_draws() -> None:
    def found(seed: int) -> list[tuple[float, float]]:
        with seeded(seed):
            return [draws() for _ in range(50)]

    alone = [found(seed) for seed in range(4)]

    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(found, range(4)))

    assert together == alone
