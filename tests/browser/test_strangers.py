"""Files as strangers bring them, opened in the page: what is asked, offered or said, and the click that settles it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from tests.browser.test_switches import PREVIEW, REPORT, see_rows
from tests.browser.visitor import Visitor

NOISE = np.random.default_rng(6).normal(size=(240, 2)).round(3)


def hourly(header: str, row: Callable[[int], str], rows: int = 120) -> bytes:
    return "\n".join([f"when,{header}", *(f"2024-03-{1 + n // 24:02} {n % 24:02}:00,{row(n)}" for n in range(rows))]).encode()


def open_file(visitor: Visitor, name: str, content: bytes) -> None:
    visitor.open("data")
    visitor.upload("data_upload", name, content)
    visitor.page.wait_for_url(lambda url: "data=" in url)
    visitor.settle()


@pytest.mark.long
def test_a_number_with_two_readings_is_asked_for_and_answered(visitor: Visitor) -> None:
    open_file(visitor, "meters.csv", hourly("gas,load", lambda n: f"{2 + n % 7}.{100 + 5 * n},{n % 6}"))
    guessed = visitor.carried("data")

    visitor.widget("data_ask_0").get_by_text("a sign for thousands").click()

    visitor.page.wait_for_url(lambda url: f"data={guessed}" not in url)
    see_rows(visitor, PREVIEW, [("2", "2100"), ("3", "3105")])
    visitor.page.locator(".st-key-data_decisions").wait_for(state="detached")


@pytest.mark.long
def test_a_column_is_converted_without_a_model_and_taken_back(visitor: Visitor) -> None:
    open_file(visitor, "roof.csv", hourly("air_C,load", lambda n: f"{50 + 9 * (n % 5)},{n % 6}"))
    visitor.widget("convert_by_hand").locator("summary").click()
    visitor.select("convert_to_air_C", "K")
    visitor.widget("convert_take").get_by_role("button").click()

    see_rows(visitor, PREVIEW, [("2", "323.15", "0"), ("3", "332.15", "1")])
    visitor.settle()
    visitor.widget("data_unit_0_undo").get_by_role("button").click()

    see_rows(visitor, PREVIEW, [("2", "50", "0"), ("3", "59", "1")])
    assert not visitor.widget("data_unit_0_undo").is_visible()


SERIES = [f"T{one}:2012-01-01 00-00-00:{','.join(map(str, NOISE[:, one]))}" for one in (0, 1)]
TSF = "\n".join(["@relation load", "@attribute series_name string", "@attribute start_timestamp date", "@frequency hourly",
                 "@missing false", "@data", *SERIES]).encode()  # fmt: skip
ARFF = "\n".join(["@relation air", "@attribute temp numeric", "@attribute wind numeric", "@attribute class {calm,storm}", "@data",
                  *(f"{a},{b},{['calm', 'storm'][n // 20 % 2]}" for n, (a, b) in enumerate(NOISE))]).encode()  # fmt: skip
WINDS = [f"{b:6.2f}" if n % 5 else " " * 6 for n, (_, b) in enumerate(NOISE)]
FIXED = "\n".join(["day             temp   wind", *(f"2024-{1 + n // 28:02}-{1 + n % 28:02}  {a:8.2f} {WINDS[n]}"
                                                  for n, (a, _) in enumerate(NOISE))]).encode()  # fmt: skip
STRETCHES = "\n".join(["hour,load", *(f"{1 + n // 24:02}.05.2024 {n % 24:02}:00 - {1 + n // 24:02}.05.2024 {n % 24:02}:59,{a}"
                                      for n, (a, _) in enumerate(NOISE))]).encode()  # fmt: skip
HIVE = hourly("flow,load", lambda n: f"{n % 7},{n % 5}.5").replace(b",", b"\x01")
PUMP = hourly("flow,rul,machine_status", lambda n: f"{NOISE[n, 0]},{29 - n % 30},{['NORMAL', 'BROKEN'][n // 30 % 2]}")


@pytest.mark.long
@pytest.mark.parametrize(
    ("name", "content", "row", "said"),
    [
        ("load.tsf", TSF, ("time", "time"), "Times count hourly from each series' start"),
        ("air.arff", ARFF, ("class", "target"), "Which column is what"),
        ("log.txt", FIXED, ("day", "time"), "told by their place in the line"),
        ("prices.csv", STRETCHES, ("hour", "time"), "has stretches of time: the start of each is its row's time"),
        ("pump.csv", PUMP, ("rul", "left out"), "it falls evenly until machine_status changes"),
        ("hive.txt", HIVE, ("flow", "feature"), "control sign '\\x01'"),
    ],
)  # fmt: skip
def test_a_strangers_file_opens_with_what_was_found(visitor: Visitor, name: str, content: bytes, row: tuple[str, str], said: str) -> None:
    open_file(visitor, name, content)

    visitor.page.get_by_role("tab", name="Columns", exact=True).click()
    see_rows(visitor, REPORT, [row])
    visitor.widget("data_reading").locator("summary").click()
    visitor.settle()
    text = visitor.page.locator('[data-testid="stMain"]').inner_text() + visitor.in_words()
    assert said in text, text
    assert visitor.messages == []
