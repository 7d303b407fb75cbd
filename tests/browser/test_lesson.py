"""A lesson that fixes all: its page has no controls to see or to reach, and its question can still be answered."""

import pytest
from playwright.sync_api import expect

from tests.browser.test_tour import PLANTED, see_page
from tests.browser.visitor import Visitor


@pytest.mark.long
def test_the_bench_of_a_fixed_lesson_has_no_switches_and_says_what_is_switched(visitor: Visitor) -> None:
    visitor.open("bench", **PLANTED, off="head-0-2", lesson=2)
    visitor.see_view("bench")

    expect(visitor.page.get_by_text("Switched: attention layer 1, head 3 silent.", exact=True)).to_be_visible()
    expect(visitor.page.get_by_text("window 121 (")).to_be_visible()
    for key in ("bench_gate", "bench_clear", "bench_view"):
        control = visitor.page.locator(f".st-key-{key}")
        expect(control).to_have_count(1)
        expect(control).to_be_hidden()


def test_the_tour_of_a_fixed_lesson_asks_its_question_and_turns_no_pages(visitor: Visitor) -> None:
    visitor.open("tour", **PLANTED, tour=8, lesson=2)
    see_page(visitor, 8)
    expect(visitor.widget("tour_next").get_by_role("button")).to_be_hidden()

    visitor.widget("tour_answer_8").get_by_role("spinbutton").fill("38")
    visitor.page.keyboard.press("Enter")

    expect(visitor.page.get_by_text("Yes. It has read the steps from 49")).to_be_visible()
