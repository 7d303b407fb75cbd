import numpy as np
import pytest

from complex_lstm.interpretation import Attribution, CompleteAttribution, Explanation

CELLS = np.array([[0.5, 2.0], [0.5, 0.0]])


@pytest.mark.parametrize(("gap", "error"), [(4.0, 1 / 4), (3.0, 0), (2.0, 1 / 2), (-3.0, 6 / 3), (0.0, np.inf)])
def test_the_completeness_error_is_a_share_of_the_gap(gap: float, error: float) -> None:
    found = CompleteAttribution(CELLS, CELLS.sum(axis=0), "1 step", gap)  # the features sum to 3

    assert found.completeness_error == error


def test_an_explanation_hands_out_what_the_method_found() -> None:
    found = Attribution(CELLS, CELLS.sum(axis=0), "1 step")

    answer = Explanation("ablation", found, "zero", 5, 0.1, "CPU")

    assert answer.cells is found.cells and answer.features is found.features
