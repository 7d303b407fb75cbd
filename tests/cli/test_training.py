"""The command train: what it says, writes and keeps, and what it refuses in one sentence."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from complex_lstm import load_checkpoint
from tests.cli.command import SMALL, run, told


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


@pytest.mark.parametrize(
    ("content", "options", "words"),
    [
        ("", (), "x.csv is empty"),
        ("a,b\n", (), "has a header and no rows"),
        ("name\nx\ny\nx\n", (), "has no numeric column"),
        ("t,v\n1,2\n2,warm\n3,4\n4,5\n5,6\n", ("--features", "v", "--target", "v"), "line 3, column 'v': 'warm' is not a finite number"),
        ("v\n1\n2\n3\n4\n5\n6\n", ("--window", "50"), "No window fits: a window of 50 steps and 1 ahead needs 51 rows"),
        ("v\n1\n2\n3\n4\n", ("--target", "w"), "lacks the column 'w'"),
        ("v\n1\n2\n3\n4\n", ("--window", "0"), "The window's length is 0"),
        ("v\n" + "1\n2\n" * 50, ("--hidden", "20"), "hidden_dim 20 does not divide by num_heads 8"),
        ("v\n" + "1\n2\n" * 50, ("--epochs", "0"), "epochs is 0, expected 1 or more"),
        ("v\n" + "1\n2\n" * 50, ("--split-seed", "-1"), "seed"),
        ("v\n" + "1\n2\n" * 50, ("--seed", "-1"), "seed"),
        ("v\n" + "1\n2\n" * 50, ("--unit", "mm"), "COLUMN=UNIT"),
        ("v,k\n" + "1,a\n2,a\n" * 50, ("--target", "k", "--task", "classes"), "has 1 class: a"),
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


def test_derived_features_are_trained_on_and_made_again_from_a_raw_file(sines: Path, tmp_path: Path) -> None:
    out = tmp_path / "derived.safetensors"
    told = run(
        "train",
        "--data",
        sines / "sines.csv",
        "--out",
        out,
        *SMALL,
        "--window",
        12,
        "--derive",
        "hour of day",
        "--derive",
        "age:slow",
        "--derive",
        "change:slow",
    )
    predicted = run("predict", "--model", out, "--data", sines / "sines.csv", "--out", tmp_path / "predicted.csv")
    explained = run("explain", "--model", out, "--data", sines / "sines.csv", "--out", tmp_path / "explained.csv", "--most", 1)

    assert told.exit_code == 0, told.output
    assert "features: fast, raw, slow, hour of day (sin), hour of day (cos), age of slow, change of slow" in told.output
    assert predicted.exit_code == explained.exit_code == 0
    origins = pd.read_csv(tmp_path / "explained.csv", keep_default_na=False).set_index("feature")["origin"]
    assert origins["age of slow"] == "time steps since slow was last seen" and origins["slow"] == ""
    assert origins["change of slow"] == "slow less its last value before"
    assert origins["hour of day (sin)"] == "made from time: the hour of day as an angle"


def test_a_derived_feature_that_there_is_not_is_refused(sines: Path, tmp_path: Path) -> None:
    told = run("train", "--data", sines / "sines.csv", "--out", tmp_path / "x.safetensors", "--derive", "moon")

    assert told.exit_code == 2 and "'moon' is none of" in " ".join(told.output.replace("│", " ").split())


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
