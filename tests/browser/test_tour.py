"""The guided tour in a browser: by keyboard alone, in light and dark, with axe-core, and as quick as it has to be."""

import re

import pytest
from playwright.sync_api import Locator, expect

from complex_lstm.ui.app.lesson import WAY_OUT
from complex_lstm.ui.views.tour.chapters import CHAPTERS
from tests.browser.accessible import see_nothing_serious_in_both_themes
from tests.browser.conftest import Arrive
from tests.browser.truth import truth_of
from tests.browser.visitor import Visitor
from tests.ui.toured import planted, predicted_on

PLANTED = {"data": "planted_order", "model": "planted_order", "window": 121}
FOCUSED = """() => { const inner = document.activeElement.shadowRoot?.activeElement;
    return inner ? inner.className : document.activeElement.closest('[class*=st-key-]')?.className ?? ''; }"""

WIDTH = "root => root.querySelector('canvas.large').width"
HIDE = """async (root, display) => {
    root.style.display = display;
    for (let frame = 0; frame < 3; frame++) await new Promise(requestAnimationFrame);
}"""


def picture(visitor: Visitor) -> Locator:
    """The picture, painted and at rest."""
    found = visitor.page.locator('.tour[data-ready="true"]')
    expect(found).to_have_count(1)  # after a lesson the page's old picture stands beside the new one for a moment
    visitor.settle()
    return found


def see_page(visitor: Visitor, number: int) -> None:
    heading = visitor.page.get_by_role("heading", level=2, name=f"{number}. {CHAPTERS[number - 1].title}")
    expect(heading).to_have_count(1)  # after a lesson the old one stands beside the new one for a moment, as the picture does
    expect(heading.last).to_be_visible()
    picture(visitor)


def tab_to(visitor: Visitor, name: str) -> None:
    for _ in range(80):
        visitor.page.keyboard.press("Tab")
        if name in visitor.page.evaluate(FOCUSED):
            return
    raise AssertionError(f"Eighty tabs do not reach {name}")


@pytest.mark.long
def test_the_whole_tour_by_keyboard_alone_in_light_and_dark(visitor: Visitor) -> None:
    visitor.open("tour")
    visitor.see_link(**PLANTED)
    see_page(visitor, 1)
    tab_to(visitor, "tour_next")

    for number in range(2, len(CHAPTERS) + 1):
        see_nothing_serious_in_both_themes(visitor)
        visitor.page.keyboard.press("Enter")  # the button keeps the focus from page to page
        visitor.see_link(tour=number)
        see_page(visitor, number)
    see_nothing_serious_in_both_themes(visitor)
    assert visitor.messages == []


@pytest.mark.long
def test_arrow_keys_move_the_cursor_and_enter_shows_the_arithmetic(visitor: Visitor) -> None:
    visitor.open("tour", **PLANTED, tour=7, predicted=predicted_on(planted(), 7))
    see_page(visitor, 7)
    tab_to(visitor, "large")
    root = picture(visitor)
    row = int(root.get_attribute("data-row") or "")
    gate = truth_of("planted_order").trace(121).gate[0].numpy()

    for press in ("Home", "ArrowRight", "ArrowRight"):
        visitor.page.keyboard.press(press)
    said = re.search(rf"channel {row}, step 2: (\S+)\. Click", root.locator(".status").inner_text())
    assert said and float(said.group(1)) == pytest.approx(gate[2, row], rel=1e-5)

    visitor.page.keyboard.press("Enter")
    visitor.see_link(box=5, row=row, column=2)
    expect(visitor.page.get_by_role("heading", name=f"The arithmetic of one value: gate, step 2, channel {row}")).to_be_visible()
    end = visitor.page.get_by_text("From the digits above:").inner_text()
    come_to, computed = (float(number) for number in re.findall(r": (-?[\d.e-]+\d)", end))
    assert come_to == pytest.approx(gate[2, row], abs=1e-5) and computed == pytest.approx(gate[2, row], abs=1e-6)


def assert_picture_and_question_are_together(visitor: Visitor, height: int) -> None:
    """See the whole sheet with the words below it, and the question beside it: at the top of the page, or once it is scrolled to."""
    words = picture(visitor).locator(".status")
    question = visitor.widget("tour_question")
    for part in (picture(visitor).locator("canvas.large"), words):
        box = part.bounding_box()
        assert box and box["y"] >= 0 and box["y"] + box["height"] <= height
    question.scroll_into_view_if_needed()
    expect(question).to_be_in_viewport(ratio=0.9)
    expect(picture(visitor).locator("canvas.large")).to_be_in_viewport(ratio=0.9)


