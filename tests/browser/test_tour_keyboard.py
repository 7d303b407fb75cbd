"""The tour's details by keyboard alone: an answer, a box, a sheet, a cell and its arithmetic; and the cursor's short move, or none."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.accessible import see_nothing_serious
from tests.browser.conftest import Arrive
from tests.browser.test_tour import PLANTED, picture, see_page, tab_to
from tests.browser.visitor import Visitor
from tests.ui.toured import planted, predicted_on

WATCH = """() => {
    window.steps = [];
    const root = document.querySelector('.tour') ?? [...document.querySelectorAll('*')]
        .map(one => one.shadowRoot?.querySelector('.tour')).find(Boolean);
    const note = () => window.steps.push(Number(root.dataset.step));
    new MutationObserver(note).observe(root, {attributes: true, attributeFilter: ['data-step']});
}"""


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


@pytest.mark.long
def test_a_question_is_answered_wrongly_then_rightly_by_keyboard(arrive: Arrive) -> None:
    visitor = arrive(color_scheme="dark", reduced_motion="reduce")
    visitor.open("tour", **PLANTED, tour=8)
    see_page(visitor, 8)

    tab_to(visitor, "tour_answer_8")
    press(visitor.page, "1", "2", "Enter")
    expect(visitor.page.get_by_text("Not quite.")).to_be_visible()
    see_nothing_serious(visitor)
    legend = picture(visitor).locator(".answers button")
    expect(legend).to_have_text(["right answer: 38 (BiLSTM 1, steps 12 to 49)", "your answer: 12 (BiLSTM 1, steps 38 to 49)"])
    expect(picture(visitor).locator('.box[data-answer="right given"]')).to_have_count(1)
    legend.nth(1).focus()
    press(visitor.page, "Enter")
    expect(picture(visitor).locator(".status")).to_contain_text(re.compile(r"step 38: \S+, right answer, your answer\."))

    visitor.widget("tour_answer_8").get_by_role("spinbutton").focus()
    press(visitor.page, "Control+a", "3", "8", "Enter")
    expect(visitor.page.get_by_text("Yes. It has read the steps from 49")).to_be_visible()
    expect(visitor.page.get_by_text("1 of 20 questions answered")).to_be_visible()
    expect(legend).to_have_text(["right answer: 38 (BiLSTM 1, steps 12 to 49)"])
    see_nothing_serious(visitor)


@pytest.mark.long
def test_a_box_a_sheet_and_a_cell_are_chosen_and_their_arithmetic_opened_by_keyboard(arrive: Arrive) -> None:
    visitor = arrive(reduced_motion="reduce")
    visitor.open("tour", **PLANTED, tour=1, predicted=predicted_on(planted(), 1))
    see_page(visitor, 1)

    tab_to(visitor, "box")
    press(visitor.page, *["ArrowRight"] * 7, "ArrowLeft", "Enter")  # from the first box to BiLSTM 1
    visitor.see_link(box=6)
    expect(picture(visitor)).to_have_attribute("data-opened", "6")
    tab_to_text(visitor, "block")
    press(visitor.page, "End", *["ArrowLeft"] * 3, "Enter")  # over cell state, candidate and output gate to the forget gate
    visitor.see_link(box=6, sheet=6)
    tab_to(visitor, "large")
    press(visitor.page, *["Shift+ArrowUp"] * 4, "Home", "ArrowRight", "ArrowDown", "Enter")  # ten rows at once, 32 there are

    visitor.see_link(box=6, sheet=6, row=1, column=1)
    expect(visitor.page.get_by_role("heading", name="step 1, channel 1: forget gate")).to_be_visible()
    expect(visitor.page.get_by_text("From the digits above:")).to_be_visible()


def tab_to_text(visitor: Visitor, label: str) -> int:
    """Press Tab until what has the focus says so, and return how often."""
    focused = "() => (document.activeElement.shadowRoot?.activeElement ?? document.activeElement).textContent"
    for presses in range(1, 61):
        visitor.page.keyboard.press("Tab")
        if visitor.page.evaluate(focused) == label:
            return presses
    raise AssertionError(f"Sixty tabs do not reach {label}")


@pytest.mark.long
@pytest.mark.parametrize("lesson", ["", "1"])
def test_fewer_than_twelve_tabs_lead_to_the_picture_and_its_box_its_sheet_and_its_cells(arrive: Arrive, lesson: str) -> None:
    visitor = arrive(reduced_motion="reduce")
    visitor.open("tour", **PLANTED, tour=9, lesson=lesson)
    see_page(visitor, 9)

    presses = 0
    for way in ("Skip to main content", "Skip to the picture"):
        presses += tab_to_text(visitor, way)
        press(visitor.page, "Enter")
    presses += tab_to_text(visitor, "forget gate")
    see_nothing_serious(visitor)
    press(visitor.page, "Tab", "End")

    expect(picture(visitor)).to_have_attribute("data-step", "49")
    assert presses + 1 < 12


@pytest.mark.long
def test_the_ways_on_open_by_keyboard_and_what_they_show_is_accessible(arrive: Arrive) -> None:
    visitor = arrive(reduced_motion="reduce")
    visitor.open("tour", **PLANTED, tour=7)
    see_page(visitor, 7)

    tab_to(visitor, "tour_own_data")
    press(visitor.page, "Enter")

    expect(visitor.page.get_by_text("Or bring your own:")).to_be_visible()
    see_nothing_serious(visitor)
    press(visitor.page, "Escape")
    expect(visitor.page.get_by_text("Or bring your own:")).to_be_hidden()


@pytest.mark.parametrize(
    ("motion", "begin"),
    [
        pytest.param("no-preference", 0, marks=pytest.mark.long),
        ("no-preference", 49),
        pytest.param("reduce", 0, marks=pytest.mark.long),
        pytest.param("reduce", 49, marks=pytest.mark.long),
    ],
)
def test_the_cursor_passes_the_steps_between_from_either_side_and_without_motion_it_is_there_at_once(
    arrive: Arrive, motion: str, begin: int
) -> None:
    """Page 9 is about step 25. From the right the cursor used to jump; with reduced motion only the end was tested."""
    visitor = arrive(reduced_motion=motion)
    visitor.open("tour", **PLANTED, tour=8)
    see_page(visitor, 8)
    picture(visitor).locator(".slider").fill(str(begin))
    visitor.page.evaluate(WATCH)

    visitor.widget("tour_next").get_by_role("button").click()
    see_page(visitor, 9)
    visitor.page.wait_for_function("() => window.steps.at(-1) === 25")

    passed = set(visitor.page.evaluate("() => window.steps")) - {begin, 25}
    assert bool(passed) == (motion == "no-preference")
    assert all(min(begin, 25) < step < max(begin, 25) for step in passed)
