"""Explain: all panes of a window without scrolling, one crosshair, panes that open large, the strip of windows, and the projector."""

import re

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.accessible import see_nothing_serious_in_both_themes
from tests.browser.conftest import Arrive
from tests.browser.truth import STRIDE, truth_of
from tests.browser.visitor import Visitor

SELECTION = {"data": "nyc_weather", "model": "nyc_weather", "stride": STRIDE, "window": 3}
PANES = {
    "Series": "importance",
    "Prediction": "prediction",
    "Fusion gate": "gate",
    "Attention heads": "attention",
    "Ensemble heads": "heads",
}
FOCUSED = """() => {
    let one = document.activeElement;
    while (one?.shadowRoot?.activeElement) one = one.shadowRoot.activeElement;
    return one?.textContent ?? "";
}"""


def open_overview(visitor: Visitor, **selection: object) -> Locator:
    visitor.open("explain", **SELECTION | selection)
    overview = visitor.page.locator('.overview[data-ready="true"]')
    overview.wait_for()
    return overview


@pytest.mark.parametrize("size", [(1366, 768), pytest.param((1920, 1080), marks=pytest.mark.long)])
def test_all_panes_are_in_view_without_scrolling(visitor: Visitor, size: tuple[int, int]) -> None:
    visitor.page.set_viewport_size({"width": size[0], "height": size[1]})
    overview = open_overview(visitor)

    for title in PANES:
        pane = overview.get_by_role("button", name=re.compile(f"^{title}")).locator("xpath=ancestor::*[@data-pane]")
        box = pane.bounding_box()
        assert box and box["y"] >= 0 and box["y"] + box["height"] <= size[1], (title, box)


@pytest.mark.long
def test_one_crosshair_reads_the_same_step_in_every_pane(visitor: Visitor) -> None:
    overview = open_overview(visitor)
    truth = truth_of("nyc_weather")
    steps = int(truth.dataset.windows.length[3])

    for pane in ("importance", "gate"):
        canvas = overview.locator(f'[data-pane="{pane}"] canvas')
        box = canvas.bounding_box()
        assert box
        visitor.page.mouse.move(box["x"] + 112 + 0.505 * (box["width"] - 118), box["y"] + box["height"] / 2)

        step = int(overview.get_attribute("data-step") or -1)
        assert step == int(0.505 * steps)
        expect(overview.get_by_role("status")).to_contain_text(f"(step {step})")
        gate = truth.trace(3).gate[0, step].mean().item()
        expect(overview.get_by_role("status")).to_contain_text(f"gate {gate:.2f}")


@pytest.mark.long
def test_one_click_undoes_the_baseline_that_was_chosen_by_itself_and_the_link_keeps_it(visitor: Visitor) -> None:
    """Window 58 of the planted order is predicted as the training mean is: nothing is to be explained against that."""
    visitor.open("explain", data="planted_order", model="planted_order", window=58)
    why, nothing = (visitor.page.get_by_text(words).first for words in ("the baseline was chosen by itself", "Nothing to explain against"))
    expect(why).to_be_visible()
    visitor.see_link(baseline=None)

    visitor.widget("explain_usual").get_by_role("button").click()

    visitor.see_link(baseline="training_mean")
    visitor.reload()
    expect(nothing).to_be_visible()
    expect(why).to_have_count(0)
    visitor.see_link(baseline="training_mean")


@pytest.mark.long
def test_the_keyboard_moves_the_crosshair(visitor: Visitor) -> None:
    overview = open_overview(visitor)
    series = overview.locator("canvas.series")
    series.focus()

    for key in ("ArrowRight", "ArrowRight", "Shift+ArrowRight"):
        series.press(key)

    expect(overview).to_have_attribute("data-step", "11")


@pytest.mark.parametrize("title", [title if title == "Prediction" else pytest.param(title, marks=pytest.mark.long) for title in PANES])
def test_a_pane_opens_large_and_escape_returns(visitor: Visitor, title: str) -> None:
    open_overview(visitor)

    visitor.open_pane(title)
    visitor.see_link(focus=PANES[title], window=3)
    visitor.page.keyboard.press("Escape")

    visitor.page.locator('.overview[data-ready="true"]').wait_for()
    visitor.page.wait_for_function("() => !location.search.includes('focus')")
    visitor.see_link(window=3)


