"""The tour in another language: by its link, and on its page only."""

from __future__ import annotations

from tests.pages.conftest import Show

PLANTED = {"data": "planted_order", "model": "planted_order", "window": 121}


def test_the_tour_speaks_the_language_of_its_link_and_english_without_one(show: Show) -> None:
    in_german, in_english = show("tour", **PLANTED, tour=3, lang="de"), show("tour", **PLANTED, tour=3)

    assert not in_german.exception and in_german.header[0].value == "3. Was durch die ReLU kommt"
    assert in_german.button(key="tour_next").label == "Weiter" and in_german.segmented_control(key="tour_language").value == "de"
    assert in_german.title[0].value == "Guided tour"  # the frame around the page is in English
    assert in_english.header[0].value == "3. What passes the ReLU" and in_english.button(key="tour_next").label == "Next"
