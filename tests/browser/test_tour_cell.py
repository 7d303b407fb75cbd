"""The LSTM cell and the forward pass of the tour as they are played, a gate that is held, and the same without motion."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.accessible import see_nothing_serious_in_both_themes
from tests.browser.conftest import Arrive
from tests.browser.test_tour import PLANTED, picture, see_page
from tests.browser.visitor import Visitor
from tests.ui.toured import planted, predicted_on

FLIGHTS = """root => {
    window.flights = 0;
    const count = () => { window.flights += root.querySelectorAll('.flying').length; };
    new MutationObserver(count).observe(root, {childList: true, subtree: true});
}"""


@pytest.mark.long
def test_a_cell_is_entered_played_and_a_gate_is_held_by_its_bar_and_let_go(visitor: Visitor) -> None:
    visitor.open("tour", **PLANTED, tour=9, predicted=predicted_on(planted(), 9))
    see_page(visitor, 9)
    root = picture(visitor)

    root.get_by_role("button", name="Cell", exact=True).click()
    expect(root).to_have_attribute("data-level", "cell")
    visitor.see_link(box=6, sheet=10, row=20, column=25)
    root.get_by_role("button", name="Play the cell").click()
    visitor.page.wait_for_function("root => Number(root.dataset.step) > 26", arg=root.element_handle())
    root.get_by_role("button", name="Pause").click()
    expect(root).to_have_attribute("data-playing", "false")

    box = root.locator("canvas.large").bounding_box()
    assert box
    forget = root.evaluate("root => root.querySelector('canvas.large').getBoundingClientRect().width / 2 * 0.22")
    visitor.page.mouse.move(box["x"] + forget, box["y"] + 80)
    visitor.page.mouse.down()
    visitor.page.mouse.move(box["x"] + forget, box["y"] + 300)
    visitor.page.mouse.up()
    expect(root.locator(".note")).to_have_text(re.compile("With the forget gate of all channels.* held at 0: The output"))
    see_nothing_serious_in_both_themes(visitor)

    root.get_by_role("button", name="Let go").click()
    expect(root.locator(".note")).to_have_text(re.compile("Drag a bar"))
    root.get_by_role("button", name="BiLSTM 1", exact=True).click()
    visitor.see_link(box=6, sheet=1)
    expect(root).to_have_attribute("data-level", "block")


@pytest.mark.parametrize("motion", ["no-preference", "reduce"])
@pytest.mark.long
def test_the_window_moves_through_all_boxes_and_without_motion_from_box_to_box_by_hand(arrive: Arrive, motion: str) -> None:
    visitor = arrive(reduced_motion=motion)
    visitor.open("tour", **PLANTED, tour=1)
    see_page(visitor, 1)
    root = picture(visitor)
    root.evaluate(FLIGHTS)

    root.get_by_role("button", name="Model", exact=True).click()
    if motion == "reduce":
        for number in range(16):
            root.get_by_role("button", name="Next box").click()
            expect(root).to_have_attribute("data-flow", str(number))
    else:
        root.get_by_role("button", name="Play the forward pass").click()
        expect(root).to_have_attribute("data-flow", "15")
        expect(root).to_have_attribute("data-playing", "false")

    expect(root.locator(".status")).to_have_text("16 of 16, Scale, prediction: times a learned scale, this is the prediction.")
    expect(root.locator(".waiting")).to_have_count(0)
    assert (visitor.page.evaluate("() => window.flights") > 0) == (motion == "no-preference")
    root.locator('[data-box="6"]').click()
    expect(root).to_have_attribute("data-opened", "6")
    expect(root).to_have_attribute("data-level", "block")
