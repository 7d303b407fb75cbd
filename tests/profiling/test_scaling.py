"""Growth: slopes of known power laws, the sizes that are measured, and what is said of a slope."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from complex_lstm.config import ModelConfig
from complex_lstm.errors import Stopped
from complex_lstm.profiling import (
    KINDS,
    LARGE_RANGE,
    SMALL_RANGE,
    Power,
    Size,
    Timed,
    compare_growth,
    fit_power,
    growths,
    parts_of,
    plan_sizes,
    time_sizes,
)
from complex_lstm.profiling.scaling import products_of
from tests.model.lively import random_windows, remembered, small_model

CONFIG = ModelConfig(9, 64, 4, 8, 3)
OWN = Size(48, 64, 8)


@pytest.mark.parametrize("power", [0.0, 1.0, 2.0, -0.5])
def test_a_power_law_is_found_exactly(power: float) -> None:
    sizes = np.array([3.0, 7.0, 20.0, 55.0])

    found = fit_power(sizes, 0.04 * sizes**power)

    assert (found.slope, found.last) == pytest.approx((power, power)) and found.error == pytest.approx(0, abs=1e-12)


def test_the_error_of_a_slope_is_that_of_least_squares() -> None:
    """In logarithms the points (0, 0), (1, 1), (2, 1): the line 1/6 + x/2 misses them by -1/6, 1/3 and -1/6."""
    found = fit_power(np.exp([0.0, 1.0, 2.0]), np.exp([0.0, 1.0, 1.0]))

    assert (found.slope, found.last) == pytest.approx((1 / 2, 0))
    assert found.error == pytest.approx(np.sqrt((1 / 36 + 1 / 9 + 1 / 36) / 1 / 2))


def test_two_sizes_make_a_line_without_an_error() -> None:
    found = fit_power(np.array([10.0, 20.0]), np.array([1.0, 4.0]))

    assert (found.slope, found.last) == pytest.approx((2, 2)) and np.isnan(found.error)


@pytest.mark.parametrize(
    ("slope", "last", "counted", "finding"),
    [
        (0.9, 1.1, 1.0, "as stated"),
        (0.5, 0.9, 1.0, "as stated at the large end"),
        (0.2, 0.4, 1.0, "less than stated"),
        (1.3, 1.7, 1.0, "more than stated"),
        (1.3, 1.7, 1.6, "more than stated, like the arithmetic"),
    ],
)
def test_the_large_end_decides_whether_it_is_as_stated(slope: float, last: float, counted: float, finding: str) -> None:
    assert compare_growth(Power(slope, 0.1, last), 1, Power(counted, 0.0, counted)) == finding


def test_the_own_size_is_always_measured_and_the_cheapest_come_first() -> None:
    sizes = plan_sizes(CONFIG, OWN)

    assert OWN in sizes and len(sizes) == 1 + 3 * 4
    assert [sum(products_of(CONFIG, size)) for size in sizes] == sorted(sum(products_of(CONFIG, size)) for size in sizes)
    assert sorted(size.time for size in sizes if (size.hidden, size.batch) == (64, 8)) == [24, 48, 96, 192, 384]
    assert sorted(size.hidden for size in sizes if (size.time, size.batch) == (48, 8)) == [16, 32, 64, 128, 256]
    assert sorted(size.batch for size in sizes if (size.time, size.hidden) == (48, 64)) == [4, 8, 16, 32, 64]


@pytest.mark.parametrize("reach", [SMALL_RANGE, LARGE_RANGE])
@pytest.mark.parametrize(
    ("config", "own"),
    [
        (ModelConfig(), Size(400, 256, 32)),
        (replace(CONFIG, hidden_dim=300, num_heads=4), Size(1000, 300, 8)),
        (replace(CONFIG, hidden_dim=8, num_heads=8), Size(1, 8, 1)),
    ],
)
def test_no_size_goes_further_than_its_reach_and_each_is_a_model_that_can_be(config: ModelConfig, own: Size, reach: object) -> None:
    sizes = plan_sizes(config, own, reach)  # type: ignore[arg-type]  # one of the two

    others = [size for size in sizes if size != own]
    assert len(others) == len(sizes) - 1 >= 6
    assert all(sum(products_of(config, size)) <= reach.products for size in others)  # type: ignore[attr-defined]
    assert all(replace(config, hidden_dim=size.hidden) and min(size.time, size.batch) >= 1 for size in sizes)


def of_size(size: Size, seconds: float) -> Timed:
    """A measurement of which every part took the same."""
    parts = tuple(part for part in parts_of(replace(CONFIG, hidden_dim=size.hidden)) if part.sites)
    return Timed(size, parts, np.full((3, len(parts)), seconds))


def test_each_axis_takes_the_sizes_that_differ_in_it_alone() -> None:
    timings = (
        of_size(replace(OWN, time=192), 0.16),
        of_size(OWN, 0.04),
        of_size(replace(OWN, time=96), 0.08),
        of_size(replace(OWN, hidden=128), 0.16),
    )

    time, hidden = growths(timings, CONFIG, OWN)

    assert (time.axis, time.sizes.tolist(), hidden.axis, hidden.sizes.tolist()) == ("time", [48, 96, 192], "hidden", [64, 128])
    lstm, whole = KINDS.index("BiLSTM blocks"), len(KINDS)
    assert time.seconds[:, lstm] == pytest.approx([4 * 0.04, 4 * 0.08, 4 * 0.16]) and time.seconds[0, whole] == pytest.approx(11 * 0.04)
    assert time.measured(lstm).slope == pytest.approx(1) and hidden.measured(lstm).slope == pytest.approx(2)
    assert time.counted(lstm).slope == pytest.approx(1) and hidden.counted(lstm).slope == pytest.approx(2)


def test_the_arithmetic_of_attention_lies_between_the_orders() -> None:
    """2 layers x batch x (4 steps x channels^2 + 2 steps^2 x channels)."""
    (growth,) = growths((of_size(OWN, 0.04), of_size(replace(OWN, time=96), 0.04)), CONFIG, OWN)

    products = growth.products[:, KINDS.index("Attention layers")]

    assert products.tolist() == [2 * 8 * (4 * t * 64**2 + 2 * t**2 * 64) for t in (48, 96)]
    assert 1 < growth.counted(KINDS.index("Attention layers")).last < 2


def test_sizes_come_one_after_another_and_the_model_is_left_alone() -> None:
    model, window = small_model(), random_windows(6, 4).numpy()
    before, draws = remembered(model), torch.get_rng_state()
    sizes = (Size(3, 8, 1), Size(6, 16, 2), Size(13, 16, 1))

    timings = list(time_sizes(model, window, sizes))

    assert tuple(one.size for one in timings) == sizes
    assert remembered(model) == before and torch.equal(torch.get_rng_state(), draws)


def test_what_is_measured_before_a_stop_is_there() -> None:
    wishes = iter([*[False] * 100, *[True] * 100])  # at most 25 passes of each size
    found: list[Timed] = []

    with pytest.raises(Stopped):
        found.extend(time_sizes(small_model(), random_windows(6, 4).numpy(), (Size(3, 16, 1),) * 9, stop=wishes.__next__))

    assert 4 <= len(found) < 9
