"""The small table that most files of the corpus hold, `TIMES`, `TEMP` and `LOAD`, and what writes it in some way."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

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
    `silent` columns of which nothing is to be offered, and `fault` the switch at which the reading stops. `done` are words of what must
    be said to have been done to the table; with "" nothing may have been.
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
    done: str = ""


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
