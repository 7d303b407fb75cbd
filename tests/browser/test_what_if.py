"""Experiment with the mouse: brush, shift, draw, see before and after follow, take it back, and flip the class by the smallest change."""

import re

import numpy as np
import pytest
import torch
from playwright.sync_api import Locator, WebSocketRoute, expect

from complex_lstm.interpretation.edits import Segment, Shift
from complex_lstm.interpretation.what_if import apply, predicted_after
from tests.browser.truth import STRIDE, truth_of
from tests.browser.visitor import Visitor

WEATHER, WINDOW = {"data": "nyc_weather", "model": "nyc_weather", "stride": STRIDE}, 5
PLANTED = {"data": "planted_order", "model": "planted_order", "window": 16}


def canvas_of(visitor: Visitor) -> Locator:
    visitor.see_view("what-if")
    canvas = visitor.page.locator('.series[data-ready="true"]')
    canvas.wait_for()
    return canvas


def drag(visitor: Visitor, canvas: Locator, *places: tuple[float, float]) -> None:
    """Press at the first place, go through the others and let go; places are shares of the canvas's width and height."""
    rows = canvas.locator("canvas.rows")
    rows.scroll_into_view_if_needed()
    box = rows.bounding_box()
    assert box
    points = [(box["x"] + right * box["width"], box["y"] + down * box["height"]) for right, down in places]
    visitor.page.mouse.move(*points[0])
    visitor.page.mouse.down()
    for point in points[1:]:
        visitor.page.mouse.move(*point, steps=4)
    visitor.page.mouse.up()


def metrics(visitor: Visitor) -> list[str]:
    found = visitor.page.get_by_test_id("stMetricValue")
    expect(found).not_to_have_count(0)  # they come after the canvas
    return found.all_inner_texts()


def press(visitor: Visitor, key: str) -> None:
    visitor.widget(key).get_by_role("button").click()


def brushed(canvas: Locator) -> Segment:
    first, last, features = (canvas.get_attribute(f"data-{name}") or "" for name in ("first", "last", "features"))
    return Segment(int(first), int(last), tuple(map(int, features.split(","))))


def forecast_of(edit: Shift) -> np.ndarray:
    """Return the library's forecast for the edited window."""
    truth = truth_of("nyc_weather")
    edited = apply([edit], truth.dataset, WINDOW)
    with torch.no_grad():
        outputs = truth.model(torch.from_numpy(edited.x)[None])[0].double().numpy()
    return predicted_after(outputs, edited, truth.dataset, WINDOW)


@pytest.mark.long
def test_a_brushed_segment_is_shifted_the_forecast_follows_and_undo_takes_it_back(visitor: Visitor) -> None:
    visitor.open("what_if", **WEATHER, window=WINDOW)
    canvas = canvas_of(visitor)
    before = metrics(visitor)
    token = canvas.get_attribute("data-token") or ""

    drag(visitor, canvas, (0.6, 0.05), (0.9, 0.15))
    segment = brushed(canvas)
    assert segment.features == (0, 1) and 20 < segment.first < segment.last < 47
    expect(visitor.widget("what_if_steps")).to_contain_text(str(segment.last))
    visitor.settle()
    box = visitor.widget("what_if_amount_0").get_by_role("spinbutton")
    box.fill("-15")  # and no Enter: the click on Apply takes it
    press(visitor, "what_if_apply")

    expect(visitor.page.get_by_text("1. shifted by -15: temp, dewp")).to_be_visible()
    expect(canvas).not_to_have_attribute("data-token", token)
    expected = forecast_of(Shift(segment, -15.0))
    expect(visitor.page.get_by_test_id("stMetricValue").first).not_to_have_text(before[0])
    assert [float(text.split()[0].replace(",", "")) for text in metrics(visitor)] == pytest.approx(expected.tolist(), rel=1e-3)

    press(visitor, "what_if_undo")
    expect(canvas).to_have_attribute("data-token", token)
    expect(visitor.page.get_by_test_id("stMetricValue").first).to_have_text(before[0])


@pytest.mark.long
def test_a_drawn_path_becomes_the_series_and_outlives_another_page(visitor: Visitor) -> None:
    visitor.open("what_if", **WEATHER, window=WINDOW)
    canvas = canvas_of(visitor)
    canvas.get_by_role("radio", name="draws the series").check()

    drag(visitor, canvas, (0.5, 0.27), (0.6, 0.21), (0.7, 0.27))

    drawn = visitor.page.get_by_text(re.compile(r"1\. drawn through \d+ points: humid"))
    expect(drawn).to_be_visible()
    visitor.turn_to("Explain")
    visitor.turn_to("Experiment")
    expect(drawn).to_be_visible()
    expect(visitor.page.get_by_text("1 of 1 edits applied")).to_be_visible()  # the same path is not drawn twice


