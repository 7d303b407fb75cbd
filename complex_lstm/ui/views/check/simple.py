"""Simple models: whether the model is better than rules and models that anybody can fit in a minute, on the same windows."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from complex_lstm.data.units import digits
from complex_lstm.evaluation.simple_scores import SimpleComparison, comparison_frame
from complex_lstm.evaluation.simple_words import describe_best, describe_blocks, describe_difference, percent, points
from complex_lstm.figures.simple_models import comparison_dots
from complex_lstm.ui.compute.scene import Scene
from complex_lstm.ui.explaining.part_scores import windows_of
from complex_lstm.ui.explaining.simple_comparison import PAGE, Beside, comparison_unless_stopped
from complex_lstm.ui.session.features import choose_features
from complex_lstm.ui.session.figures import offer_csv, show_figure
from complex_lstm.ui.session.messages import caption, plain, reading
from complex_lstm.ui.views.check.awaiting import await_job
from complex_lstm.ui.views.check.part import choose_part


def show_simple_models(scene: Scene) -> None:
    """Draw the model beside simple models on all windows of a part: a verdict, the differences, and a table of the scores."""
    with st.container(key="view-simple"):
        part = choose_part(scene)
        what = "accuracy less the" if scene.is_classes else "error against the"
        better = "to the right of the dashed line the model is right more often" if scene.is_classes else "to the left it errs less"
        reading(
            f"Each row is the model's {what} simple model's on the same windows: "
            f"{better}. Only where the whole line lies on one side do these windows show a difference.",
            "The simple models are as they come, and nobody has tuned them. Several are compared at once, so that one interval in twenty "
            "misses by chance; and the best of them was found on these very windows.",
        )
        job = comparison_unless_stopped(scene, part)
        found: Beside | None = await_job(job, PAGE, "Fitting and scoring simple models", "the simple models were fitted and scored")
        if found is not None:
            _draw(scene, part, found)


def _draw(scene: Scene, part: str, found: Beside) -> None:
    compared = found.compared
    if not compared.windows:
        st.info("None of these windows has both a true value in the file and a prediction, so nothing can be compared.", icon="🤷")
        return
    if compared.best is not None:
        st.markdown(f"**{plain(describe_best(compared))}**")
        figure = comparison_dots(compared, title="The model against simple models")
        show_figure(figure, key="simple_differences", alt="The model's difference to each simple model, with its 95% interval")
    _draw_table(scene, compared)
    lines = [plain(describe_difference(one, compared)) for one in compared.scores]
    lines += [f"{plain(one.name)} is left out: {plain(one.reason)}." for one in compared.left_out]
    st.markdown("\n".join(f"- {line[:1].upper()}{line[1:]}" for line in lines))
    with st.expander("What the simple models are"):
        st.markdown("\n".join(f"- **{plain(one.name)}**: {plain(one.how)}." for one in compared.scores))
    several = not compared.is_classes and len(compared.names) > 1
    caption(
        method=f"the model and simple models on the same windows; {found.fitted_on}",
        windows=windows_of(scene, part, compared.windows),
        difference="mean over the targets, each in units of the error of repeating its last value" if several else "",
        intervals=describe_blocks(compared),
        seed=0,
    )


def _draw_table(scene: Scene, compared: SimpleComparison) -> None:
    """Draw a row for the model and each simple model: its score of each target, of many those where the model gains least."""
    units = tuple(map(scene.dataset.schema.unit, compared.names)) if not compared.is_classes else ("",)
    shown = list(range(len(compared.names)))
    if compared.best is not None and len(shown) > 1:
        with np.errstate(divide="ignore", invalid="ignore"):
            gain = np.nan_to_num(compared.score / compared.best.score, nan=0.0, posinf=np.inf)
        order = np.argsort(-gain, kind="stable").tolist()
        shown = choose_features(
            compared.names, "simple_targets", order, first="ones that gain least over the best simple model", what="targets"
        )
    rows = [("this model", compared.score, compared.windows, None), *((one.name, one.score, one.windows, one) for one in compared.scores)]
    table = []
    for name, scores, windows, one in rows:
        row: dict[str, object] = {"model": name}
        for place in shown:
            label = "accuracy" if compared.is_classes else f"mean error, {compared.names[place]}"
            row[label] = f"{scores[place]:.3f}" if compared.is_classes else f"{digits(scores[place])} {units[place]}".rstrip()
        write = points if compared.is_classes else percent
        what = "the model's accuracy against it (points)" if compared.is_classes else "the model's error against it"
        row[what] = "" if one is None else write(one.difference.value) if np.isfinite(one.difference.value) else "undefined"
        row["95% interval"] = (
            f"{write(one.difference.low)} to {write(one.difference.high)}" if one and np.isfinite(one.difference.low) else ""
        )
        table.append(row | {"windows": f"{windows:,}"})
    st.dataframe(
        pd.DataFrame(table), hide_index=True, key="simple_table", alt="The score of the model and of each simple model, a row each"
    )
    offer_csv(lambda: comparison_frame(compared), "simple_models.csv", key="simple_download", label="Download the comparison (CSV)")
