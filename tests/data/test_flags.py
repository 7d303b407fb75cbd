"""Flags in the cells of numbers are offered to be split off, never read as decimals without a word, and travel as a switch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from complex_lstm.cli import main
from complex_lstm.data import examine, guess_roles, read_csv
from complex_lstm.data.findings import Offer
from complex_lstm.data.flags import flags_behind_commas

Cell = Callable[[int], str]
ROWS = 100


def file(cell: Cell, delimiter: str = ",", rest: Cell | None = None) -> bytes:
    rest = rest or (lambda n: f"{n % 13}{',' if delimiter == ';' else '.'}25")
    rows = (delimiter.join((f"2024-03-{1 + n // 24:02} {n % 24:02}:00", cell(n), rest(n))) for n in range(ROWS))
    return "\n".join([delimiter.join(("when", "slp", "load")), *rows]).encode()


def offers(content: bytes, **switches: Sequence[str]) -> list[Offer]:
    return [one for one in examine(content, "a.csv", **switches).offers if one.column == "slp"]


FLAGGED: dict[str, tuple[bytes, list[float], list[str | None]]] = {
    "in quotes": (file(lambda n: f'"{10049 + n % 60},{[1, 5][n % 7 == 0]}"'), [10049, 10050], ["5", "1"]),
    "padded": (file(lambda n: f'"+{49 + n % 30:04},{n % 4}"'), [49, 50], ["0", "1"]),
    "beside semicolons": (file(lambda n: f"{10049 + 3 * (n % 30)},{[1, 9][n % 9 == 0]}", ";"), [10049, 10052], ["9", "1"]),
    "a letter behind the comma": (file(lambda n: f'"{1000 + n % 50},{"AQ"[n % 2]}"'), [1000, 1001], ["A", "Q"]),
    "letters": (file(lambda n: f"{n % 40}.3 {'ABC'[n % 3]}"), [0.3, 1.3], ["A", "B"]),
    "a star in some": (file(lambda n: f"{n % 40}.3{'*' if n % 9 == 0 else ''}"), [0.3, 1.3], ["*", None]),
    "brackets beside negative numbers": (file(lambda n: f"({n}.5)" if n % 9 == 0 else f"{-n}"), [0.5, -1], ["()", None]),
    "a letter before": (file(lambda n: f"{'?!'[n % 2]} {n % 40}.5"), [0.5, 1.5], ["?", "!"]),
}  # fmt: skip


@pytest.mark.parametrize(("content", "numbers", "flags"), FLAGGED.values(), ids=FLAGGED)
def test_a_flag_is_offered_and_split_off_by_the_switch(content: bytes, numbers: list[float], flags: list[str | None]) -> None:
    (offer,) = offers(content)
    assert (offer.switch, offer.likely, offer.value) == ("split", True, "slp") and " → " in offer.preview and offer.count and offer.lines

    table = read_csv(content, "a.csv", split=("slp",))

    assert list(table.frame) == ["when", "slp", "slp flag", "load"] and offers(content, split=("slp",)) == []
    assert table.frame["slp"].iloc[:2].tolist() == numbers and np.isfinite(table.frame["slp"].to_numpy(float)).all()
    found = table.frame["slp flag"].iloc[:2]
    assert [None if missing else flag for flag, missing in zip(found, found.isna(), strict=True)] == flags
    assert np.allclose(table.frame["load"].iloc[:3], [0.25, 1.25, 2.25])
    guess = guess_roles(table)
    assert guess.roles.features == ("slp", "load") and dict(guess.reasons)["slp flag"].startswith("Left out")
    assert read_csv(content, "a.csv", table.reading).frame.equals(table.frame)


def test_several_values_of_a_cell_get_a_column_each() -> None:
    content = file(lambda n: f'"{160 + n % 40},1,{"NV"[n % 2]},{46 + n % 9:04},5"')

    frame = read_csv(content, "a.csv", split=("slp",)).frame

    assert list(frame) == ["when", "slp", "slp 2", "slp 3", "slp 4", "slp 5", "load"]
    assert frame.iloc[1, 1:6].tolist() == [161, 1, "V", 47, 5] and "4 more values" in offers(content)[0].reason


PLAIN: dict[str, tuple[bytes, str]] = {
    "decimals": (file(lambda n: f"{20 + n % 7},{n % 10}", ";"), ""),
    "halves": (file(lambda n: f"{20 + n % 7},{5 * (n % 2)}", ";"), ""),
    "one unit": (file(lambda n: f"{n}.3 kW"), "strip"),
    "amperes": (file(lambda n: f"{n}.3 A"), "strip"),
    "accounts": (file(lambda n: f"({n}.5)" if n % 9 == 0 else f"{n}"), "strip"),
    "thousands": (file(lambda n: f'"{1 + n},{100 + n},{200 + n}"'), ""),
    "limits of detection": (file(lambda n: f"{'<' if n % 9 == 0 else ''}{n}.5"), "strip"),
}


@pytest.mark.parametrize(("content", "other"), PLAIN.values(), ids=PLAIN)
def test_decimals_units_and_signs_are_no_flags(content: bytes, other: str) -> None:
    assert [one.switch for one in offers(content)] == ([other] if other else [])


@pytest.mark.parametrize("sign", ["\x00\x01x", "½²", "\u0661", "+-", "(("])
def test_what_no_flag_can_be_is_offered_as_none(sign: str) -> None:
    content = file(lambda n: f"{n}.5{sign if n % 9 == 0 else ''}")

    assert all(" → " in one.preview for one in examine(content, "a.csv").offers if one.switch == "split")


def test_few_cells_say_nothing_of_flags() -> None:
    assert flags_behind_commas(["10,1", "11,1", "12,1"]) == "" and flags_behind_commas([]) == ""


def test_the_command_line_names_the_option_and_takes_it(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(FLAGGED["in quotes"][0])

    told = CliRunner().invoke(main, ["info", str(tmp_path / "a.csv")])
    split = CliRunner().invoke(main, ["info", str(tmp_path / "a.csv"), "--split-flags", "slp", "--save-recipe", str(tmp_path / "r.json")])
    again = CliRunner().invoke(main, ["info", str(tmp_path / "a.csv"), "--recipe", str(tmp_path / "r.json")])

    assert "--split-flags slp" in told.output
    assert split.exit_code == again.exit_code == 0 and "slp flag" in split.output and "slp flag" in again.output
