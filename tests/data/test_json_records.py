"""Records of JSON that lack a field: the cell stays empty in its own row, and it is said."""

import pytest

from complex_lstm.data import examine

CASES = {
    "a record a line": (
        "a.jsonl",
        '{"t": 1, "x": 5}\n{"t": 2}\n\n{"t": 3, "x": 6}\n{"x": 7}',
        "2 of 4 records lack a field that others have, the first of them line 2 ('x')",
        [5, None, 6, 7],
    ),
    "a list": (
        "a.json",
        '[{"t": 1, "x": 5, "y": 1}, {"t": 2}, {"t": 3, "x": 6, "y": 2}]',
        "1 of 3 records lacks a field that others have, the first of them record 2 ('x', 'y')",
        [5, None, 6],
    ),
    "columns of rows": (
        "a.json",
        '{"t": {"9": 1, "10": 2, "11": 3}, "x": {"9": 5, "11": 6}}',
        "1 of 3 records lacks a field that others have, the first of them row 10 ('x')",
        [5, None, 6],
    ),
}


@pytest.mark.parametrize(("name", "content", "said", "x"), CASES.values(), ids=CASES)
def test_records_that_lack_a_field_are_said_and_no_value_moves_to_another_row(
    name: str, content: str, said: str, x: list[int | None]
) -> None:
    table = examine(content.encode(), name).table

    assert table is not None and said in " ".join(table.done)
    assert table.frame["x"].astype(object).where(table.frame["x"].notna(), None).tolist() == x


def test_records_with_the_same_fields_need_no_word() -> None:
    table = examine(b'{"t": 1, "x": null}\n{"t": 2, "x": 4}', "a.jsonl").table

    assert table is not None and not table.done
