"""The command predict: one row a window, in the file's units, and what it refuses in one sentence."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from complex_lstm import Checkpoint, load_checkpoint, save_checkpoint
from tests.cli.command import PLACES, run, told
from tests.model.lively import small_model

CLASSES = ("ch3_first", "ch7_first", "neither_first")


def test_predictions_of_classes_are_one_row_a_window(planted: Path) -> None:
    result = run("predict", "--model", planted / "planted.safetensors", "--data", planted / "planted.csv", "--out", planted / "said.csv")

    said, truth = pd.read_csv(planted / "said.csv"), pd.read_csv(planted / "planted.csv").drop_duplicates("series_id")
    probabilities = said[[f"probability_{name}" for name in CLASSES]]
    assert result.exit_code == 0 and "24 windows in " in result.output
    assert list(said) == [*PLACES, "predicted", *(f"probability_{name}" for name in CLASSES), "actual"]
    assert said["series"].tolist() == truth["series_id"].tolist() and said["actual"].tolist() == truth["label"].tolist()
    assert np.allclose(probabilities.sum(axis=1), 1)
    assert said["predicted"].tolist() == [CLASSES[number] for number in probabilities.to_numpy().argmax(axis=1)]
    assert set(said["part"]) == {"training", "validation", "test"}
    assert (said["first_step"] == 0).all() and (said["last_step"] == 49).all() and (said["last_time"] == 49).all()


def test_a_file_without_answers_is_predicted_all_the_same(planted: Path) -> None:
    pd.read_csv(planted / "planted.csv").drop(columns="label").to_csv(planted / "unknown.csv", index=False)

    result = run("predict", "--model", planted / "planted.safetensors", "--data", planted / "unknown.csv", "--out", planted / "u.csv")

    said = pd.read_csv(planted / "u.csv")
    assert set(said["part"]) == {"new"} and said["actual"].isna().all()
    assert "The file lacks the answers" in result.stderr and "Nothing to score: no window has both" in result.output


def test_predictions_of_values_are_in_their_own_units(sines: Path) -> None:
    result = run("predict", "--model", sines / "sines.safetensors", "--data", sines / "sines.csv", "--out", sines / "said.csv")

    said, rows = pd.read_csv(sines / "said.csv"), pd.read_csv(sines / "sines.csv")
    assert list(said) == [*PLACES, "predicted_fast, raw", "actual_fast, raw", "predicted_slow", "actual_slow"]
    assert said["actual_slow"].tolist() == pytest.approx(rows["slow"].iloc[said["last_step"] + 2].tolist())
    assert said["predicted_fast, raw"].between(5, 15).all() and said["predicted_slow"].abs().max() < 200
    assert said["first_time"].iloc[0] == "2021-03-01 00:00" and said["last_time"].iloc[0] == "2021-03-01 11:00"
    known = said.dropna()
    off, spread = known["predicted_slow"] - known["actual_slow"], known["actual_slow"].var(ddof=0)
    assert f"slow: R² {1 - (off**2).mean() / spread:.3f} (repeating the last value " in result.output
    assert f"mean absolute error {off.abs().mean():.4g}" in result.output
    assert "Squared error in variances: mean " in result.output and "repeating the last value " in result.output


def test_a_stride_starts_anew_in_each_part(sines: Path) -> None:
    run("predict", "--model", sines / "sines.safetensors", "--data", sines / "sines.csv", "--out", sines / "few.csv", "--stride", 50)

    assert pd.read_csv(sines / "few.csv")["first_step"].tolist() == [0, 50, 100, 140, 170]


def test_a_feature_that_the_file_lacks_is_one_sentence(planted: Path) -> None:
    pd.read_csv(planted / "planted.csv").drop(columns=["ch3", "ch7"]).to_csv(planted / "less.csv", index=False)

    result = run("predict", "--model", planted / "planted.safetensors", "--data", planted / "less.csv", "--out", planted / "no.csv")

    assert told(result).startswith("Error: The model needs the columns 'ch3', 'ch7', which less.csv lacks.")
    assert not (planted / "no.csv").exists()


def test_a_folder_that_is_not_there_is_told(planted: Path) -> None:
    files = ("--model", planted / "planted.safetensors", "--data", planted / "planted.csv")

    result = run("predict", *files, "--out", planted / "no" / "said.csv")

    assert "cannot be written: " in told(result) and "Choose another place for --out" in told(result)


def test_weights_alone_cannot_predict_a_file(planted: Path) -> None:
    save_checkpoint(small_model(), planted / "bare.safetensors")

    result = run("predict", "--model", planted / "bare.safetensors", "--data", planted / "planted.csv", "--out", planted / "no.csv")

    assert "bare.safetensors holds weights alone, and nothing of its features and scaling" in told(result)


def test_columns_of_other_names_and_units_are_offered_and_mapped(sines: Path, tmp_path: Path) -> None:
    frame = pd.read_csv(sines / "sines.csv").rename(columns={"slow": "Slow"})
    frame["Slow"] /= 1000
    frame.to_csv(tmp_path / "other.csv", index=False)
    place = ("predict", "--model", sines / "sines.safetensors", "--data", tmp_path / "other.csv", "--out", tmp_path / "out.csv")

    refused, mapped = run(*place), run(*place, "--map", "Slow=slow")
    converted = run(*place, "--map", "Slow=slow", "--convert", "slow=1000")

    assert refused.exit_code == 1
    assert "needs the column 'slow'" in refused.output and "--map Slow=slow" in refused.output
    assert "Warning: slow is 1,000 times as small as in training" in mapped.output and "--convert slow=1000." in mapped.output
    assert converted.exit_code == 0 and "Warning" not in converted.output
    own = run("predict", "--model", sines / "sines.safetensors", "--data", sines / "sines.csv", "--out", tmp_path / "own.csv")
    assert own.exit_code == 0 and "Warning" not in own.output
    new, known = (pd.read_csv(tmp_path / name).set_index("first_step")["predicted_slow"] for name in ("out.csv", "own.csv"))
    assert np.allclose(new[known.index], known, atol=1e-2)  # known windows do not cross the borders of the parts


def test_an_old_checkpoint_is_compared_by_its_means_or_with_its_training_file(sines: Path, tmp_path: Path) -> None:
    known = load_checkpoint(sines / "sines.safetensors")
    assert isinstance(known, Checkpoint)
    save_checkpoint(replace(known, facts=None), tmp_path / "old.safetensors")
    frame = pd.read_csv(sines / "sines.csv")
    frame.assign(slow=frame["slow"] * 1000).to_csv(tmp_path / "other.csv", index=False)
    place = ("predict", "--model", tmp_path / "old.safetensors", "--data", tmp_path / "other.csv", "--out", tmp_path / "out.csv")

    alone, beside = run(*place), run(*place, "--training-data", sines / "sines.csv")
    wrong = run(*place, "--training-data", tmp_path / "other.csv")

    assert alone.exit_code == beside.exit_code == 0
    assert "Warning: slow " in alone.output and "keeps only means and deviations" in alone.output and "--training-data" in alone.output
    assert "Warning: slow is 1,000 times as large as in training: its median" in beside.output and "keeps only" not in beside.output
    assert wrong.exit_code == 1 and "is not the file that the model was trained on" in wrong.output


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [("--map", "Slow", "NEW=OLD"), ("--convert", "slow=fast", "COLUMN=FACTOR"), ("--convert", "slow=0", "COLUMN=FACTOR"),
     ("--map", "other=slow", "no column 'other' to rename"), ("--convert", "other=2", "no column 'other' to convert")],
)  # fmt: skip
def test_a_fitting_that_cannot_be_is_refused_in_a_sentence(sines: Path, tmp_path: Path, option: str, value: str, said: str) -> None:
    told = run(
        "predict", "--model", sines / "sines.safetensors", "--data", sines / "sines.csv", "--out", tmp_path / "out.csv", option, value
    )

    assert told.exit_code != 0 and said in " ".join(told.output.replace("│", " ").split())


def test_unknown_classes_are_counted_and_count_as_wrong(planted: Path, tmp_path: Path) -> None:
    frame = pd.read_csv(planted / "planted.csv")
    first = frame["series_id"] == "s0000"
    frame.loc[first, "label"] = "z"
    frame.to_csv(tmp_path / "z.csv", index=False)

    told = run("predict", "--model", planted / "planted.safetensors", "--data", tmp_path / "z.csv", "--out", tmp_path / "out.csv")

    assert "1 of 24 windows has a class that the model does not know: 'z' (1). It counts as wrong." in told.output
    assert "on 24 windows" in told.output


def test_a_model_that_overflows_predicts_and_explains_nothing_and_says_so(planted: Path, tmp_path: Path) -> None:
    loaded = load_checkpoint(planted / "planted.safetensors")
    with torch.no_grad():
        loaded.model.input_proj[0].weight.fill_(3e38)
    save_checkpoint(loaded, tmp_path / "big.safetensors")
    place = ("--model", tmp_path / "big.safetensors", "--data", planted / "planted.csv", "--out", tmp_path / "out.csv")

    predicted = run("predict", *place)
    frame = pd.read_csv(tmp_path / "out.csv")
    explained = [run("explain", *place, "--most", 2, *more) for more in ((), ("--target", "ch3_first", "--further", "cpd"))]

    assert "24 of 24 windows have no prediction" in predicted.output and "Nothing to score" in predicted.output
    assert frame["predicted"].isna().all() and frame["probability_ch3_first"].isna().all()
    assert all(one.exit_code == 0 and "2 windows have no prediction" in one.output for one in explained)
    assert "out-cpd.csv: CPD and CPP, 0 rows." in explained[1].output
    assert {"series", "target", "cpd", "cpp_better_than"} <= set(pd.read_csv(tmp_path / "out-cpd.csv").columns)
