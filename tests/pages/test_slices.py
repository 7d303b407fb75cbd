"""Check's view of slices: the worst of all, one property, the windows of a slice, and what a link holds of them."""

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from complex_lstm.samples import SAMPLES
from complex_lstm.ui.compute.visitor import open_workspace
from tests.pages.conftest import Show
from tests.pages.looking import all_words, charts, finished, names_in, words
from tests.ui.own_file import keep_own

pytestmark = pytest.mark.long

WEATHER = {"data": "nyc_weather", "model": "nyc_weather"}


def table_with(app: AppTest, column: str) -> pd.DataFrame:
    return next(one.value for one in app.dataframe if column in one.value)


def test_the_worst_slices_of_all_are_ranked_and_their_number_is_said(show: Show) -> None:
    app = finished(show("check", **WEATHER, view="slices"))

    table = table_with(app, "beyond chance")
    assert "slices_dots" in charts(app) and "would have an interval above zero by chance alone" in words(app)
    weight = (table["from"] * table["share"]).clip(lower=0)
    assert (np.diff(weight) <= 0).all() and weight[0] > 0 and (table["windows"] >= 20).all() and (table["blocks"] >= 3).all()
    assert "temp (°F)" in table and "924 of test, 14 days" in words(app)


def test_one_property_and_one_target_travel_in_the_link(show: Show) -> None:
    app = finished(show("check", **WEATHER, view="slices", cut="airport", error_of="pressure", slice="airport: LGA"))

    assert table_with(app, "beyond chance")["slice"].tolist() == ["EWR", "JFK", "LGA"]
    own = table_with(app, "error")
    assert set(own["series"]) == {"LGA"} and own["error"].is_monotonic_decreasing
    assert app.selectbox(key="slices_target").value == 2

    app.selectbox(key="slices_cut").set_value("hour of day").run()

    app = finished(app)
    assert "of a window's last step" in all_words(app).replace("\\", "")
    assert len(table_with(app, "beyond chance")) == 24 and app.query_params["cut"] == "hour of day"
    assert "slice" not in app.query_params and not [one for one in app.dataframe if "error" in one.value]


def test_a_slice_of_one_target_has_its_error(show: Show) -> None:
    app = finished(show("check", **WEATHER, view="slices", cut="airport", error_of="pressure"))
    first = table_with(app, "beyond chance").iloc[0]

    app.selectbox(key="slices_target").set_value(0).run()

    again = table_with(finished(app), "beyond chance").iloc[0]
    assert first["error (deviations)"] != again["error (deviations)"] and first["windows"] == again["windows"]
    assert app.query_params["error_of"] == "temp"


def test_the_part_travels_in_the_link(show: Show) -> None:
    app = finished(show("check", data="planted_order", model="planted_order", view="slices", part="training"))

    assert app.segmented_control(key="predict_part").value == "training" and "448 of training" in words(app)
    app.segmented_control(key="predict_part").set_value("test").run()
    assert "96 of test" in words(finished(app)) and app.query_params["part"] == "test"


def test_a_slice_of_another_file_in_a_link_is_left_out(show: Show) -> None:
    app = finished(show("check", **WEATHER, view="slices", cut="planet", slice="planet: Mars", part="never", error_of="mass"))

    assert app.selectbox(key="slices_cut").value == "" and "slices_dots" in charts(app)
    assert not [one for one in app.dataframe if "error" in one.value]


def test_a_slice_can_be_closed(show: Show) -> None:
    app = finished(show("check", **WEATHER, view="slices", slice="airport: LGA"))
    assert [one.value for one in app.header if one.value == "airport: LGA".replace(":", r"\:")]

    app.button(key="slices_close").click().run()

    assert "slice" not in app.query_params and not [one for one in finished(app).dataframe if "error" in one.value]


@pytest.mark.parametrize("sample", [name for name in SAMPLES if name != "nyc_weather"])
def test_every_sample_has_slices_or_says_why_not(show: Show, sample: str) -> None:
    app = finished(show("check", data=sample, model=sample, view="slices"))

    assert "slices that are ranked" in words(app) or "slices is ranked" in words(app)


def test_a_file_without_answers_says_so(show: Show) -> None:
    own = keep_own()
    content = open_workspace().find("data", own.data).path.read_text().splitlines()
    content = [line.rsplit(",", 1)[0] for line in content]
    kept = open_workspace().keep("data", "\n".join(content).encode(), "unknown.csv")

    app = finished(show("check", data=kept.key, model=own.model, view="slices"))

    assert "so they cannot be scored" in all_words(app)


def test_many_features_and_names_that_are_markup(show: Show) -> None:
    names = tuple(f"<b>*{number}*</b>" for number in range(120))
    own = keep_own(names, task="values", length=4, steps=400)

    app = finished(show("check", data=own.data, model=own.model, view="slices", part="training"))

    assert "slices_dots" in charts(app) and "<b>" not in "".join(names_in(app, "slices_dots"))
    assert "Cut the windows by one of 2" in next(one.label for one in app.selectbox if one.key == "slices_cut")


def test_few_windows_are_not_ranked(show: Show) -> None:
    own = keep_own(task="values", length=12, steps=60)

    app = finished(show("check", data=own.data, model=own.model, view="slices"))

    assert "nothing to cut" in words(app) or "slices is ranked" in words(app)


def test_pairs_of_two_properties_are_ranked_and_a_pair_lists_its_windows(show: Show) -> None:
    app = finished(show("check", **WEATHER, view="slices", cut="×"))

    table = table_with(app, "beyond chance")
    assert "with enough windows" in words(app) and table["slice"].str.contains(" × ").all() and (table["windows"] >= 20).all()
    assert app.selectbox(key="slices_cut").value == "×"

    opened = table["slice"].iloc[0]
    app = finished(show("check", **WEATHER, view="slices", cut="×", slice=opened))
    assert len(table_with(app, "error")) == table["windows"].iloc[0]
