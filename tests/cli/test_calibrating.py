"""The command calibrate, and train --calibrate: a temperature that travels in the checkpoint."""

from pathlib import Path

import numpy as np
import pandas as pd

from complex_lstm import Checkpoint, load_checkpoint
from complex_lstm.data import prepare_for, read_csv
from complex_lstm.evaluation.calibration import fit_temperature
from complex_lstm.inference import predict, softmax
from tests.cli.command import SMALL, run, told


def test_a_calibrated_checkpoint_holds_what_fits_its_validation_part_and_every_prediction_uses_it(planted: Path) -> None:
    model, data, out = planted / "planted.safetensors", planted / "planted.csv", planted / "calibrated.safetensors"
    result = run("calibrate", model, data, "--out", out)

    assert result.exit_code == 0, result.output
    before, after = load_checkpoint(model), load_checkpoint(out)
    assert isinstance(before, Checkpoint) and isinstance(after, Checkpoint)
    dataset = prepare_for(read_csv(data), before.schema, before.window, before.scaling, before.split)
    validation = dataset.windows.of_part("validation")
    labels = np.array([before.schema.classes.index(label) for label in dataset.windows.label[validation]])
    expected = round(fit_temperature(predict(before.model, dataset, validation).outputs, labels), 4)
    assert before.scaling.temperature == 1 and after.scaling.temperature == expected != 1
    assert f"temperature {expected:.4g}" in result.output and "Expected calibration error on" in result.output

    said = run("predict", "--model", out, "--data", data, "--out", planted / "c.csv")
    frame = pd.read_csv(planted / "c.csv")
    assert "Probabilities are calibrated" in said.stderr and np.allclose(frame["temperature"], expected)
    probabilities = frame[[f"probability_{name}" for name in before.schema.classes]].to_numpy()
    assert np.allclose(probabilities, softmax(predict(before.model, dataset).outputs.astype(float) / expected), atol=1e-6)
    assert "temperature of" in run("info", out).output and "temperature" not in run("info", model).output.replace("temperature=1.0", "")


def test_of_another_file_all_windows_are_fitted_and_that_is_said(planted: Path) -> None:
    pd.read_csv(planted / "planted.csv").iloc[50:].to_csv(planted / "other.csv", index=False)
    result = run("calibrate", planted / "planted.safetensors", planted / "other.csv", "--out", planted / "o.safetensors")

    assert "Fitted on 23 windows, which are new to the model" in result.output and "cross-fitted by blocks" in result.output


def test_without_a_validation_part_it_is_fitted_on_the_test_part_and_never_on_what_was_learned(sample_data: Path, tmp_path: Path) -> None:
    sample = sample_data / "shoulder_exercises"
    result = run("calibrate", sample.with_suffix(".safetensors"), sample.with_suffix(".csv"), "--out", tmp_path / "c.safetensors")

    assert "Fitted on 267 test windows, for want of a validation part" in result.output and "cross-fitted by blocks" in result.output


def test_without_answers_nothing_is_written(planted: Path) -> None:
    pd.read_csv(planted / "planted.csv").drop(columns="label").to_csv(planted / "blank.csv", index=False)
    result = run("calibrate", planted / "planted.safetensors", planted / "blank.csv", "--out", planted / "none.safetensors")

    assert told(result) == "Error: Nothing is written."
    assert "none of them has an answer" in result.output and not (planted / "none.safetensors").exists()


def test_values_have_no_temperature(sines: Path) -> None:
    result = run("calibrate", sines / "sines.safetensors", sines / "sines.csv", "--out", sines / "c.safetensors")

    assert "predicts values, which have no probability" in told(result)


def test_a_training_tells_what_a_temperature_would_do_and_keeps_it_only_when_asked(planted: Path) -> None:
    plain = (planted / "output.txt").read_text()
    result = run("train", "--data", planted / "planted.csv", "--out", planted / "kept.safetensors", *SMALL, "--calibrate")

    kept, before = load_checkpoint(planted / "kept.safetensors"), load_checkpoint(planted / "planted.safetensors")
    assert isinstance(kept, Checkpoint) and isinstance(before, Checkpoint)
    assert "The checkpoint does not hold it" in plain and before.scaling.temperature == 1
    assert "The checkpoint holds it" in result.output and kept.scaling.temperature != 1
    refused = run("train", "--data", planted / "planted.csv", "--run", planted / "r", *SMALL, "--calibrate")
    assert refused.exit_code == 2 and "--calibrate goes with --out alone" in refused.output


def test_windows_of_classes_that_the_model_does_not_know_are_not_called_right(planted: Path) -> None:
    frame = pd.read_csv(planted / "planted.csv")
    frame.assign(label="other").to_csv(planted / "unknown.csv", index=False)
    result = run("calibrate", planted / "planted.safetensors", planted / "unknown.csv", "--out", planted / "u.safetensors")

    assert result.exit_code == 1 and "none of them is of a class that the model knows" in result.output
