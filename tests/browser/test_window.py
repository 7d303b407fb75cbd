"""The window: by number, by a click on a point, by a row of the table, and the same one on every page."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.truth import STRIDE, truth_of
from tests.browser.visitor import Visitor

SELECTION = {"data": "nyc_weather", "model": "nyc_weather", "stride": STRIDE}


def see_window(page: Page, number: int) -> None:
    expect(page.get_by_role("heading", name=re.compile(rf"^Window {number}:"))).to_be_visible()


def see_chosen(visitor: Visitor, number: int) -> None:
    """See a window's number in the bar: on Check no heading has it."""
    expect(visitor.widget("bar_window").get_by_role("spinbutton")).to_have_value(str(number))


@pytest.mark.long
def test_a_number_chooses_the_window_on_all_pages(visitor: Visitor) -> None:
    visitor.open("attention", **SELECTION)
    visitor.enter("bar_window", 17)

    see_window(visitor.page, 17)
    visitor.open_pane("Fusion gate")
    see_window(visitor.page, 17)
    visitor.see_link(window=17)
    drawn = visitor.traces("fusion_gate_map")[0]["z"]
    gate = truth_of("nyc_weather").trace(17).gate[0].T.numpy()
    assert sorted(map(sum, drawn)) == pytest.approx(sorted(gate.sum(axis=1).tolist()), rel=1e-4)  # rows are ordered by their mean


@pytest.mark.long
def test_a_click_in_the_forecast_chooses_its_window(visitor: Visitor) -> None:
    visitor.open("check", **SELECTION)
    visitor.see_view("scores")
    windows = truth_of("nyc_weather").dataset.windows
    first = int(windows.of_part("test")[0])
    own = [number for number in windows.of_part("test").tolist() if windows.series[number] == windows.series[first]]

    visitor.click_point("predict_forecast", trace=1, point=6 * STRIDE)  # all windows are drawn, one of STRIDE is listed

    see_chosen(visitor, own[6])
    visitor.see_link(window=own[6], focus=None)


@pytest.mark.long
def test_a_click_on_the_same_point_counts_again_after_another_choice(visitor: Visitor) -> None:
    """The page once ignored a point that was the last one clicked, even when another window had been chosen since."""
    visitor.open("ensemble", **SELECTION, window=3)
    visitor.see_view("heads")
    visitor.click_point("ensemble_disagreement", trace=0, point=30)
    see_window(visitor.page, 30)
    visitor.enter("bar_window", 5)
    see_window(visitor.page, 5)
    visitor.open_pane("Attention heads")
    visitor.open_pane("Ensemble heads")
    see_window(visitor.page, 5)

    visitor.click_point("ensemble_disagreement", trace=0, point=30)

    see_window(visitor.page, 30)
    visitor.see_link(window=30, focus="heads")
    assert visitor.messages == []


@pytest.mark.long
def test_a_row_of_the_table_chooses_its_window_once(visitor: Visitor) -> None:
    """While a row was selected, the page once jumped back to it from any window that was chosen by number."""
    first = int(truth_of("nyc_weather").dataset.windows.of_part("test")[0])
    visitor.open("check", **SELECTION, window=3)
    visitor.see_view("scores")
    table = visitor.widget("predict_table").locator("canvas").first
    table.scroll_into_view_if_needed()
    table.click(position={"x": 15, "y": 35 + 35 + 17}, force=True)  # the box before the second row, under a layer that scrolls
    see_chosen(visitor, first)  # the second test window is not listed: the first is the nearest that is
    expect(visitor.page.get_by_text(f"the nearest listed one is open: window {first}")).to_be_visible()

    visitor.enter("bar_window", 9)

    see_chosen(visitor, 9)
    visitor.settle()
    see_chosen(visitor, 9)
