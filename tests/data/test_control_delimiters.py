"""Signs of control between cells, as databases export them, are found, shown by their names, and taken as options."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from complex_lstm.cli import main
from complex_lstm.data import examine, read_csv
from complex_lstm.errors import CsvError
from complex_lstm.recipe import reading_words
from tests.data.made import LOAD, NAMES, TEMP, lines, text


@pytest.mark.parametrize("sign", ["\x01", "\x02", "\x1e", "\x1f"])
@pytest.mark.parametrize("decimal", [".", ","])
@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "utf-16"])
def test_a_sign_of_control_is_found_as_the_delimiter(sign: str, decimal: str, encoding: str) -> None:
    names = ("time", "größe", "load") if encoding != "utf-8" else NAMES

    table = read_csv(text(lines(sign, decimal, header=names), encoding), "export.txt")

    assert table.reading.delimiter == sign and table.reading.decimal == decimal and tuple(table.frame) == names
    assert np.allclose(table.frame.iloc[:, 1], TEMP) and np.allclose(table.frame["load"], LOAD, atol=0.01)
    assert read_csv(text(lines(sign, decimal, header=names), encoding), "export.txt", table.reading).frame.equals(table.frame)


def test_the_reason_names_the_sign_and_a_database_s_null_is_offered() -> None:
    cells = ["\\N" if n in (4, 5, 20) else f"{value:.2f}" for n, value in enumerate(TEMP)]

    found = examine(text(lines("\x01", temp=cells)), "hive.txt")

    assert next(one.reason for one in found.findings if one.switch == "delimiter").startswith("Control sign '\\x01'")
    assert [(one.switch, one.column, one.value.cell) for one in found.offers] == [("missing", "temp", "\\N")]  # type: ignore[union-attr]


@pytest.mark.parametrize("sign", ["\x01", "\x1f"])
def test_the_command_line_writes_it_by_its_number(tmp_path: Path, sign: str) -> None:
    (tmp_path / "a.txt").write_bytes(text(lines(sign)))
    word = repr(sign).strip("'")

    told = CliRunner().invoke(main, ["info", str(tmp_path / "a.txt"), "--delimiter", word])

    assert told.exit_code == 0 and "temp" in told.output and "40 rows, 3 columns" in told.output
    assert reading_words(read_csv(text(lines(sign))).reading, read_csv(text(lines())).reading)


def test_bytes_with_signs_of_control_anywhere_are_no_text() -> None:
    random = np.random.default_rng(0)

    with pytest.raises(CsvError, match="not text in any encoding"):
        read_csv(bytes(random.choice([1, 2, 31, 65, 66, 10], 4000).astype(np.uint8)), "a.bin")