@pytest.mark.long
def test_a_brushed_segment_is_dragged_seen_while_it_moves_and_is_one_edit_on_release(visitor: Visitor) -> None:
    visitor.open("what_if", **WEATHER, window=WINDOW)
    canvas = canvas_of(visitor)
    drag(visitor, canvas, (0.6, 0.05), (0.9, 0.05))
    segment = brushed(canvas)
    canvas.get_by_role("radio", name="drags the segment").check()
    visitor.settle()
    rows = canvas.locator("canvas.rows")
    box = rows.bounding_box()
    assert box and segment.features == (0,)
    x, y = box["x"] + 0.75 * box["width"], box["y"] + 0.06 * box["height"]

    visitor.page.mouse.move(x, y)
    visitor.page.mouse.down()
    visitor.page.mouse.move(x, y + 20, steps=4)
    assert float(canvas.get_attribute("data-lift") or 0) < 0  # before the release: as it moves
    expect(canvas.get_by_role("status")).to_contain_text("Shifting temp by -")
    visitor.page.mouse.move(x, y - 15, steps=4)
    amount = float(canvas.get_attribute("data-lift") or 0)
    visitor.page.mouse.up()

    assert amount > 0 and brushed(canvas) == segment
    expect(visitor.page.get_by_text(f"1. shifted by {amount:.4g}: temp")).to_be_visible()
    expect(visitor.page.get_by_text("1 of 1 edits applied")).to_be_visible()
    visitor.see_link(edits=f"shift_{segment.first}_{segment.last}_0_{amount:g}")
    press(visitor, "what_if_undo")
    expect(visitor.page.get_by_text("0 of 1 edits applied")).to_be_visible()


@pytest.mark.long
def test_before_and_after_follow_the_mouse_while_it_is_down(visitor: Visitor) -> None:
    """A drag is no edit before it ends, and none at all where Escape gives it up."""
    visitor.open("what_if", **WEATHER, window=WINDOW)
    canvas, picture = canvas_of(visitor), visitor.page.locator('.overview[data-ready="true"]')
    picture.wait_for()
    canvas.get_by_role("radio", name="drags the segment").check()
    box, segment = canvas.locator("canvas.rows").bounding_box(), brushed(canvas)
    assert box and segment.features == (0,)
    x, y = box["x"] + 0.6 * box["width"], box["y"] + 0.06 * box["height"]
    tokens = [picture.get_attribute("data-token") or ""]

    visitor.page.mouse.move(x, y)
    visitor.page.mouse.down()
    for down in (8, 20):
        visitor.page.mouse.move(x, y + down, steps=3)
        amount = float(canvas.get_attribute("data-lift") or 0)
        expect(visitor.page.get_by_text(f"Moving: shifted by {amount:.4g}: temp")).to_be_visible()
        expect(picture).not_to_have_attribute("data-token", tokens[-1])
        tokens.append(picture.get_attribute("data-token") or "")

    assert len(set(tokens)) == 3
    expect(visitor.page.get_by_text("No edits yet: this is the original window.")).to_be_visible()
    outcome = visitor.page.get_by_text("Predicted: temp")
    predicted = float(re.findall(r"temp ([\d.]+)", outcome.inner_text())[0])
    assert predicted == pytest.approx(forecast_of(Shift(segment, amount))[0], rel=1e-3)
    visitor.page.keyboard.press("Escape")
    visitor.page.mouse.up()
    expect(picture).to_have_attribute("data-token", tokens[0])
    expect(visitor.page.get_by_text("No edits yet: this is the original window.")).to_be_visible()


@pytest.mark.parametrize("screen", [(1280, 720), pytest.param((1366, 768), marks=pytest.mark.long)])
def test_rail_and_picture_are_in_view_together_and_stay_so(visitor: Visitor, screen: tuple[int, int]) -> None:
    visitor.page.set_viewport_size({"width": screen[0], "height": screen[1]})
    visitor.open("what_if", **WEATHER, window=WINDOW)
    canvas, picture = canvas_of(visitor).locator("canvas.rows"), visitor.page.locator('.overview[data-ready="true"] .panes')
    picture.wait_for()

    for one in (canvas, picture, visitor.widget("what_if_apply")):
        box = one.bounding_box()
        assert box and box["y"] >= 0 and box["y"] + box["height"] < screen[1] + 1  # a part of a pixel is not seen

    visitor.page.mouse.move(500, 500)
    visitor.page.mouse.wheel(0, 150)
    expect(picture).to_be_in_viewport(ratio=0.99)


