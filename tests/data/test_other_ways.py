"""Files in ways of writing that are less common: signs behind numbers, months of other languages, tables deep in JSON, times in parts."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from complex_lstm.data.cells import offers
from complex_lstm.data.reading import Table, examine, numbers, read_csv
from complex_lstm.data.roles import guess_roles
from complex_lstm.data.times import read_times
from complex_lstm.data.units import unit_in_name
from complex_lstm.errors import CsvError

WAVE = np.sin(np.arange(60) / 5).round(3)


def csv(*rows: str, encoding: str = "utf-8", name: str = "a.csv", **switches: object) -> Table:
    return read_csv(("\n".join(rows) + "\n").encode(encoding), name, **switches)


@pytest.mark.parametrize("negative", ["7.25-", "7.25 -", "\u2212 7.25", "7.25\u2212"])
def test_a_sign_beside_a_number_that_is_taken_off_makes_it_negative(negative: str) -> None:
    """7.25- was offered, and then read, as 7.25."""
    rows = ["day,pay", *(f"2021-03-{day:02},{negative if day % 2 else '1.5'}" for day in range(1, 29))]
    [offer] = [one for one in offers(csv(*rows).frame, csv(*rows).reading) if one.switch == "strip"]

    table = csv(*rows, strip=("pay",))

    assert offer.preview.endswith("→ -7.25")
    assert set(numbers(table, "pay")) == {-7.25, 1.5}
    assert table.units.get("pay", "") == ""


@pytest.mark.parametrize(("cell", "value"), [("\u22127.25", -7.25), ("-1.50D+02", -150.0), ("4.0d-01", 0.4)])
def test_typeset_minus_and_exponents_of_fortran_are_numbers(cell: str, value: float) -> None:
    table = csv("step,x", *(f"{step},{cell if step % 3 == 0 else '2.0'}" for step in range(30)))

    assert set(numbers(table, "x")) == {value, 2.0}


@pytest.mark.parametrize("cell", ["12D34", "5d", "3D"])
def test_letters_in_codes_are_no_exponents(cell: str) -> None:
    table = csv("step,code", *(f"{step},{cell}" for step in range(30)))

    assert not pd.api.types.is_numeric_dtype(table.frame["code"])


DAYS = pd.date_range("2022-01-15", periods=330, freq="D")
ITALIAN = ["gennaio", "febbraio", "marzo", "aprile", "maggio", "giugno", "luglio", "agosto", "settembre", "ottobre", "novembre", "dicembre"]
PORTUGUESE = ["jan", "fev", "mar", "abr", "mai", "jun", "jul", "ago", "set", "out", "nov", "dez"]
CZECH = ["ledna", "února", "března", "dubna", "května", "června", "července", "srpna", "září", "října", "listopadu", "prosince"]
FRENCH = ["janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc."]


@pytest.mark.parametrize(
    "written",
    [
        lambda day: f"{day.day} {ITALIAN[day.month - 1]} {day.year}",
        lambda day: f"{day.day} de {PORTUGUESE[day.month - 1]} de {day.year}",
        lambda day: f"{day.day}. {CZECH[day.month - 1]} {day.year}",
        lambda day: f"{day.day} {FRENCH[day.month - 1]} {day.year}",
        lambda day: f"{day.year}년 {day.month}월 {day.day}일",
        lambda day: f"{day.day}{'st' if day.day in (1, 21, 31) else 'th'} {day:%B %Y}",
    ],
    ids=["Italian", "Portuguese", "Czech", "French", "Korean", "ordinal"],
)
def test_days_in_other_languages_are_times(written) -> None:  # type: ignore[no-untyped-def]
    """A French column, of whose months some have a full stop, was text, and the rows counted as steps."""
    table = csv("tag;x;y", *(f"{written(day)};{place % 7};{place % 11}" for place, day in enumerate(DAYS)))

    assert guess_roles(table).roles.time == "tag"
    assert (read_times(table, "tag").instants == DAYS.to_numpy()).all()


def test_hours_of_the_east_are_times() -> None:
    hours = pd.date_range("2022-03-01", periods=48, freq="h")
    table = csv("時刻,x", *(f"{at.year}年{at.month}月{at.day}日 {at.hour}時00分,{at.hour % 5}" for at in hours), encoding="cp932")

    assert table.encoding == "cp932"
    assert (read_times(table, "時刻").instants == hours.to_numpy()).all()


@pytest.mark.parametrize("word", ["Set", "Lip", "Out", "Led"])
def test_english_words_that_are_months_elsewhere_stay_labels(word: str) -> None:
    table = csv("step,batch,x", *(f"{step},{word} {10 + step // 10},{step % 7}" for step in range(60)))

    assert guess_roles(table).roles.time == "step"


def test_japanese_without_kana_is_not_korean() -> None:
    table = csv("月日,降水量,風速", *(f"2022-01-{day:02},{day % 5},{day % 3}" for day in range(1, 31)), encoding="cp932")

    assert list(table.frame) == ["月日", "降水量", "風速"]


def test_korean_is_still_korean() -> None:
    table = csv("날짜,기온,습도", *(f"2022-01-{day:02},{day % 5},{day % 3}" for day in range(1, 31)), encoding="cp949")

    assert list(table.frame) == ["날짜", "기온", "습도"]


def test_a_duration_is_no_time_beside_unique_dates() -> None:
    """An activity list, newest first, was sorted by how long each run took."""
    days = pd.date_range("2022-01-01 07:00", periods=90, freq="D")[::-1]
    table = csv("Time,Date,Pulse", *(f"00:{20 + place % 30}:00,{day},{120 + place % 9}" for place, day in enumerate(days)))

    assert guess_roles(table).roles.time == "Date"


def test_quarters_of_an_hour_through_a_repeated_hour_are_no_series_of_days() -> None:
    """The time of day begins again each day: a week of a meter became seven series."""
    at = pd.date_range("2023-10-27", "2023-10-31", freq="15min", tz="Europe/Paris", inclusive="left")
    table = csv("Tag;ab;kWh", *(f"{one:%d.%m.%Y};{one:%H:%M};{place % 9}" for place, one in enumerate(at)))

    assert table.reading.layout == "rows"
    assert guess_roles(table).roles.time == "Tag ab"


def test_half_days_of_one_letter_are_read() -> None:
    hours = pd.date_range("2023-05-10", periods=72, freq="h")
    table = csv("Date,Time,x", *(f"{at:%m/%d/%Y},{at.hour % 12 or 12}:00{'a' if at.hour < 12 else 'p'},{at.hour}" for at in hours))

    roles = guess_roles(table).roles

    assert (roles.time, roles.series) == ("Date Time", "")
    assert (read_times(table, "Date Time").instants == hours.to_numpy()).all()


def test_six_digits_of_a_day_are_joined_with_hours_and_minutes() -> None:
    at = pd.date_range("2023-05-10", periods=96, freq="30min")
    table = csv("YYMMDD,HHMM,x", *(f"{one:%y%m%d},{one:%H%M},{place % 7}" for place, one in enumerate(at)))

    roles = guess_roles(table).roles

    assert (roles.time, roles.series) == ("YYMMDD HHMM", "")


FRAME = pd.DataFrame({"when": [f"2022-01-{day:02}" for day in range(1, 31)], "x": WAVE[:30], "y": WAVE[30:60]})


@pytest.mark.parametrize("orient", ["records", "columns", "index", "split", "table", "values"])
def test_each_way_in_which_pandas_writes_json_is_read(orient: str) -> None:
    table = read_csv(FRAME.to_json(orient=orient).encode(), "a.json")  # type: ignore[call-overload]

    assert len(table.frame) == 30
    assert np.allclose(table.frame.iloc[:, -1].to_numpy(dtype=float), FRAME["y"])


def test_an_index_of_dates_in_json_is_kept() -> None:
    table = read_csv(FRAME.set_index("when").to_json(orient="columns").encode(), "a.json")

    assert guess_roles(table).roles.time == "index 1"


@pytest.mark.parametrize(
    "document",
    [
        {"meta": {"unit": "K"}, "result": {"rows": FRAME.to_dict("records"), "pages": [{"number": 1}]}},
        {"place": "Oslo", "units": {"x": "m"}, "daily": FRAME.to_dict("list")},
    ],
)
def test_a_table_within_a_json_document_is_found(document: dict[str, object]) -> None:
    table = read_csv(json.dumps(document).encode(), "a.json")

    assert list(table.frame) == ["when", "x", "y"]
    assert len(table.frame) == 30


def test_which_file_of_an_archive_is_read_is_said() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("north.csv", "t,x\n" + "".join(f"{step},{step % 5}\n" for step in range(30)))
        archive.writestr("south.csv", "t,x\n" + "".join(f"{step},{step % 7}\n" for step in range(30)))

    table = read_csv(packed.getvalue(), "a.zip")

    assert table.done == ("Of 2 tables in the archive 'north.csv' is read, and not 'south.csv' (--member).",)
    assert read_csv(packed.getvalue(), "a.zip", member="south.csv").done == ()


def test_what_is_packed_twice_is_unpacked_twice() -> None:
    content = b"t,x\n" + b"".join(f"{step},{step % 5}\n".encode() for step in range(30))

    assert len(read_csv(gzip.compress(gzip.compress(content)), "a.csv.gz").frame) == 30


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"<!DOCTYPE html>\n<html><body>Sign in, please</body></html>\n", r"a web page \(HTML\).*download the file again"),
        (b"<html><table><tr><td>1</td></tr></table></html>", r"a web page \(HTML\)"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 9\n", r"a pointer of Git LFS.*git lfs pull"),
        (b"PK\x05\x06" + bytes(18), "an empty zip archive"),
    ],
)
def test_what_is_no_table_is_called_by_its_name(content: bytes, words: str) -> None:
    with pytest.raises(CsvError, match=words):
        read_csv(content, "a.csv")


def test_a_line_drawn_below_the_header_is_no_row() -> None:
    table = csv(" id | level ", "----+-------", *(f" {step:2} | {step % 5}.5 " for step in range(30)), "(30 rows)")

    assert len(table.frame) == 30
    assert "Line 2 is drawn below the header, and is no row." in table.done
    assert all(map(pd.api.types.is_numeric_dtype, table.frame.dtypes))


def test_units_that_are_fewer_than_names_are_given_to_none_of_them() -> None:
    """Between blanks the unit of the third column stood above the first."""
    table = csv("year mon temp rain", "          degC   mm", *(f"{1990 + m // 12} {m % 12 + 1} {m % 7}.5 {m % 9}.0" for m in range(60)))

    assert table.units == {}
    assert table.done == ("2 units stand below 4 names, so none is taken: blanks do not tell whose they are.",)


def test_signs_of_numbers_are_found_beside_currencies() -> None:
    rows = ["jour;solde;taux", *(f"2022-01-{day:02};{day} 250,{day:02} €;{day},5 %" for day in range(1, 31))]
    found = examine(("\n".join(rows)).encode(), "a.csv")

    assert {offer.preview for offer in found.offers if offer.switch == "strip"} == {"1 250,01 € → 1250.01", "1,5 % → 1.5"}


def test_the_columns_of_an_array_in_hdf5_are_columns(tmp_path: Path) -> None:
    h5py = pytest.importorskip("h5py")
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["signal"] = np.stack([WAVE, WAVE**2], axis=1)

    table = read_csv(tmp_path / "a.h5")

    assert list(table.frame) == ["signal 1", "signal 2"]
    assert len(table.frame) == 60


@pytest.mark.parametrize("frequency", ["h", "10min", "D"])
def test_a_date_in_parts_is_found_without_a_header(frequency: str) -> None:
    """The hour became a feature, and parts that were chosen by their place were taken for year, quarter, month and week."""
    at = pd.date_range("2019-11-20", periods=90, freq=frequency)
    parts = {"h": "%Y %m %d %H", "10min": "%Y %m %d %H %M", "D": "%Y %m %d"}[frequency]
    table = csv(*(f"{one.strftime(parts)} {place % 9}.5 {place % 11}.25" for place, one in enumerate(at)))

    time = guess_roles(table).roles.time

    assert time == " ".join(f"column {place}" for place in range(1, len(parts.split()) + 1))
    assert (read_times(table, time).instants == at.to_numpy()).all()


def test_numbers_that_only_look_like_a_date_stay_numbers() -> None:
    table = csv(*(f"{1900 + 7 * row % 100} {row % 12 + 1} {row % 28 + 1} {row}.5" for row in range(90)))

    assert list(table.frame) == ["column 1", "column 2", "column 3", "column 4"]


def test_commas_that_blanks_pad_separate_below_a_preamble_with_other_signs() -> None:
    """The words of the last remark became the names of the columns."""
    above = ["Source: an institute of weather", "YYYYMMDD = day (YYYY=year,MM=month,DD=day);", "FF = wind (0.1 m/s);", ""]
    rows = [f"  344,{day:%Y%m%d}, {day.day_of_year % 90:4},{day.day:5}" for day in DAYS[:60]]

    table = csv(*above, "# STN,YYYYMMDD,  FF,  FX", "", *rows)

    assert list(table.frame) == ["STN", "YYYYMMDD", "FF", "FX"]


def test_carets_separate_cells() -> None:
    assert list(csv("day^x^y", *(f"2022-01-{day:02}^{day % 5}^{day % 3}" for day in range(1, 31))).frame) == ["day", "x", "y"]


def test_a_logger_s_serial_number_is_no_unit() -> None:
    assert unit_in_name("Water Temp, °C (LGR S/N: 77, SEN S/N: 78)") == "°C"
    assert unit_in_name("Load (kW)") == "kW"
