"""The claims in a browser: counted at once, timed when asked for, with the first sizes while the others are measured."""

import re

import pytest
from playwright.sync_api import expect

from complex_lstm.config import ModelConfig
from complex_lstm.profiling import KINDS, count_size
from tests.browser.visitor import Visitor

PLANTED = {"data": "planted_order", "model": "planted_order", "stride": 500}


@pytest.mark.long
def test_what_is_claimed_stands_beside_what_is_counted(visitor: Visitor) -> None:
    visitor.open("claims")
    visitor.see_view("claims")

    bars = {trace["name"]: dict(zip(trace["y"], trace["x"], strict=True)) for trace in visitor.traces("claims_parameters")}

    size = count_size(ModelConfig())
    counted = {"The whole": size.parameters} | {kind: size.of_kind(kind) for kind in KINDS}
    assert bars["counted at full size"] == pytest.approx({name: count / 1e6 for name, count in counted.items()}, rel=1e-5)
    assert bars["claimed"]["The whole"] == pytest.approx(2.8) and bars["claimed"]["BiLSTM blocks"] == pytest.approx(1.5)
    expect(visitor.widget("empty_planted_order")).to_be_visible()


@pytest.mark.long
def test_growth_is_drawn_while_it_is_measured_and_can_be_stopped(visitor: Visitor) -> None:
    visitor.open("claims", **PLANTED)
    visitor.see_view("claims")
    visitor.page.get_by_role("radio", name="1", exact=True).click()
    visitor.settle()

    visitor.widget("claims_timing_start").get_by_role("button").click()
    expect(visitor.widget("claims_growth")).to_be_visible()
    visitor.widget("claims_timing_stop").get_by_role("button").click()

    expect(visitor.page.get_by_text(re.compile(r"Stopped after \d+ of 1\d"))).to_be_visible()
    lines = visitor.traces("claims_growth")
    assert all(re.search(r": -?\d\.\d\d", line["name"]) and min(line["y"]) > 0 for line in lines)
    assert {"Convolutions", "BiLSTM blocks", "The whole"} <= {line["name"].split(":")[0] for line in lines}
