"""Hundreds of column names: their groups, how a sentence lists them, and how some of them are chosen."""

from streamlit.testing.v1 import AppTest

from complex_lstm.ui.session.many_columns import groups_of, listed
from tests.pages.conftest import PATIENCE

BODY = [f"tBodyAcc-{name}" for name in ("mean", "std", "max")]
PUMP = [f"pump_{number}" for number in range(40)]
OTHER = [f"x{number}" for number in range(30)]


def test_names_are_grouped_by_what_stands_before_the_first_separator() -> None:
    assert groups_of([*BODY, "time", *PUMP[:3], "fan_1", "fan_2"]) == {"tBodyAcc-": [0, 1, 2], "pump_": [4, 5, 6]}  # of fan there are two


def test_what_all_names_share_makes_no_group() -> None:
    names = [f"sensor_{side}_{number}" for side in ("left", "right") for number in range(3)]

    assert groups_of(names) == {"sensor_left_": [0, 1, 2], "sensor_right_": [3, 4, 5]}
    assert groups_of([f"sensor_{number}" for number in range(100)]) == {}


def test_one_group_or_none_is_no_choice() -> None:
    assert groups_of([*BODY, "a", "b"]) == groups_of(["a"]) == groups_of([]) == {}


def test_a_sentence_names_the_first_and_counts_the_others() -> None:
    assert listed(["a", "b", "c"], most=3) == "a, b, c"
    assert listed([str(number) for number in range(1003)], most=2) == "0, 1 and 1,001 more"


def chooser(default: list[str]) -> AppTest:
    def page(names: list[str], default: list[str]) -> None:
        import streamlit as st

        from complex_lstm.ui.session.many_columns import choose_columns

        st.session_state["chosen"] = choose_columns("Features", names, default, "features")

    return AppTest.from_function(page, default_timeout=PATIENCE, kwargs={"names": [*BODY, *PUMP, *OTHER], "default": default}).run()


def test_nearly_all_of_many_columns_are_chosen_by_what_is_left_out() -> None:
    app = chooser([*BODY, *PUMP, *OTHER[1:]])
    left_out = app.multiselect(key="features_without")
    assert left_out.value == [len(BODY) + len(PUMP)] and app.session_state["chosen"] == [*BODY, *PUMP, *OTHER[1:]]
    assert left_out.options[:2] == ["tBodyAcc-… (3 columns)", "pump_… (40 columns)"]

    left_out.set_value([73 + 1]).run()  # the group of pumps comes after 73 columns and the first group

    assert app.session_state["chosen"] == [*BODY, *OTHER]
    assert "33 of 73 columns" in app.caption[0].value


def test_a_few_of_many_columns_are_chosen_by_name_in_the_order_that_they_had() -> None:
    app = chooser([PUMP[5], PUMP[2]])
    assert app.session_state["chosen"] == [PUMP[5], PUMP[2]]

    app.multiselect(key="features_only").set_value([len(BODY) + 2, len(BODY) + 5, 73]).run()

    assert app.session_state["chosen"] == [PUMP[5], PUMP[2], *BODY]


def test_a_whole_group_is_one_chip() -> None:
    assert chooser(PUMP[:]).session_state["chosen"] == PUMP
    app = chooser([*BODY, *OTHER])
    assert app.segmented_control(key="features_way").value == "only"
    assert app.multiselect(key="features_only").value[0] == 73  # the group of tBodyAcc, then the others one by one
    assert len(app.multiselect(key="features_only").value) == 1 + len(OTHER)


def test_the_other_way_keeps_what_was_chosen() -> None:
    app = chooser([PUMP[5], PUMP[2]])

    app.segmented_control(key="features_way").set_value("all but").run()

    assert app.session_state["chosen"] == [PUMP[5], PUMP[2]]
