"""What pages give as CSV computes nothing in a spreadsheet, whatever a file's columns and cells are called."""

import pandas as pd
import plotly.graph_objects as go
import pytest

from complex_lstm.figures.numbers import figure_csv
from complex_lstm.ui.session.figures import table_csv
from complex_lstm.wording import spreadsheet_cell


@pytest.mark.parametrize("text", ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "  =1", '=HYPERLINK("x")'])
def test_a_text_that_begins_as_a_formula_gets_an_apostrophe(text: str) -> None:
    assert spreadsheet_cell(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "temp", "-1.5", "+3", "-1e-7", "-inf", "a=1", "1-2"])
def test_numbers_and_other_texts_stay_as_they_are(text: str) -> None:
    assert spreadsheet_cell(text) == text


def test_a_table_keeps_its_numbers_and_has_no_formula() -> None:
    frame = pd.DataFrame({"=name": ["=1+1", "calm", None], "value": [-1.5, 2.0, float("nan")], "time": pd.to_datetime(["2024-01-01"] * 3)})

    lines = table_csv(frame).splitlines()

    assert lines == ["'=name,value,time", "'=1+1,-1.5,2024-01-01", "calm,2.0,2024-01-01", ",,2024-01-01"]


def test_the_numbers_of_a_figure_have_no_formula() -> None:
    figure = go.Figure(go.Bar(name="@SUM(A1)", x=["=1+1", "calm"], y=[-1.5, 2.0]))

    assert figure_csv(figure).splitlines()[1:] == ["1,'@SUM(A1),'=1+1,-1.5,", "1,'@SUM(A1),calm,2.0,"]
