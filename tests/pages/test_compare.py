"""Two windows, two checkpoints, or before and after, on every view."""

import pytest

from complex_lstm.ui import cache
from tests.pages.conftest import Show
from tests.pages.test_bench import bars
from tests.pages.test_importance import charts, finished, words

PLANTED = {"data": "planted_order", "model": "planted_order", "stride": 500, "window": 600}
VOWELS = {"data": "japanese_vowels", "model": "japanese_vowels", "window": 3, "other": 5}  # of 20 and of 23 steps
VIEWS = ("", "series", "attention", "gate", "heads", "importance", "inside", "score")
TWIN = {"versus": "model", "other": "planted_order_shuffled"}


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("choice", [{"versus": "window", "other": 601}, TWIN, {"versus": "bench", "off": "head-0-2"}], ids=str)
def test_every_view_has_two_sides(show: Show, view: str, choice: dict[str, object]) -> None:
    app = show("compare", **PLANTED, view=view, **choice)

    assert not app.exception and not app.error and (charts(app) or view == "score")


@pytest.mark.parametrize("view", VIEWS)
def test_windows_of_unequal_length_differ_over_the_steps_that_both_have(show: Show, view: str) -> None:
    app = show("compare", **VOWELS, versus="window", view=view)

    assert not app.exception and not app.error
    assert view == "score" or "over the first 20 steps, which both have \\(20 and 23\\)" in words(app)


def test_the_prediction_of_the_other_window_is_its_own(show: Show) -> None:
    app = show("compare", **PLANTED, versus="window", other=601)

    left, right, difference = bars(app, "compare_prediction")

    said = [
        cache.window_trace(("planted_order", "planted_order", "", 500), number).prediction[0].softmax(0).tolist() for number in (600, 601)
    ]
    assert left == pytest.approx(said[0], abs=1e-6) and right == pytest.approx(said[1], abs=1e-6)
    assert difference == pytest.approx([b - a for a, b in zip(*said, strict=True)], abs=1e-6)


def test_a_twin_on_shuffled_labels_is_worse_over_all_windows(show: Show) -> None:
    app = show("compare", **PLANTED, **TWIN, view="score")

    app.button(key="compare_score_start").click().run()

    left, right, *_ = (float(one.value) for one in finished(app).metric[:2])
    assert left == 1.0 > right


def test_models_of_other_outputs_have_no_difference_in_them(show: Show) -> None:
    app = show("compare", **PLANTED, versus="model", other="planted_shape")

    assert not app.exception and "predict different things" in app.info[0].value


def test_the_bench_with_nothing_switched_says_so(show: Show) -> None:
    app = show("compare", **PLANTED, versus="bench")

    assert "both sides are the same" in app.info[0].value and not any(bars(app, "compare_prediction")[2])


def test_a_file_that_no_other_checkpoint_fits_says_what_to_do(show: Show) -> None:
    app = show("compare", data="shoulder_exercises", model="shoulder_exercises", versus="model")

    assert not app.exception and app.info[0].value.startswith("No other checkpoint fits this file")


def test_choices_stand_in_the_link_and_nonsense_there_is_harmless(show: Show) -> None:
    app = show("compare", **PLANTED, versus="zzz", other="zzz", view="zzz")
    assert not app.exception and not app.error

    app.number_input(key="compare_window").set_value(7).run()
    app.segmented_control(key="compare_view").set_value("gate").run()

    assert app.query_params["other"] == "7" and app.query_params["view"] == "gate"
