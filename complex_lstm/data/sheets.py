"""Reads a sheet of a workbook in a process of its own: the sheet's name and the bytes come in, a line of JSON and CSV go out.

Its reader makes a whole rectangle of cells from the first to the last one, so that a kilobyte with a cell far away ends the process for
lack of memory: this one, and not the server's. It imports nothing of the package, which takes a second.
"""

from __future__ import annotations

import csv
import datetime
import io
import json
import sys
import zipfile
from contextlib import suppress
from typing import Any

import python_calamine

MOST_MEMORY = 4 * 2**30  # bytes


def limit_memory() -> None:
    """Let this process have no more memory, where the system knows such limits."""
    with suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))


def read(content: bytes, wanted: str) -> tuple[dict[str, Any], str]:
    """Return what there is to say of a workbook, and a sheet of it as CSV: the one that is wanted, or the first that holds a table.

    Of one that cannot be read it is said why: `fault` and its words.
    """
    try:
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
        sheets = list(book.sheet_names)
        chosen = wanted or next((one for one in sheets if book.get_sheet_by_name(one).height > 1), sheets[0] if sheets else "")
        if chosen not in sheets:
            return {"fault": "no sheet", "sheets": sheets, "sheet": chosen}, ""
        rows = book.get_sheet_by_name(chosen).to_python(skip_empty_area=False)
    except (python_calamine.CalamineError, zipfile.BadZipFile, OSError) as error:
        return {"fault": "damaged", "words": str(error)}, ""
    width = max((place for row in rows for place, cell in enumerate(row, 1) if cell != ""), default=0)
    if not width:
        return {"fault": "empty", "sheet": chosen}, ""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([_cell(cell) for cell in row[:width]] for row in rows)
    others = [one for one in sheets if one == chosen or book.get_sheet_by_name(one).height > 1]
    return {"sheet": chosen, "sheets": others}, text.getvalue()


def _cell(cell: Any) -> str:
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    if isinstance(cell, datetime.datetime):
        return cell.isoformat(" ")
    return str(cell).replace("\r", " ").replace("\n", " ")


if __name__ == "__main__":
    limit_memory()
    sheet = json.loads(sys.stdin.buffer.readline())
    told, table = read(sys.stdin.buffer.read(), sheet)
    sys.stdout.buffer.write(json.dumps(told).encode() + b"\n" + table.encode())
