"""Files as strangers have them, made here, each with what must be found in it.

Most hold the same small table in another way of writing: `TIMES`, `TEMP` and `LOAD`. A file is a generator's result and no
fixture, so that what is special in it can be read here.
"""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
import pyarrow

ROWS = 40
RANDOM = np.random.default_rng(12)
TIMES = pd.date_range("2024-03-01", periods=ROWS, freq="h").strftime("%Y-%m-%d %H:%M").tolist()
TEMP = (12 + 8 * np.sin(np.arange(ROWS) / 6) + RANDOM.normal(0, 0.4, ROWS)).round(2)
LOAD = (1500 + 900 * np.cos(np.arange(ROWS) / 5) + RANDOM.normal(0, 20, ROWS)).round(1)
NAMES = ("time", "temp", "load")


@dataclass(frozen=True)
class File:
    """A file and what must be found: switches of its reading, its columns, how many rows, and numbers of some columns.

    `offers` are (switch, column, cell) that must be offered as likely, `doubts` those that may only be offered as doubtful,
    `silent` columns of which nothing is to be offered, and `fault` the switch at which the reading stops.
    """

    name: str
    content: bytes
    switches: dict[str, Any] = field(default_factory=dict)
    columns: tuple[str, ...] = NAMES
    rows: int = ROWS
    values: dict[str, Sequence[Any]] = field(default_factory=lambda: {"temp": TEMP, "load": LOAD})
    offers: tuple[tuple[str, str, str], ...] = ()
    doubts: tuple[tuple[str, str, str], ...] = ()
    silent: tuple[str, ...] = ()
    fault: str = ""


def number(value: float, decimal: str = ".", thousands: str = "", places: int = 2) -> str:
    """Return a number as a country writes it."""
    whole, _, rest = f"{value:,.{places}f}".partition(".")
    return whole.replace(",", thousands) + (decimal + rest if rest else "")


def lines(
    delimiter: str = ",",
    decimal: str = ".",
    thousands: str = "",
    *,
    header: Sequence[str] = NAMES,
    temp: Sequence[Any] = TEMP,
    load: Sequence[Any] = LOAD,
    quote: str = "",
) -> list[str]:
    """Return the lines of the table in a dialect. Cells that are text are written as they are."""

    def cell(value: Any) -> str:
        text = value if isinstance(value, str) else number(float(value), decimal, thousands)
        return f"{quote}{text}{quote}" if quote else text

    head = [delimiter.join(f"{quote}{name}{quote}" for name in header)] if header else []
    return head + [delimiter.join(map(cell, row)) for row in zip(TIMES, temp, load, strict=True)]


def text(rows: Sequence[str], encoding: str = "utf-8", newline: str = "\n") -> bytes:
    """Return lines as the bytes of a file."""
    return (newline.join(rows) + newline).encode(encoding)


def with_cells(values: Sequence[Any], cell: Any, *places: int) -> list[Any]:
    """Return values with the same cell in some places."""
    return [cell if place in places else value for place, value in enumerate(values)]


def packed(name: str, pack: Callable[[bytes], bytes], container: str, **switches: Any) -> File:
    return File(name, pack(text(lines())), {"container": container, **switches})


