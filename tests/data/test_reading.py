"""Files as they come: encodings, delimiters, and errors that say where."""

import hashlib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from complex_lstm.data import containers, numeric_share, read_csv
from complex_lstm.data.reading import LONG, numbers
from complex_lstm.errors import CellError, CsvError
from tests.data.tables import table_of

PLAIN = "time,temp,kind\n2020-01-01,1.5,a\n2020-01-02,2.5,b\n2020-01-03,3.5,a\n"
SPREAD = [[1.5, "a"], [2.5, "b"], [3.5, "a"]]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_delimiters_and_line_ends_are_found_out(delimiter: str, newline: str) -> None:
    content = PLAIN.replace(",", delimiter).replace("\n", newline).encode()

    table = read_csv(content, "f.csv")

    assert table.delimiter == delimiter
    assert list(table.frame) == ["time", "temp", "kind"]
    assert table.frame[["temp", "kind"]].to_numpy().tolist() == SPREAD


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1", "cp1252"])
def test_encodings_are_found_out(encoding: str) -> None:
    text = "größe (m²),Gerät\n" + "".join(f"{row},Gerät für Höhe\n" for row in range(20))

    table = read_csv(text.encode(encoding), "f.csv")

    assert [name[:2] for name in table.frame] == ["gr", "Ge"]
    assert "größe" in table.frame.columns[0] and table.frame["Gerät"].unique().tolist() == ["Gerät für Höhe"]


def test_a_degree_sign_is_not_taken_for_japanese() -> None:
    """charset_normalizer read `temp °C` as `temp ｰC`."""
    content = ("temp °C,b\n" + "1.5,2\n" * 20).encode("latin-1")

    assert list(read_csv(content, "f.csv").frame) == ["temp °C", "b"]


def test_a_decimal_comma_is_one_beside_another_delimiter_only() -> None:
    assert table_of("a;b", "1,5;-2,25", "3;4,0").frame.to_numpy().tolist() == [[1.5, -2.25], [3, 4]]
    assert table_of("a,b", "1,5", "3,4").frame.to_numpy().tolist() == [[1, 5], [3, 4]]


def test_quoted_fields_may_hold_the_delimiter_and_line_ends() -> None:
    table = table_of('"a, b",c', '1,"x, y"', '2,"x', 'y"')

    assert list(table.frame) == ["a, b", "c"]
    assert table.frame["c"].tolist() == ["x, y", "x\ny"]


def test_a_header_may_span_lines() -> None:
    """It was cut at its first line, and the rest of the file with it."""
    assert list(table_of('a,"speed', '(m/s)",c', "1,2,3", "4,5,6").frame) == ["a", "speed\n(m/s)", "c"]


def test_rows_know_their_line_past_blank_ones() -> None:
    table = table_of("", "a,b", "", "1,2", "", "", "3,4")

    assert table.frame.index.tolist() == [4, 7]


def test_a_delimiter_at_the_end_of_lines_makes_no_column() -> None:
    for lines in (["a,b,", "1,2,", "3,4,"], ["a,b", "1,2,", "3,4,"]):
        assert table_of(*lines).frame.to_dict("list") == {"a": [1, 3], "b": [2, 4]}


def test_a_missing_name_is_made_up_where_the_column_has_values() -> None:
    assert list(table_of("a,,c", "1,2,3", "4,5,6").frame) == ["a", "unnamed_2", "c"]


def test_missing_fields_at_the_end_of_a_line_are_empty_cells() -> None:
    frame = table_of("a,b,c", "1,2,3", "4,5").frame

    assert np.isnan(frame["c"].iloc[1]) and frame["b"].tolist() == [2, 5]


@pytest.mark.parametrize(
    ("cells", "told"), [("7,8,", ()), ("7,8", ("Line 1502 has fewer than 3 cells: those that the end of the line lacks are empty.",))]
)
def test_among_many_lines_with_an_empty_last_cell_the_short_one_is_told(cells: str, told: tuple[str, ...]) -> None:
    lines = ["a,b,c", "1,2,3", *(["4,5,"] * 3000)]
    lines[1501] = cells

    table = table_of(*lines)

    assert table.done == told and int(table.frame["c"].notna().sum()) == 1


def test_a_short_line_far_into_a_file_is_told_by_its_line_also_where_quotes_hold_lines_together() -> None:
    row = f'1,"{"x" * 500}",3'
    lines = ["a,b,c", *[row] * 3000, '4,"u', 'v"', *[row] * 3000, "5,w", row]

    table = table_of(*lines)

    assert table.done == ("2 lines (3002, 6004) have fewer than 3 cells: those that the end of the line lacks are empty.",)


def test_one_column_needs_no_delimiter() -> None:
    assert table_of("value", "1.5", "2.5 ", "3.5").frame["value"].tolist() == [1.5, 2.5, 3.5]


def test_a_delimiter_that_the_header_lacks_is_none() -> None:
    """Spaces in a text column were taken for the delimiter."""
    table = table_of("name,v", *(f"red apple pie,{row}" for row in range(20)))

    assert table.delimiter == "," and list(table.frame) == ["name", "v"]


