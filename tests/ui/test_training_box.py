"""The epochs that the Data page suggests."""

import pytest

from complex_lstm.ui.training_box import suggest_epochs


@pytest.mark.parametrize(
    ("windows", "epochs"),
    [
        (180, 60),  # batches of 16: 800 * 16 / 180 = 71, at most 60
        (900, 14),  # 800 * 16 / 900 = 14.2
        (5143, 10),  # batches of 64: 800 * 64 / 5143 = 9.96
        (200_000, 3),  # at least 3
    ],
)
def test_a_run_has_about_eight_hundred_steps(windows: int, epochs: int) -> None:
    assert suggest_epochs(windows) == epochs
