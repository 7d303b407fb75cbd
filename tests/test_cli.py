"""The command line from a CSV to an explanation, and its errors as one sentence."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import click
import numpy as np
import pandas as pd
import pytest
import torch
from click.testing import CliRunner, Result

from complex_lstm import Checkpoint, load_checkpoint, save_checkpoint
from complex_lstm.cli import main
from complex_lstm.data.planted import make_planted, planted_frame
from complex_lstm.interpretation import METHODS
from tests.model.lively import small_model

SMALL = ("--hidden", "16", "--lstm-layers", "2", "--epochs", "2", "--batch-size", "16")
PLACES = ["series", "part", "first_step", "last_step", "first_time", "last_time"]
CLASSES = ("ch3_first", "ch7_first", "neither_first")


def run(*arguments: object) -> Result:
    """Run a command as a stranger would; an error of ours has exit code 1, and any other error is not caught."""
    return CliRunner().invoke(main, [str(argument) for argument in arguments], catch_exceptions=False)


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with planted.csv, 24 series of two or three classes, and the checkpoint trained on it."""
    folder = tmp_path_factory.mktemp("planted")
    planted_frame(make_planted("order", 24, seed=0)).to_csv(folder / "planted.csv", index=False)
    result = run("train", "--data", folder / "planted.csv", "--out", folder / "planted.safetensors", *SMALL, "--unit", "ch0=mm")
    (folder / "output.txt").write_text(result.output)
    assert result.exit_code == 0, result.output
    return folder


@pytest.fixture(scope="module")
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


def test_training_says_what_it_took_the_columns_for(planted: Path) -> None:
    said = (planted / "output.txt").read_text()

    assert "features: ch0, ch1, ch2, ch3, ch4, ch5, ch6, ch7, ch8\ntarget: label (classes)" in said
    assert "series: series_id, time: step, group: -" in said
    assert "windows: " in said and "filled: 0 cells; odd cells: " in said
    assert "test: Accuracy " in said and "(the commonest class alone: " in said


def test_a_checkpoint_tells_how_it_was_made(planted: Path) -> None:
    checkpoint = load_checkpoint(planted / "planted.safetensors")

    assert checkpoint.model.config.hidden_dim == 16 and checkpoint.model.config.num_lstm_layers == 2
    assert checkpoint.schema.unit("ch0") == "mm" and checkpoint.schema.unit("ch1") == ""
    assert checkpoint.command.startswith("python -m complex_lstm ")


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


IN_SHORT = ("saliency", "integrated_gradients", "attention_rollout")  # one of each kind for everybody's run; the others are long


@pytest.mark.parametrize("method", [one if one in IN_SHORT else pytest.param(one, marks=pytest.mark.long) for one in METHODS])
def test_an_explanation_is_one_row_a_window_and_feature(planted: Path, method: str) -> None:
    files = ("--model", planted / "planted.safetensors", "--data", planted / "planted.csv", "--out", planted / f"{method}.csv")

    result = run("explain", *files, "--method", method, "--most", 2)

    said = pd.read_csv(planted / f"{method}.csv")
    assert result.exit_code == 0 and "18 rows for 2 windows" in result.output
    assert list(said) == [*PLACES, "target", "method", "feature", "importance"]
    assert said["feature"].tolist() == [f"ch{number}" for number in range(9)] * 2 and set(said["method"]) == {method}
    assert said["importance"].notna().all()


def test_an_explanation_by_cells_is_one_row_a_step_and_feature(planted: Path) -> None:
    files = ("--model", planted / "planted.safetensors", "--data", planted / "planted.csv", "--out", planted / "cells.csv")

    run("explain", *files, "--cells", "--most", 1, "--target", "ch7_first")

    said = pd.read_csv(planted / "cells.csv")
    assert list(said) == [*PLACES, "target", "method", "step", "feature", "importance"]
    assert len(said) == 50 * 9 and set(said["target"]) == {"ch7_first"}
    assert said["step"].tolist() == sorted([*range(50)] * 9)


