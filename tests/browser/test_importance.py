"""Importance on Explain, its checks on Check: choices stand in the link, the numbers are the library's, and long work waits."""

import re

import pytest
from playwright.sync_api import expect

from complex_lstm.interpretation import BASELINES, DEFAULTS, METHODS, explain, make_request
from tests.browser.truth import STRIDE, truth_of
from tests.browser.visitor import Visitor

WINDOW, HUMIDITY = 5, 1
WEATHER = {"data": "nyc_weather", "model": "nyc_weather", "stride": STRIDE}
PLANTED = {"data": "planted_order", "model": "planted_order", "stride": 500, "window": 600}


def press(visitor: Visitor, key: str) -> None:
    visitor.widget(key).get_by_role("button").click()


@pytest.mark.long
def test_target_and_baseline_are_chosen_shown_and_true(visitor: Visitor) -> None:
    visitor.open("importance", **WEATHER, window=WINDOW)
    visitor.see_view("importance")
    visitor.select("importance_target", "humid")
    visitor.see_link(target=HUMIDITY)
    visitor.select("importance_baseline", BASELINES["window_mean"])
    visitor.see_link(target=HUMIDITY, baseline="window_mean")

    visitor.reload()

    visitor.see_all_computed("importance")
    captions = visitor.page.locator(".st-key-view-importance").get_by_test_id("stCaptionContainer")
    truth = truth_of("nyc_weather")
    question = make_request(truth.dataset, WINDOW, HUMIDITY, "window_mean")
    features = truth.dataset.schema.roles.features
    signed = [METHODS[name].label for name in DEFAULTS if METHODS[name].signed]
    drawn = visitor.see_traces("importance_features", *signed)
    bars = {name: dict(zip(trace["x"], trace["y"], strict=True)) for name, trace in drawn.items()}
    for name in DEFAULTS:
        method = METHODS[name]
        said = captions.filter(has_text=f"method {method.label}")
        baseline = "32 training windows" if name == "gradient_shap" else BASELINES["window_mean"]
        for fact in (f"baseline {baseline}", "target humid", "steps ", "device "):
            expect(said).to_contain_text(fact)
        if method.signed:
            expected = explain(truth.model, question, name).features
            assert [bars[method.label][feature] for feature in features] == pytest.approx(expected.tolist(), rel=1e-3, abs=1e-6)


@pytest.mark.long
def test_first_results_are_there_while_the_rest_computes_and_stop_stops(visitor: Visitor) -> None:
    visitor.open("importance", data="shoulder_exercises", model="shoulder_exercises", stride=STRIDE, window=7)
    verdicts = visitor.page.locator(".st-key-view-importance").get_by_test_id("stCaptionContainer").filter(has_text="method ")
    expect(verdicts.first).to_be_visible()
    press(visitor, "importance_stop")

    expect(visitor.page.get_by_text(re.compile(r"Stopped with \d of 6 methods done"))).to_be_visible()
    expect(visitor.page.locator('.importance[data-ready="true"]')).to_have_count(1)

    press(visitor, "importance_go_on")
    expect(verdicts.filter(has_text="method Temporal rescaling")).to_be_visible()


@pytest.mark.long
def test_all_windows_go_on_while_the_visitor_looks_at_another_view(visitor: Visitor) -> None:
    visitor.open("importance", **WEATHER, window=WINDOW, view="overall", methods="occlusion")
    visitor.see_view("importance")
    press(visitor, "importance_overall_start")
    expect(visitor.page.get_by_text(re.compile(r"\d+ of \d+ done, about"))).to_be_visible()

    visitor.page.get_by_role("radio", name="Known answers").click()
    visitor.see_link(view="known")
    visitor.page.get_by_role("radio", name="All windows").click()

    visitor.see_link(view="overall")
    expect(visitor.widget("importance_overall_start")).to_have_count(0)  # it is not offered anew
    expect(visitor.widget("importance_overall_mean")).to_be_visible()
    press(visitor, "importance_overall_stop")


@pytest.mark.long
def test_a_class_room_sees_what_each_method_finds_of_the_planted_cells(visitor: Visitor) -> None:
    visitor.open("importance", **PLANTED)
    visitor.see_all_computed("importance")
    expect(visitor.page.locator('.importance[data-ready="true"]')).to_have_count(1)

    visitor.page.get_by_role("radio", name="Why not these?").click()
    visitor.see_link(view="unfit")

    expect(visitor.page.get_by_text("where the gap is")).to_be_visible()
    expect(visitor.page.get_by_text("it raises TypeError")).to_be_visible()


@pytest.mark.long
def test_an_engineer_follows_a_doubt_through_the_views(visitor: Visitor) -> None:
    visitor.open("importance", **PLANTED, methods="occlusion,input_x_gradient", view="faithfulness")
    visitor.see_all_computed("importance")
    curves = visitor.see_traces("importance_curves", "Occlusion", "Input x Gradient")
    assert len(curves["Occlusion"]["y"]) == len(curves["Input x Gradient"]["y"]) > 1

    visitor.page.get_by_role("radio", name="Sanity").click()
    visitor.see_link(view="sanity", methods="occlusion%2Cinput_x_gradient")
    press(visitor, "importance_cascade_start")

    lines = visitor.see_traces("importance_cascade_lines", "Occlusion", "Input x Gradient")
    assert lines["Occlusion"]["y"][0] == 1 and lines["Occlusion"]["y"][-1] < 0.9
