"""From the first click to the last page, as somebody who has never been here."""

from tests.browser.visitor import Visitor

PAGES = {
    "Attention": "attention",
    "Fusion gate": "gate",
    "Ensemble heads": "heads",
    "Feature importance": "importance",
    "Guided tour": "tour",
}


def test_one_click_on_a_sample_leads_to_all_pages(visitor: Visitor) -> None:
    visitor.open()
    visitor.widget("start_open_nyc_weather").get_by_role("button").click()

    visitor.see_heading("Predict")
    visitor.see_view("prediction")
    for title, view in PAGES.items():
        visitor.turn_to(title)
        visitor.see_view(view)
        visitor.see_link(data="nyc_weather", model="nyc_weather")
    assert visitor.messages == []