def test_an_explanation_takes_a_baseline_and_a_probability(planted: Path) -> None:
    files = ("--model", planted / "planted.safetensors", "--data", planted / "planted.csv", "--most", 1, "--target", "ch7_first")
    options = {"logit": (), "zero": ("--baseline", "zero"), "probability": ("--probability",)}

    found = {}
    for name, chosen in options.items():
        result = run("explain", *files, "--out", planted / f"{name}.csv", *chosen)
        assert result.exit_code == 0, result.output
        found[name] = pd.read_csv(planted / f"{name}.csv")["importance"]

    assert not np.allclose(found["logit"], found["zero"]) and not np.allclose(found["logit"], found["probability"])
    assert (found["probability"].abs() <= 1).all()


def test_a_value_has_no_probability_to_explain(sines: Path) -> None:
    files = ("--model", sines / "sines.safetensors", "--data", sines / "sines.csv", "--out", sines / "no.csv")

    result = run("explain", *files, "--probability")

    assert told(result) == "Error: Only a class has a probability. Explain the value itself."
    assert not (sines / "no.csv").exists()


def test_help_lists_the_methods_and_the_baselines_that_suit_every_window() -> None:
    result = run("explain", "--help")

    said = "".join(result.output.split())
    assert f"[{'|'.join(METHODS)}]" in said
    assert "[training_mean|window_mean|zero|interpolated|training_draws]" in said
    assert "Itcountsforablation,occlusion,shapley,integrated_gradients,temporal_saliency_rescaling,consensus." in said


def test_info_tells_sizes_meaning_and_origin(planted: Path) -> None:
    result = run("info", planted / "planted.safetensors")

    assert "hidden_dim=16" in result.output and "outputs: ch3_first, ch7_first, neither_first" in result.output
    assert "training data: sha256 " in result.output and "made by: python -m complex_lstm" in result.output
    assert "SplitConfig: kind='series'" in result.output and "whole_series=True" in result.output


def test_info_of_weights_alone_says_that_nothing_more_is_known(tmp_path: Path) -> None:
    save_checkpoint(small_model(), tmp_path / "bare.safetensors")

    result = run("info", tmp_path / "bare.safetensors")

    count = sum(value.numel() for value in small_model().parameters())
    assert result.output.startswith(f"bare.safetensors: {count:,} parameters\nIt holds weights alone")


def test_info_of_data_prints_the_report_with_what_training_would_use(sines: Path) -> None:
    result = run("info", sines / "sines.csv", "--target", "slow", "--window", 12)

    assert result.exit_code == 0 and result.output.startswith("sines.csv: 200 rows, 3 columns, sha256 ")
    columns, _, parts = (result.output.partition("\nSeries\n")[place] for place in (0, 1, 2))
    assert [line.split()[0] for line in columns.splitlines()[4:7]] == ["time", "fast,", "slow"]
    assert "feature and target" in columns and " 1 h " in parts
    assert "Windows: --window 12 --stride 1 --horizon 1 --windows --change --missing carry\nSplit: --split time " in parts


def test_info_of_data_that_cannot_be_used_prints_its_columns_and_says_why(tmp_path: Path) -> None:
    (tmp_path / "one.csv").write_text("a,b\n" + "".join(f"{row * 7 % 5},{row}\n" for row in range(30)))

    result = run("info", tmp_path / "one.csv", "--target", "c", "--task", "values")

    assert result.exit_code == 1 and "\nColumns\n" in result.output
    assert "As they stand, these columns cannot be used. one.csv lacks the column(s) 'c'." in result.output


def told(result: Result) -> str:
    """Return the one sentence (or two) on stderr of a command that failed as it should."""
    assert result.exit_code == 1 and isinstance(result.exception, SystemExit)
    assert "Traceback" not in result.output
    lines = [line for line in result.stderr.splitlines() if line.startswith("Error: ")]
    assert len(lines) == 1 and result.stderr.rstrip().endswith(lines[0])
    return lines[0]


