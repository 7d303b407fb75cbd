"""The tour's pages: their numbers are the model's, their answers right, and nothing in them is fixed to one window."""

import numpy as np
import pytest

from complex_lstm.arithmetic import ValueIndex
from complex_lstm.model.interventions import SilenceHead
from complex_lstm.ui.views.tour.arithmetic import derive_cell, ending_at
from complex_lstm.ui.views.tour.chapter import MultipleChoice, NumericAnswer, fill_in
from complex_lstm.ui.views.tour.chapters import CHAPTERS
from complex_lstm.ui.views.tour.evidence import HEAD_EFFECTS, STEP_EFFECTS, TWO_BASELINES, StepEffects
from complex_lstm.ui.views.tour.sheets import list_boxes
from complex_lstm.ui.views.tour.window import TourWindow
from tests.ui.toured import planted, toured

TITLES = {chapter.title: chapter for chapter in CHAPTERS}


def right_answer(title: str, window: TourWindow) -> str:
    return TITLES[title].question(window).answer.text


@pytest.mark.parametrize("sample", ["planted_order", "nyc_weather", "japanese_vowels"])
def test_every_page_marks_a_value_that_its_arithmetic_comes_to(sample: str) -> None:
    window = toured(sample)
    boxes = {box.name: box for box in list_boxes(window)}

    for chapter in CHAPTERS:
        look = chapter.start(window)
        sheet = boxes[look.box].open()[look.sheet]
        working = derive_cell(window, sheet, look.row, look.column)
        assert working.agrees, chapter.title
        assert sheet.values[look.row, look.column] == pytest.approx(working.traced, abs=1e-5), chapter.title


@pytest.mark.parametrize("sample", ["planted_order", "nyc_weather", "japanese_vowels"])
def test_every_question_has_one_right_answer_among_its_options(sample: str) -> None:
    window = toured(sample)

    for chapter in CHAPTERS:
        question = chapter.question(window)
        answer = question.answer
        if isinstance(answer, MultipleChoice):
            assert len(set(answer.options)) == len(answer.options) > 1, chapter.title
            assert [at for at in range(len(answer.options)) if answer.accepts(at)] == [answer.right]
        else:
            assert answer.accepts(answer.right) and not answer.accepts(answer.right + answer.tolerance + 1)
        assert "{" not in fill_in(chapter.claim, window) + fill_in(chapter.task, window) + question.words
        assert question.hint and question.because and all(one.code for one in chapter.excerpts_of(window))


