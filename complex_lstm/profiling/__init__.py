"""A model's size, time and gradients, counted and measured, beside what the architecture document states of them."""

from complex_lstm.profiling.counting import KINDS, Kind, ModelSize, Part, PartSize, activation_bytes, count_size, multiply_adds, parts_of
from complex_lstm.profiling.gradient_flow import BlockGradients, Flow, InitialFlow, PartGradient, gradient_flow, initial_flow, typical
from complex_lstm.profiling.scaling import (
    AXES,
    LARGE_RANGE,
    SMALL_RANGE,
    STATED_GROWTH,
    Axis,
    Growth,
    GrowthRange,
    Power,
    StatedGrowth,
    compare_growth,
    fit_power,
    growths,
    plan_sizes,
    stated_power,
    time_sizes,
)  # fmt: skip
from complex_lstm.profiling.timing import Size, Timed, counts_own_work, time_parts

__all__ = [
    "AXES", "KINDS", "LARGE_RANGE", "SMALL_RANGE", "STATED_GROWTH", "Axis", "BlockGradients", "Flow", "Growth", "GrowthRange",
    "InitialFlow", "Kind", "ModelSize", "Part", "PartGradient", "PartSize", "Power", "Size", "StatedGrowth", "Timed", "activation_bytes",
    "compare_growth", "count_size", "counts_own_work", "fit_power", "gradient_flow", "growths", "initial_flow", "multiply_adds",
    "parts_of", "plan_sizes", "stated_power", "time_parts", "time_sizes", "typical",
]  # fmt: skip
