"""Check: a visitor takes calibrated probabilities, sees them on Explain, and finds where a forecast's interval is too narrow."""

import numpy as np
import pytest
from playwright.sync_api import expect

from complex_lstm.inference import softmax
from tests.browser.accessible import see_nothing_serious_in_both_themes
from tests.browser.truth import STRIDE, truth_of
from tests.browser.visitor import Visitor

WINDOW = 7


@pytest.mark.long
def test_calibrated_probabilities_follow_the_visitor_to_explain(visitor: Visitor) -> None:
    visitor.open("check", data="shoulder_exercises", model="shoulder_exercises", stride=STRIDE, window=WINDOW, view="calibration")
    visitor.see_view("calibration")
    visitor.widget("check_use_temperature").get_by_role("button").click()

    expect(visitor.page.get_by_text("Probabilities are calibrated: the logits are divided by a temperature of")).to_be_visible()
    expect(visitor.widget("check_leave_temperature")).to_be_visible()
    temperature = float(visitor.carried("temperature"))
    assert temperature != 1
    visitor.see_link(window=WINDOW)

    visitor.turn_to("Explain")
    visitor.open_pane("Prediction")
    truth = truth_of("shoulder_exercises")
    (trace,) = visitor.traces("predict_probabilities")
    expected = softmax(truth.trace(WINDOW).prediction[0].numpy(), temperature)
    assert np.asarray(trace["x"]) == pytest.approx(expected, abs=1e-4)
    expect(visitor.page.get_by_text("Probabilities are calibrated")).to_be_visible()


@pytest.mark.long
def test_the_coverage_of_an_interval_follows_its_level(visitor: Visitor) -> None:
    visitor.open("check", data="nyc_weather", model="nyc_weather", stride=STRIDE, view="intervals")
    visitor.see_view("intervals")
    coverage = visitor.page.get_by_test_id("stMetric").filter(has_text="measured coverage").get_by_test_id("stMetricValue")
    before = coverage.inner_text()
    visitor.widget("check_level").get_by_role("radio", name="80%").click()
    visitor.see_link(level=80)

    wished = visitor.page.get_by_test_id("stMetric").filter(has_text="wished")
    expect(wished).to_contain_text("80%")
    expect(coverage).not_to_have_text(before)
    assert 70 < float(coverage.inner_text().removesuffix("%")) < float(before.removesuffix("%"))
    expect(visitor.page.get_by_text("Where it covers less")).to_be_visible()


@pytest.mark.long
@pytest.mark.parametrize(
    ("sample", "view"),
    [("planted_order", "calibration"), ("planted_order", "curves"), ("nyc_weather", "residuals"), ("nyc_weather", "intervals")],
)
def test_nothing_serious_stands_in_the_way_on_the_views(visitor: Visitor, sample: str, view: str) -> None:
    visitor.open("check", data=sample, model=sample, stride=500, view=view)
    visitor.see_view(view)
    visitor.page.locator(f".st-key-view-{view} .js-plotly-plot").first.wait_for()

    see_nothing_serious_in_both_themes(visitor)
    assert visitor.messages == []