def test_a_feature_that_the_file_lacks_is_one_sentence(planted: Path) -> None:
    pd.read_csv(planted / "planted.csv").drop(columns=["ch3", "ch7"]).to_csv(planted / "less.csv", index=False)

    result = run("predict", "--model", planted / "planted.safetensors", "--data", planted / "less.csv", "--out", planted / "no.csv")

    assert told(result).startswith("Error: The model needs the column(s) 'ch3', 'ch7', which less.csv lacks.")
    assert not (planted / "no.csv").exists()


@pytest.mark.parametrize(
    ("content", "options", "words"),
    [
        ("", (), "x.csv is empty"),
        ("a,b\n", (), "has a header and no rows"),
        ("name\nx\ny\nx\n", (), "has no numeric column"),
        ("t,v\n1,2\n2,warm\n3,4\n4,5\n5,6\n", ("--features", "v", "--target", "v"), "line 3, column 'v': 'warm' is not a finite number"),
        ("v\n1\n2\n3\n4\n5\n6\n", ("--window", "50"), "No window fits: a window of 50 steps and 1 ahead needs 51 rows"),
        ("v\n1\n2\n3\n4\n", ("--target", "w"), "lacks the column(s) 'w'"),
        ("v\n1\n2\n3\n4\n", ("--window", "0"), "The window's length is 0"),
        ("v\n" + "1\n2\n" * 50, ("--hidden", "20"), "hidden_dim 20 does not divide by num_heads 8"),
        ("v\n" + "1\n2\n" * 50, ("--epochs", "0"), "epochs is 0, expected 1 or more"),
        ("v\n" + "1\n2\n" * 50, ("--split-seed", "-1"), "seed"),
        ("v\n" + "1\n2\n" * 50, ("--seed", "-1"), "seed"),
        ("v\n" + "1\n2\n" * 50, ("--unit", "mm"), "COLUMN=UNIT"),
        ("v,k\n" + "1,a\n2,a\n" * 50, ("--target", "k", "--task", "classes"), "has 1 class(es): a"),
        ("v,k\n" + "1,a\n" * 90 + "2,b\n" * 30, ("--target", "k", "--task", "classes", "--split", "time", "--window", "5",
         "--validation", "0", "--test", "0.3"), "All windows of the training part are of one class, 'a'"),
    ],
)  # fmt: skip
def test_what_cannot_be_trained_on_is_one_sentence(tmp_path: Path, content: str, options: tuple[str, ...], words: str) -> None:
    (tmp_path / "x.csv").write_text(content)

    result = run("train", "--data", tmp_path / "x.csv", "--out", tmp_path / "x.safetensors", *SMALL, *options)

    assert result.exit_code in (1, 2) and words in result.stderr and "Traceback" not in result.output
    assert not (tmp_path / "x.safetensors").exists()


def test_a_training_that_diverges_leaves_the_best_epoch_before_that(planted: Path) -> None:
    """One step an epoch at a rate of 1000: the first step, at a 25th of it, still gives numbers."""
    wild = ("--learning-rate", 1000, "--clip-norm", 0, "--batch-size", 64, "--epochs", 4, "--hidden", 16, "--lstm-layers", 2)
    result = run("train", "--data", planted / "planted.csv", "--out", planted / "wild.safetensors", *wild)

    assert "is not a finite number any more" in told(result) and "The best epoch before that is kept in" in told(result)
    assert load_checkpoint(planted / "wild.safetensors").model


@pytest.mark.parametrize(("out", "words"), [("x.pt", "does not end in .safetensors"), ("no/x.safetensors", "there is no folder")])
def test_where_nothing_can_be_written_is_told_before_training(planted: Path, out: str, words: str) -> None:
    result = run("train", "--data", planted / "planted.csv", "--out", planted / out, *SMALL)

    assert words in told(result)
    assert "features: " not in result.output


