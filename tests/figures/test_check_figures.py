"""Figures of Check: bins, curves, bands and residuals, with names as text, and drawn without a browser."""

import numpy as np
import plotly.graph_objects as go
import pytest

from complex_lstm.evaluation.blocks import Blocks
from complex_lstm.evaluation.calibration import reliability
from complex_lstm.evaluation.curves import class_curves
from complex_lstm.figures.calibration import Marked, class_areas, precision_recall_lines, reliability_diagram, roc_lines
from complex_lstm.figures.numbers import figure_csv
from complex_lstm.figures.residuals import interval_band, residuals_by_hour, residuals_by_size
from complex_lstm.figures.svg import figure_svg
from tests.figures.test_figures import DAYS, ESCAPED, HOSTILE, STEPS

GENERATOR = np.random.default_rng(0)
PROBABILITY = GENERATOR.uniform(size=200)
IS_CLASS = GENERATOR.uniform(size=200) < PROBABILITY
BLOCKS = Blocks(np.arange(200) // 5, 40, "days")
BINS = reliability(PROBABILITY, IS_CLASS, BLOCKS, bins=10)
CURVES = class_curves(PROBABILITY, IS_CLASS, BLOCKS, draws=20)
assert CURVES is not None
HALF = np.array([1.0, 1.0, 0.5, 0.5])

ALL_FIGURES = {
    "reliability": lambda: reliability_diagram(((HOSTILE, BINS), ("b", BINS)), of=HOSTILE, title=""),
    "roc": lambda: roc_lines(CURVES.roc, name=HOSTILE, title="", marked=Marked(0.1, 0.5, 0.3)),
    "precision and recall": lambda: precision_recall_lines(CURVES.precision_recall, name=HOSTILE, share=0.5, title=""),
    "areas": lambda: class_areas(np.array([0.4, 0.9]), names=(HOSTILE, "b"), title=""),
    "hours": lambda: residuals_by_hour(np.arange(2), np.ones((3, 2)), np.array([4, 5]), name=HOSTILE, unit=HOSTILE, title=""),
    "sizes": lambda: residuals_by_size(
        STEPS, STEPS, np.arange(4), (STEPS, STEPS), name=HOSTILE, what=HOSTILE, unit=HOSTILE, title=""
    ),
    "band": lambda: interval_band(
        DAYS, STEPS, STEPS + np.array([0, 2, 0, 0]), HALF, np.array([True, False, True, True]), windows=np.arange(4), level=0.9,
        name=HOSTILE, unit=HOSTILE, title="",
    ),
}  # fmt: skip


@pytest.mark.parametrize("make", ALL_FIGURES.values(), ids=ALL_FIGURES)
def test_names_stay_text_and_the_figure_can_be_taken_along(make: object) -> None:
    figure = make()  # type: ignore[operator]

    assert HOSTILE.replace('"', '\\"') not in figure.to_json()
    assert figure.to_plotly_json()["layout"] == go.Figure(figure.to_dict()).to_plotly_json()["layout"]
    assert figure_svg(figure).startswith("<svg") and figure_csv(figure).count("\n") > 2


def test_a_bin_stands_where_its_probability_and_its_share_are_and_the_first_has_a_band() -> None:
    figure = reliability_diagram((("one", BINS), ("two", BINS)), of="x", title="")
    lines = [trace for trace in figure.data if trace.type == "scatter" and trace.mode == "lines+markers"]

    assert [trace.name for trace in lines] == ["one", "two"] and lines[0].customdata.sum() == 200
    assert np.asarray(lines[0].x) == pytest.approx(BINS.confidence) and lines[0].y[3] == pytest.approx(BINS.share[3].value)
    assert [trace.fill for trace in figure.data if trace.type == "scatter"].count("tonexty") == 1


def test_the_band_is_half_a_width_to_each_side_and_what_lies_outside_is_marked() -> None:
    low, high, _, _, outside = ALL_FIGURES["band"]().data

    assert np.asarray(high.y) - np.asarray(low.y) == pytest.approx(2 * HALF)
    assert outside.customdata.tolist() == [1] and outside.x == ("2024-01-02T00:00:00.000",)
    assert ESCAPED in ALL_FIGURES["band"]().layout.yaxis.title.text
