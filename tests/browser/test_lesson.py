"""A lesson that fixes all: its page has no controls to see or to reach, and its question can still be answered."""

import re
from functools import partial

import pytest
from playwright.sync_api import expect

from complex_lstm.ui.views.tour.chapters import CHAPTERS
from tests.browser.test_tour import PLANTED, see_page
from tests.browser.visitor import Visitor
from tests.ui.toured import planted


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


@pytest.mark.long
@pytest.mark.parametrize("lesson", [1, 2])
def test_no_answer_is_in_any_page_of_a_lesson_before_it_is_given_nor_after_a_wrong_one(visitor: Visitor, lesson: int) -> None:
    """All that is in the document is read, shown or not, the picture's own document too, and all that the server sends it."""
    sent: list[bytes] = []
    note = partial(_note, sent)
    visitor.page.on("websocket", lambda socket: socket.on("framereceived", note))
    for number, chapter in enumerate(CHAPTERS, 1):
        visitor.open("tour", **PLANTED, tour=number, lesson=lesson)
        see_page(visitor, number)
        box = visitor.widget(f"tour_answer_{number}")
        box.wait_for()
        because = chapter.question(planted()).because
        picture = visitor.page.locator('.tour[data-veiled="true"]')
        picture.wait_for()
        assert not re.search(r": -?[0-9.e-]+\.|mean|exactly", picture.inner_text()), number
        expect(picture.locator(".take")).to_be_hidden()

        for _ in range(2):
            said = visitor.page.evaluate("() => document.body.textContent")
            assert because[:60] not in said and "Show the answer" not in said and "The answers to" not in said, number
            assert visitor.widget("tour_hand_out_bare").count() == 1 and visitor.page.locator(".st-key-tour_hand_out").count() == 0
            if box.get_by_role("radio").count() == 0:
                box.get_by_role("spinbutton").fill("-77")
                visitor.page.keyboard.press("Enter")
            else:
                answer = chapter.question(planted()).answer
                wrong = next(at for at in range(9) if not answer.accepts(at))
                box.get_by_role("radio").nth(wrong).click(force=True)
            expect(visitor.page.get_by_text("Not quite.")).to_be_visible()
        picture = visitor.page.locator('.tour[data-veiled="false"]')
        expect(picture.locator('.answers [data-answer="right"]')).to_have_count(0)
    told = b"".join(sent)
    assert b'"outlines": []' in told and b'"kind": "given"' in told and b'"kind": "right"' not in told


def _note(sent: list[bytes], frame: str | bytes) -> None:
    sent.append(frame if isinstance(frame, bytes) else frame.encode())