LONG = pytest.mark.long


@pytest.mark.parametrize(
    ("screen", "pages"),
    [
        ((1280, 720), (8,)),
        pytest.param((1280, 720), range(1, len(CHAPTERS) + 1), marks=LONG),
        pytest.param((1366, 768), range(1, len(CHAPTERS) + 1), marks=LONG),
    ],
)
@pytest.mark.parametrize("lesson", ["", pytest.param("2", marks=LONG)])
def test_picture_and_question_are_in_view_together(visitor: Visitor, screen: tuple[int, int], pages: tuple[int, ...], lesson: str) -> None:
    visitor.page.set_viewport_size({"width": screen[0], "height": screen[1]})
    for number in pages:
        visitor.open("tour", **PLANTED, tour=number, lesson=lesson)
        see_page(visitor, number)
        assert_picture_and_question_are_together(visitor, screen[1])


@pytest.mark.long
def test_a_sheet_of_a_hundred_rows_is_whole_in_the_window(visitor: Visitor) -> None:
    visitor.page.set_viewport_size({"width": 1280, "height": 720})
    visitor.open("tour", data="shoulder_exercises", model="shoulder_exercises", window=3, box=8, tour=1)
    root = picture(visitor)
    expect(root).to_have_attribute("data-opened", "8")

    assert_picture_and_question_are_together(visitor, 720)


@pytest.mark.long
def test_what_both_directions_have_read_meets_at_the_cursors_step_in_a_bilstm(visitor: Visitor) -> None:
    visitor.open("tour", **PLANTED, tour=8)
    see_page(visitor, 8)
    root = picture(visitor)
    root.locator(".slider").fill("10")

    box = root.locator('[data-box="6"]')
    forward, backward = (
        box.locator(f".read.{side}").evaluate("one => [one.style.left, one.style.right]") for side in ("forward", "backward")
    )

    assert forward == ["", "78%"] and backward == ["20%", ""]  # steps 0 to 10 of 50, and 10 to 49
    assert box.locator(".cursor").evaluate("one => one.style.left") == "21%"


@pytest.mark.long
def test_a_click_opens_a_box_and_its_sheets_and_the_link_keeps_it(visitor: Visitor) -> None:
    visitor.open("tour", **PLANTED, tour=1, predicted=predicted_on(planted(), 1))
    see_page(visitor, 1)
    root = picture(visitor)

    root.locator('[data-box="11"]').click()
    expect(root).to_have_attribute("data-opened", "11")
    root.get_by_role("button", name="head 3", exact=True).click()
    visitor.see_link(box=11, sheet=2)

    visitor.reload()
    expect(picture(visitor)).to_have_attribute("data-sheet", "2")
    expect(visitor.page.get_by_role("heading", name="attention layer 2, attention head 3")).to_be_visible()


def test_the_cursor_moves_to_what_a_page_is_about_and_rests_there(visitor: Visitor) -> None:
    visitor.open("tour", **PLANTED, tour=9)
    see_page(visitor, 9)

    expect(picture(visitor)).to_have_attribute("data-step", "25")
    assert picture(visitor).get_attribute("data-column") == "25"


def test_a_lesson_shows_the_page_and_no_controls_and_the_hand_out_comes(visitor: Visitor) -> None:
    visitor.open("tour", **PLANTED, tour=11, lesson=1)
    see_page(visitor, 11)
    expect(visitor.page.get_by_test_id("stSidebar")).to_have_count(0)

    with visitor.page.expect_download() as download:
        visitor.widget("tour_hand_out_bare").get_by_role("button").click()
    assert "11. One row of attention" in download.value.path().read_text(encoding="utf-8")

    visitor.page.get_by_role("button", name=WAY_OUT).click()
    expect(visitor.widget("bar_window")).to_be_visible()
    see_page(visitor, 11)


@pytest.mark.long
def test_a_picture_that_is_hidden_and_shown_again_is_painted_as_wide_as_before(arrive: Arrive) -> None:
    """Hidden it has no width, and a canvas without width cannot be drawn from: the visitor's complaints hear what fails."""
    visitor = arrive(reduced_motion="reduce")
    visitor.open("tour", **PLANTED)
    root = picture(visitor).element_handle()
    before = root.evaluate(WIDTH)

    root.evaluate(HIDE, "none")
    hidden = root.evaluate(WIDTH)
    root.evaluate(HIDE, "")

    assert 0 < hidden < before == root.evaluate(WIDTH)
