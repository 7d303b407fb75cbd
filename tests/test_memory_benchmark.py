"""The benchmark of a long file's memory, on short ones."""

import pytest

from benchmarks.memory import predict_long


@pytest.mark.long
def test_the_peak_of_a_command_is_measured_for_a_length() -> None:
    found = predict_long((2000,))

    assert [one.rows for one in found] == [2000]
    assert all(one.seconds > 0 and 0.1 < one.gigabytes < 4 for one in found)
