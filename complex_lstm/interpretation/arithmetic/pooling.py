"""The three pools: from a channel over time to one number."""

from __future__ import annotations

import numpy as np

from complex_lstm.interpretation.arithmetic.linear import sum_of_products
from complex_lstm.interpretation.arithmetic.operations import DIVIDE, LARGEST, TAKE
from complex_lstm.interpretation.arithmetic.traced_window import TracedWindow
from complex_lstm.interpretation.arithmetic.working import Earlier, Line, Working, given

POOLS = ("mean", "max", "last step")


def pooled(window: TracedWindow, pool: int, channel: int) -> Working:
    """Return a channel's mean, largest value or last step."""
    return (_mean, _max, _last)[pool](window, channel)


def _mean(window: TracedWindow, channel: int) -> Working:
    h = _channel(window, channel)
    names = [f"step {step}" for step in range(len(h))]
    return Working(
        box="Pooling",
        name=f"pooled mean, channel {channel}",
        formula=r"\bar h_c = \frac{1}{T} \sum_t h_{t,c}",
        lines=(
            sum_of_products("s", "all steps added up", r"\sum_t h_{t,c}", names, h, np.ones_like(h)),
            Line(r"\bar h_c", "over their number", DIVIDE, (Earlier("s"), given("steps", "T", len(h)))),
        ),
        traced=float(window.of(window.trace.pooled_mean)[channel]),
        source="complex_lstm.model.pooling:MeanPool",
    )


def _max(window: TracedWindow, channel: int) -> Working:
    h = _channel(window, channel)
    best = np.argsort(-h, kind="stable")[:2].tolist()
    ranked = [
        given(f"{place}, step {step}", f"h_{{{step},c}}", h[step]) for place, step in zip(("winner", "runner-up"), best, strict=False)
    ]
    return Working(
        box="Pooling",
        name=f"pooled max, channel {channel}",
        formula=r"\hat h_c = \max_t h_{t,c}",
        lines=(Line(r"\hat h_c", f"step {best[0]} is the largest of {len(h)}", LARGEST, tuple(ranked)),),
        traced=float(window.of(window.trace.pooled_max)[channel]),
        source="complex_lstm.model.pooling:MaxPool",
    )


def _last(window: TracedWindow, channel: int) -> Working:
    h = _channel(window, channel)
    last = given(f"step {len(h) - 1}", "h_{T-1,c}", h[-1])
    return Working(
        box="Pooling",
        name=f"pooled last step, channel {channel}",
        formula=r"h^{\mathrm{last}}_c = h_{T-1,c}",
        lines=(Line(r"h^{\mathrm{last}}_c", "the last step as it is", TAKE, (last,)),),
        traced=float(window.of(window.trace.pooled_last)[channel]),
        source="complex_lstm.model.pooling:last_step",
    )


def _channel(window: TracedWindow, channel: int) -> np.ndarray:
    return window.over_time(window.before_block(len(window.trace.lstm)))[:, channel]
