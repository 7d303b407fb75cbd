"""Times in every way of writing them: one format for the column, the file's own clock, and rows in the file's order."""

import numpy as np
import pytest

from complex_lstm.config import Roles
from complex_lstm.data import guess_roles, read_csv
from complex_lstm.data.series import make_series
from complex_lstm.data.time_finding import find_time
from tests.data.corpus_times import TimesFile, corpus


@pytest.mark.parametrize("file", corpus(), ids=lambda file: file.name)
def test_the_time_is_found_and_read_as_it_was_written(file: TimesFile) -> None:
    table = read_csv(file.content, f"{file.name}.csv")

    guess = guess_roles(table)
    found = find_time(table.frame, file.column)

    assert found is not None
    assert (found.reading.format, found.reading.zone, found.is_asked) == (file.format, file.zone, file.is_asked)
    assert (guess.roles.time, guess.roles.features, guess.roles.targets) == (file.column, ("level",), ("level",))
    assert [problem.role for problem in guess.problems] == ["time"] * file.is_asked
    series = make_series(table, Roles(("level",), ("level",), "values", time=file.column))[0]
    assert [*series.labels_at(slice(None))[:1], *series.labels_at(slice(None))[-1:]] == [file.first, file.last]
    assert (np.diff(series.lines) > 0).all() and series.zone == file.zone
