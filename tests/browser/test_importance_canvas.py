"""The importance canvas: one cell read in every map, its numbers the library's own, and a pin that stays."""

import re

import numpy as np
import pytest
from playwright.sync_api import Locator, expect

from complex_lstm.data import time_labels
from complex_lstm.interpretation import METHODS, explain, make_request
from tests.browser.truth import STRIDE, truth_of
from tests.browser.visitor import Visitor

pytestmark = pytest.mark.long

SAMPLE, WINDOW, TARGET = "planted_order", 5, 0
SELECTION = {"data": SAMPLE, "model": SAMPLE, "stride": STRIDE, "window": WINDOW, "baseline": "training_mean", "target": TARGET}
CELL = re.compile(r"(.+) \(step (\d+)\), (\w+) (\S+)")
QUARTERS = """canvas => {
    const {width, height} = canvas, {data} = canvas.getContext("2d").getImageData(0, 0, width, height);
    const sums = [0, 0, 0, 0];
    for (let at = 0; at < data.length; at += 4) {
        const [x, y] = [(at / 4) % width, Math.floor(at / 4 / width)];
        const quarter = (x < width / 2 ? 0 : 1) + (y < height / 2 ? 0 : 2);
        sums[quarter] = (31 * sums[quarter] + data[at] + 7 * data[at + 1] + 13 * data[at + 2]) % 1e9;
    }
    return sums;
}"""


@pytest.fixture
def canvas(visitor: Visitor) -> Locator:
    visitor.open("importance", **SELECTION)
    return canvas_of(visitor)


def canvas_of(visitor: Visitor) -> Locator:
    visitor.see_all_computed("importance")
    canvas = visitor.page.locator('.st-key-view-importance .importance[data-ready="true"]')
    canvas.wait_for()
    return canvas


def point_at(visitor: Visitor, canvas: Locator, right: float, down: float) -> None:
    maps = canvas.locator("canvas.maps")
    maps.scroll_into_view_if_needed()
    box = maps.bounding_box()
    assert box
    visitor.page.mouse.move(box["x"] + right * box["width"], box["y"] + down * box["height"])


def cell_said(canvas: Locator) -> tuple[int, str]:
    """Compare the time and the value that are said with the file, and return the step and the feature."""
    sentence = canvas.locator(".cell").inner_text()
    found = CELL.match(sentence)
    assert found, sentence
    time, step, feature, value = found.groups()
    dataset = truth_of(SAMPLE).dataset
    series, begin = dataset.series[int(dataset.windows.series[WINDOW])], int(dataset.windows.start[WINDOW])
    at, number = begin + int(step), dataset.schema.roles.features.index(feature)
    assert time == time_labels(series.times[at : at + 1])[0]
    assert float(value) == pytest.approx(series.values[at, number], rel=1e-5)
    return int(step), feature


def readings_of(canvas: Locator) -> dict[str, str]:
    """What every method says of the cell, by its label."""
    rows = canvas.locator(".readings li").all()
    return {row.locator(".method").inner_text(): row.locator(".value").inner_text() for row in rows}


def test_every_method_reads_the_same_cell_and_the_number_is_the_librarys(visitor: Visitor, canvas: Locator) -> None:
    point_at(visitor, canvas, 0.3, 0.2)
    step, feature = cell_said(canvas)
    truth = truth_of(SAMPLE)
    question = make_request(truth.dataset, WINDOW, TARGET)
    number = truth.dataset.schema.roles.features.index(feature)

    said = readings_of(canvas)

    for name in ("ablation", "integrated_gradients"):
        expected = explain(truth.model, question, name).cells[step, number]
        assert float(said[METHODS[name].label]) == pytest.approx(expected, rel=0.006, abs=1e-7)  # three digits are said


def test_a_cell_is_marked_in_all_maps_and_in_the_series(canvas: Locator) -> None:
    """The maps stand in two columns, the series below both: what is marked in all changes every quarter of the picture."""
    maps = canvas.locator("canvas.maps")
    before = maps.evaluate(QUARTERS)

    maps.focus()
    maps.press("ArrowRight")

    assert all(one != other for one, other in zip(before, maps.evaluate(QUARTERS), strict=True))


def test_the_series_names_the_moment_and_the_nearest_line(visitor: Visitor, canvas: Locator) -> None:
    said = []
    for down in (0.84, 0.89, 0.94):  # through the series, from its top
        point_at(visitor, canvas, 0.3, down)
        said.append(cell_said(canvas))

    dataset = truth_of(SAMPLE).dataset
    scaled = dataset.windows.inputs(np.array([WINDOW]))[0]
    lines = [scaled[step, dataset.schema.roles.features.index(feature)] for step, feature in said]
    assert len({step for step, _ in said}) == 1 and len({feature for _, feature in said}) > 1
    assert lines == sorted(lines, reverse=True)  # of one moment, the higher place names the higher line


def test_the_keyboard_points_pins_and_unpins(visitor: Visitor, canvas: Locator) -> None:
    maps = canvas.locator("canvas.maps")
    maps.focus()
    for press in ("ArrowDown", "ArrowDown", "ArrowRight", "Shift+ArrowRight"):
        maps.press(press)
    assert cell_said(canvas) == (11, "ch1")  # the first arrow only shows the cursor, at 0, 0

    maps.press("Enter")
    expect(canvas).to_have_attribute("data-step", "11")
    expect(canvas).to_have_attribute("data-feature", "1")
    maps.press("Escape")
    visitor.see_link(focus="importance", step=None)
    expect(canvas).to_have_attribute("data-step", "")
    maps.press("Escape")
    visitor.see_link(focus=None)


def test_a_pin_outlives_another_pane_and_a_second_click_takes_it_off(visitor: Visitor, canvas: Locator) -> None:
    point_at(visitor, canvas, 0.3, 0.2)
    step, feature = cell_said(canvas)
    visitor.page.mouse.down()
    visitor.page.mouse.up()
    expect(canvas).to_have_attribute("data-step", str(step))
    visitor.settle()

    visitor.open_pane("Attention heads")
    visitor.widget("explain_back").get_by_role("button").click()
    visitor.page.locator('.overview[data-ready="true"]').get_by_role("button", name=re.compile("^Series")).click()

    again = canvas_of(visitor)
    visitor.page.mouse.move(0, 0)  # what the pointer rests on would be said in place of the pin
    expect(again).to_have_attribute("data-step", str(step))
    assert cell_said(again) == (step, feature)
    point_at(visitor, again, 0.3, 0.2)
    visitor.page.mouse.down()
    visitor.page.mouse.up()
    expect(again).to_have_attribute("data-step", "")


def test_the_picture_can_be_taken_along(visitor: Visitor, canvas: Locator) -> None:
    with visitor.page.expect_download() as download:
        canvas.get_by_role("button", name="Download PNG").click()

    assert download.value.suggested_filename.endswith(".png")
    assert download.value.path().read_bytes().startswith(b"\x89PNG")
