"""Numbers such as 1.234 throughout a file: a decimal or a sign for thousands, which is asked for where nothing decides."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from click.testing import CliRunner

from complex_lstm.cli import main
from complex_lstm.data import examine, read_csv
from complex_lstm.data.findings import Finding

Row = Callable[[int], str]


def lines(row: Row, rows: int = 60, header: str = "t,load") -> bytes:
    return "\n".join([header, *(row(n) for n in range(rows))]).encode()


def asked(content: bytes, **switches: str) -> list[Finding]:
    return [one for one in examine(content, "a.csv", **switches).findings if one.asked and not one.is_set]


DOUBTFUL: dict[str, tuple[str, Row]] = {
    "a point": ("t,load", lambda n: f"{n},{1 + n % 9}.{100 + 7 * n}"),
    "a comma beside semicolons": ("t;load", lambda n: f"{n};{10 + n},{200 + n}"),
    "a comma in quotes": ("t,load", lambda n: f'{n},"{100 + n},{300 + n}"'),
    "with a sign of euro": ("t,load", lambda n: f"{n},{1 + n}.{100 + n} €"),
    "negative too": ("t\tload", lambda n: f"{n}\t{'-' if n % 2 else ''}{1 + n}.{100 + n}"),
}


@pytest.mark.parametrize(("header", "row"), DOUBTFUL.values(), ids=DOUBTFUL)
def test_a_sign_with_three_digits_behind_it_everywhere_is_asked_for(header: str, row: Row) -> None:
    content = lines(row, header=header)

    (finding,) = asked(content)

    decimal, thousands = finding.asked if "decimal" in finding.asked[0].words else finding.asked[::-1]
    strip = ("load",) if "€" in row(0) else ()
    small, large = (
        read_csv(content, "a.csv", strip=strip, **dict(one.switches)).frame["load"].to_numpy(float)  # type: ignore[arg-type]
        for one in (decimal, thousands)
    )
    assert np.allclose(small * 1000, large) and (large == large.round()).all()
    in_use = examine(content, "a.csv").reading
    assert dict(finding.asked[0].switches) == {"decimal": in_use.decimal, "thousands": in_use.thousands}
    assert "until you choose" in finding.reason


DECIDED: dict[str, tuple[str, Row]] = {
    "another number has one decimal": ("t,load", lambda n: f"{n},{'12.5' if n == 9 else f'{1 + n}.{100 + n}'}"),
    "another column has a decimal comma": ("t;load;x", lambda n: f"{n};{1 + n}.{100 + n};{n},5"),
    "below one": ("t,load", lambda n: f"{n},{n % 3}.{100 + n}"),
    "two groups": ("t;load", lambda n: f"{n};{1 + n}.{100 + n}.{200 + n}"),
    "whole numbers": ("t,load", lambda n: f"{n},{1000 + n}"),
}


@pytest.mark.parametrize(("header", "row"), DECIDED.values(), ids=DECIDED)
def test_nothing_is_asked_where_a_cell_decides(header: str, row: Row) -> None:
    assert asked(lines(row, header=header)) == []


@pytest.mark.parametrize("late", ["0.5", "12.3456", "1000.25"])
def test_a_number_far_down_the_file_decides_too(late: str) -> None:
    row: Row = lambda n: f"{n},{late if n == 25_000 else f'{1 + n % 9}.{100 + n % 800}'}"  # noqa: E731

    assert asked(lines(row, 30_000)) == []
    assert asked(lines(lambda n: f"{n},{1 + n % 9}.{100 + n % 800}", 30_000))


@pytest.mark.parametrize("switch", ["decimal", "thousands"])
def test_a_sign_that_was_set_is_not_asked_for(switch: str) -> None:
    assert asked(lines(DOUBTFUL["a point"][1]), **{switch: {"decimal": ".", "thousands": "."}[switch]}) == []


def test_the_command_line_says_what_is_open_and_takes_the_switch(tmp_path) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "a.csv").write_bytes(lines(lambda n: f"{n},{1 + n % 7}.{100 + 37 * n % 800}", 120))

    told = CliRunner().invoke(main, ["info", str(tmp_path / "a.csv")])
    settled = CliRunner().invoke(main, ["info", str(tmp_path / "a.csv"), "--thousands", "."])

    assert "1.100 is 1.100: a decimal sign, until you choose" in told.output
    assert "until you choose" not in settled.output and "whole numbers" in settled.output
