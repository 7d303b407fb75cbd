"""The outlines of answers in the picture: none before an answer, inside the sheets, and where the model's own values say."""

import json

import numpy as np
import pytest

from complex_lstm.samples import SAMPLES
from complex_lstm.ui.views.tour.chapter import MultipleChoice, Question, Region
from complex_lstm.ui.views.tour.chapters import CHAPTERS
from complex_lstm.ui.views.tour.outlines import outlines_of
from complex_lstm.ui.views.tour.sheets import Sheet, TourBox, list_boxes
from complex_lstm.ui.views.tour.window import TourWindow
from tests.ui.toured import planted, toured


def wrong_answer(question: Question) -> float:
    """An answer that is wrong and, of numbers, a step or a count that there can be."""
    answer = question.answer
    candidates = range(len(answer.options)) if isinstance(answer, MultipleChoice) else (1, 12, 40)
    return float(next(one for one in candidates if not answer.accepts(one)))


def sheets_of(boxes: dict[str, TourBox], region: Region) -> tuple[Sheet, ...]:
    opened = boxes[region.box].open()
    return opened if region.sheet is None else (opened[region.sheet],)


def assert_outlines_are_in_the_picture(window: TourWindow) -> None:
    """See that each region has cells, and that the right answer and a wrong one are not the same cells."""
    boxes = {box.name: box for box in list_boxes(window)}
    for chapter in CHAPTERS:
        if not chapter.has_question(window):
            continue
        question = chapter.question(window)
        found = {one.kind: one for one in outlines_of(question, wrong_answer(question), with_right=True)}
        assert json.dumps([one.header(tuple(boxes.values())) for one in found.values()])  # as it travels
        assert set(found) in ({"decides"}, {"right", "given"}), chapter.title
        for region in (region for one in found.values() for region in one.regions):
            rows, columns = sheets_of(boxes, region)[0].values.shape
            for ends, count in ((region.rows, rows), (region.columns, columns)):
                assert ends is None or (ends[0] <= ends[1] and ends[1] >= 0 and ends[0] < count), (chapter.title, region)
        if "right" in found:
            assert found["right"].regions != found["given"].regions, chapter.title


def test_every_page_outlines_its_answers_or_what_decides_it() -> None:
    assert_outlines_are_in_the_picture(planted())


@pytest.mark.long
@pytest.mark.parametrize("sample", [name for name in SAMPLES if name != "planted_order"])
def test_so_it_does_with_every_sample(sample: str) -> None:
    assert_outlines_are_in_the_picture(toured(sample))


def values_under(window: TourWindow, region: Region) -> np.ndarray:
    sheet = next(box for box in list_boxes(window) if box.name == region.box).open()[region.sheet or 0]
    (top, bottom), (left, right) = (
        ends or (0, count - 1) for ends, count in zip((region.rows, region.columns), sheet.values.shape, strict=True)
    )
    return sheet.values[top : bottom + 1, left : right + 1]


def right_of(number: int, window: TourWindow) -> tuple[Question, Region]:
    question = CHAPTERS[number - 1].question(window)
    (outline,) = outlines_of(question, question.answer.right, with_right=False)
    assert outline.kind == "right" and outline.words == question.answer.text
    return question, outline.regions[0]


def test_what_is_outlined_as_right_is_where_the_values_say() -> None:
    window = planted()
    trace = window.trace

    assert right_of(8, window)[1] == Region("BiLSTM 1", None, None, (12, 49))  # 38 of 50 steps, back from the last
    assert values_under(window, right_of(11, window)[1]) == trace.attention[0, 0].max()  # the page asks about the sharpest row
    assert values_under(window, right_of(12, window)[1]) == trace.attention[0, 0].amax(dim=(1, 2)).min()
    pooled = values_under(window, right_of(14, window)[1])
    assert pooled == trace.pooled_max.max()
    assert values_under(window, right_of(16, window)[1]) == trace.prediction.max()
    question, region = right_of(1, window)
    feature, (first, last) = window.features.index(question.answer.text), region.columns or (0, 0)
    assert region.rows == (feature, feature) and window.known[[first, last], feature].all()
    assert not window.known[:first].any()  # nothing green before it


def test_in_a_lesson_a_wrong_answer_has_no_right_one_beside_it_and_the_right_one_has() -> None:
    question = CHAPTERS[7].question(planted())

    assert [one.kind for one in outlines_of(question, 12, with_right=False)] == ["given"]
    assert [one.kind for one in outlines_of(question, 38, with_right=False)] == ["right"]
    assert outlines_of(question, -77, with_right=False) == ()