def test_a_run_is_kept_in_a_folder_and_as_a_checkpoint(planted: Path) -> None:
    run_options = ("--run", planted / "run", "--out", planted / "copy.safetensors", "--name", "mine")

    result = run("train", "--data", planted / "planted.csv", *run_options, *SMALL)

    again = run("train", "--resume", planted / "run")
    assert result.exit_code == 0 and "Done: 2 epochs" in result.output and "test: accuracy " in result.output
    assert (planted / "copy.safetensors").read_bytes() == (planted / "run" / "model.safetensors").read_bytes()
    assert "The run mine is done: there is nothing to resume" in told(again)


@pytest.mark.parametrize(("options", "words"), [(("--run", "r"), "'--data'"), (("--data", "planted.csv"), "'--out' or '--run'")])
def test_training_needs_data_and_a_place(planted: Path, monkeypatch: pytest.MonkeyPatch, options: tuple[str, str], words: str) -> None:
    monkeypatch.chdir(planted)

    result = run("train", *options)

    assert result.exit_code == 2 and words in result.stderr


def test_a_folder_that_is_not_there_is_told(planted: Path) -> None:
    files = ("--model", planted / "planted.safetensors", "--data", planted / "planted.csv")

    result = run("predict", *files, "--out", planted / "no" / "said.csv")

    assert "cannot be written: " in told(result) and "Choose another place for --out" in told(result)


def test_weights_alone_cannot_predict_a_file(planted: Path) -> None:
    save_checkpoint(small_model(), planted / "bare.safetensors")

    result = run("predict", "--model", planted / "bare.safetensors", "--data", planted / "planted.csv", "--out", planted / "no.csv")

    assert "bare.safetensors holds weights alone, and nothing of its features and scaling" in told(result)


@pytest.mark.parametrize(
    "options",
    [
        ("--target", "ch9_first"),
        ("--baseline", "chosen_window"),
        ("--method", "lrp"),
        ("--most", "-1"),
        ("--stride", "-1"),
        ("--stride", "0"),
        ("--most", "0"),
    ],
)
def test_what_cannot_be_explained_is_one_sentence(planted: Path, options: tuple[str, str]) -> None:
    files = ("--model", planted / "planted.safetensors", "--data", planted / "planted.csv", "--out", planted / "no.csv")

    result = run("explain", *files, *options)

    assert result.exit_code in (1, 2) and options[1] in result.stderr and not (planted / "no.csv").exists()


@pytest.mark.parametrize("command", [(), ("app",), ("train",), ("predict",), ("explain",), ("info",)])
def test_help_says_what_each_command_and_option_is_for(command: tuple[str, ...]) -> None:
    result = run(*command, "--help")

    chosen = main.commands[command[0]] if command else main
    assert result.exit_code == 0 and chosen.help.splitlines()[0].rstrip(".").split(":")[0] in result.output
    assert all(option.help for option in chosen.params if isinstance(option, click.Option))


def test_the_module_can_be_run() -> None:
    done = subprocess.run([sys.executable, "-m", "complex_lstm", "--help"], capture_output=True, text=True)

    assert done.returncode == 0 and done.stderr == ""
    assert all(command in done.stdout for command in ("app", "train", "sweep", "predict", "explain", "info"))


def test_columns_of_other_names_and_units_are_offered_and_mapped(sines: Path, tmp_path: Path) -> None:
    frame = pd.read_csv(sines / "sines.csv").rename(columns={"slow": "Slow"})
    frame["Slow"] /= 1000
    frame.to_csv(tmp_path / "other.csv", index=False)
    place = ("predict", "--model", sines / "sines.safetensors", "--data", tmp_path / "other.csv", "--out", tmp_path / "out.csv")

    refused, mapped = run(*place), run(*place, "--map", "Slow=slow")
    converted = run(*place, "--map", "Slow=slow", "--convert", "slow=1000")

    assert refused.exit_code == 1
    assert "needs the column(s) 'slow'" in refused.output and "--map Slow=slow" in refused.output
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

    assert "1 of 24 windows have a class that the model does not know: 'z' (1). They count as wrong." in told.output
    assert "on 24 windows" in told.output


