"""A figure built of plain dictionaries is the one that Plotly would build, and passes Plotly's check."""

import json
from typing import Any

import plotly.graph_objects as go
import pytest
from plotly.subplots import make_subplots

from complex_lstm.figures.plot import Plot, subplots
from tests.figures import test_explanation_figures, test_figures

EVERY = test_figures.ALL_FIGURES | test_explanation_figures.ALL_FIGURES


@pytest.mark.parametrize("make", EVERY.values(), ids=EVERY)
def test_every_figure_passes_plotlys_own_check_unchanged(make: Any) -> None:
    figure = make()

    assert json.loads(go.Figure(figure.to_dict()).to_json()) == json.loads(figure.to_json())


def draw(figure: go.Figure) -> go.Figure:
    """Change a figure of two rows in each way that the figures use."""
    figure.add_trace(go.Scatter(x=[1, 2], y=[3, 4]), row=1, col=1)
    figure.add_traces([go.Bar(x=[1, 2], y=[3, 4])], rows=2, cols=1)
    figure.update_layout(title={"text": "a", "font": {"size": 15}}, height=300, legend={"y": 1}, colorway=("#000000", "#ffffff"))
    figure.update_layout(title_text="b", title_x=0, shapes=[{"type": "line", "x0": 1}], annotations=[{"text": "first", "x": 1}])
    figure.add_hline(y=3, line={"dash": "dash"}, row=2, col=1)
    figure.add_shape(type="line", x0=1, x1=2, y0=0, y1=1)
    figure.add_annotation(x=1, y=2, text="second")
    figure.update_annotations(font_size=9)
    figure.update_xaxes(title_text="time", range=(0, 5))
    figure.update_yaxes(title={"text": "up"}, nticks=3, row=1, col=1)
    return figure.update_yaxes(showgrid=False, row=2)


def test_a_figure_of_subplots_is_the_one_that_plotly_makes() -> None:
    plain = make_subplots(rows=2, cols=1, shared_xaxes=True, subplot_titles=("one", "two"), row_heights=[0.6, 0.4])

    ours = subplots(rows=2, cols=1, shared_xaxes=True, subplot_titles=("one", "two"), row_heights=[0.6, 0.4])

    assert json.loads(draw(ours).to_json()) == json.loads(draw(plain).to_json())
    assert ours.layout.yaxis2.showgrid is False and ours.layout.annotations[-1].text == "second"


def test_a_figure_of_one_panel_is_the_one_that_plotly_makes() -> None:
    def change(figure: go.Figure) -> go.Figure:
        figure.update_xaxes(title_text="time").update_yaxes(type="category", autorange="reversed")
        return figure.update_layout(xaxis={"range": [0, 1]}, coloraxis={"cmin": 0}, xaxis2={"overlaying": "x"})

    bars = go.Bar(x=[1, 2], y=["a", "b"])

    assert json.loads(change(Plot(bars)).to_json()) == json.loads(change(go.Figure(bars)).to_json())


def test_figures_of_one_grid_share_nothing() -> None:
    first = subplots(rows=2, cols=1)
    first.update_xaxes(title_text="mine")

    second = subplots(rows=2, cols=1)

    assert second.layout.xaxis.title.text is None and not second.data
