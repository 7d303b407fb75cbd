"""Three users from end to end, by mouse and by keyboard alone, on a small and a usual laptop and on a phone.

A newcomer with a file of their own, a teacher before a class, and an engineer with a checkpoint. Everybody's run has the teacher
by mouse on one screen, and of the other two the shorter ways in `test_own_file`; the others are long.
"""

from __future__ import annotations

import io
import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal

import numpy as np
import pytest
import torch
from click.testing import CliRunner
from playwright.sync_api import Locator, expect

from complex_lstm import ComplexLSTMModel
from complex_lstm.cli import main
from complex_lstm.samples import SAMPLES
from tests.browser.accessible import see_nothing_serious
from tests.browser.test_tour import PLANTED, see_page
from tests.browser.visitor import Visitor

Hands = Literal["mouse", "keyboard"]
SCREENS = {"small": (1280, 720), "usual": (1366, 768), "phone": (420, 900)}
WAYS = [(screen, hands) for screen in SCREENS for hands in ("mouse", "keyboard")]
MOST_TABS = 90  # from anywhere on a page to anything on it
HAS_FOCUS = "one => { const focused = one.getRootNode().activeElement; return focused === one || one.contains(focused); }"
TOO_WIDE = "() => Math.max(...[...document.querySelectorAll('[data-testid=stMain], body')].map(one => one.scrollWidth - one.clientWidth))"

LONG = pytest.mark.long
both = pytest.mark.parametrize(("screen", "hands"), WAYS)


def settle_on(visitor: Visitor, screen: str) -> None:
    width, height = SCREENS[screen]
    visitor.page.set_viewport_size({"width": width, "height": height})


def press(visitor: Visitor, hands: Hands, what: Locator) -> None:
    """Press something: click it, or reach it with Tab and press Enter."""
    what.wait_for()
    visitor.settle()
    if hands == "mouse":
        what.click()
        return
    for _ in range(MOST_TABS):
        if what.evaluate(HAS_FOCUS):
            return visitor.page.keyboard.press("Enter")
        visitor.page.keyboard.press("Tab")
    raise AssertionError(f"{MOST_TABS} tabs do not reach {what}")


def button(visitor: Visitor, key: str) -> Locator:
    return visitor.widget(key).get_by_role("button")


def see_a_page_for_everybody(visitor: Visitor) -> None:
    """The page is no wider than its window, axe-core finds nothing serious, and no error stands on it."""
    visitor.settle()
    assert visitor.page.evaluate(TOO_WIDE) <= 0
    see_nothing_serious(visitor)
    assert visitor.messages == []


def household(hours: int = 400) -> bytes:
    """Return a household's power load and what it follows, an hour a line."""
    random, begin = np.random.default_rng(1), datetime(2025, 1, 6)
    day = np.sin(2 * np.pi * (np.arange(hours) - 7) / 24)
    columns = np.stack([5 - 4 * day, np.maximum(0, day), 0.6 + 0.4 * day], axis=1) + 0.05 * random.standard_normal((hours, 3))
    lines = [
        f"{begin + timedelta(hours=row):%Y-%m-%d %H:%M},{','.join(f'{cell:.3f}' for cell in cells)}" for row, cells in enumerate(columns)
    ]
    return "\n".join(["time,outdoor (°C),sun,load (kW)", *lines]).encode()


@LONG
@both
def test_a_newcomer_with_a_file_of_their_own(visitor: Visitor, tmp_path: Path, screen: str, hands: Hands) -> None:
    settle_on(visitor, screen)
    visitor.open()
    visitor.upload("start_upload_data", "household.csv", household())
    press(visitor, hands, button(visitor, "start_quick"))

    visitor.see_heading("Explain")
    panes = visitor.page.locator('.overview[data-ready="true"]')
    panes.wait_for()
    expect(visitor.page.get_by_text("All is computed")).to_be_visible()
    see_a_page_for_everybody(visitor)
    press(visitor, hands, panes.get_by_role("button", name=re.compile("^Prediction")))
    expect(visitor.page.get_by_role("heading", name="Prediction", exact=True)).to_be_visible()
    visitor.see_view("prediction")
    see_a_page_for_everybody(visitor)

    if hands == "mouse":
        button(visitor, "explain_back").click()
    else:
        visitor.page.keyboard.press("Escape")
    panes.wait_for()
    with visitor.page.expect_download() as waiting:
        press(visitor, hands, button(visitor, "explain_report"))
    waiting.value.save_as(tmp_path / "report.html")
    assert "load (kW)" in (tmp_path / "report.html").read_text()


