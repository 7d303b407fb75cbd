"""Rows with long names have room for them in a figure as SVG."""

import numpy as np
import plotly.graph_objects as go
import pytest

from complex_lstm.figures.svg import figure_svg


def rows(names: list[str]) -> str:
    return figure_svg(go.Figure(go.Scatter(x=np.arange(len(names), dtype=float), y=names, mode="markers")))


@pytest.mark.parametrize("name", ["a", "repeating the last value", "the same hour a week ago, of all airports"])
def test_a_name_stands_whole_beside_its_row(name: str) -> None:
    assert f">{name}</text>" in rows([name, "b"])


def test_a_name_that_would_take_half_of_the_figure_is_cut_with_a_sign() -> None:
    drawn = rows(["n" * 300, "b"])

    assert "n" * 20 in drawn and "n" * 100 not in drawn and "…</text>" in drawn
