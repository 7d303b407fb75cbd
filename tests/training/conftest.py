"""A small run to train: the weather of ten days."""

from pathlib import Path

import pytest

from complex_lstm.config import ModelConfig, Roles, SplitConfig, TrainingConfig, WindowConfig
from complex_lstm.data import read_csv
from complex_lstm.runs import Plan, Run, create_run
from complex_lstm.training.run import train_run

SMALL = ModelConfig(3, 8, 1, 2, 1, 0.3)
CONFIG = TrainingConfig(epochs=4, batch_size=16, learning_rate=5e-3, noise=0.05)


@pytest.fixture(scope="module")
def weather(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The first 240 hours of the New York weather at JFK."""
    source = Path(__file__).resolve().parents[2] / "sample_data/nyc_weather.csv"
    header, *lines = source.read_text().splitlines()
    file = tmp_path_factory.mktemp("weather") / "weather.csv"
    file.write_text("\n".join([header, *[line for line in lines if line.startswith("JFK")][:240]]))
    return file


@pytest.fixture(scope="module")
def plan(weather: Path) -> Plan:
    names = ("temp", "humid", "pressure")
    roles = Roles(names, ("temp",), "values")
    fingerprint = read_csv(weather).fingerprint
    return Plan(
        "weather", str(weather), "weather.csv", fingerprint, roles, WindowConfig(12, 2), SplitConfig("time", 0.2, 0.2), SMALL, CONFIG,
        made="2024-01-01T00:00:00",
    )  # fmt: skip


@pytest.fixture(scope="module")
def whole(plan: Plan, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The run of that plan, from its beginning to its end without anything that happens to it. It is not to be changed."""
    return train_run(create_run(tmp_path_factory.mktemp("whole") / "run", plan))
