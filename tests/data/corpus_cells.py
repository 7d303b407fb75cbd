"""Cells that mean "no value", and numbers with something beside them."""

from __future__ import annotations

import numpy as np

from tests.data.made import LOAD, NAMES, TEMP, File, lines, number, text, with_cells


def missing() -> list[File]:
    """Kind 4: cells that mean "no value", and some that only look so."""

    def marked(cell: str) -> File:
        temp = with_cells([number(value) for value in TEMP], cell, 4, 5, 20)
        return File(
            f"marked_{len(cell)}_{ord(cell[0])}.csv", text(lines(temp=temp)), values={"load": LOAD}, offers=(("missing", "temp", cell),)
        )

    def sentinel(name: str, value: str, *places: int, column: str = "temp") -> File:
        some = places or (3, 4, 5, 21, 30)
        cells = with_cells([number(one) for one in (TEMP if column == "temp" else LOAD)], value, *some)
        made = text(lines(**{column: cells}))  # type: ignore[arg-type]
        other = "load" if column == "temp" else "temp"
        return File(name, made, values={}, offers=(("missing", column, value),), silent=(other,))

    country, marked_comma = ["NA", "DE"] * 20, ("missing", "temp", "k.A.")
    zeros = with_cells([number(one + 1000) for one in TEMP], "0", 3, 4, 5, 21)
    rain = with_cells([number(one) for one in np.abs(TEMP - 12).round(1)], "0", *range(15, 30))
    full = [number(min(one, 1023), places=0) for one in LOAD]
    both = with_cells(with_cells([number(one) for one in TEMP], "-999", 3, 4, 5), "-200", 20, 21, 22)
    comma = with_cells([number(one, ",") for one in TEMP], "k.A.", 4, 5, 9)
    return [
        *(marked(cell) for cell in ("?", "-", "#DIV/0!", "missing", "---", "bad", "NA", "null", "#N/A", "None")),
        File("na_is_a_country.csv", text(lines(load=country)), {}, values={"load": country}, doubts=(("missing", "load", "NA"),)),
        File("comma_marked.csv", text(lines(";", ",", temp=comma)), {"decimal": ","}, values={"load": LOAD}, offers=(marked_comma,)),
        sentinel("minus_200.csv", "-200"),
        sentinel("minus_999.csv", "-999"),
        sentinel("minus_7999.csv", "-7999", column="load"),
        sentinel("nines.csv", "9999"),
        sentinel("netcdf_fill.csv", "9.969209968386869e+36", 3, 8),
        sentinel("own_code.csv", "-555"),
        sentinel("once_but_huge.csv", "1e+36", 7),
        File("two_codes.csv", text(lines(temp=both)), values={}, offers=(("missing", "temp", "-999"), ("missing", "temp", "-200"))),
        File("zeros_are_doubtful.csv", text(lines(temp=zeros)), values={}, doubts=(("missing", "temp", "0"),)),
        File("rain_is_zero.csv", text(lines(temp=rain)), values={}, silent=("temp",)),
        File("saturated.csv", text(lines(load=full)), values={}, doubts=(("missing", "load", "1023"),)),
        File("clean.csv", text(lines()), silent=NAMES),
    ]  # fmt: skip


def units() -> list[File]:
    """Kind 4: numbers with something beside them. They are offered, and read by the switch (see the test)."""

    def carried(name: str, form: str, unit: str, delimiter: str = ",", decimal: str = ".") -> File:
        temp = [form.format(number(one, decimal)) for one in TEMP]
        return File(name, text(lines(delimiter, decimal, temp=temp)), {}, values={"load": LOAD}, offers=(("strip", "temp", unit),))

    return [
        carried("kwh.csv", "{} kWh", "kWh"),
        carried("percent.csv", "{}%", "%"),
        carried("percent_comma.csv", "{} %", "%", ";", ","),
        carried("euro.csv", "€ {}", "€"),
        carried("dollar.csv", "${}", "$"),
        carried("degrees.csv", "{}°C", "°C"),
        carried("per_area.csv", "{} W/m²", "W/m²"),
    ]
