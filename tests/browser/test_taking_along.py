"""A figure can be taken along: as a picture, as a drawing, and as the numbers that it shows, which are the model's own."""

import io
import re
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import Locator

from complex_lstm.data import time_labels
from complex_lstm.inference import in_data_terms
from complex_lstm.interpretation import METHODS, explain, make_request
from tests.browser.conftest import Arrive
from tests.browser.truth import STRIDE, truth_of
from tests.browser.visitor import Visitor

pytestmark = pytest.mark.long

SAMPLE, WINDOW = "nyc_weather", 3
SELECTION = {"data": SAMPLE, "model": SAMPLE, "stride": STRIDE, "window": WINDOW}
NAME = f"{SAMPLE}-{SAMPLE}-window_{WINDOW}"
SVG = "{http://www.w3.org/2000/svg}"
EXACT = 1e-6  # relative: float32 has seven digits


def canvas_of(visitor: Visitor, name: str) -> Locator:
    canvas = visitor.page.locator(f'.{name}[data-ready="true"]').first
    canvas.wait_for()
    return canvas


def take(visitor: Visitor, canvas: Locator, kind: str) -> tuple[str, bytes]:
    """Press a button of the canvas, and return the name and the content of the file."""
    with visitor.page.expect_download() as waiting:
        canvas.get_by_role("button", name=f"Download {kind}").click()
    return waiting.value.suggested_filename, Path(waiting.value.path()).read_bytes()


def take_all(visitor: Visitor, canvas: Locator, name: str) -> tuple[set[str], pd.DataFrame]:
    """Take a canvas along in all three ways, and return the texts of its drawing and its numbers."""
    files = {kind: take(visitor, canvas, kind) for kind in ("PNG", "SVG", "CSV")}
    assert {kind: file for kind, (file, _) in files.items()} == {kind: f"{name}.{kind.lower()}" for kind in files}
    assert files["PNG"][1].startswith(b"\x89PNG")
    drawing = ET.fromstring(files["SVG"][1])
    assert drawing.tag == f"{SVG}svg" and not re.search(rb'["\s,MLhv]NaN|undefined', files["SVG"][1])
    return {one.text or "" for one in drawing.iter(f"{SVG}text")}, pd.read_csv(io.BytesIO(files["CSV"][1]), keep_default_na=False)


def numbers(values: pd.Series) -> np.ndarray:
    return pd.to_numeric(values).to_numpy(float)


def times_of_window() -> list[str]:
    dataset = truth_of(SAMPLE).dataset
    windows, begin = dataset.windows, int(dataset.windows.start[WINDOW])
    return time_labels(dataset.series[int(windows.series[WINDOW])].times[begin : begin + int(windows.length[WINDOW])])


def test_a_figure_as_png_svg_and_csv(arrive: Arrive) -> None:
    visitor = arrive()
    visitor.open("explain", data="planted_order", model="planted_order", focus="heads", window=2)
    visitor.see_view("heads")
    bars = visitor.traces("ensemble_members")
    name = "planted_order-planted_order-window_2-ensemble_members"

    taken = {}
    for ending in ("svg", "csv"):
        with visitor.page.expect_download() as waiting:
            visitor.page.locator(f".st-key-ensemble_members_{ending}").get_by_role("button").click()
        assert waiting.value.suggested_filename == f"{name}.{ending}"
        taken[ending] = Path(waiting.value.path()).read_text()
    visitor.widget("ensemble_members").locator(".js-plotly-plot").hover()
    with visitor.page.expect_download() as waiting:
        visitor.widget("ensemble_members").locator(".modebar-btn").first.click()

    rows = pd.read_csv(io.StringIO(taken["csv"]))
    shown = [value for trace in bars for value in trace["y"]]
    assert rows["y"].tolist() == pytest.approx(shown, rel=EXACT)
    assert taken["svg"].startswith("<svg") and "ensemble head 1" in taken["svg"]
    assert waiting.value.suggested_filename == f"{name}.png"
    assert Path(waiting.value.path()).read_bytes().startswith(b"\x89PNG")


