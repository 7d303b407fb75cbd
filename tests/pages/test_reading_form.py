"""How a file is read, on the Data page: for each switch a file that it changes, and the preview follows."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from complex_lstm.data import read_times
from complex_lstm.recipe import Reading
from complex_lstm.ui.compute import cache
from complex_lstm.ui.session.messages import WORD_JOINER
from tests.pages.conftest import Show

HOSTILE = "a*b* `c` $x$ <b>|[1](http://x)"


def zipped(**members: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, text in members.items():
            archive.writestr(f"{name}.csv", text)
    return file.getvalue()


def lines(header: str, row: Callable[[int], str], rows: int = 60) -> bytes:
    return "\n".join([header, *(row(number) for number in range(rows))]).encode()


@dataclass(frozen=True)
class Case:
    """A file, the switch that is changed and to what, and what the preview is then."""

    switch: str
    content: bytes
    value: Any
    follows: Callable[[pd.DataFrame], bool]
    name: str = "mine.csv"


PLAIN = lines(f"t,{HOSTILE},y", lambda n: f"{n},{n % 7},{n % 5}.5")
CASES = [
    Case("encoding", b"t,x,ort\n" + "\n".join(f"{n},{n % 7},Köln" for n in range(60)).encode("cp1252"), "cp1251",
         lambda seen: set(seen["ort"]) == {"Kцln"}),
    Case("delimiter", lines("t;x;y", lambda n: f"{n};{n % 7};{n % 5}"), ",", lambda seen: list(seen) == ["t;x;y"]),
    Case("quote", lines("t,'x','y'", lambda n: f"{n},'{n % 7}','a'"), '"', lambda seen: "'x'" in seen),
    Case("decimal", lines("t;x;y", lambda n: f"{n};{n % 7},5;{n}"), ".", lambda seen: seen["x"].iloc[1] == "1,5"),
    Case("thousands", lines("t;x;y", lambda n: f"{n};{1 + n % 7},{100 + n};{n}"), ",", lambda seen: seen["x"].iloc[0] == 1100),
    Case("skip", PLAIN, 1, lambda seen: list(seen) == ["column 1", "column 2", "column 3"]),  # what is the first line then is no header
    Case("header", PLAIN, False, lambda seen: len(seen) == 61),
    Case("header_rows", PLAIN, 2, lambda seen: seen.index[0] == 3 and "t 0" in seen),
    Case("units_row", PLAIN, True, lambda seen: seen.index[0] == 3),
    Case("comment", lines("t,x", lambda n: f"{'//' if n == 3 else ''}{n},{n % 7}"), "//", lambda seen: len(seen) == 59),
    Case("footer", PLAIN, 2, lambda seen: len(seen) == 58),
    Case("ragged", lines("t,x", lambda n: f"{n},{n % 7}{',9' if n == 5 else ''}"), "fill", lambda seen: len(seen.columns) == 3),
    Case("layout", PLAIN, "series in rows", lambda seen: "step" in seen and "value" in seen),
    Case("missing", lines(f"t,{HOSTILE},y", lambda n: f"{n},{-5 if n % 9 == 0 else n % 7},2"), [f'-5@"{HOSTILE}"'],
         lambda seen: pd.isna(seen[HOSTILE].iloc[0]) and seen[HOSTILE].iloc[1] == 1),
    Case("strip", lines("t,x", lambda n: f"{n},{n % 7} kW"), ["x"], lambda seen: seen["x"].iloc[1] == 1),
    Case("split", lines(f"t,{HOSTILE}", lambda n: f"{n},{n % 7}.5 {'AB'[n % 2]}"), [HOSTILE], lambda seen: f"{HOSTILE} flag" in seen),
    Case("convert", lines("t,x", lambda n: f"{n},{n % 7}"), ["x=°C to °F"], lambda seen: seen["x"].iloc[1] == 33.8),
    Case("member", zipped(one=PLAIN.decode(), two="t,other\n1,2\n2,3\n3,5\n4,4\n"), "two.csv", lambda seen: "other" in seen, "days.zip"),
    Case("kind", b"\n".join(b'{"a":%d,"b":2.5}' % n for n in range(60)), "text", lambda seen: "a" not in seen, "mine.jsonl"),
]  # fmt: skip


def open_file(show: Show, content: bytes, name: str = "mine.csv") -> AppTest:
    app = show("data")
    app.file_uploader(key="data_upload").upload(name, content).run()
    assert not app.exception
    return app


def switch(app: AppTest, name: str) -> Any:
    kinds = (app.selectbox, app.number_input, app.toggle, app.multiselect)
    return next(one for kind in kinds for one in kind if re.match(rf"data_read_{name}_(?!rows_)", str(one.key)))


def preview(app: AppTest) -> pd.DataFrame:
    return app.dataframe[0].value


def errors(app: AppTest) -> list[str]:
    return [one.value.replace("\\", "").replace(WORD_JOINER, "") for one in app.error]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.switch)
def test_the_preview_follows_a_switch_and_goes_back(show: Show, case: Case) -> None:
    app = open_file(show, case.content, case.name)
    before = preview(app).copy() if case.switch != "ragged" else None
    data = app.query_params["data"]
    assert before is None or not case.follows(before)

    switch(app, case.switch).set_value(case.value).run()

    assert not app.exception
    assert case.follows(preview(app)), preview(app)
    assert app.query_params["data"] != data
    app.button(key="data_reading_reset").click().run()
    assert app.query_params["data"] == data and not app.exception
    assert before is None or preview(app).equals(before)


def test_every_switch_is_changed_by_a_test_but_what_the_first_bytes_decide() -> None:
    assert {one.name for one in fields(Reading)} - {case.switch for case in CASES} == {"container", "label", "times"}


def test_the_class_of_series_in_rows_is_the_column_that_is_chosen(show: Show) -> None:
    app = open_file(show, lines("a,b,0,1,2,3", lambda n: f"{'uv'[n % 2]},{'xyz'[n % 3]},{n % 7},2,3,4"))
    switch(app, "layout").set_value("series in rows").run()

    first = switch(app, "label").value
    other = next(one for one in switch(app, "label").options if one not in ("none", first))
    classes = {True: {"u", "v"}, False: {"x", "y", "z"}}
    is_first = "u" in set(preview(app)["label"])
    assert classes[is_first] <= set(preview(app)["label"])

    switch(app, "label").set_value(other).run()

    assert not app.exception and switch(app, "label").value == other
    assert classes[not is_first] <= set(preview(app)["label"])


def test_a_time_is_read_as_the_form_says(show: Show) -> None:
    app = open_file(show, lines(f"{HOSTILE},x,load", lambda n: f"{1 + n:02}/01/2024,{n % 5}.5,{n % 6}.5", 12))

    switch(app, "times").set_value([f'"{HOSTILE}" as %d/%m/%Y']).run()

    assert not app.exception
    assert read_times(cache.table(app.query_params["data"]), HOSTILE).wall[1] == np.datetime64("2024-01-02")
    switch(app, "times").set_value([f'"{HOSTILE}" as %m/%d/%Y']).run()
    assert read_times(cache.table(app.query_params["data"]), HOSTILE).wall[1] == np.datetime64("2024-02-01")


def test_a_text_that_says_no_time_changes_nothing_and_is_named(show: Show) -> None:
    app = open_file(show, PLAIN)

    switch(app, "times").set_value(["tomorrow"]).run()

    assert not app.exception and "'tomorrow' does not say how a time is read" in errors(app)[0]
    assert list(preview(app)) == ["t", HOSTILE, "y"]
