"""MiniRocket's features against direct convolution, and its dilations and biases against the published recipe."""

import itertools
from dataclasses import replace

import numpy as np
import pytest

from complex_lstm.evaluation.mini_rocket import Combination, MiniRocket, convolve, dilations_of, fit_mini_rocket


def slowly(x: np.ndarray, length: int, one: Combination) -> np.ndarray:
    """Return a combination's features of one series: each output as the sum of the products of kernel and values."""
    kernel = np.full(9, -1.0)
    kernel[list(one.places)] = 2.0
    series = x[:length, one.channels].astype(float).sum(axis=1)
    outputs = []
    for step in range(length):
        reached = [step + (place - 4) * one.dilation for place in range(9)]
        within = [0 <= at < length for at in reached]
        if one.padded or all(within):
            outputs.append(sum(weight * series[at] for weight, at, inside in zip(kernel, reached, within, strict=True) if inside))
    return np.array([np.mean([output > bias for output in outputs]) if outputs else 0.0 for bias in one.biases])


def slow_features(rocket: MiniRocket, x: np.ndarray, length: np.ndarray) -> np.ndarray:
    return np.stack([np.concatenate([slowly(one, steps, c) for c in rocket.combinations]) for one, steps in zip(x, length, strict=True)])


def random_series(lengths: list[int], channels: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    random, length = np.random.default_rng(seed), np.array(lengths)
    x = random.integers(-40, 40, size=(len(length), length.max(), channels)).astype(np.float32)  # whole numbers: sums are exact
    x[np.arange(length.max()) >= length[:, None]] = 0
    return x, length


@pytest.mark.parametrize(("lengths", "channels"), [([31] * 4, 1), ([31] * 4, 5), ([40, 17, 9, 25], 3), ([7, 5, 8], 2)])
def test_features_are_those_of_a_direct_convolution(lengths: list[int], channels: int) -> None:
    x, length = random_series(lengths, channels)
    rocket = fit_mini_rocket(x, length, features=84 * 5)

    assert rocket.count == 84 * 5
    apart = [replace(one, biases=np.floor(one.biases) + 0.5) for one in rocket.combinations]  # between whole numbers: no tie decides
    rocket = MiniRocket(tuple(apart))
    assert np.allclose(rocket.transform(x, length), slow_features(rocket, x, length), atol=1e-6)


def test_there_are_84_kernels_at_each_dilation_with_three_of_nine_weights_at_two() -> None:
    x, length = random_series([57] * 3, 2)
    rocket = fit_mini_rocket(x, length)

    by_dilation = itertools.groupby(rocket.combinations, lambda one: one.dilation)
    assert all({one.places for one in group} == set(itertools.combinations(range(9), 3)) for _, group in by_dilation)
    assert rocket.count == 84 * 119 == 9_996


def test_dilations_and_the_features_of_each_are_the_published_ones() -> None:
    dilations, counts = dilations_of(57, 9_996)  # 2 ** (0 to log2(56 / 8) = 2.807 in 32 steps), whole numbers

    exponents = np.arange(32) * np.log2(7) / 31
    times = [int(np.sum(np.floor(2**exponents + 1e-12) == one)) for one in range(1, 8)]
    expected = [int(count * 119 / 32) for count in times]
    for place in range(119 - sum(expected)):
        expected[place] += 1
    assert dilations.tolist() == [1, 2, 3, 4, 5, 6, 7] and counts.tolist() == expected and counts.sum() == 119


def test_a_series_shorter_than_a_kernel_has_one_dilation() -> None:
    dilations, counts = dilations_of(4, 840)

    assert dilations.tolist() == [1] and counts.tolist() == [10]


def test_series_of_one_length_are_padded_for_every_second_combination_and_unequal_ones_always() -> None:
    equal = fit_mini_rocket(*random_series([30] * 3, 2), features=84 * 4)
    unequal = fit_mini_rocket(*random_series([30, 12, 20], 2), features=84 * 4)

    assert [one.padded for one in equal.combinations[:84]] == [True, False] * 42
    assert [one.padded for one in equal.combinations[84:88]] == [False, True, False, True]
    assert all(one.padded for one in unequal.combinations)


def test_biases_are_quantiles_of_the_outputs_on_one_of_the_series() -> None:
    x, length = random_series([25], 1)
    rocket = fit_mini_rocket(x, length, features=84 * 3)
    golden = (np.arange(1, 84 * 3 + 1) * (np.sqrt(5) + 1) / 2) % 1

    first, last = rocket.combinations[0], rocket.combinations[-1]
    assert np.allclose(first.biases, np.quantile(convolve(x, first)[0], golden[: len(first.biases)]))
    assert np.allclose(last.biases, np.quantile(convolve(x, last)[0], golden[-len(last.biases) :]))


def test_what_lies_after_the_end_of_a_series_does_not_count() -> None:
    x, length = random_series([30, 14, 22], 3)
    rocket = fit_mini_rocket(x, length, features=840)
    alone = rocket.transform(x[1:2, :14], length[1:2])

    assert np.array_equal(rocket.transform(x, length)[1], alone[0])
