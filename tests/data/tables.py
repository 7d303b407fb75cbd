"""Small files written out in the tests."""

from complex_lstm.config import Roles
from complex_lstm.data import Table, read_csv


def table_of(*lines: str) -> Table:
    return read_csv("\n".join(lines).encode(), "small.csv")


def counting(series: dict[str, int], *, group: dict[str, str] | None = None, classes: dict[str, str] | None = None) -> Table:
    """Return a table of series with these lengths, whose feature `x` counts all rows from 0.

    Columns: id, step, who (a group, else as id), x, y (100 + x), kind (a class, else as id).
    """
    rows, x = ["id,step,who,x,y,kind"], 0
    for name, length in series.items():
        for step in range(length):
            rows.append(f"{name},{step},{(group or {}).get(name, name)},{x},{100 + x},{(classes or {}).get(name, name)}")
            x += 1
    return table_of(*rows)


CLASSES = Roles(("x",), ("kind",), "classes", series="id", time="step", group="who")
VALUES = Roles(("x", "y"), ("y",), "values", series="id", time="step", group="who")
