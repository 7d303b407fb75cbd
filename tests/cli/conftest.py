"""Two files and the checkpoints trained on them, once for all tests of the command line in a process."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from complex_lstm.data.planted import make_planted, planted_frame
from tests.cli.command import SMALL, run


@pytest.fixture(scope="session")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with planted.csv, 24 series of two or three classes, and the checkpoint trained on it."""
    folder = tmp_path_factory.mktemp("planted")
    planted_frame(make_planted("order", 24, seed=0)).to_csv(folder / "planted.csv", index=False)
    result = run("train", "--data", folder / "planted.csv", "--out", folder / "planted.safetensors", *SMALL, "--unit", "ch0=mm")
    (folder / "output.txt").write_text(result.output)
    assert result.exit_code == 0, result.output
    return folder


@pytest.fixture(scope="session")
def sines(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with sines.csv, two columns of 200 hours, and the checkpoint that forecasts both."""
    folder = tmp_path_factory.mktemp("sines")
    hours = pd.date_range("2021-03-01", periods=200, freq="h")
    fast, slow = 10 + np.sin(np.arange(200) / 3), 100 * np.cos(np.arange(200) / 9)
    pd.DataFrame({"time": hours, "fast, raw": fast, "slow": slow}).to_csv(folder / "sines.csv", index=False)
    result = run("train", "--data", folder / "sines.csv", "--out", folder / "sines.safetensors", *SMALL, "--window", 12,
                 "--target", '"fast, raw",slow', "--task", "values", "--change", "--horizon", 2)  # fmt: skip
    assert result.exit_code == 0, result.output
    return folder
