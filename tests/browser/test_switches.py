"""Every switch of the reading: a file of which the guess is wrong, and the form, with mouse or keyboard, that puts it right."""

from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, fields

import pandas as pd
import pytest
from playwright.sync_api import TimeoutError

from complex_lstm.recipe import Missing, Reading, TimeReading
from complex_lstm.settings import settings_of
from tests.browser.visitor import GROWING, Visitor
from tests.data.made import workbook, zipped

Correct = Callable[[Visitor], None]
LABELS = {one.name: one.label for one in settings_of(Reading)}
PREVIEW, REPORT = '[data-testid="stDataFrame"]', ".st-key-data_report_tabs"
HAS_ROWS = """([place, wanted]) => {
    const rows = [...(document.querySelector(place)?.querySelectorAll("canvas tr") ?? [])];
    const cells = rows.map(row => [...row.children].map(cell => cell.textContent));
    const inOrder = (part, row) => part.reduce((from, cell) => (from < 0 ? from : row.indexOf(cell, from) + 1 || -1), 0) >= 0;
    return wanted.every(part => cells.some(row => inOrder(part, row)));
}"""


@dataclass(frozen=True)
class Case:
    """A file that is read wrong, what is done, and what is seen then: rows of the preview and of a tab of the report, by their cells in
    the table's order.

    `about` is a field of `Reading`, or of what it holds: `times.zone`.
    """

    about: str
    content: bytes
    correct: Correct
    preview: tuple[tuple[str, ...], ...]
    report: tuple[tuple[str, ...], ...]
    tab: str = "Columns"
    name: str = "mine.csv"


def lines(header: str, row: Callable[[int], str], count: int = 60) -> bytes:
    return "\n".join([*([header] if header else []), *map(row, range(count))]).encode()


def numbers(header: str, end: str = "") -> bytes:
    """Return rows of n, n % 7 and n % 5 and a half."""
    return lines(header, lambda n: f"{n},{n % 7},{n % 5}.5") + end.encode()


def timed(*times: str, header: str = "when,wind,load") -> bytes:
    return lines(header, lambda n: f"{times[n]},{n % 7}.25,{n % 5}.5", len(times))


def grid(header: str) -> list[list[object]]:
    return [header.split(","), *([n, n % 7, n % 5 + 0.5] for n in range(60))]


def pick(name: str, option: str) -> Correct:
    """Take one of the list of a switch, with the mouse."""
    return lambda visitor: visitor.select(f"data_read_{name}", option)


def write(name: str, text: str) -> Correct:
    """Write what may not be in the list of a switch, with the keyboard; again, if a run that comes in just then takes it away."""

    def correct(visitor: Visitor) -> None:
        box = visitor.widget(f"data_read_{name}").get_by_role("combobox")
        offered, new = (visitor.page.get_by_role("option", name=name, exact=True) for name in (text, f"Add: {text}"))
        for patience in GROWING:
            box.click()
            box.press("Control+a")
            box.press_sequentially(text)
            with suppress(TimeoutError):
                return offered.or_(new).first.click(timeout=patience)
            visitor.settle()
        raise AssertionError(f"{name} does not take {text}")

    return correct


def count(name: str, number: int) -> Correct:
    return lambda visitor: visitor.enter(f"data_read_{name}", number)


def turn(name: str) -> Correct:
    return lambda visitor: visitor.widget(f"data_read_{name}").get_by_text(LABELS[name], exact=True).click()


def press(key: str) -> Correct:
    """Press the button of an offer or of a question, with the keyboard."""
    return lambda visitor: visitor.widget(key).get_by_role("button").press("Enter")


def answer(words: str) -> Correct:
    """Choose one of the two readings of a time, with the mouse."""
    return lambda visitor: visitor.widget("data_time_0").get_by_text(words).click()


BERLIN = pd.date_range("2024-10-26", "2024-10-29", freq="h", tz="Europe/Berlin").strftime("%Y-%m-%d %H:%M")


def scattered(row: int) -> str:
    """Return five numbers of a row that change more along it than from row to row."""
    return ",".join(str(7 * n % 11) for n in range(5 * row, 5 * row + 5))


