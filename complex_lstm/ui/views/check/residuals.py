"""Where a model of values errs: by the hour of the day, by the size of what it predicts, and beside repeating the last value."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import streamlit as st
from jaxtyping import Float, Int

from complex_lstm.evaluation.answered import AnsweredWindows, answered_windows
from complex_lstm.evaluation.blocks import Interval
from complex_lstm.evaluation.residuals import by_hour, hours_of, running_median, skill
from complex_lstm.figures.residuals import residuals_by_hour, residuals_by_size
from complex_lstm.ui.compute import cache
from complex_lstm.ui.compute.scene import Scene
from complex_lstm.ui.explaining.part_scores import PartScore, windows_of
from complex_lstm.ui.session.figures import show_figure
from complex_lstm.ui.session.listing import most_drawn, nearest_listed
from complex_lstm.ui.session.messages import caption, change, plain, reading
from complex_lstm.ui.session.state import clicked_points, follow
from complex_lstm.ui.views.check.awaiting import await_part, await_result
from complex_lstm.ui.views.check.intervals import choose_target
from complex_lstm.ui.views.check.part import choose_part
from complex_lstm.ui.views.check.scores import MOST_DRAWN


@dataclass(frozen=True)
class Residuals:
    """The windows with answers, the skill of each target, and the hour that each window forecasts, None in a file without times."""

    own: AnsweredWindows
    skill: tuple[Interval, ...]
    hours: Int[np.ndarray, " window"] | None


def show_residuals(scene: Scene) -> None:
    """Draw the skill of a part's forecasts over repeating the last value, and one target's errors by hour and by size."""
    with st.container(key="view-residuals"):
        part = choose_part(scene)
        reading(
            "Skill is the share of the error of repeating the last value that the model removes: 1 is no error, 0 no better than that "
            "rule. An error above 0 is predicted too high. A running median that rises with the prediction means that predicted changes "
            "are too large, one that falls that they are too small.",
            "Errors of an hour come from as many days as the part has, and neighbouring windows are alike: a few odd days bend the line. A "
            "high skill says little where the last value is a poor guess.",
        )
        found = await_part(scene, part)
        if found is None:
            return
        made: Residuals | str | None = await_result(("residuals", found.keys, part), lambda job: _collect(found), "Collecting the errors")
        if isinstance(made, str):
            st.info(made, icon="🤷")
        elif made is not None:
            _draw_skill(scene, made)
            target = choose_target(scene, st.container())
            _draw(scene, found, made, target)


def _collect(found: PartScore) -> Residuals | str:
    dataset = cache.dataset(*found.keys)
    own = answered_windows(dataset, found.predictions)
    if not len(own):
        return "None of these windows has both a true answer in the file and a prediction, so no error is known."
    unchanged = dataset.windows.last[own.windows] - own.actual
    return Residuals(own, skill(own.errors, unchanged, own.blocks), hours_of(dataset, own.windows))


def _draw_skill(scene: Scene, made: Residuals) -> None:
    rows = []
    for place, name in enumerate(scene.outputs):
        one = made.skill[place]
        ends = "too few blocks" if np.isnan(one.low) else f"{change(one.low, 3)} to {change(one.high, 3)}"
        rows.append(
            {
                "target": name,
                "skill over repeating the last value": "undefined" if np.isnan(one.value) else change(one.value, 3),
                "95% interval": ends,
                "better": "" if np.isnan(one.low) else "yes" if one.low > 0 else "no: worse" if one.high < 0 else "not beyond chance",
            }
        )
    st.dataframe(pd.DataFrame(rows), hide_index=True, key="check_skill", alt="The skill of each target over repeating the last value")


def _draw(scene: Scene, found: PartScore, made: Residuals, target: int) -> None:
    name, unit = scene.outputs[target], scene.dataset.schema.unit(scene.outputs[target])
    errors, predicted = made.own.errors[:, target], made.own.predicted[:, target]
    if made.hours is not None:
        hours, quantiles, counts = by_hour(errors, made.hours)
        show_figure(
            residuals_by_hour(hours, quantiles, counts, name=name, unit=unit, title="Errors by hour of the day"),
            key="check_by_hour",
            alt="The median error at each hour of the day, between the 10% and 90% quantiles",
        )
    else:
        st.caption("The file has no times of day, so there are no errors by hour.")
    by_size = scene.dataset.window.as_change
    last = cache.dataset(*found.keys).windows.last[made.own.windows, target]
    size, what = (predicted - last, f"change of {name}") if by_size else (predicted, name)
    _draw_by_size(scene, found, made, np.where(np.isfinite(size), size, np.nan), errors, (what, name, unit))
    zone = next((one.zone for one in scene.dataset.series if one.zone), "")
    caption(
        method="predicted minus actual; the running median is over a twentieth of the windows",
        windows=windows_of(scene, found.part, len(made.own)),
        skill=f"1 less the mean absolute error over that of repeating the last value; interval of draws of {made.own.blocks.kind}",
        hours="" if made.hours is None else f"of the file's clock{f', {plain(zone)}' if zone else ''}",
    )


def _draw_by_size(
    scene: Scene,
    found: PartScore,
    made: Residuals,
    size: Float[np.ndarray, " window"],
    errors: Float[np.ndarray, " window"],
    names: tuple[str, str, str],
) -> None:
    what, name, unit = names
    known = np.flatnonzero(np.isfinite(size))
    most = most_drawn(len(known), MOST_DRAWN, "check_by_size")
    drawn = known if len(known) <= most else np.sort(np.random.default_rng(0).choice(known, most, replace=False))
    nearest, _ = nearest_listed(cache.dataset(*found.keys).windows, made.own.windows[drawn], scene.dataset.windows)
    event = show_figure(
        residuals_by_size(
            size[drawn],
            errors[drawn],
            nearest,
            running_median(size[known], errors[known]),
            name=name,
            what=what,
            unit=unit,
            title=f"Errors by the predicted {'change' if what != name else 'value'}: click a point to open its window",
        ),
        key="check_by_size",
        on_select="rerun",
        selection_mode="points",
        alt="The error of each window over what was predicted, with the running median",
    )
    if len(drawn) < len(known):
        st.caption(f"Drawn are {len(drawn):,} of {len(known):,} windows, by chance; the running median is of all.")
    follow("check_by_size", clicked_points(event))
