"""A figure can be taken along: as Plotly's PNG, as a drawing, and as the numbers that it shows."""

import csv
import io
from pathlib import Path

import pytest

from tests.browser.conftest import Arrive


def test_a_figure_as_png_svg_and_csv(arrive: Arrive) -> None:
    visitor = arrive()
    visitor.open("explain", data="planted_order", model="planted_order", focus="heads")
    visitor.see_view("heads")
    bars = visitor.traces("ensemble_members")

    taken = {}
    for ending in ("svg", "csv"):
        with visitor.page.expect_download() as waiting:
            visitor.page.locator(f".st-key-ensemble_members_{ending}").get_by_role("button").click()
        assert waiting.value.suggested_filename == f"ensemble_members.{ending}"
        taken[ending] = Path(waiting.value.path()).read_text()
    visitor.widget("ensemble_members").locator(".js-plotly-plot").hover()
    with visitor.page.expect_download() as waiting:
        visitor.widget("ensemble_members").locator(".modebar-btn").first.click()

    rows = list(csv.DictReader(io.StringIO(taken["csv"])))
    shown = [value for trace in bars for value in trace["y"]]
    assert [float(row["y"]) for row in rows] == pytest.approx(shown, rel=1e-6)
    assert taken["svg"].startswith("<svg") and "ensemble head 1" in taken["svg"]
    assert waiting.value.suggested_filename == "ensemble_members.png"
    assert Path(waiting.value.path()).read_bytes().startswith(b"\x89PNG")
    assert visitor.complaints == []