def test_all_panes_of_a_window_and_their_numbers(visitor: Visitor) -> None:
    visitor.open("explain", **SELECTION)
    canvas = canvas_of(visitor, "overview")

    texts, rows = take_all(visitor, canvas, f"{NAME}-overview")

    truth = truth_of(SAMPLE)
    trace, dataset, roles = truth.trace(WINDOW), truth.dataset, truth.dataset.schema.roles
    assert {"Fusion gate", "Attention heads", "layer 1", "layer 2", "temp (°F)"} <= texts
    gate = rows[rows.quantity == "mean gate"]
    assert numbers(gate.value) == pytest.approx(trace.gate[0].numpy().mean(axis=1), rel=EXACT) and gate.time.tolist() == times_of_window()
    head = rows[(rows.quantity == "weight") & (rows["layer"] == "2") & (rows["head"] == "5")]
    assert numbers(head.value) == pytest.approx(trace.attention[0, 1, 4].numpy().ravel(), rel=EXACT)
    scaled = rows[(rows.quantity == "scaled value") & (rows.name == roles.features[2])]
    assert numbers(scaled.value) == pytest.approx(dataset.windows.inputs(np.array([WINDOW]))[0][:, 2], rel=EXACT)
    predicted = in_data_terms(trace.prediction.numpy().astype(float), dataset, np.array([WINDOW]))[0]
    assert numbers(rows[rows.quantity == "predicted"].value) == pytest.approx(predicted, rel=EXACT)
    members = rows[(rows.quantity == "ensemble head") & (rows.name == roles.targets[1])]
    assert numbers(members.value) == pytest.approx(trace.ensemble_head_outputs[0, :, 1].numpy(), rel=EXACT)


def test_a_map_of_attention_and_its_weights(visitor: Visitor) -> None:
    visitor.open("attention", **SELECTION, layer=1, head=4)
    canvas = canvas_of(visitor, "attention")

    texts, rows = take_all(visitor, canvas, f"{NAME}-attention_layer_2_attention_head_5")

    assert {"Layer 2, attention head 5", "Key: the step attended to", "Query: the step that attends"} <= texts
    weights = rows[rows.quantity == "weight"]
    assert numbers(weights.value) == pytest.approx(truth_of(SAMPLE).trace(WINDOW).attention[0, 1, 4].numpy().ravel(), rel=EXACT)
    assert weights.key_time.tolist()[:48] == times_of_window()


def test_the_maps_of_importance_and_their_cells(visitor: Visitor) -> None:
    visitor.open("importance", **SELECTION, target=0, methods="saliency,input_x_gradient")
    visitor.see_all_computed("importance")
    canvas = canvas_of(visitor, "importance")

    texts, rows = take_all(visitor, canvas, f"{NAME}-importance")

    truth = truth_of(SAMPLE)
    assert {METHODS["saliency"].label, METHODS["input_x_gradient"].label} <= texts
    for method in ("saliency", "input_x_gradient"):
        own = explain(truth.model, make_request(truth.dataset, WINDOW, 0, "training_mean"), method)
        found = rows[rows.method == METHODS[method].label]
        assert numbers(found.importance) == pytest.approx(own.cells.ravel(), rel=1e-4, abs=1e-9)
    assert rows["unit"][0] == rows["importance_unit"][rows.method == METHODS["input_x_gradient"].label].iloc[0] == "°F"


def test_the_strip_of_all_windows_and_their_errors(visitor: Visitor) -> None:
    visitor.open("explain", **SELECTION)
    visitor.page.locator(".scrubber .worst button").first.wait_for()  # the errors are there
    canvas = canvas_of(visitor, "scrubber")
    canvas.locator("summary").click()

    texts, rows = take_all(visitor, canvas, f"{NAME}-windows")

    windows = truth_of(SAMPLE).dataset.windows
    assert set(windows.part.tolist()) <= texts
    assert rows.window.tolist() == list(range(len(windows))) and rows.part.tolist() == windows.part.tolist()
    worst = int(np.nanargmax(numbers(rows["error in standard deviations"])))
    assert visitor.page.locator(".scrubber .worst button").first.inner_text() == str(worst)


def test_a_sheet_of_the_tour_and_its_values(visitor: Visitor) -> None:
    visitor.open("tour", **SELECTION)
    visitor.widget("tour_answer_1").get_by_role("radio").first.click(force=True)  # its numbers are shown then
    canvas = canvas_of(visitor, "tour")
    canvas.locator('.box[data-box="5"]').click()
    visitor.page.locator('.tour[data-opened="5"]').wait_for()

    texts, rows = take_all(visitor, canvas, f"{NAME}-tour_fusion_gate_gate")

    assert "Fusion gate: gate" in texts
    assert numbers(rows.value) == pytest.approx(truth_of(SAMPLE).trace(WINDOW).gate[0].numpy().T.ravel(), rel=EXACT)


def test_the_series_to_edit_and_its_values(visitor: Visitor) -> None:
    visitor.open("experiment", **SELECTION)
    canvas = canvas_of(visitor, "series")

    texts, rows = take_all(visitor, canvas, f"{NAME}-what_if")

    dataset = truth_of(SAMPLE).dataset
    begin = int(dataset.windows.start[WINDOW])
    values = dataset.series[int(dataset.windows.series[WINDOW])].values[begin : begin + 48, 0]
    assert "temp" in texts
    assert numbers(rows[rows.feature == "temp"].before) == pytest.approx(values, rel=EXACT)
    assert rows.before.tolist() == rows.after.tolist()
