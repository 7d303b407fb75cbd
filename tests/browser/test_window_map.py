"""The map of windows: a click opens a window, what is drawn around is listed, and the choices travel in the link."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.accessible import see_nothing_serious_in_both_themes
from tests.browser.truth import truth_of
from tests.browser.visitor import PLACE_OF_POINT, Visitor

PLANTED = {"data": "planted_order", "model": "planted_order", "window": 600, "view": "map"}


def see_chosen(visitor: Visitor, number: int) -> None:
    expect(visitor.widget("bar_window").get_by_role("spinbutton")).to_have_value(str(number))


@pytest.mark.long
def test_a_click_on_a_point_opens_its_window_and_its_nearest_stand_beside_it(visitor: Visitor) -> None:
    visitor.open("check", **PLANTED)
    visitor.see_traces("map_points", "ch3_first", "window in view")
    windows = truth_of("planted_order").dataset.windows
    name = visitor.traces("map_points")[1]["name"]

    visitor.click_point("map_points", trace=1, point=0)

    visitor.page.wait_for_function("() => !location.search.includes('window=600')")
    opened = int(visitor.carried("window"))
    see_chosen(visitor, opened)
    assert windows.label[opened] == name  # points lie on each other: one of the class that was clicked
    expect(visitor.page.get_by_text(re.compile(f"^Window {opened}, series_id s{opened:04d}"))).to_be_visible()
    visitor.see_link(view="map")
    assert visitor.messages == []

    visitor.widget("map_space").get_by_text("explanations").click()  # the chart keeps its selection, which means nothing in another map

    visitor.see_link(space="attributions")
    expect(visitor.page.get_by_role("heading", name="Kinds of explanation")).to_be_visible()
    see_chosen(visitor, opened)


@pytest.mark.long
def test_points_drawn_around_are_listed_with_their_mean_error(visitor: Visitor) -> None:
    visitor.open("check", **PLANTED)
    visitor.see_traces("map_points", "ch3_first", "window in view")
    visitor.widget("map_draws_around").get_by_text("Draw around windows").click()
    figure = visitor.widget("map_points").locator(".js-plotly-plot")
    expect(figure.get_by_text("Draw around windows to list them")).to_be_visible()
    figure.scroll_into_view_if_needed()
    x, y = figure.evaluate(PLACE_OF_POINT, [1, 0])

    mouse = visitor.page.mouse
    mouse.move(x - 40, y - 40)
    mouse.down()
    for dx, dy in ((40, -40), (40, 40), (-40, 40), (-40, -38)):
        mouse.move(x + dx, y + dy, steps=6)
    mouse.up()

    listed = visitor.page.get_by_role("heading", name=re.compile(r"^\d+ selected windows"))
    expect(listed).to_be_visible()
    assert 1 < int(listed.inner_text().split()[0]) < 640
    expect(visitor.page.get_by_text("of all 640 mapped windows mean error")).to_be_visible()
    see_chosen(visitor, 600)


@pytest.mark.long
def test_a_row_of_the_nearest_opens_its_window(visitor: Visitor) -> None:
    visitor.open("check", **PLANTED)
    visitor.see_traces("map_points", "ch3_first", "window in view")
    windows = truth_of("planted_order").dataset.windows
    table = visitor.widget("map_similar").locator("canvas").first
    table.scroll_into_view_if_needed()

    table.click(position={"x": 15, "y": 35 + 17}, force=True)  # the box before the first row, under a layer that scrolls

    visitor.page.wait_for_function("() => !location.search.includes('window=600')")
    opened = int(visitor.carried("window"))
    assert windows.part[opened] == "training" and windows.label[opened] == windows.label[600]
    see_chosen(visitor, opened)


@pytest.mark.long
def test_the_map_is_the_same_when_its_link_is_opened_again(visitor: Visitor) -> None:
    visitor.open("check", **PLANTED, space="attributions", colour="part")
    visitor.see_traces("map_points", "training", "validation", "test", "window in view")
    visitor.widget("map_space").get_by_text("what the ensemble heads see").click()
    visitor.see_link(space=None, colour="part")

    visitor.reload()

    visitor.see_traces("map_points", "training", "validation", "test", "window in view")
    expect(visitor.page.get_by_text("in standard deviations of the training windows")).to_be_visible()
    assert visitor.messages == []


@pytest.mark.long
def test_nothing_serious_stands_in_the_way(visitor: Visitor) -> None:
    visitor.open("check", **PLANTED, space="attributions")
    visitor.see_traces("map_points", "ch3_first", "window in view")
    visitor.see_traces("map_landmarks")

    see_nothing_serious_in_both_themes(visitor)
    assert visitor.messages == []
