"""The tour in another language: chosen on the page or in the link, and only there."""

from __future__ import annotations

from tests.pages.conftest import Show

PLANTED = {"data": "planted_order", "model": "planted_order", "window": 121}


def test_the_tour_speaks_the_language_of_its_link_and_of_the_choice_on_it(show: Show) -> None:
    app = show("tour", **PLANTED, tour=3, lang="de")
    chosen = app.segmented_control(key="tour_language")

    assert not app.exception and app.header[0].value == "3. Was durch die ReLU kommt"
    assert (chosen.value, app.button(key="tour_next").label) == ("de", "Weiter") and app.query_params["lang"] == ["de"]

    chosen.set_value("en").run()

    assert app.header[0].value == "3. What passes the ReLU" and app.button(key="tour_next").label == "Next"
