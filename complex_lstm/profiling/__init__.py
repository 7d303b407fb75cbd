"""The architecture document's claims on size, time and gradients, beside what is counted and measured."""

from complex_lstm.profiling.claims import Axis, Order, stated_power
from complex_lstm.profiling.counting import KINDS, Kind, ModelSize, Part, PartSize, activation_bytes, count_size, multiply_adds, parts_of
from complex_lstm.profiling.gradient_flow import Crossing, Flow, Learning, gradient_flow, typical
from complex_lstm.profiling.scaling import (
    AXES,
    LARGE,
    SMALL,
    Growth,
    Power,
    Reach,
    fit_power,
    growths,
    judge,
    plan_sizes,
    time_sizes,
)
from complex_lstm.profiling.timing import Size, Timed, counts_own_work, time_parts

__all__ = [
    "AXES",
    "KINDS",
    "LARGE",
    "SMALL",
    "Axis",
    "Crossing",
    "Flow",
    "Growth",
    "Kind",
    "Learning",
    "ModelSize",
    "Order",
    "Part",
    "PartSize",
    "Power",
    "Reach",
    "Size",
    "Timed",
    "activation_bytes",
    "count_size",
    "counts_own_work",
    "fit_power",
    "gradient_flow",
    "growths",
    "judge",
    "multiply_adds",
    "parts_of",
    "plan_sizes",
    "stated_power",
    "time_parts",
    "time_sizes",
    "typical",
]