CASES = (
    Case("member", zipped({"notes.csv": numbers("a,b,c"), "readings.csv": numbers("t,wind,load")}), pick("member", "readings.csv"),
         (("t", "wind", "load"),), (("wind", "feature", "whole numbers"),), name="days.zip"),
    Case("member", workbook({"Notes": grid("a,b,c"), "Readings": grid("t,wind,load")}), pick("member", "Readings"),
         (("t", "wind", "load"),), (("wind", "feature", "whole numbers"),), name="days.xlsx"),
    Case("kind", numbers("[t],[wind],[load]"), pick("kind", "text"), (("[t]", "[wind]", "[load]"),), (("[wind]", "feature"),)),
    Case("encoding", "t,Köln,load\n".encode("mac_roman") + numbers(""), write("encoding", "mac_roman"),
         (("t", "Köln", "load"),), (("Köln", "feature"),)),
    Case("delimiter", numbers("t,wind,load").replace(b",", b"~"), write("delimiter", "~"),
         (("3", "1", "1", "1.5"),), (("wind", "feature"),)),
    Case("quote", numbers("t,wind,'load, kW'"), pick("quote", "' (apostrophe)"), (("wind", "load, kW"),), (("load, kW", "numbers"),)),
    Case("decimal", lines("t;wind;load", lambda n: f"{n};{n % 7};{n % 5}{',5' if 150 < n < 200 else ''}", 400),
         pick("decimal", ", (comma)"), (("t", "wind", "load"),), (("load", "feature and target", "numbers", "4.5"),)),
    Case("thousands", lines("t;load", lambda n: f"{n};{1 + n % 7}.{100 + n * 37 % 800}"), write("thousands", ". (point)"),
         (("3", "1", "2137"),), (("load", "feature and target", "whole numbers"),)),
    Case("skip", numbers("site,Berlin,north\nt,wind,load"), count("skip", 1), (("t", "wind", "load"),), (("wind", "feature"),)),
    Case("header", numbers("40,10.5,20.5"), turn("header"), (("40", "10.5", "20.5"), ("2", "0", "0", "0.5")), (("10.5", "feature"),)),
    Case("header_rows", numbers("t,wind,load\n0,1,2"), count("header_rows", 2), (("t 0", "wind 1", "load 2"),), (("wind 1", "feature"),)),
    Case("units_row", numbers("t,wind,load\n1,1,1"), turn("units_row"), (("3", "0", "0", "0.5"),), (("wind", "feature", "1"),)),
    Case("comment", lines("t,wind,load", lambda n: "% pump off" if n == 2 else f"{n},{n % 7},{n % 5}.5"), pick("comment", "%"),
         (("5", "3", "3", "3.5"),), (("t", "time", "whole numbers", "59"),)),
    Case("footer", numbers("t,wind,load", "\n60,9180,9120.5"), count("footer", 1), (("wind", "load"),), (("wind", "0", "3", "6"),)),
    Case("missing.cell", timed(*BERLIN[:60]).replace(b",3.25,", b",out,"), write("missing", "out"),
         (("5", "", "3.5"),), (("wind", "feature", "numbers"),)),
    Case("missing.columns", timed(*BERLIN[:60]).replace(b",3.25,", b",-1,").replace(b",2.5", b",-1"), write("missing", "-1@wind"),
         (("5", "", "3.5"), ("4", "2.25", "-1")), (("wind", "9"), ("load", "0", "-1"))),
    Case("strip", timed(*BERLIN[:60]).replace(b".25,", b".25 kW,"), press("data_offer_take_0"),
         (("3", "1.25", "1.5"),), (("wind", "feature", "numbers", "kW"),)),
    Case("split", timed(*BERLIN[:60]).replace(b".25,", b".25 A,").replace(b"1.25 A", b"1.25 B"), press("data_offer_take_0"),
         (("3", "1.25", "B", "1.5"),), (("wind", "feature", "numbers"), ("wind flag", "left out")), tab="Columns"),
    Case("convert", timed(*BERLIN[:60]), write("convert", "wind=10,0"),
         (("3", "12.5", "1.5"),), (("wind", "converted: multiplied by 10"),)),
    Case("ragged", numbers("t,wind,load").replace(b"\n5,5,0.5", b"\n5,5,0.5,9"), pick("ragged", "fill"),
         (("wind", "load", "column 4"),), (("wind", "feature"), ("column 4", "59"))),
    Case("layout", lines("class,a,b,c,d,e", lambda n: f"{'uv'[n % 2]},{scattered(n)}"), pick("layout", "series in rows"),
         (("series", "class", "step", "value"), ("2", "1", "u", "1", "7")), (("1", "5", "0", "4"),), "Series"),
    Case("layout", lines("t,wind,load", lambda n: f"{[0, 1, 3, 7, 8, 20, 21, 22, 40, 41, 42, 60][n % 12]},{n % 7}.25,{n % 5}.5"),
         pick("layout", "blocks"), (("series", "t", "wind", "load"),), (("5", "12", "0", "60"),), "Series"),
    Case("label", lines("room,kind,0,1,2,3,4", lambda n: f"{'uv'[n % 2]},{'pqr'[n % 3]},{scattered(n)}"),
         pick("label", "room"), (("series", "kind", "room", "step", "value"),), (("u", "30"), ("v", "30")), "Classes"),
    Case("times.format", timed(*(f"01/{day:02}/2024" for day in range(1, 13))), answer("mm/dd/yyyy"),
         (("2", "01/01/2024"),), (("12", "2024-01-01", "2024-01-12"),), "Series"),
    Case("times.format", lines("c,wind,load", lambda n: f"{1_700_000_000 + int(60 * n**1.5)},{n % 7}.25,{n % 5}.5"),
         write("times", "c as epoch s"), (("2", "1700000000"),), (("60", "2023-11-14 22:13:20"),), "Series"),
    Case("times.format", lines("J,M,T,load", lambda n: f"2024,{1 + n // 28},{1 + n % 28},{n % 5}.5"), write("times", "J,M,T as parts"),
         (("J", "M", "T", "J M T", "load"),), (("60", "2024-01-01", "2024-03-04"),), "Series"),
    Case("times.columns", lines("a,b,load", lambda n: f"{1 + n // 24:02}.03.2024,{n % 24},{n % 5}.5"), write("times", "a,b as %d.%m.%Y %H"),
         (("a", "b", "a b", "load"),), (("60", "2024-03-01 00:00", "2024-03-03 11:00"),), "Series"),
    Case("times.zone", timed(*pd.date_range("2024-11-02", periods=72, freq="h", tz="America/Chicago").strftime("%m/%d/%Y %H:%M")),
         write("times", "when as %m/%d/%Y %H:%M in America/Chicago"),
         (("2", "11/02/2024 00:00"),), (("72", "2024-11-02 00:00 -05:00", "2024-11-04 22:00 -06:00", "0"),), "Series"),
)  # fmt: skip
USUAL = ("delimiter",)  # the others are long: each takes seconds
DECIDED = {"container"}  # by the file's first bytes: the form shows it and has nothing to correct


