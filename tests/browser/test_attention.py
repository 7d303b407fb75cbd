"""The attention canvas: exact weights, pins, heads, and links that show the same again."""

import re

import pytest
import torch
from playwright.sync_api import Locator, expect

from complex_lstm.data import time_labels
from complex_lstm.ui.session.scene import chosen_scene
from complex_lstm.ui.session.state import Selection
from tests.browser.conftest import Arrive
from tests.browser.server import Server
from tests.browser.truth import STRIDE, truth_of
from tests.browser.visitor import Visitor
from tests.ui.own_file import keep_own

pytestmark = pytest.mark.long

WINDOW = 3
SELECTION = {"data": "nyc_weather", "model": "nyc_weather", "stride": STRIDE, "window": WINDOW}
SENTENCE = re.compile(
    r"Layer (\d+), attention head (\d+): query (.+) \(step (\d+)\) takes ([\d.e-]+) of its attention from key (.+) \(step (\d+)\)"
)


@pytest.fixture
def canvas(visitor: Visitor) -> Locator:
    visitor.open("attention", **SELECTION)
    return canvas_of(visitor)


def canvas_of(visitor: Visitor) -> Locator:
    canvas = visitor.page.locator('.st-key-view-attention .attention[data-ready="true"]')
    canvas.wait_for()
    return canvas


def see_view(canvas: Locator, **expected: object) -> None:
    for name, value in expected.items():
        expect(canvas).to_have_attribute(f"data-{name}", str(value))


def assert_sentence_is_true(canvas: Locator) -> tuple[int, int]:
    """Compare what the status line says with the trace, and return its query and key."""
    sentence = canvas.get_by_role("status").inner_text()
    found = SENTENCE.match(sentence)
    assert found, sentence
    layer, head, query_time, query, weight, key_time, key = found.groups()
    truth = truth_of("nyc_weather")
    exact = truth.trace(WINDOW).attention[0, int(layer) - 1, int(head) - 1, int(query), int(key)].item()
    windows = truth.dataset.windows
    begin = int(windows.start[WINDOW])
    times = time_labels(truth.dataset.series[int(windows.series[WINDOW])].times[begin : begin + int(windows.length[WINDOW])])
    assert float(weight) == pytest.approx(exact, rel=1e-5)
    assert (query_time, key_time) == (times[int(query)], times[int(key)])
    return int(query), int(key)


def point_at(visitor: Visitor, canvas: Locator, right: float, down: float) -> tuple[float, float]:
    """Move the mouse to a share of the large map's width and height, and return where that is."""
    large = canvas.locator("canvas.map")
    large.scroll_into_view_if_needed()
    box = large.bounding_box()
    assert box
    place = box["x"] + right * box["width"], box["y"] + down * box["height"]
    visitor.page.mouse.move(*place)
    return place


def test_the_hover_text_is_the_weight_that_the_model_used(visitor: Visitor, canvas: Locator) -> None:
    for right, down in ((0.4, 0.2), (0.5, 0.5), (0.7, 0.6)):
        point_at(visitor, canvas, right, down)

        assert_sentence_is_true(canvas)


def test_a_click_pins_both_moments_and_a_reload_keeps_them(visitor: Visitor, canvas: Locator) -> None:
    canvas.locator('.head[data-layer="1"][data-head="2"]').click()
    visitor.see_link(layer=1, head=2)
    visitor.page.mouse.click(*point_at(visitor, canvas, 0.5, 0.4))
    query, key = assert_sentence_is_true(canvas)
    visitor.see_link(query=query, key=key)
    marks = visitor.page.locator(".st-key-attention_series .shapelayer path")
    expect(marks.first).to_be_attached()

    visitor.reload()

    see_view(canvas_of(visitor), layer=1, head=2, query=query, key=key)
    assert assert_sentence_is_true(canvas_of(visitor)) == (query, key)


def test_a_link_shows_somebody_else_the_same(visitor: Visitor, canvas: Locator, arrive: Arrive) -> None:
    canvas.locator('.head[data-layer="1"][data-head="3"]').click()
    visitor.page.mouse.click(*point_at(visitor, canvas, 0.6, 0.3))
    query, key = assert_sentence_is_true(canvas)
    visitor.see_link(layer=1, head=3, query=query, key=key)

    other = arrive()
    other.page.goto(visitor.page.url)

    see_view(canvas_of(other), layer=1, head=3, query=query, key=key)


def test_the_keyboard_does_all_that_the_mouse_does(visitor: Visitor, canvas: Locator) -> None:
    head = canvas.get_by_role("button", name="Layer 2, attention head 2")
    head.focus()
    head.press("Enter")
    see_view(canvas, layer=1, head=1)
    expect(head).to_have_attribute("aria-pressed", "true")
    large = canvas.locator("canvas.map")
    large.focus()
    for press in ("ArrowDown", "ArrowDown", "ArrowDown", "ArrowRight", "Shift+ArrowRight"):
        large.press(press)

    assert assert_sentence_is_true(canvas) == (2, 11)  # the first arrow only shows the cursor, at 0, 0

    large.press("Enter")
    see_view(canvas, query=2, key=11)
    visitor.see_link(layer=1, head=1, query=2, key=11)
    large.press("Escape")
    visitor.see_link(focus="attention", layer=1, head=1, query=None, key=None)
    see_view(canvas, query="", key="")
    large.press("Escape")
    visitor.see_link(focus=None)  # the first gave up the pin, the second leaves what is large


def test_average_and_rollout_are_in_the_link(visitor: Visitor, canvas: Locator) -> None:
    for name, value in (("Head average", "average"), ("Rollout", "rollout")):
        canvas.get_by_role("radio", name=name).check()

        see_view(canvas, map=value)
        visitor.see_link(map=value)


def test_a_long_window_shows_exact_weights_where_one_points_and_weight_by_weight(
    visitor: Visitor, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COMPLEX_LSTM_WORKSPACE", str(server.workspace))
    own = keep_own(length=1030, steps=4200, num_heads=8)
    scene = chosen_scene(Selection.of(data=own.data, model=own.model, window=1))
    trace = scene.model.long_trace(torch.from_numpy(scene.inputs)[None])
    visitor.open("attention", data=own.data, model=own.model, window=1)
    canvas = canvas_of(visitor)

    right, down = 0.5, 0.4
    place = point_at(visitor, canvas, right, down)
    status = canvas.get_by_role("status")
    expect(status).to_contain_text("the largest of the 3 x 3 weights of this square")

    layer, head, _, query, weight, _, key = (SENTENCE.match(status.inner_text()) or pytest.fail(status.inner_text())).groups()
    assert (int(layer), int(head)) == (1, 1)
    rows = trace.attention_rows(0, int(query), int(query) + 1)[0, 0, 0]
    assert float(weight) == pytest.approx(rows[int(key)].item(), rel=1e-5)

    visitor.page.mouse.dblclick(*place)
    expect(canvas).to_have_attribute("data-zoom", f"{int(query) // 255 * 255} {int(key) // 255 * 255}")
    canvas.get_by_role("button", name="Show the whole map").click()
    see_view(canvas, zoom="")
