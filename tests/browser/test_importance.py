"""Feature importance: what is asked stands in the link and under the figure, and the bars are the library's numbers."""

import pytest
from playwright.sync_api import expect

from complex_lstm.interpretation import BASELINES, METHODS, explain, make_question
from tests.browser.truth import STRIDE, truth_of
from tests.browser.visitor import Visitor

WINDOW, HUMIDITY = 5, 1


def test_target_and_baseline_are_chosen_shown_and_true(visitor: Visitor) -> None:
    visitor.open("importance", data="nyc_weather", model="nyc_weather", stride=STRIDE, window=WINDOW)
    visitor.see_view("importance")
    visitor.select("importance_target", "humid")
    visitor.see_link(target=HUMIDITY)
    visitor.select("importance_baseline", BASELINES["window_mean"])
    visitor.see_link(target=HUMIDITY, baseline="window_mean")

    visitor.reload()

    visitor.see_view("importance")
    captions = visitor.page.locator(".st-key-view-importance").get_by_test_id("stCaptionContainer")
    truth = truth_of("nyc_weather")
    question = make_question(truth.dataset, WINDOW, HUMIDITY, "window_mean")
    features = truth.dataset.schema.roles.features
    bars = {trace["name"]: dict(zip(trace["x"], trace["y"], strict=True)) for trace in visitor.traces("importance_features")}
    for name, method in METHODS.items():
        said = captions.filter(has_text=f"method {method.label}")
        baseline = "32 training windows" if name == "gradient_shap" else BASELINES["window_mean"]
        for fact in (f"baseline {baseline}", "target humid", "steps ", "device "):
            expect(said).to_contain_text(fact)
        expected = explain(truth.model, question, name, baseline="window_mean").features
        assert [bars[method.label][feature] for feature in features] == pytest.approx(expected.tolist(), rel=1e-3, abs=1e-6)
