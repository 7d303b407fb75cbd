"""MiniRocket's features of series, by its published recipe, on numpy.

Dempster, Schmidt and Webb 2021, "MiniRocket: a very fast (almost) deterministic transform for time series classification", KDD
(arXiv 2012.08791), and its authors' extensions to several channels and to series of unequal length.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np
from jaxtyping import Float, Int

LENGTH = 9  # of a kernel: six weights of -1 and three of 2
PLACES = tuple(combinations(range(LENGTH), 3))  # where the 84 kernels have their 2
MOST_DILATIONS = 32  # of a kernel
MOST_CHANNELS = 9  # that are added up for a kernel


@dataclass(frozen=True)
class Combination:
    """One kernel at one dilation, over the sum of some channels, and the biases that its output is held against.

    With `padded` the output has the length of the series, zeros taken beyond its ends; else only what lies wholly within it counts.
    """

    places: tuple[int, int, int]
    dilation: int
    channels: Int[np.ndarray, " channel"]
    biases: Float[np.ndarray, " bias"]
    padded: bool

    @property
    def margin(self) -> int:
        """Steps by which the kernel reaches over an end of the series from its middle."""
        return (LENGTH - 1) * self.dilation // 2


@dataclass(frozen=True)
class MiniRocket:
    """The transform as fitted: each feature is the share of a series' steps at which a convolution is above its bias."""

    combinations: tuple[Combination, ...]

    @property
    def count(self) -> int:
        """How many features there are."""
        return sum(len(one.biases) for one in self.combinations)

    def transform(
        self, x: Float[np.ndarray, "window time channel"], length: Int[np.ndarray, " window"]
    ) -> Float[np.ndarray, "window feature"]:
        """Return the features of series, which are zero after their own ends."""
        made, at = np.empty((len(x), self.count), dtype=np.float32), 0
        steps, alike = np.arange(x.shape[1]), bool((length == x.shape[1]).all())
        for one in self.combinations:
            output, margin = convolve(x, one), 0 if one.padded else one.margin
            if alike:
                output = output[:, margin : x.shape[1] - margin]
            else:
                output[(steps < margin) | (steps >= length[:, None] - margin)] = -np.inf
            total = np.maximum(length - 2 * margin, 1)
            for bias in one.biases.tolist():
                made[:, at] = np.count_nonzero(output > bias, axis=1) / total
                at += 1
        return made


def convolve(x: Float[np.ndarray, "window time channel"], one: Combination) -> Float[np.ndarray, "window time"]:
    """Return a kernel's output at each step for the sum of its channels, with zeros beyond the ends.

    The kernel is -1 everywhere plus 3 at its three places: nine shifts are added up instead of multiplied.
    """
    steps = x.shape[1]
    with np.errstate(over="ignore", invalid="ignore"):
        summed = x[:, :, one.channels].sum(axis=2, dtype=np.float32)
    wide = np.pad(summed, ((0, 0), (one.margin, one.margin)))
    shifted = [wide[:, place * one.dilation : place * one.dilation + steps] for place in range(LENGTH)]
    first, second, third = one.places
    with np.errstate(over="ignore", invalid="ignore"):
        output = 3 * (shifted[first] + shifted[second] + shifted[third]) - sum(shifted)
    return np.nan_to_num(output, copy=False)  # of numbers near the largest that there are


def dilations_of(longest: int, features: int) -> tuple[Int[np.ndarray, " dilation"], Int[np.ndarray, " dilation"]]:
    """Return the dilations for series of a length, spread evenly on a logarithmic scale, and how many features a kernel has at each."""
    each = max(features // len(PLACES), 1)
    most = min(each, MOST_DILATIONS)
    exponents = np.linspace(0, np.log2((max(longest, LENGTH) - 1) / (LENGTH - 1)), most)
    dilations, times = np.unique((2**exponents).astype(int), return_counts=True)
    counts = (times * (each / most)).astype(int)
    counts[: each - counts.sum()] += 1  # what rounding has left over goes to the first ones
    return dilations, counts


def fit_mini_rocket(
    x: Float[np.ndarray, "window time channel"], length: Int[np.ndarray, " window"], *, features: int = 9_996, seed: int = 0
) -> MiniRocket:
    """Return the transform with its biases from these series: quantiles of each convolution's output on one series drawn at random.

    Series of one length are padded for every second combination of kernel and dilation, as published. Series of unequal length, or
    of fewer than nine steps, are always padded, and only their own steps count: as in the authors' extension to variable length.
    """
    generator = np.random.default_rng(seed)
    longest, channels = int(length.max()), x.shape[2]
    varies = bool((length != longest).any()) or longest < LENGTH
    dilations, counts = dilations_of(longest, features)
    needed = len(PLACES) * int(counts.sum())
    quantiles = iter(((np.arange(1, needed + 1) * (np.sqrt(5) + 1) / 2) % 1).tolist())  # cover 0 to 1 evenly, however many are taken
    most = np.log2(min(channels, MOST_CHANNELS) + 1)
    made = []
    for number, (dilation, count) in enumerate(zip(dilations.tolist(), counts.tolist(), strict=True)):
        for kernel, places in enumerate(PLACES):
            chosen = np.sort(generator.choice(channels, size=int(2 ** generator.uniform(0, most)), replace=False))
            padded = varies or (number + kernel) % 2 == 0
            unbiased = Combination(places, dilation, chosen, np.zeros(0), padded)
            drawn = int(generator.integers(len(x)))
            output = convolve(x[drawn : drawn + 1, : length[drawn]], unbiased)[0]
            biases = np.quantile(output, [next(quantiles) for _ in range(count)])
            made.append(Combination(places, dilation, chosen, biases, padded))
    return MiniRocket(tuple(made))
