"""How the time of each kind of part grows with steps, channels and windows: as stated, as measured, and by arithmetic."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import torch
from jaxtyping import Float, Float32

from complex_lstm.config import ModelConfig
from complex_lstm.errors import never_stop
from complex_lstm.model import ComplexLSTMModel
from complex_lstm.profiling.counting import KINDS, Kind, multiply_adds, parts_of
from complex_lstm.profiling.timing import Size, Timed, time_parts

Axis = Literal["time", "hidden", "batch"]

AXES: tuple[Axis, ...] = ("time", "hidden", "batch")
SIZES = 5  # of each axis, the model's own among them
NEAR = 0.25  # a power this near to the stated one counts as equal


@dataclass(frozen=True)
class StatedGrowth:
    """A statement of the architecture document: the time of all parts of a kind grows with this power of a size."""

    kind: Kind
    axis: Axis
    power: int


STATED_GROWTH = (
    StatedGrowth("Convolutions", "time", 1),
    StatedGrowth("Convolutions", "hidden", 1),
    StatedGrowth("Convolutions", "batch", 1),
    StatedGrowth("BiLSTM blocks", "time", 1),
    StatedGrowth("BiLSTM blocks", "hidden", 2),
    StatedGrowth("BiLSTM blocks", "batch", 1),
    StatedGrowth("Attention layers", "time", 2),
    StatedGrowth("Attention layers", "hidden", 1),
    StatedGrowth("Attention layers", "batch", 1),
)


def stated_power(kind: str, axis: Axis) -> int | None:
    """Return the power that the document states for a kind of part, None where it states none."""
    return next((one.power for one in STATED_GROWTH if (one.kind, one.axis) == (kind, axis)), None)


@dataclass(frozen=True)
class GrowthRange:
    """How far from the model's own size growth is measured: at most so many doublings, products of one pass, and channels."""

    doublings: int
    products: float
    hidden: int


SMALL_RANGE, LARGE_RANGE = GrowthRange(3, 40e9, 256), GrowthRange(5, 100e9, 512)


@dataclass(frozen=True)
class Power:
    """A power law through sizes and their values: value = factor * size^slope, by least squares on the logarithms.

    error  the standard error of the slope; NaN for fewer than three sizes
    last   the slope between the two largest sizes alone, where constant costs weigh least
    """

    slope: float
    error: float
    last: float


@dataclass(frozen=True)
class Growth:
    """The measurements along one axis, from the smallest size to the largest.

    seconds   medians, of all parts of a kind; the last column is the whole pass
    products  the multiply-adds of the same
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


def compare_growth(measured: Power, stated: int, counted: Power) -> str:
    """Return in words whether a measured growth is the stated one, and if not, whether the arithmetic agrees with it.

    A stated power is meant for large sizes, so the two largest sizes decide.
    """
    if abs(measured.last - stated) <= NEAR:
        return "as stated" if abs(measured.slope - stated) <= NEAR else "as stated at the large end"
    found = "less than stated" if measured.last < stated else "more than stated"
    return f"{found}, like the arithmetic" if abs(measured.last - counted.last) <= NEAR else found


def plan_sizes(config: ModelConfig, own: Size, within: GrowthRange = SMALL_RANGE) -> tuple[Size, ...]:
    """Return the sizes to measure, the cheapest first: the model's own, and along each axis up to four more, by doubling and halving."""
    found = {own} | {size for axis in AXES for size in _along(axis, config, own, within)}
    return tuple(sorted(found, key=lambda size: sum(products_of(config, size))))


def products_of(config: ModelConfig, size: Size) -> list[int]:
    """Return the multiply-adds of a forward pass of this size, of each of KINDS."""
    sized = replace(config, hidden_dim=size.hidden)
    each = [(part.kind, multiply_adds(sized, part, batch=size.batch, time=size.time)) for part in parts_of(sized)]
    return [sum(count for kind, count in each if kind == wanted) for wanted in KINDS]


def time_sizes(
    model: ComplexLSTMModel,
    window: Float32[np.ndarray, "time feature"],
    sizes: tuple[Size, ...],
    *,
    device: torch.device | None = None,
    stop: Callable[[], bool] = never_stop,
) -> Iterator[Timed]:
    """Yield the times of each size. The window is repeated to as many steps and windows as a size has.

    For another number of channels an untrained model of the same kind is timed: time does not depend on the weights.

    Raises:
        Stopped: `stop` returned True.
    """
    device = device or torch.device("cpu")
    for size in sizes:
        steps = np.resize(window, (size.time, window.shape[1]))
        x = torch.from_numpy(steps).to(device).expand(size.batch, -1, -1).contiguous()
        sized = model
        if size.hidden != model.config.hidden_dim:
            with torch.random.fork_rng(devices=[]):  # initial weights must not advance the global random state
                sized = ComplexLSTMModel(**vars(replace(model.config, hidden_dim=size.hidden))).to(device).eval().requires_grad_(False)
        yield time_parts(sized, x, stop=stop)


def growths(timings: tuple[Timed, ...], config: ModelConfig, own: Size) -> tuple[Growth, ...]:
    """Return the growth along each axis on which two sizes or more were measured."""
    found = []
    for axis in AXES:
        along = [one for one in timings if replace(own, **{axis: getattr(one.size, axis)}) == one.size]
        along.sort(key=lambda one: getattr(one.size, axis))
        if len(along) > 1:
            seconds = np.array([[*one.kinds, one.whole] for one in along])
            products = np.array([[*(each := products_of(config, one.size)), sum(each)] for one in along], dtype=float)
            found.append(Growth(axis, np.array([getattr(one.size, axis) for one in along], dtype=float), seconds, products))
    return tuple(found)


def _along(axis: Axis, config: ModelConfig, own: Size, within: GrowthRange) -> list[Size]:
    """Return up to four sizes beside the model's own: the largest within the range."""
    at = getattr(own, axis)
    step = config.num_heads if axis == "hidden" else 1
    values = {max(step, round(at * 2.0**power / step) * step) for power in range(-SIZES + 1, within.doublings + 1)} - {at}
    sizes = [replace(own, **{axis: value}) for value in values if axis != "hidden" or 3 <= value <= max(within.hidden, at)]
    affordable = sorted((size for size in sizes if sum(products_of(config, size)) <= within.products), key=lambda size: getattr(size, axis))
    return affordable[-(SIZES - 1) :]
