"""What the Data page asks and offers: each with a button, and a way back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from streamlit.testing.v1 import AppTest

from complex_lstm.cli import main
from complex_lstm.config import DerivedFeature
from complex_lstm.data import prepare_training, read_csv, read_times
from complex_lstm.recipe import load_recipe
from complex_lstm.ui.compute import cache
from complex_lstm.ui.compute.visitor import open_workspace
from complex_lstm.ui.session.messages import WORD_JOINER
from tests.data.made import workbook
from tests.pages.conftest import Show
from tests.pages.test_reading_form import HOSTILE, errors, lines, open_file, preview, switch


def hours(header: str, row: Callable[[int], str], rows: int = 120) -> bytes:
    return lines(f"when,{header}", lambda n: f"2024-03-{1 + n // 24:02} {n % 24:02}:00,{row(n)}", rows)


def words(app: AppTest) -> str:
    said = " ".join(one.value for kind in (app.markdown, app.caption, app.info, app.warning) for one in kind)
    return said.replace("\\", "").replace(WORD_JOINER, "").replace("**", "")


def button(app: AppTest, label: str) -> object:
    return next(one for one in app.button if label in one.label.replace("\\", ""))


def multiselect(app: AppTest, key: str) -> object:
    return next(one for one in app.multiselect if str(one.key).startswith(key))


def test_numbers_that_mean_nothing_are_offered_taken_and_put_back(show: Show) -> None:
    app = open_file(show, hours(f"{HOSTILE},load", lambda n: f"{-200 if n % 7 == 0 else n % 5 + 1},{n % 6}"))
    assert f"{HOSTILE}: 18 of 120 values are exactly -200" in words(app)

    app.button(key="data_offer_take_0").click().run()

    assert not app.exception and preview(app)[HOSTILE].isna().sum() == 18
    assert "-200 is read as missing: 18 cells" in words(app)
    app.button(key="data_done_0_undo").click().run()
    assert preview(app)[HOSTILE].isna().sum() == 0


def test_an_offer_that_is_declined_is_not_made_again(show: Show) -> None:
    app = open_file(show, hours("x,load", lambda n: f"{-200 if n % 7 == 0 else n % 5 + 1},{n % 6}"))

    app.button(key="data_offer_leave_0").click().run()

    assert not any(str(one.key).startswith("data_offer") for one in app.button) and (preview(app)["x"] == -200).any()


def test_a_usual_word_for_missing_is_offered_and_undone(show: Show) -> None:
    app = open_file(show, hours("x,load", lambda n: f"{'NA' if n % 9 == 0 else n % 5},{n % 6}"))
    assert "It is a usual word for 'no value', in 14 of 120 rows" in words(app) and (preview(app)["x"] == "NA").sum() == 14
    assert any("14 cells of x are no number" in one for one in errors(app))

    button(app, "Read NA as missing").click().run()  # type: ignore[attr-defined]

    assert not app.exception and not errors(app) and preview(app)["x"].isna().sum() == 14

    app.button(key="data_reading_reset").click().run()

    assert not app.exception and (preview(app)["x"] == "NA").sum() == 14


def test_a_unit_in_the_cells_is_taken_off(show: Show) -> None:
    app = open_file(show, hours(f"{HOSTILE},load", lambda n: f"{n % 5}.5 kW,{n % 6}"))

    button(app, "Take the sign off").click().run()  # type: ignore[attr-defined]

    assert not app.exception and preview(app)[HOSTILE].iloc[1] == 1.5


def test_dates_that_could_be_either_are_asked_for_and_the_rows_follow(show: Show) -> None:
    app = open_file(show, lines("day,x,load", lambda n: f"{1 + n:02}/{1:02}/2024,{n % 5},{n % 3}", 12))
    question = next(one for one in app.radio if str(one.key).startswith("data_time_"))
    assert question.value is None and "in use until you choose" in question.options[0]
    examples = [one.replace("\\", "").replace(WORD_JOINER, "") for one in question.options]
    assert "02/01/2024 → 2024-01-02" in examples[0] + examples[1] and "02/01/2024 → 2024-02-01" in examples[0] + examples[1]

    month_first = next(place for place, one in enumerate(examples) if "2024-02-01" in one)
    question.set_value(question.options[month_first]).run()

    assert not app.exception and not any(str(one.key).startswith("data_time_") for one in app.radio)
    assert read_times(cache.table(app.query_params["data"]), "day").wall[1] == np.datetime64("2024-02-01")


def test_text_among_numbers_stands_at_its_role_and_is_mended_there(show: Show) -> None:
    app = open_file(show, hours(f"{HOSTILE},load", lambda n: f"{'ten' if n == 10 else 'n/k' if n == 20 else n % 5},{n % 6}"))
    assert len(app.error) == 1 and f"2 cells of {HOSTILE} are no number, first 'ten' at line 12" in errors(app)[0]
    assert multiselect(app, "data_features_")

    button(app, "Read ten, n/k as missing").click().run()  # type: ignore[attr-defined]

    assert not app.exception and not app.error
    assert preview(app)[HOSTILE].isna().sum() == 2 and any(one.label == "training windows" for one in app.metric)


def test_a_column_with_text_is_left_out_by_its_button(show: Show) -> None:
    app = open_file(show, hours("x,z,load", lambda n: f"{'ten' if n == 10 else n % 5},{n % 4},{n % 6}"))

    button(app, "Leave x out").click().run()  # type: ignore[attr-defined]

    assert not app.exception and not app.error
    assert multiselect(app, "data_features_").value == ["z", "load"]  # type: ignore[attr-defined]


def test_a_repeated_time_keeps_the_form_with_the_fault_beside_series(show: Show) -> None:
    app = open_file(show, lines("when,x,load", lambda n: f"2024-03-{1 + n // 4:02},{n % 5}.5,{n % 6}.5", 80))

    assert any("share their time with another row" in one for one in errors(app)) and len(app.error) == 1
    assert multiselect(app, "data_features_")


def test_the_values_of_a_text_the_clock_and_a_small_change_become_features(show: Show) -> None:
    app = open_file(show, hours(f"{HOSTILE},x", lambda n: f"{'NESW'[n % 4]},{abs(n % 40 - 20)}"))

    multiselect(app, "data_one_hot_").set_value([HOSTILE]).run()  # type: ignore[attr-defined]
    next(one for one in app.toggle if "Hour of the day" in one.label).set_value(True).run()
    next(one for one in app.toggle if one.label == "Change of **x** since its last value").set_value(True).run()

    assert not app.exception and not app.error
    setup = cache.find_setup(app.query_params["setup"])
    assert setup.derived == (
        *(DerivedFeature("one hot", HOSTILE, one) for one in "ENSW"),
        DerivedFeature("change", "x"),
        DerivedFeature("hour of day"),
    )
    dataset = cache.planned(app.query_params["data"], setup, "here")
    assert dataset.schema.roles.features == (
        "x",
        *(f"{HOSTILE} is {one}" for one in "ENSW"),
        "change of x",
        "hour of day (sin)",
        "hour of day (cos)",
    )


def test_columns_left_out_on_suspicion_are_in_sight_and_a_choice_is_warned_of(show: Show) -> None:
    app = open_file(show, hours("row,x,load", lambda n: f"{n},{n % 5},{n % 6}"))
    assert "Left out of the features on suspicion" in words(app) and "row: it counts the rows" in words(app)

    box = multiselect(app, "data_features_")
    box.set_value(["x", "load", "row"]).run()  # type: ignore[attr-defined]

    assert not app.exception
    assert any("is a feature, but: it counts the rows" in one.value for one in app.warning)


@pytest.mark.long
def test_the_hour_that_summer_time_has_twice_is_named_with_the_other_way(show: Show) -> None:
    times = pd.date_range("2024-10-20", "2024-10-30", freq="h", tz="Europe/Berlin").strftime("%Y-%m-%d %H:%M")
    app = open_file(show, lines("when,x,load", lambda n: f"{times[n]},{n % 5}.5,{n % 6}.5", len(times)))
    assert "goes back an hour where summer time ends, as in Europe/Berlin" in words(app) and not app.error

    app.button(key="data_zone_0_undo").click().run()

    assert not app.exception and any("share their time" in one for one in errors(app))


@pytest.mark.parametrize("name", ["readings", "readings.data", "readings.parquet", "readings.csv.gz", "readings.feather"])
def test_a_file_of_any_name_and_kind_is_taken(show: Show, tmp_path: Path, name: str) -> None:
    frame = pd.DataFrame({"when": pd.date_range("2024", periods=60, freq="h"), HOSTILE: range(60), "y": [n % 7 for n in range(60)]})
    file = tmp_path / "made"
    kind = name.split(".")[-1]
    if kind in ("parquet", "feather"):
        {"parquet": frame.to_parquet, "feather": frame.to_feather}[kind](file)
    else:
        frame.to_csv(file, index=False, compression="gzip" if kind == "gz" else None)

    app = open_file(show, file.read_bytes(), name)

    assert not app.error and list(preview(app)) == ["when", HOSTILE, "y"] and "60 rows, 3 columns" in app.success[0].value


def test_a_workbook_is_taken_and_its_other_sheet_is_chosen(show: Show) -> None:
    grid = [["t", "a*b* $x$", "load"], *([n, n % 5, n % 6] for n in range(60))]
    app = open_file(show, workbook({"Data": grid, "*two*": [["t", "other"], *([n, n % 5] for n in range(40))]}), "mine.xlsx")
    assert list(preview(app)) == ["t", "a*b* $x$", "load"]

    switch(app, "member").set_value(switch(app, "member").options[1]).run()

    assert not app.exception and list(preview(app)) == ["t", "other"]


def test_a_file_that_a_switch_could_mend_is_kept_and_one_that_none_could_is_not(show: Show) -> None:
    app = open_file(show, lines("t,x", lambda n: f"{n},{n % 7}{',9' if n == 5 else ''}"))
    assert len(app.error) == 1 and "line 7 has 3 fields" in errors(app)[0] and switch(app, "ragged").value == "refuse"

    app.file_uploader(key="data_upload").upload("scan.pdf", b"%PDF-1.7 and so on").run()

    assert "is a PDF" in " ".join(errors(app)) and len(open_workspace().all("data")) == 1


@pytest.mark.parametrize("page", ["start", "train", "explain", "experiment", "check", "tour", "about"])
def test_a_file_that_cannot_be_read_yet_is_one_message_elsewhere(show: Show, page: str) -> None:
    data = open_file(show, lines("t,x", lambda n: f"{n},{n % 7}{',9' if n == 5 else ''}")).query_params["data"]

    app = show(page, data=data, model="nyc_weather")

    assert not app.exception and len(app.error) <= 1


@pytest.mark.long
def test_a_recipe_of_the_page_reads_the_file_alike_on_the_command_line(show: Show, tmp_path: Path) -> None:
    content = hours(f"{HOSTILE},wind,load", lambda n: f"{-200 if n % 7 == 0 else n % 5 + 1},{'NS'[n % 2]},{n % 6}")
    app = open_file(show, content)
    app.button(key="data_offer_take_0").click().run()
    multiselect(app, "data_one_hot_").set_value(["wind"]).run()  # type: ignore[attr-defined]
    data, setup = app.query_params["data"], cache.find_setup(app.query_params["setup"])
    kept = next(one for one in open_workspace().all("recipe") if load_recipe(one.path.read_bytes(), "").derived)
    (tmp_path / "mine.csv").write_bytes(content)
    recipe = load_recipe(kept.path.read_bytes(), kept.name)

    told = CliRunner().invoke(main, ["info", str(tmp_path / "mine.csv"), "--recipe", str(kept.path)])

    assert told.exit_code == 0, told.output
    on_page = cache.planned(data, setup, "page")
    table = read_csv(tmp_path / "mine.csv", reading=recipe.reading)
    by_recipe = prepare_training(table, recipe.roles, recipe.window, recipe.split, recipe.derived)
    assert by_recipe.schema == on_page.schema and by_recipe.scaling == on_page.scaling and len(by_recipe.windows) == len(on_page.windows)
    assert "wind is N" in told.output


def test_a_recipe_is_offered_for_the_next_file_of_its_shape(show: Show) -> None:
    first = hours("x,load", lambda n: f"{-200 if n % 7 == 0 else n % 5 + 1},{n % 6}")
    second = hours("x,load", lambda n: f"{-200 if n % 11 == 0 else n % 4 + 1},{n % 6}")
    app = open_file(show, first, "first *1*.csv")
    app.button(key="data_offer_take_0").click().run()

    app.file_uploader(key="data_upload").upload("second.csv", second).run()
    app.button(key="data_recipe_offer").click().run()

    assert not app.exception and preview(app)["x"].isna().sum() == 11
    assert not any(str(one.key) == "data_recipe_offer" for one in app.button)


def test_a_recipe_that_is_uploaded_replaces_what_the_form_says(show: Show) -> None:
    content = hours("x,z,load", lambda n: f"{n % 5},{n % 4},{n % 6}")
    app = open_file(show, content)
    multiselect(app, "data_features_").set_value(["x", "load"]).run()  # type: ignore[attr-defined]
    kept = open_workspace().all("recipe")[0].path.read_bytes()
    multiselect(app, "data_features_").set_value(["z", "load"]).run()  # type: ignore[attr-defined]

    app.file_uploader(key="data_recipe_upload").upload("mine.recipe.json", kept).run()

    assert not app.exception and not app.error
    assert multiselect(app, "data_features_").value == ["x", "load"]  # type: ignore[attr-defined]
    app.file_uploader(key="data_recipe_upload").upload("wrong.json", b"[]").run()
    assert "wrong.json is no recipe" in errors(app)[0]


@pytest.mark.parametrize(("choice", "first"), [("a sign for thousands", 1100), ("a decimal sign", 1.1)])
def test_a_sign_that_may_stand_for_decimals_or_thousands_is_asked_for(show: Show, choice: str, first: float) -> None:
    app = open_file(show, hours("x,load", lambda n: f"{1 + n % 7}.{100 + n * 3},{n % 6}"))
    question = next(one for one in app.radio if str(one.key).startswith("data_ask_"))
    assert question.value is None and "in use until you choose" in question.options[0]

    question.set_value(next(one for one in question.options if choice in one)).run()

    assert not app.exception and preview(app)["x"].iloc[0] == first
    assert not any(str(one.key).startswith("data_ask_") for one in app.radio)


def test_a_date_that_is_right_as_it_is_read_is_not_asked_for_again(show: Show) -> None:
    app = open_file(show, lines("day,x,load", lambda n: f"{1 + n:02}/{1:02}/2024,{n % 5},{n % 3}", 12))
    question = next(one for one in app.radio if str(one.key).startswith("data_time_"))

    question.set_value(question.options[0]).run()

    assert not app.exception and not any(str(one.key).startswith("data_time_") for one in app.radio)


def test_of_stretches_of_time_the_start_is_read_and_the_end_by_a_button(show: Show) -> None:
    app = open_file(
        show,
        lines("when,x,load", lambda n: f"0{1 + n // 24}.03.2024 {n % 24:02}:00 - 0{1 + n // 24}.03.2024 {n % 24:02}:30,{n % 5},{n}", 120),
    )
    assert "the start of each is its row's time" in words(app)

    button(app, "Read the end of each").click().run()  # type: ignore[attr-defined]

    assert not app.exception and "the end of each is its row's time" in words(app)
    assert read_times(cache.table(app.query_params["data"]), "when").wall[1] == np.datetime64("2024-03-01T01:30")


def test_a_column_is_converted_without_a_model_and_taken_back(show: Show) -> None:
    app = open_file(show, hours(f"{HOSTILE} (°F),load", lambda n: f"{50 + n % 9},{n % 6}.5"))
    name = f"{HOSTILE} (°F)"
    key = next(one.key for one in app.selectbox if str(one.key).startswith("convert_to_"))
    assert app.selectbox(key=key).value is None and not any("convert_take" in str(one.key) for one in app.button)
    app.selectbox(key=key).set_value("°C").run()
    seen = next(one.value for one in app.dataframe if "before" in one.value)
    assert seen["before"].iloc[0] == 50 and seen["after"].iloc[0] == pytest.approx(10)

    next(one for one in app.button if str(one.key).startswith("convert_take_")).click().run()

    assert not app.exception and preview(app)[name].iloc[0] == pytest.approx(10) and "is converted: °F to °C" in words(app)
    app.button(key="data_unit_0_undo").click().run()
    assert not app.exception and preview(app)[name].iloc[0] == 50 and "is converted" not in words(app)


def test_a_column_is_converted_by_a_factor_and_the_recipe_says_so(show: Show) -> None:
    app = open_file(show, hours("load,x", lambda n: f"{n % 7}.5,{n % 5}"))
    app.segmented_control(key=f"convert_way_{app.query_params['data']}").set_value("by numbers").run()
    next(one for one in app.number_input if str(one.key).startswith("convert_times_load")).set_value(1000.0).run()

    next(one for one in app.button if str(one.key).startswith("convert_take_")).click().run()

    assert not app.exception and preview(app)["load"].iloc[0] == 500
    kept = open_workspace().all("recipe")[0]
    assert [one.factor for one in load_recipe(kept.path.read_bytes(), kept.name).reading.convert] == [1000.0]


def test_a_label_of_one_class_is_said_to_be_left_out(show: Show) -> None:
    app = open_file(show, hours(f"load,label {HOSTILE}", lambda n: f"{n % 7}.5,normal"))

    assert not app.exception and "is named like a label, and is 'normal' in every row" in words(app)
