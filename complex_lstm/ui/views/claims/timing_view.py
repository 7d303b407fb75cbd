"""Time: each part of a forward pass, and how it grows with size, measured on this machine on request."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

import numpy as np
import pandas as pd
import streamlit as st

from complex_lstm.figures.claims import growth_lines, part_time_bars
from complex_lstm.model.device import device_name, pick_device
from complex_lstm.profiling import (
    KINDS,
    LARGE_RANGE,
    SMALL_RANGE,
    Growth,
    Power,
    Size,
    Timed,
    compare_growth,
    counts_own_work,
    growths,
    plan_sizes,
    stated_power,
    time_sizes,
)
from complex_lstm.ui.compute.jobs import Job, JobFunction
from complex_lstm.ui.session.figures import show_figure
from complex_lstm.ui.session.messages import caption, reading
from complex_lstm.ui.session.progress import job_on_request
from complex_lstm.ui.views.claims.subject import Subject

SIZE_RANGES = {"up to 8 times this model's": SMALL_RANGE, "up to 32 times: takes minutes": LARGE_RANGE}
BATCHES = (1, 8, 32)
AXES = {"time": "time steps", "hidden": "channels", "batch": "windows at once"}
ROWS = (*KINDS, "The whole")
COLUMNS = {  # and their widths in pixels, so that the finding is not cut off on a laptop
    "part": 120,
    "claimed": 70,
    "arithmetic": 85,
    "measured": 100,
    "arithmetic at the end": 140,
    "measured at the end": 135,
    "finding": 255,
}


@dataclass(frozen=True)
class Times:
    """The measurements so far. `own` is the size of the open model and window."""

    own: Size
    timings: tuple[Timed, ...]
    growths: tuple[Growth, ...]

    @property
    def of_own(self) -> Timed | None:
        return next((one for one in self.timings if one.size == self.own), None)


def show_times(subject: Subject) -> Times | None:
    """Draw the measurements so far, and return them; None before the first one is started."""
    left, right = st.columns(2)
    largest = SIZE_RANGES[left.selectbox("Sizes", list(SIZE_RANGES), key="claims_reach")]
    batch = right.segmented_control("Windows at once", BATCHES, default=8, required=True, key="claims_batch") or BATCHES[1]
    own = Size(len(subject.window), subject.config.hidden_dim, batch)
    sizes = plan_sizes(subject.config, own, largest)
    key: Hashable = (subject.key, subject.config, own, sizes)
    job = job_on_request("claims_timing", key, _measuring(subject, sizes), label=f"Measure {len(sizes)} sizes on this machine")
    timings: tuple[Timed, ...] = (job.latest if job and not job.error_message else None) or ()
    if not timings:
        st.caption("The measurement continues while this page is open. If you leave, the sizes measured by then are kept.")
        return None
    times = Times(own, timings, growths(timings, subject.config, own))
    if times.of_own:
        _draw_parts(subject, times.of_own)
    _draw_growth(subject, times)
    return times


def _measuring(subject: Subject, sizes: tuple[Size, ...]) -> JobFunction:
    def run(job: Job[tuple[Timed, ...]]) -> tuple[Timed, ...]:
        found: tuple[Timed, ...] = job.earlier or ()
        job.skipped = len(found)
        job.report_progress(len(found), len(sizes))
        for timed in time_sizes(subject.model(), subject.window, sizes[len(found) :], device=pick_device(), stop=job.must_stop):
            found = (*found, timed)
            job.partial = found
            job.report_progress(len(found), len(sizes))
        return found

    return run


def _draw_parts(subject: Subject, timed: Timed) -> None:
    show_figure(
        part_time_bars(timed.passes, parts=tuple(part.label for part in timed.parts), title="Where a forward pass goes"),
        key="claims_part_times",
        alt="Time of every part of a forward pass",
    )
    caption(
        method=f"{_clock()} from part to part of the model's forward pass, median of {len(timed.passes)} passes, middle half as whiskers",
        model=subject.name,
        input=f"{subject.window_name}: {timed.size.batch} x {timed.size.time} steps",
        device=device_name(pick_device()),
    )


def _draw_growth(subject: Subject, times: Times) -> None:
    axis = st.segmented_control("It grows with", AXES, format_func=AXES.__getitem__, default="time", required=True, key="claims_axis")
    growth = next((one for one in times.growths if one.axis == axis), None)
    if growth is None:
        st.caption("A line needs two sizes, which are not measured yet.")
        return
    powers = [growth.measured(place) if growth.seconds[:, place].all() else None for place in range(len(ROWS))]
    drawn = [place for place, power in enumerate(powers) if power]
    show_figure(
        growth_lines(
            growth.sizes,
            growth.seconds[:, drawn],
            parts=tuple(ROWS[place] for place in drawn),
            slopes=tuple(_slope(power) for power in powers if power),
            own=getattr(times.own, growth.axis),
            x=AXES[growth.axis],
            title="",
        ),
        key="claims_growth",
        alt=f"Time of every kind of part by {AXES[growth.axis]}, both axes logarithmic",
    )
    st.dataframe(
        pd.DataFrame([_row(growth, place, power) for place, power in enumerate(powers) if power], columns=list(COLUMNS)),
        hide_index=True,
        key="claims_slopes",
        alt="The claimed, counted and measured power of every kind of part",
        column_config={name: st.column_config.Column(width=width) for name, width in COLUMNS.items()},
        height=35 * (len(drawn) + 1) + 3,
    )
    _describe_method(subject, times.own, growth)


def _row(growth: Growth, place: int, power: Power) -> tuple[str, ...]:
    stated, counted = stated_power(ROWS[place], growth.axis), growth.counted(place)
    finding = "" if stated is None else compare_growth(power, stated, counted)
    claimed = "" if stated is None else str(stated)
    return ROWS[place], claimed, _digits(counted.slope), _slope(power), _digits(counted.last), _digits(power.last), finding


def _describe_method(subject: Subject, own: Size, growth: Growth) -> None:
    fixed = [f"{getattr(own, axis)} {words}" for axis, words in AXES.items() if axis != growth.axis]
    caption(
        method=f"least squares on the logarithms, ± the slope's standard error; {_clock()}",
        model=subject.name,
        fixed=", ".join(fixed),
        sizes=", ".join(f"{size:,.0f}" for size in growth.sizes),
        device=device_name(pick_device()),
    )
    reading(
        "With a slope of 2 the time grows fourfold when the size doubles. The arithmetic counts multiplications over the same sizes: the "
        "power of attention is between 1 and 2 in both steps and channels, because it adds steps x steps x channels and steps x channels x "
        "channels.",
        "An order is about the limit of large sizes. Here a part of the time is the same at every size, which flattens the line. So "
        "the last two sizes are closer to that limit than the whole line, and the finding is about them.",
    )


def _slope(power: Power) -> str:
    return _digits(power.slope) + ("" if np.isnan(power.error) else f" ± {power.error:.2f}")


def _digits(slope: float) -> str:
    return f"{round(slope, 2) + 0.0:.2f}"  # no -0.00


def _clock() -> str:
    return "processor time of the thread" if counts_own_work(pick_device()) else "time on the clock"
