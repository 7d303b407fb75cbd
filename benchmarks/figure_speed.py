"""Figures as they are built here against Plotly's own make_subplots and updates: `python -m benchmarks.figure_speed`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from benchmarks.measure import HEADER, Ratio, compare
from complex_lstm.figures import attention, gate, predictions, series

TIMES = np.arange(100).astype("datetime64[h]").astype("datetime64[ms]")
RANDOM = np.random.default_rng(0)


@contextmanager
def plainly(*modules: ModuleType) -> Iterator[None]:
    """Let the figures of these modules be built by Plotly's own way."""
    plain = {"Plot": go.Figure, "subplots": make_subplots}
    kept = [(module, name, getattr(module, name)) for module in modules for name in plain if hasattr(module, name)]
    for module, name, _ in kept:
        setattr(module, name, plain[name])
    try:
        yield
    finally:
        for module, name, ours in kept:
            setattr(module, name, ours)


def ratios() -> list[Ratio]:
    """Return a row for each of the figures that pages draw most often."""
    nine, heads = RANDOM.normal(size=(100, 9)), RANDOM.random((2, 8))
    names, channels, shares = tuple("abcdefghi"), RANDOM.random((100, 64)), RANDOM.dirichlet(np.ones(4))
    made = {
        "series of 9 features": (series, lambda: series.series_lines(TIMES, nine, names=names)),
        "series of 9 features, with bands": (
            series,
            lambda: series.series_lines(TIMES, nine, names=names, bands=(series.Band(0, 50, "training", "rgba(0,0,0,.1)"),)),
        ),
        "attention heads in three numbers": (attention, lambda: attention.head_summary_heatmaps(heads, heads, heads, steps=100, title="")),
        "gate over the series": (gate, lambda: gate.gate_over_series(TIMES, channels, nine[:, 0], name="a", title="")),
        "probabilities": (predictions, lambda: predictions.probability_bars(shares, classes=tuple("abcd"), actual="a", title="")),
    }
    rows = []
    for what, (module, draw) in made.items():

        def plain(module: ModuleType = module, draw: object = draw) -> None:
            with plainly(module):
                draw()  # type: ignore[operator]

        rows.append(compare(what, plain, draw, rounds=25))
    return rows


def main() -> None:
    """Print the table."""
    print(HEADER)
    for ratio in ratios():
        print(ratio.row, flush=True)


if __name__ == "__main__":
    main()