@pytest.mark.parametrize(
    ("lines", "line", "found"),
    [
        (["a,b", "1,2,3", "3,4", "5,6"], 2, 3),
        (["a,b", "1,2", "3,4,5", "5,6"], 3, 3),
        (["a,b", "1,2,3", "4,5,6"], 2, 3),
        (["a,b", "1,2,", "3,4,", "", "5,6,7"], 5, 3),
        (["a,b", "1,2,,4", "3,4"], 2, 4),
        (["a,b", "1,2", "3,4,,,"], 3, 5),
    ],
)
def test_a_line_with_too_many_fields_is_told(lines: list[str], line: int, found: int) -> None:
    """In the first row pandas dropped them in silence."""
    expected = lines[0].count(",") + 1

    with pytest.raises(CsvError, match=f"small.csv, line {line} has {found} fields, the header has {expected}. Look for a stray"):
        table_of(*lines)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "f.csv is empty. Choose a CSV file with a header line"),
        (b" \n\n", "f.csv is empty"),
        (b"1.5,Rome," * 300 + b"2", "f.csv has 601 columns and 1 row: its line ends may have been lost"),
        (b"a,b\n", "f.csv has a header and no rows. Export it with its data"),
        (b"a,b", "f.csv has a header and no rows"),
        (b"PK\x03\x04\0\0\0", "f.csv is a binary file .*use 'save as CSV'"),
        (b"a,b\n\x01\x02\x8b\x08\x02\xff\xfe" * 40, "f.csv is not text in any encoding known here. Save it as CSV in UTF-8"),
        (b"\x1f\x8b\x08\x02\xff\xfe" * 40, "f.csv is packed as gzip and damaged.* Download or copy it again"),
        (b"\xff\xfea", "f.csv begins as utf-16 text and is none at byte 2. Save it as CSV in UTF-8"),
        (b"\xef\xbb\xbfa,b\n1,\xff\n", "begins as utf-8-sig text and is none at byte 6"),
        (b'a,b\n1,"x\n2,3\n', "f.csv cannot be read as CSV.*Look for a missing quote"),
        (b"a,b\n" + b"x" * 200_000 + b",1\n", "f.csv cannot be read as CSV"),
    ],
)
def test_what_is_no_readable_csv_is_told_with_a_remedy(content: bytes, words: str) -> None:
    with pytest.raises(CsvError, match=words):
        read_csv(content, "f.csv")


def test_a_file_that_is_too_large_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(containers, "MAX_BYTES", 2**20)

    with pytest.raises(CsvError, match="has 3 MB, the limit is 1. Cut it into parts"):
        read_csv(b"a\n" + b"1\n" * (3 * 2**19), "big.csv")


def test_a_table_is_known_by_its_bytes(tmp_path: Path) -> None:
    (tmp_path / "f.csv").write_text(PLAIN)

    table = read_csv(tmp_path / "f.csv")

    assert table.name == "f.csv"
    assert table.fingerprint == hashlib.sha256(PLAIN.encode()).hexdigest()


@pytest.mark.parametrize(
    ("cell", "remedy"),
    [
        (
            "warm",
            "If it means that there is no value, name it among the cells that mean missing (--missing-cell warm@temp); else correct it",
        ),
        ("not seen", "name it among the cells that mean missing (--missing-cell 'not seen@temp')"),
        ("NA", "name it among the cells that mean missing (--missing-cell NA@temp)"),
        ("12 °C", "If the sign beside the number means nothing, take it off when the file is read (--strip temp)."),
        ("inf", "Correct it, leave the cell empty to have it filled, or leave the column out."),
        ("-inf", "Correct it, leave the cell empty to have it filled, or leave the column out."),
        ("1e999", "Correct it, leave the cell empty to have it filled, or leave the column out."),
    ],
)
def test_what_is_no_finite_number_is_told_with_line_column_value_and_a_remedy_that_can_be_typed(cell: str, remedy: str) -> None:
    table = table_of("t,temp", "1,2.5", "", f"2,{cell}", "3,4")

    with pytest.raises(CellError) as caught:
        numbers(table, "temp")

    value = "inf" if cell == "1e999" else cell  # as pandas read it
    place = f"small.csv, line 4, column 'temp': {value!r} is not a finite number (1 such cell in the column). "
    assert str(caught.value).startswith(place) and remedy in str(caught.value)


def test_an_empty_cell_is_missing_and_not_wrong() -> None:
    assert np.isnan(numbers(table_of("a,b", "1,", "2,5"), "b")).tolist() == [True, False]


def test_the_numeric_share_is_of_the_filled_cells() -> None:
    frame = table_of("a,b,c", "1,x,", "2,3,", ",4,", "5,6,").frame

    assert [numeric_share(frame[name]) for name in frame] == [1, 0.75, 0]


@given(st.lists(st.lists(st.floats(-1e6, 1e6).map(lambda v: round(v, 3)), min_size=3, max_size=3), min_size=1, max_size=6),
       st.sampled_from(";\t|"), st.booleans())  # fmt: skip
def test_what_is_written_is_what_is_read(rows: list[list[float]], delimiter: str, comma: bool) -> None:
    lines = [delimiter.join(f"{value:.3f}" for value in row) for row in rows]
    body = "\n".join(lines).replace(".", "," if comma else ".")

    table = read_csv(f"first{delimiter}second{delimiter}third\n{body}".encode(), "f.csv")

    assert np.allclose(table.frame.to_numpy(dtype=float), rows, rtol=0, atol=1e-9)


def test_how_the_times_of_a_long_file_are_read_is_found_when_it_is_asked_for() -> None:
    days = pd.date_range("1700-01-01", periods=LONG + 1, freq="D").strftime("%d/%m/%Y")
    content = ("day,x\n" + "\n".join(f"{day},{row % 7}" for row, day in enumerate(days))).encode()

    long, short = read_csv(content), read_csv(content[:20_000].rpartition(b"\n")[0])

    assert long.reading.times == () and len(short.reading.times) == 1
    assert long.settled_reading == short.reading == short.settled_reading