@pytest.mark.long
def test_escape_closes_a_list_or_a_popover_and_not_the_pane_with_it(visitor: Visitor) -> None:
    open_overview(visitor)
    visitor.open_pane("Fusion gate")
    page, feature = visitor.page, visitor.widget("fusion_gate_feature").get_by_role("combobox")

    feature.press("ArrowDown")
    expect(page.get_by_role("option").first).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("option")).to_have_count(0)
    page.get_by_text("How to read it").first.click()
    expect(page.get_by_test_id("stPopoverBody")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("stPopoverBody")).to_have_count(0)

    visitor.widget("fusion_gate_order").get_by_text("in order").click()  # a run more, which would show that the pane was left
    visitor.settle()
    visitor.see_link(focus="gate")
    page.keyboard.press("Escape")  # nothing is open any more: it leaves the pane
    page.wait_for_function("() => !location.search.includes('focus')")


@pytest.mark.long
def test_a_click_into_a_picture_opens_its_pane(visitor: Visitor) -> None:
    overview = open_overview(visitor)

    overview.locator('[data-pane="gate"] canvas').click()

    visitor.see_view("gate")
    visitor.see_link(focus="gate", window=3)


@pytest.mark.long
def test_the_strip_leads_to_the_worst_window(visitor: Visitor) -> None:
    open_overview(visitor)
    worst = visitor.page.locator(".scrubber .worst button").first
    worst.wait_for()
    number = worst.inner_text()

    worst.click()

    visitor.see_link(window=number)
    expect(visitor.page.locator(".scrubber")).to_have_attribute("data-chosen", number)
    visitor.page.get_by_role("slider", name="Window").press("w")
    expect(visitor.page.locator(".scrubber")).not_to_have_attribute("data-chosen", number)


@pytest.mark.long
def test_the_strip_is_a_slider_for_the_keyboard(visitor: Visitor) -> None:
    open_overview(visitor)
    strip = visitor.page.get_by_role("slider", name="Window")
    strip.focus()

    strip.press("ArrowRight")
    strip.press("ArrowRight")

    visitor.see_link(window=5)
    expect(strip).to_have_attribute("aria-valuenow", "5")


@pytest.mark.long
def test_the_sentence_and_the_trust_line_come_when_all_is_computed(visitor: Visitor) -> None:
    open_overview(visitor, data="planted_order", model="planted_order", window=5)  # as test_importance_canvas: it is computed once

    expect(visitor.page.get_by_text("All is computed")).to_be_visible()
    words = visitor.page.locator(".st-key-explain_words").inner_text()
    assert re.search(r"rests (most )?on", words) and "trivial rule" in words and "commonest class" in words


@pytest.mark.long
def test_every_pane_is_within_fifteen_tabs_from_the_skip_link(visitor: Visitor) -> None:
    overview = open_overview(visitor)
    visitor.page.get_by_role("link", name="Skip to main content").focus()
    visitor.page.keyboard.press("Enter")
    reached: list[str] = []
    for _ in range(15):
        visitor.page.keyboard.press("Tab")
        reached.append(visitor.page.evaluate(FOCUSED))

    for title in PANES:
        assert any(text.startswith(title) for text in reached), (title, reached)
    assert overview.count() == 1


@pytest.mark.long
def test_explain_is_fit_for_everybody(visitor: Visitor) -> None:
    open_overview(visitor)
    expect(visitor.page.get_by_text("All is computed")).to_be_visible()

    see_nothing_serious_in_both_themes(visitor)


@pytest.mark.long
def test_a_phone_scrolls_only_downwards(arrive: Arrive) -> None:
    visitor = arrive()
    visitor.page.set_viewport_size({"width": 420, "height": 900})
    open_overview(visitor)

    assert visitor.page.evaluate("() => document.querySelector('[data-testid=\"stMain\"]').scrollWidth") <= 420


@pytest.mark.long
def test_the_projector_shows_the_picture_and_turns_pages_by_arrow_keys(visitor: Visitor) -> None:
    overview = open_overview(visitor, present=1)
    expect(visitor.page.get_by_test_id("stSidebarNavLink")).to_have_count(0)
    expect(visitor.widget("bar")).to_have_count(0)
    series = overview.locator("canvas.series")
    series.press("ArrowRight")
    expect(overview).to_have_attribute("data-step", "0")  # the crosshair's key turns no page
    series.blur()

    visitor.page.keyboard.press("ArrowRight")
    visitor.see_heading("Experiment")
    visitor.page.keyboard.press("ArrowLeft")
    visitor.see_heading("Explain")
    visitor.page.keyboard.press("p")

    expect(visitor.widget("bar_data")).to_be_visible()