def test_a_model_that_overflows_predicts_and_explains_nothing_and_says_so(planted: Path, tmp_path: Path) -> None:
    loaded = load_checkpoint(planted / "planted.safetensors")
    with torch.no_grad():
        loaded.model.input_proj[0].weight.fill_(3e38)
    save_checkpoint(loaded, tmp_path / "big.safetensors")
    place = ("--model", tmp_path / "big.safetensors", "--data", planted / "planted.csv", "--out", tmp_path / "out.csv")

    predicted = run("predict", *place)
    frame = pd.read_csv(tmp_path / "out.csv")
    explained = run("explain", *place, "--most", 2)

    assert "24 of 24 windows have no prediction" in predicted.output and "Nothing to score" in predicted.output
    assert frame["predicted"].isna().all() and frame["probability_ch3_first"].isna().all()
    assert explained.exit_code == 0 and "2 window(s) have no prediction" in explained.output


def test_derived_features_are_trained_on_and_made_again_from_a_raw_file(sines: Path, tmp_path: Path) -> None:
    out = tmp_path / "derived.safetensors"
    told = run(
        "train", "--data", sines / "sines.csv", "--out", out, *SMALL, "--window", 12, "--derive", "hour of day", "--derive", "age:slow"
    )
    predicted = run("predict", "--model", out, "--data", sines / "sines.csv", "--out", tmp_path / "predicted.csv")
    explained = run("explain", "--model", out, "--data", sines / "sines.csv", "--out", tmp_path / "explained.csv", "--most", 1)

    assert told.exit_code == 0, told.output
    assert "features: fast, raw, slow, hour of day (sin), hour of day (cos), age of slow" in told.output
    assert predicted.exit_code == explained.exit_code == 0
    origins = pd.read_csv(tmp_path / "explained.csv", keep_default_na=False).set_index("feature")["origin"]
    assert origins["age of slow"] == "time steps since slow was last seen" and origins["slow"] == ""
    assert origins["hour of day (sin)"] == "made from time: the hour of day as an angle"


def test_a_model_of_a_recipe_reads_new_files_of_that_kind_alike(tmp_path: Path) -> None:
    random = np.random.default_rng(0)

    def text(missing: str, values: list[str]) -> bytes:
        lines = [f"{1 + n // 24:02}.03.2021 {n % 24:02}:00;{missing if n % 9 == 4 else values[n]};{'NS'[n // 5 % 2]}" for n in range(120)]
        return "\n".join(["wann;a, b;wind", *lines]).encode()

    first, second = ([f"{one},5" for one in random.integers(0, 9, 120)] for _ in range(2))
    (tmp_path / "first.csv").write_bytes(text("-200", first))
    (tmp_path / "second.csv").write_bytes(text("-200", second))
    (tmp_path / "empty.csv").write_bytes(text("", second))
    out, recipe = tmp_path / "made.safetensors", tmp_path / "made.json"
    read = run(
        "info", tmp_path / "first.csv", "--save-recipe", recipe, "--missing-cell", '-200@"a, b"', "--derive", "one hot:wind,N",
        "--features", '"a, b"', "--target", '"a, b"', "--task", "values", "--time", "wann",
    )  # fmt: skip
    told = run("train", "--data", tmp_path / "first.csv", "--out", out, *SMALL, "--window", 12, "--recipe", recipe)
    made = [run("predict", "--model", out, "--data", tmp_path / f"{name}.csv", "--out", tmp_path / name) for name in ("second", "empty")]

    assert read.exit_code == told.exit_code == 0, read.output + told.output
    assert "features: a, b, wind is N" in told.output
    assert [one.exit_code for one in made] == [0, 0]
    columns = ["first_step", "predicted_a, b"]
    assert pd.read_csv(tmp_path / "second")[columns].equals(pd.read_csv(tmp_path / "empty")[columns])


def test_a_derived_feature_that_there_is_not_is_refused(sines: Path, tmp_path: Path) -> None:
    told = run("train", "--data", sines / "sines.csv", "--out", tmp_path / "x.safetensors", "--derive", "moon")

    assert told.exit_code == 2 and "'moon' is none of" in " ".join(told.output.replace("│", " ").split())
