"""The tour on data that no sample is like: windows of one step, one feature, kernels of one width, values and their change."""

import numpy as np
import pytest

from complex_lstm.samples import SAMPLES
from complex_lstm.ui.session.scene import chosen_scene, predicted_values
from complex_lstm.ui.session.state import Selection
from complex_lstm.ui.views.tour.arithmetic import derive_cell, derive_terms
from complex_lstm.ui.views.tour.chapter import Chapter, MultipleChoice, fill_in
from complex_lstm.ui.views.tour.chapters import CHAPTERS
from complex_lstm.ui.views.tour.handout import hand_out
from complex_lstm.ui.views.tour.position import window_of
from complex_lstm.ui.views.tour.sheets import list_boxes
from complex_lstm.ui.views.tour.window import TourWindow
from tests.pages.looking import PATIENCE
from tests.ui.own_file import keep_own
from tests.ui.toured import planted, toured

pytestmark = pytest.mark.usefixtures("workspace")

PAGES = {chapter.title: chapter for chapter in CHAPTERS}


def see_every_page(window: TourWindow) -> list[Chapter]:
    """Look at every page that fits, and return those that ask something: each of their questions can be answered wrongly."""
    boxes = {box.name: box for box in list_boxes(window)}
    for chapter in CHAPTERS:
        if chapter.fits(window):
            look = chapter.start(window)
            assert derive_cell(window, boxes[look.box].open()[look.sheet], look.row, look.column).agrees, chapter.title
            assert chapter.finding is None or chapter.finding(window)
    asking = [chapter for chapter in CHAPTERS if chapter.has_question(window)]
    for chapter in asking:
        answer = chapter.question(window).answer
        if isinstance(answer, MultipleChoice):
            assert len(set(answer.options)) == len(answer.options) > 1, chapter.title
            assert not all(answer.accepts(at) for at in range(len(answer.options))), chapter.title
    return asking


def test_windows_of_one_step_are_toured_and_handed_out_to_the_end() -> None:
    window = keep_own(length=1).window()

    asking = {chapter.title for chapter in see_every_page(window)}

    assert not asking & {"Which step is this?", "A BiLSTM reads from both ends", "From all steps to one vector", "One row of attention"}
    assert "From all steps to one vector" in hand_out(window, patience=PATIENCE)


def test_one_feature_one_head_and_kernels_of_one_width_leave_no_question_with_one_answer() -> None:
    window = keep_own(("only",), hidden_dim=6, num_heads=1, kernels=((1, 3, 3), (3, 3, 3))).window()

    asking = {chapter.title for chapter in see_every_page(window)}

    assert PAGES["The window"].question(window).words == "Does the series end higher or lower than it starts?"
    assert PAGES["Three convolutions at once"].question(window).answer.options == ("kernel 1", "kernel 3, place 2", "kernel 3, place 3")
    assert {"Features become channels", "The output of all heads"} <= asking  # other questions, with two answers or more
    assert not asking & {"Failure: an attention head that is not needed?", "Failure: zero does not mean absent"}
    assert "1 feature and nothing else" in fill_in(PAGES["The window"].claim, window)


def test_two_features_that_reach_the_same_height_are_both_right() -> None:
    answer = PAGES["The window"].question(keep_own(("a", "b")).window()).answer
    assert isinstance(answer, MultipleChoice) and not answer.also

    from complex_lstm.ui.views.tour.chapter import largest

    alike = largest(("a", "b", "c"), predicted_values(keep_own().window().scene)[[0, 0, 1]] * [1, 1, 0])
    assert alike.accepts(0) and alike.accepts(1) and not alike.accepts(2)


@pytest.mark.parametrize("window", [planted, lambda: toured("nyc_weather"), lambda: toured("japanese_vowels")])
def test_the_model_ends_in_human_terms_that_the_predict_page_shows(window: object) -> None:
    seen: TourWindow = window()  # type: ignore[operator]

    for output, shown in enumerate(predicted_values(seen.scene)):
        working = derive_terms(seen, output)
        assert working.agrees and working.recomputed() == pytest.approx(shown, rel=1e-5, abs=1e-5)