@pytest.mark.long
def test_every_sheet_of_every_box_leads_to_its_own_numbers() -> None:
    window = planted()

    for box in list_boxes(window):
        for sheet in box.open():
            row, column = (size // 2 for size in sheet.values.shape)
            working = derive_cell(window, sheet, row, column)
            assert working.agrees, (box.name, sheet.label)
            assert sheet.values[row, column] == pytest.approx(working.recomputed(), abs=2e-5), (box.name, sheet.label)


def test_the_boxes_hold_all_parameters_and_time_comes_first() -> None:
    window = planted()

    boxes = list_boxes(window)

    assert sum(box.parameters for box in boxes) == sum(value.numel() for value in window.model.parameters())
    shapes = {box.name: box.shape for box in boxes}
    assert (shapes["Series"], shapes["BiLSTM 4"], shapes["Attention 2"]) == ("50 x 9", "50 x 32", "50 x 50")


def test_the_planted_window_has_the_answer_that_was_planted() -> None:
    """Window 121 is one where ch7's bump comes first, by the file's own label."""
    window = planted()

    assert window.scene.dataset.windows.label[121] == "ch7_first"
    assert right_answer("The window", window) == "ch7"
    assert right_answer("Combiner, scale, prediction", window) == "ch7_first"


def test_answers_that_can_be_derived_by_hand() -> None:
    window = planted()

    assert right_answer("The second stage sees further", window) == "15"  # kernel 9 over kernel 7: 9 + 2 x 3
    assert right_answer("A BiLSTM reads from both ends", window) == "38"  # the steps from 49 back to 12
    assert right_answer("The same again, deeper", window) == "8"  # four blocks of two layers
    assert right_answer("Which step is this?", window) == "the first channels"
    zeros = TITLES["What passes the ReLU"].question(window).answer
    assert isinstance(zeros, NumericAnswer) and zeros.right == pytest.approx(100 * float((window.trace.projected == 0).float().mean()))


def test_the_failures_are_to_be_seen_where_the_tour_starts() -> None:
    """A removed head that costs nothing, a step whose neighbours stand in for it, a zero that misleads on the weather."""
    window, weather = planted(), toured("nyc_weather")
    moved = HEAD_EFFECTS.of(window)
    layer, head = np.unravel_index(int(moved.argmin()), moved.shape)

    without = window.model.intervened(window.x, interventions=[SilenceHead(int(layer), int(head))])

    assert float((without - window.trace.prediction).abs().max()) == pytest.approx(moved.min(), abs=1e-5)
    assert moved.min() < 0.01 * float(window.trace.prediction.abs().max()) and without.argmax() == window.trace.prediction.argmax()
    found = STEP_EFFECTS.of(window)
    assert found.received.sum() == pytest.approx(1)
    assert found.compare(found.hidden) == 0 and found.times_even[found.hidden] > 2.5 and found.shares[found.hidden] < 0.1
    by_two = TWO_BASELINES.of(weather)
    assert np.argmax(np.abs(by_two.zero)) != np.argmax(np.abs(by_two.mean))


def test_a_line_on_the_way_keeps_only_the_lines_that_it_needs() -> None:
    whole = planted().derive(ValueIndex("LSTM cell", (0, 0, 0, 5, 3)))

    gate = ending_at(whole, "f", "the forget gate", 0.5)

    assert [line.symbol for line in gate.lines] == ["x_f", "r_f", "a_f", "f"]
    assert gate.traced == 0.5 and gate.recomputed() == next(line.result for line in whole.formatted() if line.line.symbol == "f")


@pytest.mark.parametrize("windows", [pytest.param(50, marks=pytest.mark.long), 3])
def test_the_stretch_that_is_missed_most_lies_in_the_planted_cells_and_so_does_the_step_whose_neighbours_stand_in(windows: int) -> None:
    """The page said of such a step that it was not needed. Window by window: the plan, and removal by hand."""
    parts = planted().scene.dataset.windows.part
    for number in np.flatnonzero(parts == parts[121])[:windows]:
        window = toured("planted_order", int(number))
        found, planned = STEP_EFFECTS.of(window), window.known.any(axis=1)
        intact, step = float(window.model(window.x)[0, window.target]), found.hidden

        def lost(steps: slice, window: TourWindow = window, intact: float = intact) -> float:
            removed = window.x.clone()
            removed[0, steps] = 0  # the training mean
            return intact - float(window.model(removed)[0, window.target])

        assert found.alone[step] == pytest.approx(lost(slice(step, step + 1)), abs=1e-4)
        assert found.together[step] == pytest.approx(lost(found.around(step)), abs=1e-4)
        assert planned[found.around(found.needed)].any() and planned[step]
        assert "inside the cells that decide" in str(TITLES["Failure: one step at a time"].finding(window))  # type: ignore[misc]


def test_a_drop_below_zero_is_told_as_a_rise() -> None:
    """On this window the output rises without the steps; that was called what it loses."""
    window = toured("japanese_vowels")
    found = STEP_EFFECTS.of(window)
    words = str(TITLES["Failure: one step at a time"].finding(window))  # type: ignore[misc]

    for drop in (found.alone[found.hidden], found.together[found.hidden]):
        assert f"it {'falls' if drop > 0 else 'rises'} by {abs(drop):.3g}" in words.replace("the output", "it")
    gain = StepEffects(np.ones(4) / 4, -np.ones(4), -np.arange(4.0), np.zeros(4, bool), 2)
    assert gain.needed == 3 and [gain.compare(step) for step in (0, 3)] == [1, 0]  # 0 against 2; 3 against 2
    assert gain.around(0) == slice(0, 2) and gain.around(3) == slice(2, 4) and gain.sum_around(3) == -2