def zipped(members: dict[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, inside in members.items():
            archive.writestr(name, inside)
    return made.getvalue()


def workbook(sheets: dict[str, list[list[Any]]]) -> bytes:
    """Return an xlsx, as small as one can be."""

    def cell(value: Any) -> str:
        return f'<c t="inlineStr"><is><t>{value}</t></is></c>' if isinstance(value, str) else f"<c><v>{value}</v></c>"

    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    package = "http://schemas.openxmlformats.org/package/2006"
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    named = list(enumerate(sheets.items(), 1))
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{package}/content-types">'
        f'<Default Extension="xml" ContentType="{kind}.sheet.main+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{package}/relationships">'
        f'<Relationship Id="r1" Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{office}"><sheets>'
        + "".join(f'<sheet name="{name}" sheetId="{place}" r:id="s{place}"/>' for place, (name, _) in named)
        + "</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}/relationships">'
        + "".join(f'<Relationship Id="s{place}" Type="{office}/worksheet" Target="worksheets/sheet{place}.xml"/>' for place, _ in named)
        + "</Relationships>",
    }
    for place, (_, rows) in named:
        body = "".join(f"<row>{''.join(map(cell, row))}</row>" for row in rows)
        parts[f"xl/worksheets/sheet{place}.xml"] = f'<worksheet xmlns="{main}"><sheetData>{body}</sheetData></worksheet>'
    return zipped({name: part.encode() for name, part in parts.items()})


def frame(**more: Any) -> pd.DataFrame:
    return pd.DataFrame({"time": TIMES, "temp": TEMP, "load": LOAD, **more})


def saved(save: Callable[[io.BytesIO], Any]) -> bytes:
    made = io.BytesIO()
    save(made)
    return made.getvalue()


def dialects() -> list[File]:
    """Kind 4: delimiters, quotes, the signs in numbers."""
    spaced = [row.replace(" ", "T") for row in lines(",")]
    return [
        File("comma.csv", text(lines()), {"delimiter": ",", "decimal": "."}),
        File("semicolon.csv", text(lines(";", ",")), {"delimiter": ";", "decimal": ","}),
        File("tab.tsv", text(lines("\t")), {"delimiter": "\t"}),
        File("tab_comma.tsv", text(lines("\t", ",")), {"delimiter": "\t", "decimal": ","}),
        File("bar.csv", text(lines("|")), {"delimiter": "|"}),
        File("bar_comma.csv", text(lines("|", ",")), {"delimiter": "|", "decimal": ","}),
        File("blanks.txt", text([row.replace(",", "   ") for row in spaced]), {"delimiter": " "}),
        File("one_blank.txt", text([row.replace(",", " ") for row in spaced]), {"delimiter": " "}),
        File("aligned.txt", text(["  ".join(f"{cell:>18}" for cell in row.split(",")) for row in spaced]), {"delimiter": " "}),
        File("quoted.csv", text(lines(quote='"')), {"quote": '"'}),
        File("single_quoted.csv", text(lines(quote="'")), {"quote": "'"}),
        File("quoted_comma.csv", text(lines(",", ",", quote='"')), {"delimiter": ",", "decimal": ","}),
        File("german_thousands.csv", text(lines(";", ",", ".")), {"decimal": ",", "thousands": "."}),
        File("english_thousands.csv", text(lines(",", ".", ",", quote='"')), {"decimal": ".", "thousands": ","}),
        File("english_semicolon.csv", text(lines(";", ".", ",")), {"decimal": ".", "thousands": ","}),
        File("french_thousands.csv", text(lines(";", ",", "\u202f")), {"decimal": ",", "thousands": "\u202f"}),
        File("blank_thousands.csv", text(lines(";", ",", " ")), {"decimal": ",", "thousands": " "}),
        File("hard_blank_thousands.csv", text(lines(";", ".", "\u00a0")), {"decimal": ".", "thousands": "\u00a0"}),
        File("swiss_thousands.csv", text(lines(";", ".", "'")), {"decimal": ".", "thousands": "'"}),
        File("blank_after_comma.csv", text(lines(", ")), {"delimiter": ","}),
        File("cr_lf.csv", text(lines(), newline="\r\n")),
        File("cr_only.csv", text(lines(), newline="\r")),
        File("no_end.csv", text(lines())[:-1]),
        File("blank_lines.csv", text([one for row in lines() for one in (row, "")])),
    ]


def headers() -> list[File]:
    """Kind 4: what stands above, below and between the rows."""
    remarks = ["Station: Roma Nord", "Height: 41,9 m", ""]
    commented = ["# made by a logger", "# version 2.1, 2024"]
    blanks = [row.replace(" ", "T").replace(",", " ") for row in lines()]
    middle = lines()
    middle[20:20] = ["# sensor cleaned"]
    again = lines()
    again[20:20] = [",".join(NAMES)]
    units = lines()
    units[1:1] = ["UTC,°C,kW"]
    brackets = lines(";", ",")
    brackets[1:1] = ["[h];[°C];[MW]"]
    bare = lines("\t")
    bare[1:1] = ["\tdeg C\tW/m2"]
    made_up = ("column 1", "column 2", "column 3")
    numbered = {"column 2": TEMP, "column 3": LOAD}
    years = ["country,code,2019,2020,2021", *(f"land {row},L{row},{row}.5,{row}.25,{row}.75" for row in range(12))]
    by_year = [2019, 2020, 2021] * 12
    return [
        File("remarks_above.csv", text([*remarks, *lines(";", ",")]), {"skip": 3, "header": True}),
        File("one_title.csv", text(["Measured values 2024", *lines()]), {"skip": 1}),
        File("pairs_above.csv", text(["station,Roma", "height,41.9", *lines()]), {"skip": 2}),
        File("comments_above.csv", text([*commented, *lines()]), {"skip": 2}),
        File("comment_is_header.txt", text([commented[0], "# " + blanks[0], *blanks[1:]]), {"skip": 1, "header": True, "delimiter": " "}),
        File("comment_between.csv", text(middle), {"comment": "#"}),
        File("percent_comments.dat", text(["% simulated", "% by me", *blanks]), {"skip": 2}),
        File("header_again.csv", text(again)),
        File("units_row.csv", text(units), {"units_row": True}),
        File("units_in_brackets.csv", text(brackets), {"units_row": True}),
        File("units_of_numbers_only.tsv", text(bare), {"units_row": True}),
        File("no_header.csv", text(lines(header=())), {"header": False}, made_up, values=numbered),
        File("no_header_semicolon.csv", text(lines(";", ",", header=())), {"header": False}, made_up, values=numbered),
        File("no_header_numbers.csv", text([f"{row},{row / 4},{7 - row}" for row in range(30)]), {"header": False}, made_up, 30, {}),
        File("totals.csv", text([*lines(), f"Total,{TEMP.sum():.2f},{LOAD.sum():.1f}"]), {"footer": 1}),
        File("end.csv", text([*lines(), "END"]), {"footer": 1}),
        File("empty_at_end.csv", text([*lines(";", ","), ";;", ";;"]), {"footer": 2}),
        File("source_below.csv", text([*lines(), "", "Source: the city's office"]), {"footer": 1}),
        File("two_alike.csv", text(lines(header=("time", "temp", "temp"))), {}, ("time", "temp", "temp (2)"), values={"temp (2)": LOAD}),
        File("three_alike.csv", text(lines(header=("x", "x", "x"))), {}, ("x", "x (2)", "x (3)"), values={"x (2)": TEMP}),
        File("alike_and_taken.csv", text(lines(header=("a (2)", "a", "a"))), {}, ("a (2)", "a", "a (3)"), values={"a (3)": LOAD}),
        File("years.csv", text(years), {"layout": "series in rows"}, ("country", "code", "step", "value"), 36, {"step": by_year}),
        File("ragged.csv", text([*lines()[:10], "2024-03-01 09:00,1,2,3,4", *lines()[10:]]), fault="ragged"),
        File("ragged_first.csv", text([lines()[0], "2024-03-01 00:00,1,2,3", *lines()[2:]]), fault="ragged"),
        File("ragged_last.csv", text([*lines(";", ","), "2024-03-09 00:00;1;2;3"]), fault="ragged"),
        File("open_quote.csv", text([*lines()[:10], '2024-03-09 00:00,"1,2', *lines()[11:]]), fault="quote"),
    ]  # fmt: skip


def encodings() -> list[File]:
    """Kind 8: letters and zero bytes."""

    def named(name: str, header: str, encoding: str, place: str, found: str = "") -> File:
        rows = [f"{header},value,place", *(f"{row},{row}.5,{place}" for row in range(20))]
        return File(name, text(rows, encoding), {"encoding": found or encoding}, (header, "value", "place"), 20, {"place": [place] * 20})

    zeros = text(lines())
    return [
        named("utf8.csv", "größe", "utf-8", "Köln"),
        named("utf8_mark.csv", "größe", "utf-8-sig", "Köln"),
        named("utf16.csv", "größe", "utf-16", "Köln"),
        named("utf16_le_without_mark.csv", "größe", "utf-16-le", "Köln"),
        named("utf16_be_without_mark.csv", "größe", "utf-16-be", "Köln"),
        named("german_cp1252.csv", "größe", "cp1252", "Gerät für Höhe"),
        named("german_latin1.csv", "größe", "latin-1", "Gerät für Höhe", "cp1252"),
        named("french_cp1252.csv", "température", "cp1252", "forêt à Orléans"),
        named("spanish_cp1252.csv", "año", "cp1252", "señal de montaña"),
        named("nordic_cp1252.csv", "måling", "cp1252", "Tromsø på sjøen"),
        named("euro_cp1252.csv", "preis €", "cp1252", "Wien – Süd"),
        named("degree_cp1252.csv", "temp °C", "cp1252", "Rome"),
        named("polish_cp1250.csv", "prędkość", "cp1250", "Łódź"),
        named("czech_cp1250.csv", "měření", "cp1250", "Plzeň příliš"),
        named("hungarian_cp1250.csv", "hőmérséklet", "cp1250", "Győr szélerő"),
        named("russian_cp1251.csv", "температура", "cp1251", "Москва"),
        named("russian_koi8.csv", "температура", "koi8-r", "Москва"),
        named("japanese_cp932.csv", "温度センサー", "cp932", "東京の駅"),
        named("chinese_gb18030.csv", "温度", "gb18030", "北京市中心"),
        named("korean_cp949.csv", "온도", "cp949", "서울특별시"),
        File("late_letter.csv", text(["n,v,place", *(f"{row},{row / 4},Roma" for row in range(9000)), "9000,1,Zürich"], "cp1252"),
             {"encoding": "cp1252"}, ("n", "v", "place"), 9001, {"place": ["Roma"] * 9000 + ["Zürich"]}),
        File("zeros_at_end.csv", zeros + b"\0" * 64),
        File("zeros_between.csv", zeros.replace(b"\n", b"\0\n")),
        File("zeros_in_front.csv", b"\0\0" + zeros),
    ]  # fmt: skip


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


def shapes() -> list[File]:
    """Kind 7: rows that are no time steps. All hold the same 20 waves of 60 steps."""
    waves = np.sin(np.arange(60) / 7 + np.arange(20)[:, None]).round(3)
    flat = waves.ravel()
    cells = [list(map(str, one)) for one in waves]
    class_of, letter = [str(row % 3 + 1) for row in range(20)], ["ab"[row % 2] for row in range(20)]
    ucr = ["\t".join([label, *one]) for label, one in zip(class_of, cells, strict=True)]
    last = [",".join([*one, label]) for label, one in zip(letter, cells, strict=True)]
    wide = [
        "id,kind," + ",".join(f"t{step}" for step in range(60)),
        *(",".join([f"s{row}", letter[row], *cells[row]]) for row in range(20)),
    ]
    uneven = ["\t".join([str(row % 2), *cells[row][: 40 + row], *["NaN"] * (20 - row)]) for row in range(20)]
    head = ["@problemName Waves", "@timeStamps false", "@univariate true", "@classLabel true a b", "@data"]
    ts = [*head, *(",".join(one) + ":" + label for label, one in zip(letter, cells, strict=True))]
    negative = [",".join(map(str, -one)) for one in waves]
    two = ["# a remark", *head, *(":".join([",".join(cells[row]), negative[row], letter[row]]) for row in range(20))]
    pairs = [",".join(f"({step},{value})" for step, value in enumerate(one)) for one in cells]
    stamped = [head[0], "@timestamps true", *head[2:], *(":".join([pairs[row], letter[row]]) for row in range(20))]
    unnamed = [*head[:3], "@classLabel false", "@data", *(",".join(one) for one in cells)]
    long, rows = ("series", "label", "step", "value"), {"layout": "series in rows", "header": False}
    value, dims = {"value": flat}, ("series", "label", "step", "dimension 1", "dimension 2")
    lengths = sum(40 + row for row in range(20))
    return [
        File("ucr.tsv", text(ucr), {**rows, "delimiter": "\t", "label": "column 1"}, long, 1200, value),
        File("ucr_label_last.csv", text(last), {**rows, "label": "column 61"}, long, 1200, value),
        File("wide_with_id.csv", text(wide), {"layout": "series in rows", "label": "kind"}, ("id", "kind", "step", "value"), 1200, value),
        File("uneven.tsv", text(uneven), {**rows, "label": "column 1"}, long, lengths, {}),
        File("waves.ts", text(ts), {"kind": "ts"}, long, 1200, value),
        File("unlabelled.ts", text(unnamed), {"kind": "ts"}, ("series", "step", "value"), 1200, value),
        File("two_dimensions.ts", text(two), {"kind": "ts"}, dims, 1200, {"dimension 1": flat, "dimension 2": -flat}),
        File("time_stamps.ts", text(stamped), {"kind": "ts"}, long, 1200, value),
        *stacked(flat),
    ]


def stacked(flat: Any) -> list[File]:
    """Return the waves one below the other; and tables that only look like one of these shapes."""
    days = pd.date_range("2024-01-01", periods=60, freq="D").strftime("%Y-%m-%d")
    blocks, x = {"layout": "blocks"}, {"x": flat}
    steps = ["t,x", *(f"{place % 60},{value}" for place, value in enumerate(flat))]
    dated = ["day,x", *(f"{days[place % 60]},{value}" for place, value in enumerate(flat))]
    tenths = ["s;x", *(f"{place % 60 / 10:.1f};{value}" for place, value in enumerate(flat))]
    named = ["t,who,x", *(f"{place % 60},p{place // 60},{value}" for place, value in enumerate(flat))]
    beside = ["t,x,y,t,x,y", *(f"{row},{row}.5,1,{row},{row}.25,2" for row in range(30))]
    sensors = tuple(f"s{one}" for one in range(12))
    slow = [
        "t," + ",".join(sensors),
        *(f"{row}," + ",".join(f"{np.sin(row / 9) * one + 100 * one:.3f}" for one in range(12)) for row in range(50)),
    ]
    return [
        File("stacked.csv", text(steps), blocks, ("series", "t", "x"), 1200, x),
        File("stacked_dates.csv", text(dated), blocks, ("series", "day", "x"), 1200, x),
        File("stacked_tenths.csv", text(tenths), blocks, ("series", "s", "x"), 1200, x),
        File("stacked_with_id.csv", text(named), {"layout": "rows"}, ("t", "who", "x"), 1200, x),
        File("side_by_side.csv", text(beside), {"layout": "rows"}, ("t", "x", "y", "t (2)", "x (2)", "y (2)"), 30, {}),
        File("rows_are_steps.csv", text(slow), {"layout": "rows"}, ("t", *sensors), 50, {}),
    ]


def containers() -> list[File]:
    """Kind 8: what a file is packed in."""
    records = frame().to_dict("records")
    grid: list[list[Any]] = [list(NAMES), *([time, float(temp), float(load)] for time, temp, load in zip(TIMES, TEMP, LOAD, strict=True))]
    zoned = frame().assign(time=pd.to_datetime(TIMES).tz_localize("Europe/Rome"))
    two = pd.DataFrame({"a": [1, 2, 3]})
    other = text(["a,b", "1,2", "3,4"])
    return [
        packed("t.csv.gz", gzip.compress, "gzip"),
        packed("t.csv.xz", lzma.compress, "xz"),
        packed("t.csv.bz2", bz2.compress, "bz2"),
        File("t.csv.zst", pyarrow.compress(text(lines()), codec="zstd", asbytes=True), {"container": "zstd"}),
        File("t.zip", zipped({"table.csv": text(lines())}), {"container": "zip", "member": "table.csv"}),
        File("several.zip", zipped({"readme.md": b"no table", "first.csv": text(lines()), "second.csv": other}), {"member": "first.csv"}),
        File("macs.zip", zipped({"__MACOSX/own.csv": b"\0", "own.txt": text(lines())}), {"member": "own.txt"}),
        File("t.xlsx", workbook({"Data": grid}), {"kind": "excel", "member": "Data"}),
        File("title.xlsx", workbook({"Data": [["Measured in 2024"], [], *grid]}), {"kind": "excel", "skip": 2}),
        File("second_sheet.xlsx", workbook({"Notes": [], "Data": grid}), {"kind": "excel", "member": "Data"}),
        File("units.xlsx", workbook({"Data": [grid[0], ["UTC", "°C", "kW"], *grid[1:]]}), {"kind": "excel", "units_row": True}),
        File("t.parquet", saved(frame().to_parquet), {"kind": "parquet"}),
        File("dates.parquet", saved(zoned.to_parquet), {"kind": "parquet"}, values={"time": [f"{time}:00+01:00" for time in TIMES]}),
        File("indexed.parquet", saved(frame().set_index("time").to_parquet), {"kind": "parquet"}),
        File("t.feather", saved(frame().to_feather), {"kind": "feather"}),
        File("t.json", json.dumps(records).encode(), {"kind": "json"}),
        File("data.json", json.dumps({"meta": 1, "data": records}).encode(), {"kind": "json"}),
        File("columns.json", json.dumps({key: list(column) for key, column in frame().items()}).encode(), {"kind": "json"}),
        File("t.jsonl", text([json.dumps(record) for record in records]), {"kind": "json lines"}),
        File("t.jsonl.gz", gzip.compress(text([json.dumps(record) for record in records])), {"kind": "json lines", "container": "gzip"}),
        File("nothing_in_it.parquet", saved(two.iloc[:0].to_parquet), fault="never"),
    ]


def foreign() -> list[File]:
    """Kind 8: what is no table, or damaged."""
    return [
        File(name, content, fault="never")
        for name, content in {
            "t.pdf": b"%PDF-1.7 something",
            "t.png": b"\x89PNG\r\n\x1a\n",
            "t.pkl": b"\x80\x04\x95abc",
            "t.npy": b"\x93NUMPY\x01\0",
            "t.h5": b"\x89HDF\r\n\x1a\n",
            "t.nc": b"CDF\x01\0\0",
            "t.sqlite": b"SQLite format 3\0",
            "empty.csv": b"",
            "blank.csv": b"\n\n  \n",
            "cut.parquet": saved(frame().to_parquet)[:200],
            "empty.csv.gz": gzip.compress(b""),
        }.items()
    ]


FILES = [*dialects(), *headers(), *encodings(), *missing(), *units(), *shapes(), *containers(), *foreign()]
