"""Every file of the corpus is read as it must be, or its fault is told with the switch that mends it."""

from functools import cache

import numpy as np
import pytest

from complex_lstm.data import Examination, Table, examine, read_csv
from complex_lstm.errors import CsvError
from complex_lstm.recipe import Missing
from tests.data.corpus import FILES
from tests.data.corpus_cells import units
from tests.data.made import NAMES, TEMP, File

READ = [file for file in FILES if not file.fault]
FAULTY = [file for file in FILES if file.fault not in ("", "never")]
REFUSED = [file for file in FILES if file.fault == "never"]


def name_of(file: File) -> str:
    return file.name


@cache
def examined(name: str) -> Examination:
    """Return what is found in a file of the corpus: found once for all tests."""
    return examine(next(file.content for file in FILES if file.name == name), name)


def read(file: File) -> Table:
    table = examined(file.name).table
    assert table is not None
    return table


def test_the_corpus_has_files_of_every_kind_under_their_own_names() -> None:
    names = [file.name for file in FILES]

    assert len(names) >= 120 and len(set(names)) == len(names)


@pytest.mark.parametrize("file", READ, ids=name_of)
def test_a_file_is_read_as_it_must_be(file: File) -> None:
    table = read(file)

    assert {switch: getattr(table.reading, switch) for switch in file.switches} == file.switches
    assert tuple(table.frame) == file.columns and len(table.frame) == file.rows
    for column, values in file.values.items():
        found = table.frame[column]
        if isinstance(values[0], str):
            assert found.tolist() == list(values)
        else:
            assert np.allclose(found.to_numpy(dtype=float), np.array(values, dtype=float), rtol=0, atol=1e-9, equal_nan=True)


@pytest.mark.parametrize("file", READ, ids=name_of)
def test_what_is_suspected_in_a_file_is_offered_and_not_done(file: File) -> None:
    found = examined(file.name)

    offered = {(one.switch, one.column, cell_of(one.value, one.reason)): one.likely for one in found.offers if not one.taken}
    assert {key: offered.get(key) for key in file.offers} == dict.fromkeys(file.offers, True)
    assert {key: offered.get(key) for key in file.doubts} == dict.fromkeys(file.doubts, False)
    assert not [one for one in found.offers if one.column in file.silent]
    assert all(one.count > 0 and one.lines for one in found.offers)


def cell_of(value: object, reason: str) -> str:
    """Return the cell of an offer, and of a unit the unit that its reason names."""
    return value.cell if isinstance(value, Missing) else reason.split("'")[1] if "'" in reason else str(value)


@pytest.mark.long
@pytest.mark.parametrize("file", READ, ids=name_of)
def test_a_file_is_read_alike_by_the_reading_that_was_found(file: File) -> None:
    first = read(file)

    again = read_csv(file.content, file.name, first.reading)

    assert again.reading == first.reading
    assert again.frame.equals(first.frame) and again.frame.index.equals(first.frame.index)


@pytest.mark.parametrize("file", FAULTY, ids=name_of)
def test_a_fault_is_told_with_its_switch_and_line(file: File) -> None:
    found = examine(file.content, file.name)

    assert found.table is None and found.fault is not None
    assert found.fault.switch == file.fault and f"line {found.fault.line}" in found.fault.message


@pytest.mark.parametrize("file", READ, ids=name_of)
def test_what_was_done_to_a_table_is_said_and_nothing_else_is_done(file: File) -> None:
    done = read(file).done

    assert any(file.done in words for words in done) if file.done else done == ()


LONGER = [file for file in FAULTY if file.fault == "ragged"]


@pytest.mark.parametrize("file", LONGER, ids=name_of)
def test_longer_lines_get_columns_or_are_left_out_by_the_switch_and_that_is_said(file: File) -> None:
    filled, without = (read_csv(file.content, file.name, ragged=value) for value in ("fill", "leave out"))

    long = filled.frame["column 4"].notna()
    assert tuple(filled.frame)[:3] == tuple(without.frame) == NAMES and long.any()
    assert without.frame.index.tolist() == filled.frame.index[~long].tolist()
    assert f"{filled.frame.index[long][0]}" in filled.done[0] and "more cells than the header" in filled.done[0]
    assert "left out" in without.done[0]


@pytest.mark.parametrize("file", REFUSED, ids=name_of)
def test_what_no_switch_can_mend_is_refused_with_a_remedy(file: File) -> None:
    with pytest.raises(CsvError, match=file.name) as caught:
        examine(file.content, file.name)

    assert str(caught.value).count(". ") >= 1


@pytest.mark.parametrize("file", units(), ids=name_of)
def test_a_unit_is_taken_off_by_the_switch_and_kept_with_the_table(file: File) -> None:
    table = read_csv(file.content, file.name, strip=("temp",))

    assert np.allclose(table.frame["temp"].to_numpy(dtype=float), TEMP)
    assert table.units["temp"] == file.offers[0][2]
