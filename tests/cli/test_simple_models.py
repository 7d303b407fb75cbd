"""What `train` says of simple models in the end: the same scores as the package's, one verdict each, and nothing where it is not wanted."""

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from complex_lstm import load_checkpoint
from complex_lstm.data import prepare_for, read_csv
from complex_lstm.evaluation.simple_models import fit_simple_models
from complex_lstm.model import Checkpoint
from tests.cli.command import SMALL, run


def lines_of(output: str) -> list[str]:
    """Return the lines on simple models, from their heading on."""
    lines = output.splitlines()
    return lines[next((at for at, line in enumerate(lines) if line.startswith("Simple models on")), len(lines)) :]


def test_classes_are_compared_on_the_test_windows_after_the_scores(planted: Path) -> None:
    said = (planted / "output.txt").read_text()
    heading, *lines, best = lines_of(said)

    assert said.index("test: Accuracy") < said.index("Simple models on")
    assert re.match(r"Simple models on the same \d+ test windows \(.*series", heading)
    assert [line.split(" (")[0].strip() for line in lines] == ["the commonest class", "logistic regression", "MiniRocket"]
    assert best.startswith("Of 3 simple models ") and " does best here. " in best


def test_forecasts_have_each_rules_error_in_the_targets_units(sines: Path, tmp_path: Path) -> None:
    out = tmp_path / "sines.safetensors"
    told = run("train", "--data", sines / "sines.csv", "--out", out, *SMALL, "--window", 12, "--target", '"fast, raw",slow',
               "--task", "values", "--change", "--horizon", 2, "--unit", "slow=mm")  # fmt: skip
    lines = lines_of(told.output)
    loaded = load_checkpoint(out)
    assert isinstance(loaded, Checkpoint)
    dataset = prepare_for(read_csv(sines / "sines.csv"), loaded.schema, loaded.window, loaded.scaling, loaded.split)
    test = dataset.windows.of_part("test")

    for one in fit_simple_models(dataset):
        fast, slow = np.abs(one.predict(test) - dataset.windows.actual[test]).mean(axis=0)
        assert any(line.startswith(f"  {one.name} (mean absolute error fast, raw {fast:.4g}, slow {slow:.4g} mm): ") for line in lines)
    assert "each in units of the error of repeating its last value" in lines[0]
    assert any(
        line.startswith("  ridge (") and re.search("the model's error is .* times as large", line) for line in lines
    )  # sines are linear


def test_they_are_left_out_where_they_are_not_wanted(planted: Path, tmp_path: Path) -> None:
    out = tmp_path / "x.safetensors"
    told = run("train", "--data", planted / "planted.csv", "--out", out, *SMALL, "--no-simple-models")

    assert told.exit_code == 0 and "test: Accuracy " in told.output and not lines_of(told.output)


@pytest.mark.long
def test_a_run_ends_with_them_too_and_one_from_a_queue_without(planted: Path, tmp_path: Path) -> None:
    sizes = (*SMALL, "--epochs", 1)
    direct = run("train", "--data", planted / "planted.csv", "--run", tmp_path / "one", *sizes)
    queued = run("train", "--data", planted / "planted.csv", "--run", tmp_path / "two", "--queue", tmp_path, *sizes)

    assert direct.exit_code == queued.exit_code == 0
    assert len(lines_of(direct.output)) == 5 and not lines_of(queued.output)


@pytest.mark.parametrize("shares", [("0.3", "0"), ("0", "0")])
def test_without_a_test_part_validation_serves_and_without_either_nothing_is_said(
    planted: Path, tmp_path: Path, shares: tuple[str, str]
) -> None:
    validation, test = shares
    told = run("train", "--data", planted / "planted.csv", "--out", tmp_path / "x.safetensors", *SMALL, "--epochs", 1,
               "--validation", validation, "--test", test)  # fmt: skip
    lines = lines_of(told.output)

    assert told.exit_code == 0, told.output
    assert (" validation windows, which chose its best epoch" in lines[0]) if validation != "0" else not lines


def test_many_targets_are_cut_short(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    frame = pd.DataFrame(random.normal(size=(120, 15)).cumsum(axis=0).round(3), columns=[f"m{n}" for n in range(15)])
    frame.to_csv(tmp_path / "many.csv", index=False)
    told = run("train", "--data", tmp_path / "many.csv", "--out", tmp_path / "x.safetensors", *SMALL, "--epochs", 1, "--window", 8,
               "--target", ",".join(frame), "--features", ",".join(frame), "--task", "values")  # fmt: skip
    lines = lines_of(told.output)

    assert any("m5 " in line and "and 9 more targets" in line and "m6 " not in line for line in lines)
    assert any(line.startswith("  gradient boosting is left out: it would need trees for each of the 15 targets") for line in lines)
