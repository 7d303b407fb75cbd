"""From the first click to the last page, as somebody who has never been here."""

import re

import pytest

from tests.browser.visitor import Visitor

PANES = {
    "Prediction": "prediction",
    "Attention heads": "attention",
    "Fusion gate": "gate",
    "Ensemble heads": "heads",
}
PAGES = {"Experiment": "what-if", "Check": "scores", "Guided tour": "tour"}


@pytest.mark.long
def test_one_click_on_a_sample_leads_to_all_pages(visitor: Visitor) -> None:
    visitor.open()
    visitor.widget("start_open_nyc_weather").get_by_role("button").click()

    visitor.see_heading("Explain")
    visitor.see_view("explain")
    for pane, view in PANES.items():
        visitor.open_pane(pane)
        visitor.see_view(view)
        visitor.see_link(data="nyc_weather", model="nyc_weather")
    visitor.widget("explain_back").get_by_role("button").click()
    visitor.page.locator('.overview[data-ready="true"]').get_by_role("button", name=re.compile("^Series")).click()
    visitor.see_view("importance")
    for title, view in PAGES.items():
        visitor.turn_to(title)
        visitor.see_view(view)
        visitor.see_link(data="nyc_weather", model="nyc_weather")
    assert visitor.messages == []