@LONG
@both
def test_a_teacher_before_a_class(visitor: Visitor, screen: str, hands: Hands) -> None:
    settle_on(visitor, screen)
    visitor.open("tour", **PLANTED, lesson=1)
    see_page(visitor, 1)
    press(visitor, hands, button(visitor, "tour_next"))
    see_page(visitor, 2)
    see_a_page_for_everybody(visitor)

    visitor.open("tour", **PLANTED, present=1)
    visitor.page.locator('.tour[data-ready="true"]').wait_for()
    visitor.page.keyboard.press("ArrowRight")
    visitor.see_link(tour=2)
    visitor.settle()
    assert visitor.page.evaluate(TOO_WIDE) <= 0

    visitor.open("experiment", **PLANTED)
    editor = visitor.page.locator('.series[data-ready="true"]')
    rows = editor.locator("canvas.rows")
    rows.wait_for()
    visitor.page.locator('.overview[data-ready="true"]').wait_for()
    if hands == "mouse":
        editor.get_by_role("radio", name="drags the segment").check()
        visitor.settle()
        rows.scroll_into_view_if_needed()
        box = rows.bounding_box()
        assert box
        visitor.page.mouse.move(box["x"] + 0.6 * box["width"], box["y"] + 0.06 * box["height"])
        visitor.page.mouse.down()
        visitor.page.mouse.move(box["x"] + 0.6 * box["width"], box["y"] + 0.06 * box["height"] + 14, steps=4)
        visitor.page.mouse.up()
    else:
        press(visitor, hands, rows)  # Enter begins a segment, and the next one ends it
        for key in ("Enter", "+", "+", "Enter"):
            visitor.page.keyboard.press(key)
    expect(visitor.page.get_by_text("1 of 1 edits applied")).to_be_visible()
    see_a_page_for_everybody(visitor)


@LONG
@both
def test_an_engineer_with_a_checkpoint(visitor: Visitor, tmp_path: Path, screen: str, hands: Hands) -> None:
    settle_on(visitor, screen)
    sample = SAMPLES["planted_order"]
    visitor.open()
    visitor.upload("start_upload_model", "mine.safetensors", sample.checkpoint.read_bytes())
    visitor.see_heading("Explain")
    visitor.see_view("card")
    see_a_page_for_everybody(visitor)

    visitor.open("", **visitor.link)
    visitor.upload("start_upload_data", "mine.csv", sample.csv.read_bytes() + b"\n")
    visitor.page.wait_for_url(re.compile("data="))
    visitor.open("check", **visitor.link)
    visitor.see_view("scores")
    said = CliRunner().invoke(
        main, ["predict", "--model", str(sample.checkpoint), "--data", str(_same(tmp_path, sample.csv)), "--out", str(tmp_path / "out.csv")]
    )
    accuracy = re.findall(r"Accuracy ([\d.]+)", said.output)[0]
    expect(visitor.page.get_by_test_id("stMetricValue").first).to_have_text(accuracy)
    see_a_page_for_everybody(visitor)

    content = io.BytesIO()
    torch.save(ComplexLSTMModel(3, 8, num_lstm_layers=2, num_heads=2, output_dim=1).state_dict(), content)
    visitor.open()
    visitor.upload("start_upload_data", "household.csv", household())
    visitor.page.wait_for_url(re.compile("data="))
    visitor.upload("start_upload_model", "bare.pt", content.getvalue())
    expect(visitor.page.get_by_text("Still missing: give the means and standard deviations that scale the inputs")).to_be_visible()
    see_a_page_for_everybody(visitor)
    own = visitor.widget("data_scaling").get_by_role("radio").last
    if hands == "mouse":
        visitor.widget("data_scaling").get_by_text("Use those of this file").click()
    else:
        own.focus()
        visitor.page.keyboard.press("Space")
    expect(visitor.page.get_by_text("is a file of weights without means and deviations")).to_be_visible()
    visitor.page.locator('.overview[data-ready="true"]').wait_for()
    see_a_page_for_everybody(visitor)


def _same(folder: Path, csv: Path) -> Path:
    """Return a copy of a file that is no longer the one that the model was trained on: all of its windows are new."""
    (folder / "mine.csv").write_bytes(csv.read_bytes() + b"\n")
    return folder / "mine.csv"