def test_a_temperature_is_a_line_of_the_arithmetic_and_of_the_formula() -> None:
    own = keep_own()
    window = window_of(chosen_scene(Selection.of(data=own.data, model=own.model, window=2, temperature="2.5")))
    logits = window.trace.prediction[0].double().numpy()

    for output in range(2):
        working = derive_terms(window, output)
        assert working.agrees and working.recomputed() == pytest.approx(
            1 / (1 + np.exp((logits[1 - output] - logits[output]) / 2.5)), abs=1e-6
        )
    page = PAGES["What the prediction means"]
    assert "/ T" in page.formula_of(window) and "a temperature of 2.5 first" in fill_in(page.claim, window)
    assert "/ T" not in page.formula_of(own.window(2)) and "temperature" not in fill_in(page.claim, own.window(2))


@pytest.mark.parametrize("as_change", [False, True])
def test_the_last_value_is_added_where_the_change_was_learned_and_only_there(as_change: bool) -> None:
    """That mean and deviation lead to the file's unit was said of models of the change too, of which it is false."""
    window = keep_own(task="values", as_change=as_change).window(3)
    page, scaling = PAGES["What the prediction means"], window.scene.dataset.scaling

    working = derive_terms(window, 0)

    by_hand = float(window.trace.prediction[0, 0]) * scaling.target_std[0] + scaling.target_mean[0]
    assert working.recomputed() == pytest.approx(by_hand + as_change * float(window.scene.values[-1, 0]), abs=1e-5)
    assert working.agrees and working.recomputed() == pytest.approx(predicted_values(window.scene)[0], abs=1e-5)
    assert ("that step's value is added" in fill_in(page.claim, window)) == as_change == (r"v_{\mathrm{last}}" in page.formula_of(window))
    assert "unscale_targets" in page.excerpts_of(window)[0].code


def test_what_the_convolutions_reach_is_said_of_this_models_kernels() -> None:
    narrow = keep_own(kernels=((1, 1, 1), (1, 1, 1))).window()

    assert "So steps are not combined yet" in fill_in(PAGES["Three convolutions at once"].claim, narrow)
    assert "no further than its own kernels" in fill_in(PAGES["The second stage sees further"].claim, narrow)
    assert "one step wide" in PAGES["A BiLSTM reads from both ends"].question(narrow).because
    # kernel 7 of stage 1 and kernel 9 of stage 2 reach 3 + 4 steps
    assert "7 steps from either side" in PAGES["A BiLSTM reads from both ends"].question(planted()).because


def test_a_failure_that_this_window_does_not_show_is_not_said_to_be_shown() -> None:
    """One step only: it has no neighbours."""
    window = keep_own(length=1).window()

    assert PAGES["Failure: one step at a time"].finding(window).endswith("here both tell the same.")  # type: ignore[misc]


@pytest.mark.parametrize(
    "sample",
    ["japanese_vowels", *(pytest.param(one, marks=pytest.mark.long) for one in SAMPLES if one != "japanese_vowels")],
)
def test_what_is_found_of_each_failure_agrees_with_the_numbers_on_every_samples_first_window(sample: str) -> None:
    from complex_lstm.ui.views.tour.evidence import HEAD_EFFECTS, STEP_EFFECTS

    window = toured(sample)
    found, moved = STEP_EFFECTS.of(window), HEAD_EFFECTS.of(window)
    said = PAGES["Failure: one step at a time"].finding(window)  # type: ignore[misc]
    heads = PAGES["Failure: an attention head that is not needed?"].finding(window)  # type: ignore[misc]

    summed = abs(found.alone[found.around(found.hidden)].sum())
    assert ("stand in for each other" in said) == bool(abs(found.together[found.hidden]) * 0.9 > summed)
    assert ("it is not needed" in heads) == bool(moved.min() < 0.01 * float(window.trace.prediction.abs().max()))
