"""The setup that the Data page suggests, and the one that a link carries."""

from pathlib import Path

import pytest

from complex_lstm.data import prepare_training, read_csv
from complex_lstm.samples import SAMPLES
from complex_lstm.ui.compute.setup import find_setup, keep_setup, suggest_setup


@pytest.mark.parametrize("sample", SAMPLES)
def test_the_suggested_setup_makes_windows_of_every_sample(sample: str) -> None:
    table = read_csv(SAMPLES[sample].csv)
    setup = suggest_setup(table)

    made = prepare_training(table, setup.roles, setup.window, setup.split)

    assert {"training", "validation", "test"} <= set(made.windows.part)


def test_a_setup_is_found_again_as_it_was_kept(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("COMPLEX_LSTM_WORKSPACE", str(tmp_path))
    setup = suggest_setup(read_csv(SAMPLES["planted_order"].csv))

    key = keep_setup(setup)

    assert find_setup(key) == setup and keep_setup(setup) == key
