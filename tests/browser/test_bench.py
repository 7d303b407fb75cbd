"""The bench in a browser: a switch changes the prediction by what the library says, and long work can be stopped."""

import re

import numpy as np
import pytest
import torch
from playwright.sync_api import expect

from complex_lstm.inference import softmax
from complex_lstm.model.interventions import SilenceHead
from tests.browser.truth import STRIDE, truth_of
from tests.browser.visitor import Visitor

WINDOW = 7
SHOULDER = {"data": "shoulder_exercises", "model": "shoulder_exercises", "stride": STRIDE, "window": WINDOW}


def press(visitor: Visitor, key: str) -> None:
    visitor.widget(key).get_by_role("button").click()


@pytest.mark.long
def test_a_head_is_switched_off_and_the_prediction_is_the_librarys(visitor: Visitor) -> None:
    truth = truth_of("shoulder_exercises")
    x = torch.from_numpy(truth.dataset.windows.inputs(np.array([WINDOW])))
    with torch.no_grad():
        expected = [softmax(truth.model.intervened(x, interventions=one)[0].numpy()) for one in ((), (SilenceHead(0, 2),))]
    visitor.open("bench", **SHOULDER)
    visitor.see_view("bench")

    visitor.widget("bench_panel").locator("summary", has_text="Attention").click()
    visitor.widget("bench_silent_0").get_by_role("button", name="3", exact=True).click()
    visitor.see_link(off="head-0-2")
    visitor.see_view("bench")

    before, after, difference = (trace["x"] for trace in visitor.traces("bench_prediction"))
    assert before == pytest.approx(expected[0].tolist(), abs=1e-5) and after == pytest.approx(expected[1].tolist(), abs=1e-5)
    assert difference == pytest.approx((expected[1] - expected[0]).tolist(), abs=1e-5)
    expect(visitor.page.get_by_text("The change first shows at attention weights 1")).to_be_visible()


@pytest.mark.long
def test_switches_are_found_again_after_another_page_and_side_by_side(visitor: Visitor) -> None:
    visitor.open("bench", **SHOULDER, off="gate-0.5,block-1", view="gate")
    visitor.see_view("bench")
    visitor.turn_to("Explain")

    visitor.turn_to("Experiment")
    visitor.page.get_by_role("radio", name="Side by side").click()
    visitor.page.get_by_role("radio", name="itself, switched").click()

    visitor.see_link(versus="bench", off="gate-0.5%2Cblock-1")
    visitor.see_view("compare")
    expect(visitor.page.get_by_text("Switched: gate at 0.5; BiLSTM block 2 skipped.")).to_be_visible()
    assert set(np.ravel(visitor.traces("compare_gate_channels")[1]["z"])) == {0.5}


@pytest.mark.long
def test_the_table_fills_while_it_computes_and_stop_keeps_it(visitor: Visitor) -> None:
    visitor.open("bench", data="shoulder_exercises", model="shoulder_exercises", stride=1, window=WINDOW, view="components")
    visitor.see_view("bench")
    visitor.page.get_by_role("radio", name="training", exact=True).click()
    press(visitor, "bench_components_start")
    expect(visitor.page.get_by_text(re.compile(r"\d+ of 62 done, about"))).to_be_visible()
    expect(visitor.widget("bench_components_bars")).to_be_visible()

    press(visitor, "bench_components_stop")

    expect(visitor.page.get_by_text(re.compile(r"Stopped after \d+ of 62"))).to_be_visible()
    visitor.see_view("bench")
    names = [name for trace in visitor.traces("bench_components_bars") for name in trace["y"]]
    assert names[0] == "positional encoding" and 0 < len(names) < 62
