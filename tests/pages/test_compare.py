"""Two windows, two checkpoints, or before and after, on every view."""

import pytest
from streamlit.dataframe_util import convert_arrow_bytes_to_pandas_df

from tests.pages.conftest import Show
from tests.pages.looking import charts, drawn, finished, is_computing, words
from tests.pages.test_bench import bars
from tests.pages.test_compare_drawn import CHOICES, PLANTED, traces

VOWELS = {"data": "japanese_vowels", "model": "japanese_vowels", "window": 3, "other": 5}  # of 20 and of 23 steps
VIEWS = ("", "series", "attention", "gate", "heads", "importance", "inside", "score")


@pytest.mark.long
@pytest.mark.parametrize("view", VIEWS)
def test_windows_of_unequal_length_differ_over_the_steps_that_both_have(show: Show, view: str) -> None:
    app = finished(show("compare", **VOWELS, versus="window", view=view))

    assert not app.exception and not app.error
    assert view == "score" or "over the first 20 steps, which both have \\(20 and 23\\)" in words(app)


@pytest.mark.long
def test_the_method_and_the_baseline_of_both_sides_stand_in_the_link(show: Show) -> None:
    app = show("compare", **PLANTED, **CHOICES["window"], view="importance", method="saliency")

    app.selectbox(key="compare_baseline").set_value("zero").run()
    app.selectbox(key="compare_method").set_value("input_x_gradient").run()
    app.segmented_control(key="compare_scale").set_value("probability").run()

    assert {name: app.query_params[name] for name in ("baseline", "method", "scale")} == {
        "baseline": "zero", "method": "input_x_gradient", "scale": "probability",
    }  # fmt: skip
    assert "probability of" in words(finished(app)) and app.selectbox(key="compare_method").value == "input_x_gradient"
    app.segmented_control(key="experiment_tool").set_value("edit").run()
    app.segmented_control(key="what_if_view").set_value("explanation").run()
    assert app.selectbox(key="what_if_method").value == "input_x_gradient"


@pytest.mark.long
def test_explanations_of_two_sides_can_be_stopped_and_resumed(show: Show) -> None:
    shoulder = {"data": "shoulder_exercises", "model": "shoulder_exercises", "stride": 500, "window": 3, "view": "importance"}
    app = show("compare", **shoulder, method="consensus")

    app.button(key="compare_stop").click().run()

    assert "Stopped before the explanations were there" in words(finished(app))
    app.button(key="compare_go_on").click().run()
    app.button(key="compare_stop").click().run()
    assert not app.exception


def test_the_attention_head_that_is_shown_first_is_one_that_differs(show: Show) -> None:
    """With head 3 of layer 2 silent the view once began with head 1 of layer 1, where nothing differs."""
    app = show("compare", **PLANTED, versus="bench", off="head-1-2", view="attention")

    assert (app.segmented_control(key="compare_layer").value, app.segmented_control(key="compare_head").value) == (1, 2)
    app.segmented_control(key="compare_head").set_value(5).run()
    assert (app.query_params["layer"], app.query_params["head"]) == ("1", "5")


def test_predicted_values_have_the_digits_of_their_unit(show: Show) -> None:
    """1010.9 stood above 58.604 in one column."""
    app = show("compare", data="nyc_weather", model="nyc_weather", stride=500, window=3, versus="window")

    shown = convert_arrow_bytes_to_pandas_df(app.dataframe[0].proto.arrow_data.styler.display_values)

    for row, places in enumerate((2, 2, 3)):
        assert [len(cell.split(".")[1]) for cell in shown.iloc[row, 2:5]] == [places] * 3
        assert shown.iloc[row, 4][0] in "+-" and shown.iloc[row, 2][0] not in "+-"


def test_every_view_of_an_edited_window_is_reached_from_what_if(show: Show) -> None:
    app = show("what_if", **PLANTED, edits="shift_10_20_0.2_1.5")

    app.button(key="what_if_compare").click().run()

    assert app.segmented_control(key="experiment_tool").value == "compare" and not app.exception
    assert "**Edited:** shifted by 1.5" in words(app) and app.query_params["versus"] == "edits"
    assert app.query_params["edits"] == "shift_10_20_0.2_1.5"
    assert drawn(app, "compare_prediction")[1]["x"] == pytest.approx(traces("edits")[1].prediction[0].softmax(0).numpy(), abs=1e-6)


def test_an_edited_forecast_is_the_one_that_what_if_shows(show: Show) -> None:
    """A model that forecasts a change adds it to the last value, which an edit can move."""
    weather = {"data": "nyc_weather", "model": "nyc_weather", "stride": 500, "window": 3, "edits": "shift_40_47_0_10"}
    shown = {one.label: float(one.value.split()[0].replace(",", "")) for one in show("what_if", **weather).metric}

    table = show("compare", **weather, versus="edits").dataframe[0].value

    assert table["right"].tolist() == pytest.approx([shown[name] for name in table["target"]], rel=1e-3)
    assert table["difference"][0] == pytest.approx(table["right"][0] - table["left"][0]) and abs(table["difference"][0]) > 5


def test_a_window_without_edits_says_so(show: Show) -> None:
    app = show("compare", **PLANTED, versus="edits")

    assert "is not edited" in app.info[0].value and not any(bars(app, "compare_prediction")[2])
    app.segmented_control(key="compare_view").set_value("score").run()
    assert "belong to this window alone" in app.info[1].value and not app.exception


def test_two_windows_have_no_score(show: Show) -> None:
    assert "the page Check scores" in words(show("compare", **PLANTED, **CHOICES["window"], view="score"))


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


@pytest.mark.long
def test_two_windows_are_drawn_before_their_explanations_are_there(show: Show) -> None:
    app = show(
        "experiment", data="planted_order", model="planted_order", window=5, focus="compare", versus="window", other=6, method="consensus"
    )

    assert not app.exception and "Explaining: 0 of 2 done" in " ".join(one.proto.text for one in app.get("progress"))
    assert "compare_prediction" in charts(app)
    finished(app)
    assert not is_computing(app) and "Consensus, of the right side" in words(app)
