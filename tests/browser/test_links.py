"""Links: the first one after a start, one without a selection, and one to what this installation does not hold."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from complex_lstm.samples import SAMPLES
from complex_lstm.ui.app.addresses import MOVED
from tests.browser.conftest import Arrive
from tests.browser.server import serving
from tests.browser.visitor import Visitor


@pytest.mark.long
@pytest.mark.parametrize("selection", [{"data": "nyc_weather", "model": "nyc_weather"}, {}], ids=["with a sample", "with nothing"])
def test_the_first_link_after_a_start_shows_its_page(arrive: Arrive, tmp_path: Path, selection: dict[str, str]) -> None:
    """With pages/ beside the main script Streamlit ran the page past the router, with no bar and no selection."""
    with serving(tmp_path) as fresh:
        visitor = arrive(fresh)
        visitor.open("attention", **selection)

        visitor.see_heading("Explain")
        if selection:
            visitor.see_view("attention")
        else:
            for sample in SAMPLES:
                expect(visitor.widget(f"empty_{sample}")).to_be_visible()
        visitor.page.close()  # before the server goes: parts of the page may still be on their way


def test_the_empty_state_opens_a_sample_where_the_visitor_is(visitor: Visitor) -> None:
    visitor.open("fusion_gate")

    visitor.widget("empty_planted_order").get_by_role("button").click()

    visitor.see_link(data="planted_order", model="planted_order")
    visitor.see_heading("Explain")
    visitor.see_view("gate")
    visitor.see_link(focus="gate")
    assert visitor.messages == []


@pytest.mark.parametrize("kind", ["data", pytest.param("model", marks=pytest.mark.long)])
def test_a_link_to_an_upload_elsewhere_says_so(visitor: Visitor, kind: str) -> None:
    visitor.open("predict", **{"data": "nyc_weather", "model": "nyc_weather"} | {kind: "0123456789abcdef0123"})

    expect(visitor.page.get_by_text("this installation does not hold")).to_be_visible()
    assert len(visitor.messages) == 1

    visitor.widget("messages_start_over").get_by_role("button").click()

    expect(visitor.widget("empty_planted_order")).to_be_visible()
    visitor.see_no_selection()
    assert visitor.messages == []


@pytest.mark.long
def test_back_leaves_a_page_with_one_press_and_shows_the_last_one_as_it_was(visitor: Visitor) -> None:
    visitor.open("check", data="planted_order", model="planted_order", window=3)
    visitor.enter("bar_window", 4)
    visitor.see_link(window=4)
    visitor.turn_to("Guided tour")
    visitor.see_view("tour")
    visitor.enter("bar_window", 7)
    visitor.see_link(window=7)

    visitor.page.go_back()

    visitor.see_heading("Check")
    expect(visitor.widget("bar_window").get_by_role("spinbutton")).to_have_value("4")
    visitor.see_link(window=4, tour=None)


@pytest.mark.long
def test_back_closes_a_pane(visitor: Visitor) -> None:
    visitor.open("explain", data="planted_order", model="planted_order", window=3)
    visitor.open_pane("Attention heads")
    visitor.see_link(focus="attention")
    visitor.see_view("attention")

    visitor.page.go_back()

    visitor.page.locator('.overview[data-ready="true"]').wait_for()
    visitor.see_link(focus=None, window=3)


@pytest.mark.long
@pytest.mark.parametrize("old", MOVED)
def test_an_old_address_opens_its_view_at_the_new_place(visitor: Visitor, old: str) -> None:
    page, focus = MOVED[old]

    visitor.open(old, data="planted_order", model="planted_order", window=3)

    visitor.page.wait_for_url(f"{visitor.url}/{page}?**")
    visitor.see_link(window=3, **({"focus": focus} if focus else {}))
    assert visitor.messages == []
