"""Files of text: delimiters, quotes, signs in numbers, what stands above, below and between the rows, and encodings."""

from __future__ import annotations

from tests.data.made import LOAD, NAMES, TEMP, File, lines, text


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
        File("header_again.csv", text(again), done="stands once more"),
        File("units_row.csv", text(units), {"units_row": True}),
        File("units_in_brackets.csv", text(brackets), {"units_row": True}),
        File("units_of_numbers_only.tsv", text(bare), {"units_row": True}),
        File("no_header.csv", text(lines(header=())), {"header": False}, made_up, values=numbered),
        File("no_header_semicolon.csv", text(lines(";", ",", header=())), {"header": False}, made_up, values=numbered),
        File("no_header_numbers.csv", text([f"{row},{row / 4},{7 - row}" for row in range(30)]), {"header": False}, made_up, 30, {}),
        File("totals.csv", text([*lines(), f"Total,{TEMP.sum():.2f},{LOAD.sum():.1f}"]), {"footer": 1}, done="The last line is"),
        File("end.csv", text([*lines(), "END"]), {"footer": 1}, done="The last line is"),
        File("empty_at_end.csv", text([*lines(";", ","), ";;", ";;"]), {"footer": 2}, done="The last 2 lines are"),
        File("source_below.csv", text([*lines(), "", "Source: the city's office"]), {"footer": 1}, done="The last line is"),
        File("two_alike.csv", text(lines(header=("time", "temp", "temp"))), {}, ("time", "temp", "temp (2)"), values={"temp (2)": LOAD},
             done="stand twice"),
        File("three_alike.csv", text(lines(header=("x", "x", "x"))), {}, ("x", "x (2)", "x (3)"), values={"x (2)": TEMP},
             done="stand twice"),
        File("alike_and_taken.csv", text(lines(header=("a (2)", "a", "a"))), {}, ("a (2)", "a", "a (3)"), values={"a (3)": LOAD},
             done="stand twice"),
        File("years.csv", text(years), {"layout": "series in rows"}, ("country", "code", "step", "value"), 36, {"step": by_year}),
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