def case_ids() -> list[str]:
    names = [one.about for one in CASES]
    return [f"{name}-{names[:place].count(name) + 1}" if names.count(name) > 1 else name for place, name in enumerate(names)]


def see_rows(visitor: Visitor, place: str, wanted: Iterable[Iterable[str]]) -> None:
    """Wait until the first table in a place has rows with all of these cells each: the table that Streamlit draws for screen readers."""
    visitor.page.wait_for_function(HAS_ROWS, arg=[place, [list(row) for row in wanted]])


@pytest.mark.parametrize(
    "case",
    [pytest.param(one, id=name, marks=() if one.about in USUAL else pytest.mark.long) for one, name in zip(CASES, case_ids(), strict=True)],
)
def test_a_wrong_guess_is_corrected_by_the_form(visitor: Visitor, case: Case) -> None:
    visitor.open("data")
    visitor.upload("data_upload", case.name, case.content)
    visitor.page.wait_for_url(lambda url: "data=" in url)
    visitor.settle()
    guessed = visitor.carried("data")
    visitor.page.wait_for_function(f"wanted => !({HAS_ROWS})(wanted)", arg=[REPORT, [list(row) for row in case.report]])
    if visitor.widget("data_reading").locator("details[open]").count() == 0:
        visitor.widget("data_reading").locator("summary").click()

    case.correct(visitor)

    visitor.page.wait_for_url(lambda url: f"data={guessed}" not in url)
    see_rows(visitor, PREVIEW, case.preview)
    visitor.see_view("series")
    visitor.page.get_by_role("tab", name=case.tab, exact=True).click()
    see_rows(visitor, REPORT, case.report)
    assert visitor.messages == []


def test_each_switch_has_a_file_whose_guess_is_wrong() -> None:
    of_lists = {"times": TimeReading, "missing": Missing}
    switches = {one.name for one in fields(Reading)} - DECIDED - set(of_lists)
    switches |= {f"{name}.{one.name}" for name, kind in of_lists.items() for one in fields(kind)}
    assert {case.about for case in CASES} == switches
