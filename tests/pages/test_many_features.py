"""A file of many features: the first, or the most important ones, are drawn, and all can be found."""

from pathlib import Path

import numpy as np
import pytest

from complex_lstm.workspace import Workspace
from tests.pages.conftest import Show
from tests.pages.looking import drawn, finished, names_in
from tests.ui.own_file import keep_own


def wide_file(columns: int, names: tuple[str, ...] = ()) -> bytes:
    values = np.random.default_rng(0).normal(size=(120, columns))
    header = ",".join(["step", *(names or (f"sensor_{number}" for number in range(columns)))])
    return "\n".join([header, *(f"{step}," + ",".join(f"{one:.3f}" for one in row) for step, row in enumerate(values))]).encode()


@pytest.mark.long
def test_data_draws_twelve_of_two_hundred_features_and_finds_the_others(show: Show, tmp_path: Path) -> None:
    app = show("data", data=Workspace(tmp_path).keep("data", wide_file(200), "wide.csv").key)
    assert not app.exception and not app.error
    first = names_in(app, "data_series_figure")
    assert len(first) == 12 and any("12 of" in one.value for one in app.caption)

    app.text_input(key="data_series_search").set_value("SENSOR_19").run()
    assert set(names_in(app, "data_series_figure")) <= {"sensor_19", *(f"sensor_{number}" for number in range(190, 200))}
    assert "sensor_195" in names_in(app, "data_series_figure")

    app.text_input(key="data_series_search").set_value("no such").run()
    assert names_in(app, "data_series_figure") == first and any("None of the features" in one.value for one in app.info)

    app.text_input(key="data_series_search").set_value("").run()
    app.toggle(key="data_series_all").set_value(True).run()
    assert len(names_in(app, "data_series_figure")) > 190 and not app.exception


def test_a_window_of_few_features_has_no_search(show: Show) -> None:
    app = show("predict", data="shoulder_exercises", model="shoulder_exercises")

    assert not app.exception and not app.text_input


GROUPS = ("tBodyAcc-", "pump_", "sensor1_")
MANY = tuple(f"{GROUPS[number % 3]}{number}" for number in range(90))


def test_a_group_of_features_is_shown_alone(show: Show, tmp_path: Path) -> None:
    app = show("data", data=Workspace(tmp_path).keep("data", wide_file(90, MANY), "grouped.csv").key)

    app.selectbox(key="data_series_group").set_value("pump_").run()

    names = names_in(app, "data_series_figure")
    assert len(names) == 12 and all(name.startswith("pump_") for name in names)
    assert any(r"12 of 90 features; 30 begin with pump\_, the first" in one.value for one in app.caption)
    app.toggle(key="data_series_all").set_value(True).run()
    assert len(names_in(app, "data_series_figure")) == 30


def test_a_group_is_left_out_of_the_features_at_once(show: Show, tmp_path: Path) -> None:
    app = show("data", data=Workspace(tmp_path).keep("data", wide_file(90, MANY), "grouped.csv").key)
    left_out = next(one for one in app.multiselect if str(one.key).startswith("data_features"))
    assert left_out.value == [0]  # the time

    left_out.set_value([0, 91 + 1]).run()  # groups come after the 91 columns

    assert not app.exception and app.query_params["setup"]
    assert any("60 of 91 columns are chosen" in one.value for one in app.caption)
    assert any("12 of 60 features" in one.value for one in app.caption)


@pytest.mark.long
def test_the_importance_of_many_features_shows_twelve_and_says_what_counts_all(show: Show) -> None:
    own = keep_own(MANY)

    app = finished(show("explain", data=own.data, model=own.model, window=0, focus="importance", methods="occlusion,saliency"))

    assert any(
        "12 of 90 features, the most important by ablation; verdicts, agreement and shares are over all" in c.value for c in app.caption
    )
    assert drawn(app, "importance_pair")[0]["z"].shape == (12, 12)
    app.text_input(key="importance_rows_search").set_value("sensor1_2").run()
    assert {"sensor1_2", "sensor1_20", "sensor1_23"} < set(drawn(app, "importance_pair")[0]["y"].tolist())


def test_side_by_side_of_many_features_has_a_row_for_twelve(show: Show) -> None:
    own = keep_own(MANY)

    app = show("experiment", data=own.data, model=own.model, window=0, focus="compare", versus="window", other=1, view="series")

    assert len(drawn(app, "compare_series")) == 3 * 12


def test_a_model_of_many_features_names_the_first_of_them(show: Show) -> None:
    own = keep_own(MANY)

    app = show("explain", model=own.model)

    assert any("and 78 more" in one.value for one in app.markdown)


def test_all_windows_of_many_features_show_the_twelve_that_matter_most(show: Show) -> None:
    own = keep_own(MANY)
    app = show("check", data=own.data, model=own.model, window=0, methods="input_x_gradient", view="overall")

    app.button(key="importance_overall_start").click().run()

    assert len(names_in(finished(app), "importance_overall_swarm")) == 12
    assert any("12 of 90 features, the most important on average" in one.value for one in app.caption)
    sizes = np.abs(drawn(app, "importance_overall_mean")[0]["x"])
    assert len(sizes) == 12 and (np.diff(sizes) <= 0).all()


def test_a_change_of_many_features_is_searched_in_all_but_those_left_out(show: Show) -> None:
    own = keep_own(MANY)
    app = show("experiment", data=own.data, model=own.model, window=0, view="flip")

    left_out = next(one for one in app.multiselect if "free" in str(one.key) and str(one.key).endswith("_without"))
    assert left_out.value == [] and any("90 of 90 columns are chosen" in one.value for one in app.caption)
    left_out.set_value([90]).run()

    assert not app.exception and any("60 of 90 columns are chosen" in one.value for one in app.caption)
