"""How the time of each kind of part grows with steps, channels and windows: measured, and what the arithmetic says."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
import torch
from jaxtyping import Float, Float32

from complex_lstm.config import ModelConfig
from complex_lstm.errors import never_stop
from complex_lstm.model import ComplexLSTMModel
from complex_lstm.profiling.claims import Axis
from complex_lstm.profiling.counting import KINDS, multiply_adds, parts_of
from complex_lstm.profiling.timing import Size, Timed, time_parts

AXES: tuple[Axis, ...] = ("time", "hidden", "batch")
SIZES = 5  # of each axis, the model's own among them
NEAR = 0.25  # a power this near to the stated one is taken for it


@dataclass(frozen=True)
class Reach:
    """How far from the model's own size the measurement goes: doublings, products of one pass, and channels at most."""

    doublings: int
    products: float
    hidden: int


SMALL, LARGE = Reach(3, 40e9, 256), Reach(5, 100e9, 512)


@dataclass(frozen=True)
class Power:
    """A power law through sizes and their values: value = factor * size^slope, by least squares on the logarithms.

    error  the standard error of the slope; NaN for fewer than three sizes
    last   the slope between the two largest sizes alone, where what is the same at all sizes weighs least
    """

    slope: float
    error: float
    last: float


@dataclass(frozen=True)
class Growth:
    """What was measured along one axis, from the smallest size to the largest.

    seconds   of all parts of a kind, the medians; the last column is the whole pass
    products  of the same, what the arithmetic says
    """

    axis: Axis
    sizes: Float[np.ndarray, " size"]
    seconds: Float[np.ndarray, "size kind"]
    products: Float[np.ndarray, "size kind"]

    def measured(self, kind: int) -> Power:
        return fit_power(self.sizes, self.seconds[:, kind])

    def counted(self, kind: int) -> Power:
        return fit_power(self.sizes, self.products[:, kind])


def fit_power(sizes: Float[np.ndarray, " size"], values: Float[np.ndarray, " size"]) -> Power:
    """Return the power law through two sizes or more."""
    x, y = np.log(sizes), np.log(values)
    across = x - x.mean()
    slope = float(across @ y / (across @ across))
    missed = y - y.mean() - slope * across
    free = len(x) - 2
    error = float(np.sqrt(missed @ missed / free / (across @ across))) if free else np.nan
    return Power(slope, error, float((y[-1] - y[-2]) / (x[-1] - x[-2])))


def judge(measured: Power, stated: int, counted: Power) -> str:
    """Return whether a measured growth is the stated one, and if not, whether the arithmetic says so too over the same sizes.

    A stated order is meant for large sizes, so the large end decides.
    """
    if abs(measured.last - stated) <= NEAR:
        return "as stated" if abs(measured.slope - stated) <= NEAR else "as stated at the large end"
    found = "less than stated" if measured.last < stated else "more than stated"
    return f"{found}, like the arithmetic" if abs(measured.last - counted.last) <= NEAR else found


def plan_sizes(config: ModelConfig, own: Size, reach: Reach = SMALL) -> tuple[Size, ...]:
    """Return the sizes to measure, the cheapest first: the own one, and along each axis up to four more, doublings and halvings."""
    found = {own} | {size for axis in AXES for size in _along(axis, config, own, reach)}
    return tuple(sorted(found, key=lambda size: products_of(config, size)))


def products_of(config: ModelConfig, size: Size) -> int:
    """Return the products that a forward pass of this size sums up."""
    return sum(_products(config, size))


def time_sizes(
    model: ComplexLSTMModel,
    window: Float32[np.ndarray, "time feature"],
    sizes: tuple[Size, ...],
    *,
    device: torch.device | None = None,
    stop: Callable[[], bool] = never_stop,
) -> Iterator[Timed]:
    """Yield the times of each size. The window is repeated to as many steps and windows as a size has.

    A size with other channels than the model's is an untrained model of the same kind: time does not hang on the weights.

    Raises:
        Stopped: `stop` said so.
    """
    device = device or torch.device("cpu")
    for size in sizes:
        steps = np.resize(window, (size.time, window.shape[1]))
        x = torch.from_numpy(steps).to(device).expand(size.batch, -1, -1).contiguous()
        yield time_parts(_of_size(model, size, device), x, stop=stop)


def growths(timings: tuple[Timed, ...], config: ModelConfig, own: Size) -> tuple[Growth, ...]:
    """Return the growth along each axis on which two sizes or more were measured."""
    found = []
    for axis in AXES:
        along = [one for one in timings if replace(own, **{axis: getattr(one.size, axis)}) == one.size]
        along.sort(key=lambda one: getattr(one.size, axis))
        if len(along) > 1:
            seconds = np.array([[*one.kinds, one.whole] for one in along])
            products = np.array([[*(each := _products(config, one.size)), sum(each)] for one in along], dtype=float)
            found.append(Growth(axis, np.array([getattr(one.size, axis) for one in along], dtype=float), seconds, products))
    return tuple(found)


def _along(axis: Axis, config: ModelConfig, own: Size, reach: Reach) -> list[Size]:
    """Return up to four sizes beside the own one: the largest that are within reach."""
    at = getattr(own, axis)
    step = config.num_heads if axis == "hidden" else 1
    values = {max(step, round(at * 2.0**power / step) * step) for power in range(-SIZES + 1, reach.doublings + 1)} - {at}
    sizes = [replace(own, **{axis: value}) for value in values if axis != "hidden" or 3 <= value <= max(reach.hidden, at)]
    within = sorted((size for size in sizes if products_of(config, size) <= reach.products), key=lambda size: getattr(size, axis))
    return within[-(SIZES - 1) :]


def _products(config: ModelConfig, size: Size) -> list[int]:
    """Return the products of each of KINDS."""
    sized = replace(config, hidden_dim=size.hidden)
    each = [(part.kind, multiply_adds(sized, part, batch=size.batch, time=size.time)) for part in parts_of(sized)]
    return [sum(count for kind, count in each if kind == wanted) for wanted in KINDS]


def _of_size(model: ComplexLSTMModel, size: Size, device: torch.device) -> ComplexLSTMModel:
    if size.hidden == model.config.hidden_dim:
        return model
    with torch.random.fork_rng(devices=[]):  # weights draw random numbers, which belong to others here
        return ComplexLSTMModel(**vars(replace(model.config, hidden_dim=size.hidden))).to(device).eval().requires_grad_(False)
