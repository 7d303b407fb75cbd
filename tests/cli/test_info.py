"""The command info: what a checkpoint and a file of data are."""

from pathlib import Path

from complex_lstm import save_checkpoint
from tests.cli.command import run
from tests.model.lively import small_model


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
    assert "As they stand, these columns cannot be used. one.csv lacks the column 'c'." in result.output