@pytest.mark.long
def test_a_click_on_a_pane_leads_to_its_details(visitor: Visitor) -> None:
    visitor.open("bench", **PLANTED, off="gate-0.5")
    visitor.see_view("bench")

    visitor.page.locator('.overview [data-pane="gate"] h2 button').click()

    visitor.see_link(view="gate", off="gate-0.5")
    expect(visitor.widget("bench_gate_channels")).to_be_visible()


@pytest.mark.long
def test_the_keyboard_shifts_the_brushed_segment(visitor: Visitor) -> None:
    visitor.open("what_if", **PLANTED)
    canvas = canvas_of(visitor)
    rows = canvas.locator("canvas.rows")
    rows.focus()

    rows.press("-")
    rows.press("Escape")
    assert canvas.get_attribute("data-lift") == ""
    for key in ("+", "+", "PageUp", "-"):
        rows.press(key)
    amount = float(canvas.get_attribute("data-lift") or 0)
    rows.press("Enter")

    expect(visitor.page.get_by_text(f"1. shifted by {amount:.4g}: ch0")).to_be_visible()
    expect(visitor.page.get_by_text("1 of 1 edits applied")).to_be_visible()


@pytest.mark.long
def test_the_keyboard_brushes_too(visitor: Visitor) -> None:
    visitor.open("what_if", **PLANTED)
    canvas = canvas_of(visitor)
    rows = canvas.locator("canvas.rows")
    rows.focus()

    for key in ("ArrowRight", "ArrowDown", "Enter", "Shift+ArrowRight", "ArrowDown", "Enter"):
        rows.press(key)

    assert brushed(canvas) == Segment(16, 26, (1, 2))  # the first arrow only shows the cursor, where the segment began
    expect(visitor.widget("what_if_features")).to_contain_text("ch2")


@pytest.mark.long
def test_the_smallest_change_found_turns_the_class_and_can_be_taken_back(visitor: Visitor) -> None:
    visitor.open("what_if", **PLANTED, view="flip")
    canvas_of(visitor)
    press(visitor, "what_if_search_start")
    expect(visitor.widget("what_if_use")).to_be_visible()
    visitor.settle()
    was, now = visitor.traces("what_if_change")[:2]
    changed = np.flatnonzero(np.array(was["y"]) != np.array(now["y"]))
    assert len(changed) and visitor.page.get_by_text("Found:").count() == 1

    press(visitor, "what_if_use")

    expect(visitor.page.get_by_text("1 of 1 edits applied")).to_be_visible()
    visitor.page.get_by_role("radio", name="Effect").click()
    visitor.see_view("what-if")
    before, after = (np.array(trace["x"]) for trace in visitor.traces("what_if_probabilities"))
    assert before.argmax() != after.argmax()
    press(visitor, "what_if_undo")
    expect(visitor.page.get_by_text("0 of 1 edits applied")).to_be_visible()


@pytest.mark.long
def test_a_poll_that_does_not_know_the_brushed_segment_yet_does_not_take_it_back(visitor: Visitor) -> None:
    """On a slow line: what the server says is held back until the page, which does not know of the new segment, has polled again."""
    sent: list[str | bytes] = []
    held: list[tuple[WebSocketRoute, str | bytes]] = []
    is_slow = False

    def pass_on(line: WebSocketRoute) -> None:
        def to_server(message: str | bytes) -> None:
            sent.append(message)
            server.send(message)

        server = line.connect_to_server()
        line.on_message(to_server)
        server.on_message(lambda message: held.append((line, message)) if is_slow else line.send(message))

    visitor.page.route_web_socket(re.compile("_stcore/stream"), pass_on)
    visitor.open("what_if", **WEATHER, window=WINDOW + 1, view="explanation", method="shapley")
    canvas = canvas_of(visitor)
    expect(visitor.page.get_by_role("progressbar").first).to_be_visible()  # polls begin

    is_slow = True
    drag(visitor, canvas, (0.7, 0.05), (0.9, 0.15))
    segment = brushed(canvas)
    while not any(b"what_if_steps" in message for _, message in held):  # the server's answer
        visitor.page.wait_for_timeout(50)
    before = len(sent)
    while len(sent) < before + 12:  # meanwhile results come, with which the page runs again
        visitor.page.wait_for_timeout(50)
    is_slow = False
    for line, message in held:
        line.send(message)

    press(visitor, "what_if_apply")
    assert visitor.carried("edits").startswith(f"shift_{segment.first}_{segment.last}_")
    expect(visitor.page.get_by_text("1 of 1 edits applied")).to_be_visible()
    visitor.settle()
    assert brushed(canvas) == segment
    expect(visitor.widget("what_if_steps")).to_contain_text(str(segment.last))
