"""What every page owes every visitor: room, names for figures, both themes, and a keyboard that suffices."""

from itertools import pairwise

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Arrive
from tests.browser.visitor import Visitor

PAGES = ("Data", "Explain", "Experiment", "Check", "Guided tour", "About the model")
PANES = ("Prediction", "Fusion gate", "Attention heads", "Ensemble heads", "Series")
DRAWN = ".js-plotly-plot, .tour[data-ready=true], .overview[data-ready=true], .importance[data-ready=true]"
OVERFLOW = """() => [document.documentElement, document.querySelector('[data-testid="stMain"]')]
    .map(one => one.scrollWidth - one.clientWidth)"""
HEADINGS = """() => [...document.querySelectorAll('[data-testid="stMain"] :is(h1, h2, h3, h4, h5, h6)')].map(one => +one.tagName[1])"""
FOCUSED = """() => document.activeElement.closest('[class*=st-key-]')?.className ?? document.activeElement.innerText"""
BRIGHTNESS = """() => getComputedStyle(document.querySelector('[data-testid="stApp"]')).backgroundColor
    .match(/\\d+/g).slice(0, 3).reduce((sum, part) => sum + Number(part), 0) / 765"""


@pytest.mark.long
@pytest.mark.parametrize(("theme", "sample"), [("light", "nyc_weather"), ("dark", "shoulder_exercises")])
def test_pages_fit_a_laptop_and_figures_have_names(arrive: Arrive, theme: str, sample: str) -> None:
    visitor = arrive(color_scheme=theme)
    visitor.open("data", data=sample, model=sample, stride=100)
    assert (visitor.page.evaluate(BRIGHTNESS) > 0.5) == (theme == "light")

    for title in PAGES:
        visitor.turn_to(title)
        see_it_fits(visitor, title)
    visitor.turn_to("Explain")
    for pane in PANES:
        visitor.open_pane(pane)
        see_it_fits(visitor, pane)


def see_it_fits(visitor: Visitor, title: str) -> None:
    visitor.page.locator(DRAWN).first.wait_for()
    visitor.settle()
    assert visitor.page.evaluate(OVERFLOW) == [0, 0], title
    assert visitor.page.locator(".js-plotly-plot:not([role=figure][aria-label] .js-plotly-plot)").count() == 0, title
    assert visitor.messages == [], title
    levels = [0, *visitor.page.evaluate(HEADINGS)]
    assert levels[1] == 1 and all(after <= before + 1 for before, after in pairwise(levels)), (title, levels)


def tab_to(visitor: Visitor, name: str) -> None:
    """Press Tab until something with this name, or in a widget with this key, has the focus."""
    for _ in range(60):
        visitor.page.keyboard.press("Tab")
        if name in visitor.page.evaluate(FOCUSED):
            return
    raise AssertionError(f"Sixty tabs do not reach {name}")


def test_the_keyboard_opens_pages_and_samples(visitor: Visitor) -> None:
    visitor.open()
    tab_to(visitor, "Explain")
    visitor.page.keyboard.press("Enter")
    visitor.see_heading("Explain")
    expect(visitor.widget("empty_planted_order")).to_be_visible()

    visitor.open()
    tab_to(visitor, "st-key-start_open_planted_order")
    visitor.page.keyboard.press("Enter")
    visitor.see_heading("Explain")
    visitor.see_link(data="planted_order")
